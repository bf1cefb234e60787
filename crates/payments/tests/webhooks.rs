//! Notices: proven or refused, kept once, and never believed in what they say of money.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use jiff::SignedDuration;
use payments::api::PaymentStateName;
use payments::provider::standard_webhooks::WebhookKey;
use payments::test_provider::webhook_key;
use reqwest::Method;
use serde_json::{Value, json};
use support::Shop;
use testkit::Response;

fn notice(payment: kernel::PaymentId, url: &str, amount: i64, currency: &str) -> Value {
    let id = url.rsplit('/').next().unwrap();
    json!({"type": "checkout.paid", "timestamp": "2026-12-01T10:00:00Z", "data": {
        "id": id, "state": "paid", "amount": amount, "currency": currency, "payment": payment, "url": url, "expires_at": "2026-12-01T10:30:00Z",
    }})
}

struct Sent<'a> {
    id: &'a str,
    key: WebhookKey,
    seconds_ago: i64,
}

impl Shop {
    fn signed<'a>(&self, id: &'a str) -> Sent<'a> {
        Sent { id, key: webhook_key(&self.app.platform), seconds_ago: 0 }
    }
}

async fn deliver(shop: &Shop, sent: Sent<'_>, body: &Value) -> Response {
    let body = body.to_string();
    let at = shop.app.platform.clock.now() - SignedDuration::from_secs(sent.seconds_ago);
    let request = shop.app.client.request(Method::POST, "/webhooks/test").header("content-type", "application/json");
    let signed = sent.key.sign(sent.id, at, body.as_bytes());
    let request = signed.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    shop.app.client.send(request.body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_stale_notices_are_refused_and_leave_no_row() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    let body = notice(payment, &url, 3_800, "EUR");
    let forged = deliver(&shop, Sent { key: WebhookKey::of_text("guess"), ..shop.signed("evt_1") }, &body).await;
    assert_eq!(forged.expect(400)["code"], "webhook_not_proven");
    deliver(&shop, Sent { seconds_ago: 301, ..shop.signed("evt_1") }, &body).await.expect(400);
    deliver(&shop, Sent { seconds_ago: -301, ..shop.signed("evt_1") }, &body).await.expect(400);
    shop.app.client.post("/webhooks/test", body.clone()).await.expect(400);
    shop.app.client.post("/webhooks/stripe", body).await.expect(404);
    assert_eq!(shop.outcomes().await, Vec::<String>::new());
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_kept_once_however_often_it_comes() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    let body = notice(payment, &url, 3_800, "EUR");
    for seconds_ago in [0, 10, 300] {
        let answer = deliver(&shop, Sent { seconds_ago, ..shop.signed("evt_1") }, &body).await;
        assert_eq!(answer.status.as_u16(), 204);
    }
    assert_eq!(shop.outcomes().await, ["waiting"], "the work is done by a job");
    shop.drain().await;
    assert_eq!(shop.outcomes().await, ["pending"], "it says paid, and the provider's object does not");
    assert_eq!(shop.state(payment).await, PaymentStateName::Pending);
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_or_currency_is_set_aside_for_a_person_and_never_paid() {
    for (amount, currency, reason) in [(38, "EUR", "amount_mismatch"), (3_800, "USD", "currency_mismatch")] {
        let shop = Shop::open().await;
        let (payment, url) = shop.pending().await;
        deliver(&shop, shop.signed("evt_1"), &notice(payment, &url, amount, currency)).await;
        shop.drain().await;
        assert_eq!(shop.outcomes().await, [format!("review: {reason}")]);
        let view = shop.view(payment).await;
        assert_eq!((view.state, view.failure.as_deref()), (PaymentStateName::Failed, Some(reason)));
        assert_eq!(shop.journal().await, ["payments.payment_created", "payments.payment_failed"]);
        shop.check().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_about_somebody_elses_payment_changes_nothing() {
    let shop = Shop::open().await;
    let (one, url) = shop.pending().await;
    shop.press(&url, "pay").await;
    let (other, _) = shop.pending().await;
    deliver(&shop, shop.signed("zzz_1"), &notice(other, "https://x/tco_unknown", 3_800, "EUR")).await;
    deliver(
        &shop,
        shop.signed("zzz_2"),
        &json!({"type": "payout.paid", "timestamp": "2026-12-01T10:00:00Z", "data": {}}),
    )
    .await;
    deliver(&shop, shop.signed("zzz_3"), &json!({"type": "checkout.paid", "data": 7})).await;
    shop.drain().await;
    assert_eq!(shop.state(one).await, PaymentStateName::Succeeded);
    assert_eq!(shop.state(other).await, PaymentStateName::Pending);
    let outcomes = shop.texts("select coalesce(outcome, 'waiting') from payments.webhook_inbox where event_id like 'zzz%' order by event_id").await;
    assert_eq!(
        outcomes,
        ["waiting", "ignored", "review: unreadable"],
        "an unknown payment may still be on its way to our own database"
    );
    assert!(outcomes.iter().all(|outcome| outcome != "succeeded"));
}
