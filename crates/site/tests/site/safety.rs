//! What strangers type stays text, and addresses that are secrets open nothing when they are wrong.

use serde_json::json;

use crate::html::faults;
use crate::support::{free, organiser, page, post, redirect, start, visitor};

const NASTY: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'";

#[tokio::test]
async fn names_are_text_on_every_page() {
    let app = start().await;
    let host = organiser(&app, NASTY).await;
    let event = host.event(NASTY, &[free(NASTY, 9), free("Other", 9)]).await;
    let edited = json!({ "about": NASTY, "website": "", "hue": 20 });
    let read = host.client.get(&format!("{}/page", host.path)).await;
    let put = host
        .client
        .request(reqwest::Method::PUT, &format!("{}/page", host.path))
        .header("If-Match", read.header("etag"))
        .json(&edited);
    assert_eq!(host.client.send(put).await.status, 200);
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["1", "0"]).await;
    let typed = [("name", NASTY), ("email", "<script>@example.org"), ("attendee-1", NASTY)];
    let refused = post(&visitor, &checkout, &typed.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
    assert_eq!(refused.status, 422);
    let typed = [("name", NASTY), ("email", "ada@example.org"), ("attendee-1", NASTY)];
    let shown = page(&visitor, &checkout).await;
    let order = redirect(
        &visitor,
        &post(&visitor, &checkout, &typed.map(|(name, value)| (name.to_owned(), value.to_owned()))).await,
    );
    let query = "<script>alert(1)</script>".replace('<', "%3C").replace('>', "%3E");
    let pages = [
        page(&visitor, "/").await,
        page(&visitor, "/discover").await,
        page(&visitor, &format!("/discover?q={query}&city={query}")).await,
        visitor.get(&format!("/discover?category={query}&from={query}")).await.text(),
        page(&visitor, &format!("/@{}", host.slug)).await,
        page(&visitor, &event.page()).await,
        shown,
        refused.text(),
        page(&visitor, &order).await,
    ];
    for shown in pages {
        assert!(!shown.contains("<script>alert") && !shown.contains("<img src=x"), "{shown}");
        assert_eq!(faults(&shown), Vec::<String>::new(), "{shown}");
    }
}

#[tokio::test]
async fn wrong_secrets_open_nothing() {
    let app = start().await;
    let host = organiser(&app, "Northside").await;
    let event = host.event("Jazz", &[free("Friday", 9)]).await;
    let draft = host.draft("Hidden", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["1"]).await;
    let order = event.buy(&visitor, &["1"]).await;
    let wrong = |path: &str| {
        let (rest, last) = path.rsplit_once('/').unwrap();
        let swapped: String = last.chars().rev().collect();
        format!("{rest}/{swapped}")
    };
    let (bad_checkout, bad_order) = (wrong(&checkout), wrong(&order));
    for path in [
        &bad_checkout,
        &bad_order,
        &format!("{bad_order}/tickets.pdf"),
        &format!("{bad_order}/event.ics"),
        &draft.page(),
        "/e/none",
        "/@none",
        "/checkout/x/y",
        "/o/x/y",
    ] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
    for path in [
        &bad_checkout,
        &format!("{bad_checkout}/renew"),
        &format!("{bad_checkout}/release"),
        &format!("{bad_order}/pay"),
        &draft.cart(),
    ] {
        assert_eq!(
            visitor.post_form(path, &[("name", "Ada"), ("email", "ada@example.org")]).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(visitor.get(&checkout).await.status, 200, "nobody else let go of it");
}

#[tokio::test]
async fn pages_with_a_secret_in_their_address_are_kept_by_nobody() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["1"]).await;
    let order = event.buy(&visitor, &["1"]).await;
    for path in [&checkout, &order] {
        let answer = visitor.get(path).await;
        let headers = [answer.header("cache-control"), answer.header("x-robots-tag"), answer.header("referrer-policy")];
        assert_eq!(headers, ["no-store", "noindex", "same-origin"], "{path}");
        assert!(answer.text().contains("<meta name=\"robots\" content=\"noindex\">"));
        assert!(!answer.text().contains("rel=\"canonical\""));
    }
    let public = visitor.get(&event.page()).await;
    assert_eq!(public.header("cache-control"), "private, no-cache");
    let again = visitor
        .send(visitor.request(reqwest::Method::GET, &event.page()).header("If-None-Match", public.header("etag")))
        .await;
    assert_eq!(again.status, 304, "nothing in a public page changes from one look to the next");
    for text in [public.text(), visitor.get(&format!("{}/event.ics", event.page())).await.text()] {
        assert!(!text.contains("secret-room"), "the link to join is for ticket holders");
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    for path in [event.cart(), "/login".to_owned(), "/logout".to_owned()] {
        let request = visitor
            .request(reqwest::Method::POST, &path)
            .header("Sec-Fetch-Site", "cross-site")
            .form(&[("email", "ada@example.org")]);
        assert_eq!(visitor.send(request).await.status, 403, "{path}");
    }
}
