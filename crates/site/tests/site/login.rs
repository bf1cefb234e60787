//! Signing in and out, with forms.

use crate::html::{fill, form, words};
use crate::support::{code, page, post, redirect, signed_in, start, visitor};

#[tokio::test]
async fn a_person_signs_in_by_code_and_out_again() {
    let app = start().await;
    let ada = signed_in(&app, "ada@example.org").await;
    let home = page(&ada, "/").await;
    assert!(home.contains("action=\"/logout\"") && !home.contains("href=\"/login"));
    assert_eq!(redirect(&ada, &ada.get("/login?return_to=/discover").await), "/discover", "who is in goes on");
    let answer = ada.post_form("/logout", &[]).await;
    assert_eq!(redirect(&ada, &answer), "/");
    assert!(page(&ada, "/").await.contains("href=\"/login"));
    assert_eq!(redirect(&ada, &ada.get("/my/tickets").await), "/login?return_to=%2Fmy%2Ftickets");
}

#[tokio::test]
async fn a_person_comes_back_to_where_they_were_and_never_elsewhere() {
    let app = start().await;
    for (wanted, led) in [
        ("/discover?q=jazz", "/discover?q=jazz"),
        ("https://evil.example", "/my/tickets"),
        ("//evil.example", "/my/tickets"),
    ] {
        let client = visitor(&app);
        let login = page(&client, &format!("/login?return_to={}", wanted.replace('?', "%3F"))).await;
        let answer = post(&client, "/login", &fill(form(&login, "/login"), &[("email", "ada@example.org")])).await;
        let verify = page(&client, &redirect(&client, &answer)).await;
        let fields = fill(form(&verify, "/login/verify"), &[("code", &code(&app, "ada@example.org").await)]);
        assert_eq!(redirect(&client, &post(&client, "/login/verify", &fields).await), led);
        app.advance(3_600);
    }
}

#[tokio::test]
async fn wrong_codes_are_counted_and_told() {
    let app = start().await;
    let client = visitor(&app);
    let bad = client.post_form("/login", &[("email", "ada"), ("return_to", "/discover")]).await;
    assert_eq!(bad.status, 422);
    assert!(form(&bad.text(), "/login").contains(&("email".to_owned(), "ada".to_owned())));
    let answer = client.post_form("/login", &[("email", "ada@example.org")]).await;
    let verify = redirect(&client, &answer);
    let shown = page(&client, &verify).await;
    let right = code(&app, "ada@example.org").await;
    let wrong = if right == "111111" { "222222" } else { "111111" };
    let short = post(&client, "/login/verify", &fill(form(&shown, "/login/verify"), &[("code", "12")])).await;
    assert!(words(&short.text()).contains("Enter the six digits of the mail."));
    for left in ["4 tries left", "3 tries left", "2 tries left", "1 try left"] {
        let answer = post(&client, "/login/verify", &fill(form(&shown, "/login/verify"), &[("code", wrong)])).await;
        assert_eq!(answer.status, 422);
        assert!(words(&answer.text()).contains(left), "{left}: {}", words(&answer.text()));
    }
    for code in [wrong, &right] {
        let answer = post(&client, "/login/verify", &fill(form(&shown, "/login/verify"), &[("code", code)])).await;
        assert_eq!(answer.status, 410);
        assert!(words(&answer.text()).contains("That were too many wrong codes."), "{}", words(&answer.text()));
    }
}

#[tokio::test]
async fn the_link_signs_in_by_its_button_and_only_where_it_was_asked_for() {
    let app = start().await;
    let (client, scanner) = (visitor(&app), visitor(&app));
    client.post_form("/login", &[("email", "ada@example.org"), ("return_to", "/discover")]).await;
    let (_, mail) = app.newest_mail("ada@example.org").await.unwrap();
    let from = mail.find("/login/link/").unwrap_or_else(|| panic!("no link: {mail}"));
    let link = mail[from..].split(|c: char| !(c.is_alphanumeric() || "/-_".contains(c))).next().unwrap();
    let elsewhere = scanner.get(link).await;
    assert_eq!(elsewhere.status, 403);
    assert!(words(&elsewhere.text()).contains("another browser"));
    for _ in 0..2 {
        assert!(words(&page(&client, link).await).contains("as ada@example.org"), "looking changes nothing");
    }
    assert_eq!(redirect(&client, &client.post_form(link, &[]).await), "/discover");
    for again in [client.get(link).await, client.post_form(link, &[]).await] {
        assert_eq!(redirect(&client, &again), "/my/tickets", "who is in already is not sent away");
    }
    assert_eq!(visitor(&app).get("/login/link/nonsense").await.status, 404);
}
