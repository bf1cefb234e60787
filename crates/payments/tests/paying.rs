//! Paying with the test provider, as a buyer's browser and the network see it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use payments::api::{OpenCheckoutRefusal, PaymentStateName, open_checkout};
use payments::payment::poll::{Poll, poll};
use payments::provider::{CheckoutRequest, default_provider};
use payments::test_provider::{TestCallback, call_back};
use platform::Failure;
use support::{Shop, builder, eur};

const CREATED: &str = "payments.payment_created";
const SUCCEEDED: &str = "payments.payment_succeeded";
const FAILED: &str = "payments.payment_failed";

async fn polled(shop: &Shop, payment: kernel::PaymentId) {
    poll(shop.app.platform.clone(), Poll { organisation: shop.organisation, payment }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_pays_and_the_shop_hears_of_it() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    let page = shop.app.client.get(&url).await;
    page.expect(200);
    for text in ["€38.00", "2 × Friday &#60;b&#62;", "Test mode: no real money moves.", "value=\"never_answer\""] {
        assert!(page.text().contains(text), "{text} is missing in {}", page.text());
    }
    assert_eq!(shop.state(payment).await, PaymentStateName::Pending);
    assert_eq!(shop.view(payment).await.checkout_url.as_deref(), Some(url.as_str()));
    shop.press(&url, "pay").await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Succeeded);
    assert_eq!(shop.journal().await, [CREATED, SUCCEEDED]);
    assert_eq!(shop.outcomes().await, ["succeeded"]);
    assert!(shop.app.client.get(&url).await.text().contains("There is nothing more to do here."));
    shop.press(&url, "decline").await;
    assert_eq!(shop.journal().await, [CREATED, SUCCEEDED], "a second press does nothing");
    let again = open_checkout(&shop.app.platform, shop.organisation, payment, "https://example.org/").await;
    assert!(matches!(again, Err(Failure::Refused(OpenCheckoutRefusal::NotPayable(_)))), "{again:?}");
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_opened_once_however_often_it_is_asked_for() {
    let shop = Shop::open().await;
    let payment = shop.payment().await;
    let (one, two, three) = tokio::join!(shop.checkout(payment), shop.checkout(payment), shop.checkout(payment));
    assert!(one == two && two == three);
    assert_eq!(shop.checkout(payment).await, one);
    assert_eq!(shop.texts("select id from payments.test_checkout").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn paying_twice_has_one_effect() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    shop.press(&url, "pay_twice").await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Succeeded);
    assert_eq!(shop.journal().await, [CREATED, SUCCEEDED]);
    assert_eq!(shop.outcomes().await, ["succeeded", "succeeded"], "three deliveries of two notices");
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_has_failed() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    shop.press(&url, "decline").await;
    let view = shop.view(payment).await;
    assert_eq!(
        (view.state, view.failure.as_deref(), view.checkout_url),
        (PaymentStateName::Failed, Some("declined"), None)
    );
    assert_eq!(shop.journal().await, [CREATED, FAILED]);
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_who_never_answers_is_given_up_when_the_page_has_closed() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    shop.press(&url, "never_answer").await;
    polled(&shop, payment).await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Pending);
    assert_eq!(shop.outcomes().await, Vec::<String>::new());
    shop.app.advance(1_801);
    assert!(shop.app.client.get(&url).await.text().contains("This page has expired"));
    polled(&shop, payment).await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Cancelled);
    assert_eq!(shop.journal().await, [CREATED, FAILED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_succeeds_after_the_page_has_closed() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    shop.app.client.post_form(&url, &[("outcome", "pay_late"), ("delay", "after_expiry")]).await;
    shop.app.advance(1_801);
    polled(&shop, payment).await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Pending, "the money is on its way");
    shop.app.advance(10);
    let job = shop
        .texts("select payload::text from graphile_worker._private_jobs where payload::text like '%evt_test%'")
        .await;
    let job: TestCallback = serde_json::from_str(&job[0]).unwrap();
    call_back(shop.app.platform.clone(), job).await.unwrap();
    shop.drain().await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Succeeded);
    assert_eq!(shop.journal().await, [CREATED, SUCCEEDED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_webhook_is_made_up_for_by_asking() {
    let shop = Shop::open().await;
    let (payment, url) = shop.pending().await;
    shop.app.client.post_form(&url, &[("outcome", "pay")]).await;
    polled(&shop, payment).await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Succeeded);
    shop.drain().await;
    assert_eq!(shop.journal().await, [CREATED, SUCCEEDED], "the notice that comes afterwards changes nothing");
    shop.check().await;
}

/// F-15: the provider opened the page and the buyer paid, but its answer to us was lost.
async fn with_lost_answer(shop: &Shop) -> kernel::PaymentId {
    let payment = shop.payment().await;
    let expires_at = shop.app.platform.clock.now() + jiff::SignedDuration::from_secs(1_800);
    let return_url = format!("{}/o/1", shop.app.client.base());
    let request =
        CheckoutRequest { payment, amount: eur(3_800), description: "Jazz".to_owned(), return_url, expires_at };
    let opened = default_provider(&shop.app.platform).unwrap().open_checkout(request).await.unwrap();
    shop.texts("update payments.payment set provider = 'test' returning 'done'").await;
    shop.app.client.post_form(&opened.url, &[("outcome", "pay")]).await;
    payment
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_again_by_our_own_reference() {
    let shop = Shop::open().await;
    let payment = with_lost_answer(&shop).await;
    polled(&shop, payment).await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_faster_than_our_own_commit_is_understood() {
    let shop = Shop::open().await;
    let payment = with_lost_answer(&shop).await;
    shop.drain().await;
    assert_eq!(shop.state(payment).await, PaymentStateName::Succeeded);
    assert_eq!(shop.journal().await, [CREATED, SUCCEEDED]);
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_nothing_can_be_paid_and_no_page_exists() {
    let shop = Shop::of(builder().set("payments.test_provider", "off").start().await);
    assert!(!payments::api::is_available(&shop.app.platform));
    let payment = shop.payment().await;
    let refused = open_checkout(&shop.app.platform, shop.organisation, payment, "https://example.org/").await;
    assert!(matches!(refused, Err(Failure::Refused(OpenCheckoutRefusal::NoProvider))), "{refused:?}");
    for path in ["/pay/test/tco_1", "/pay/test/api/checkouts/tco_1"] {
        shop.app.client.get(path).await.expect(404);
    }
    shop.app.client.post("/webhooks/test", serde_json::json!({})).await.expect(404);
}
