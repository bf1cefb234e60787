//! Mail over SMTP, to a server that takes it, loses it, or is not there.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::mail::{Attachment, MailRequest};
use kernel::{AccountId, Email, OrganisationId, Role};
use outreach::message::send::send_mail;
use platform::mail::MailTransport;
use platform::{Fault, Platform};
use serde_json::json;
use sqlx::Row;
use testkit::{TestApp, TestAppBuilder};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use web::{Authenticator, Credential, Principal};

struct Nobody;

impl Authenticator for Nobody {
    fn authenticate<'a>(&'a self, _: &'a Platform, _: Credential) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        async { Ok(None) }.boxed()
    }
    fn role<'a>(
        &'a self,
        _: &'a Platform,
        _: AccountId,
        _: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        async { Ok(None) }.boxed()
    }
}

type Taken = Arc<Mutex<Vec<String>>>;

/// A mail server that takes every letter, and hangs up before saying so for the first `losses` of them.
async fn mail_server(losses: usize) -> (String, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Taken::default();
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, Arc::clone(&kept), losses));
        }
    });
    (url, taken)
}

async fn converse(stream: TcpStream, taken: Taken, losses: usize) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 stub\r\n").await.unwrap();
    let mut letter: Option<String> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(text) = &mut letter {
            if line != "." {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            let count = {
                let mut taken = taken.lock().unwrap();
                taken.push(letter.take().unwrap());
                taken.len()
            };
            if count <= losses {
                return;
            }
            write.write_all(b"250 taken\r\n").await.unwrap();
            continue;
        }
        let answer = match line.split([' ', ':']).next().unwrap().to_uppercase().as_str() {
            "DATA" => {
                letter = Some(String::new());
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await.unwrap();
    }
}

async fn app_with(url: &str) -> (TestApp, Platform) {
    let app = TestAppBuilder::new(|| vec![outreach::module()], Arc::new(Nobody)).start().await;
    let mail = MailTransport::smtp(url, "Turnout", "tickets@example.org").unwrap();
    let platform = Platform { mail: Some(mail), ..app.platform.clone() };
    (app, platform)
}

fn cancelled(key: &str) -> MailRequest {
    let attachment = Attachment {
        storage_key: "a.pdf".to_owned(),
        filename: "a.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
    };
    MailRequest {
        organisation: None,
        dedupe_key: key.to_owned(),
        template: "order_cancelled".to_owned(),
        to: Email::parse("ada@example.org").unwrap(),
        data: json!({"buyer_name": "Ada", "event_title": "Jazz", "order_code": "PK8DH2XQ", "refund": ""}),
        attachments: vec![attachment],
    }
}

async fn messages(app: &TestApp) -> Vec<(String, i32, bool)> {
    let pool = app.database.superuser().await;
    let rows = sqlx::query("select state, attempts, html <> '' from outreach.message order by created_at, id")
        .fetch_all(&pool)
        .await
        .unwrap();
    pool.close().await;
    rows.into_iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

fn message_id(letter: &str) -> &str {
    letter.lines().find(|line| line.starts_with("Message-ID:")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_twice_sends_one_letter() {
    let (url, taken) = mail_server(0).await;
    let (app, platform) = app_with(&url).await;
    platform.storage.put("a.pdf", b"%PDF".to_vec()).await.unwrap();
    for _ in 0..3 {
        send_mail(platform.clone(), cancelled("one")).await.unwrap();
    }
    assert_eq!(messages(&app).await, [("sent".to_owned(), 1, true)]);
    let letters = taken.lock().unwrap().clone();
    assert_eq!(letters.len(), 1);
    assert!(
        letters.iter().all(|letter| letter.contains("To: ada@example.org") && letter.contains("filename=\"a.pdf\"")),
        "{letters:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_acceptance_was_lost_is_sent_again_under_the_same_id() {
    let (url, taken) = mail_server(1).await;
    let (app, platform) = app_with(&url).await;
    platform.storage.put("a.pdf", b"%PDF".to_vec()).await.unwrap();
    assert!(send_mail(platform.clone(), cancelled("one")).await.is_err());
    assert_eq!(messages(&app).await, [("queued".to_owned(), 1, true)]);
    send_mail(platform.clone(), cancelled("one")).await.unwrap();
    assert_eq!(messages(&app).await, [("sent".to_owned(), 2, true)]);
    let letters = taken.lock().unwrap().clone();
    let [first, second] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!(message_id(first), message_id(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_the_letter_waits_and_is_given_up_after_the_last_try() {
    let (app, platform) = app_with("smtp://127.0.0.1:9").await;
    platform.storage.put("a.pdf", b"%PDF".to_vec()).await.unwrap();
    for _ in 0..11 {
        assert!(send_mail(platform.clone(), cancelled("one")).await.is_err());
    }
    assert_eq!(messages(&app).await, [("queued".to_owned(), 11, true)]);
    assert!(send_mail(platform.clone(), cancelled("one")).await.is_err());
    assert_eq!(messages(&app).await, [("failed".to_owned(), 12, true)]);
    let (url, taken) = mail_server(0).await;
    let mail = MailTransport::smtp(&url, "Turnout", "tickets@example.org").unwrap();
    send_mail(Platform { mail: Some(mail), ..platform }, cancelled("one")).await.unwrap();
    assert_eq!(
        (messages(&app).await, taken.lock().unwrap().len()),
        (vec![("sent".to_owned(), 13, true)], 1),
        "an operator's retry sends it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_file_stops_the_letter() {
    let (url, taken) = mail_server(0).await;
    let (_app, platform) = app_with(&url).await;
    assert!(send_mail(platform, cancelled("one")).await.is_err());
    assert_eq!(taken.lock().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_not_kept_once_it_has_left() {
    let (url, taken) = mail_server(0).await;
    let (app, platform) = app_with(&url).await;
    let data = json!({"code": "482913", "link": "https://example.org/login/link/x", "minutes": 10});
    let request = MailRequest { template: "sign_in".to_owned(), data, attachments: Vec::new(), ..cancelled("code") };
    send_mail(platform, request).await.unwrap();
    assert!(taken.lock().unwrap().iter().all(|letter| letter.contains("482913")));
    assert_eq!(messages(&app).await, [("sent".to_owned(), 1, false)]);
    app.client.get("/dev/mail").await.expect(200);
    let pool = app.database.superuser().await;
    let kept = sqlx::query("select count(*) from outreach.message m where m::text like '%482913%'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(kept.get::<i64, _>(0), 0);
    pool.close().await;
}
