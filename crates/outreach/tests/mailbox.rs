//! Mail, from the request in a transaction to the mailbox in the browser.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::mail::{Attachment, MailRequest};
use kernel::{AccountId, Email, OrganisationId, Role};
use platform::jobs::When;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde_json::json;
use testkit::{TestApp, TestAppBuilder};
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

async fn start() -> TestApp {
    TestAppBuilder::new(|| vec![outreach::module()], Arc::new(Nobody)).start().await
}

async fn queue(tx: &mut Tx, requests: Vec<MailRequest>) -> Result<(), Failure<Never>> {
    for request in requests {
        tx.enqueue(&request, When::Now).await?;
    }
    Ok(())
}

async fn ask(app: &TestApp, requests: Vec<MailRequest>) {
    app.platform.db.write(Scope::System, "ask", requests, queue).await.unwrap();
    app.drain().await;
}

fn sign_in(to: &str, key: &str, code: &str) -> MailRequest {
    MailRequest {
        organisation: None,
        dedupe_key: key.to_owned(),
        template: "sign_in".to_owned(),
        to: Email::parse(to).unwrap(),
        data: json!({"code": code, "link": "https://example.org/login/link/x", "minutes": 10}),
        attachments: Vec::new(),
    }
}

fn tickets(organisation: OrganisationId) -> MailRequest {
    let file = |key: &str, filename: &str, content_type: &str| Attachment {
        storage_key: key.to_owned(),
        filename: filename.to_owned(),
        content_type: content_type.to_owned(),
    };
    MailRequest {
        organisation: Some(organisation),
        dedupe_key: "tickets:1".to_owned(),
        template: "tickets".to_owned(),
        to: Email::parse("ada@example.org").unwrap(),
        data: json!({
            "buyer_name": "<script>alert(1)</script>", "event_title": "Jazz", "when_line": "Fri", "place_lines": [], "order_code": "PK8DH2XQ",
            "order_url": "https://example.org/o/1", "is_resend": false, "tickets": [{"code": "PK8DH2XQ-1", "holder_name": "Ada", "type": "Friday"}],
        }),
        attachments: vec![
            file("a/tickets.pdf", "tickets.pdf", "application/pdf"),
            file("a/gone.ics", "event.ics", "text/calendar"),
        ],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_letter_however_often_it_is_asked_for() {
    let app = start().await;
    ask(
        &app,
        vec![
            sign_in("ada@example.org", "one", "111111"),
            sign_in("ada@example.org", "one", "222222"),
            sign_in("bo@example.org", "two", "333333"),
        ],
    )
    .await;
    ask(&app, vec![sign_in("ada@example.org", "one", "444444")]).await;
    let all = app.client.get("/dev/mail.json").await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let hers = app.client.get("/dev/mail.json?to=ADA@example.org&limit=1").await.expect(200);
    assert_eq!(hers["next_cursor"], json!(null));
    let letter = &hers["items"][0];
    assert_eq!(letter["to"], "ada@example.org");
    assert!(letter["text"].as_str().unwrap().contains("https://example.org/login/link/x"));
    let html = app.client.get(letter["html_url"].as_str().unwrap()).await;
    html.expect(200);
    assert!(html.header("content-security-policy").contains("sandbox"), "{:?}", html.headers);
    app.client.get("/dev/mail.json?nonsense=1").await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_shows_letters_and_hands_out_their_files() {
    let app = start().await;
    let empty = app.client.get("/dev/mail").await;
    assert!(empty.text().contains("No mail yet"));
    app.platform.storage.put("a/tickets.pdf", b"%PDF".to_vec()).await.unwrap();
    let organisation = app.platform.random.id(app.platform.clock.now());
    ask(&app, vec![tickets(organisation)]).await;
    let list = app.client.get("/dev/mail?q=ada").await.text();
    assert!(list.contains("Your ticket for Jazz") && !list.contains("No mail yet"), "{list}");
    assert!(app.client.get("/dev/mail?q=nobody").await.text().contains("No mail to nobody"));
    let letter = app.client.get("/dev/mail.json").await.expect(200)["items"][0].clone();
    let page = app.client.get(&format!("/dev/mail/{}", letter["id"].as_str().unwrap())).await;
    page.expect(200);
    assert!(page.text().contains("<iframe") && page.header("content-security-policy").contains("frame-src 'self'"));
    let text = app.client.get(&format!("/dev/mail/{}?view=text", letter["id"].as_str().unwrap())).await.text();
    assert!(text.contains("Hello &#60;script&#62;") && !text.contains("<iframe"), "{text}");
    assert!(!app.client.get(letter["html_url"].as_str().unwrap()).await.text().contains("<script"));
    let file = app.client.get(letter["attachments"][0]["url"].as_str().unwrap()).await;
    assert_eq!((file.body.as_slice(), file.header("content-type")), (b"%PDF".as_slice(), "application/pdf"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"tickets.pdf\"");
    app.client.get(letter["attachments"][1]["url"].as_str().unwrap()).await.expect(404);
    app.client.get("/dev/mail/msg_01h455vb4pex5vsknk084sn02q").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_walked_page_by_page() {
    let app = start().await;
    ask(&app, (0..3).map(|number| sign_in("ada@example.org", &number.to_string(), "111111")).collect()).await;
    let first = app.client.get("/dev/mail.json?limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app.client.get(&format!("/dev/mail.json?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (2, 1));
    assert_eq!(second["next_cursor"], json!(null));
    assert!(first["items"].as_array().unwrap().iter().all(|item| item["id"] != second["items"][0]["id"]));
}
