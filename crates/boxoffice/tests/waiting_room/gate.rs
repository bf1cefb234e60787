//! The gate: nobody buys without an admission of their own.

use boxoffice::waiting_room::admission::{AdmissionRefusal, Reason, check_admission};
use platform::Failure;
use reqwest::Method;
use serde_json::json;

use crate::support::{Sale, presented, sale};

async fn reason(sale: &Sale, admission: Option<&str>, secret: &str) -> Option<Reason> {
    let platform = &sale.app.platform;
    let presented = presented(admission, secret, platform);
    match check_admission(platform, &sale.facts().await, &presented, platform.clock.now()).await {
        Ok(Some(_)) => None,
        Ok(None) => panic!("there is no waiting room"),
        Err(Failure::Refused(AdmissionRefusal::WaitingRoom { reason, .. })) => Some(reason),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_sale_without_a_waiting_room_asks_for_nothing() {
    let sale = sale(10).await;
    let platform = &sale.app.platform;
    let nothing = Default::default();
    assert!(check_admission(platform, &sale.facts().await, &nothing, platform.clock.now()).await.unwrap().is_none());
    sale.app.client.get(&format!("/api/v1/events/{}/waiting-room", sale.slug)).await.expect(404);
}

#[tokio::test]
async fn an_admission_is_good_for_one_browser_until_it_ends() {
    let sale = sale(1000).await;
    sale.arm(2).await;
    let (ada, bot) = (sale.join().await, sale.join().await);
    assert_eq!(reason(&sale, None, &ada.secret).await, Some(Reason::Missing));
    sale.ticks(3).await;
    let admission = sale.place(&ada).await["admission"].clone();
    let token = admission["token"].as_str().unwrap();
    assert_eq!(reason(&sale, Some(token), &ada.secret).await, None);
    // Shared, forged, of the line, nothing at all.
    assert_eq!(reason(&sale, Some(token), &bot.secret).await, Some(Reason::Foreign));
    assert_eq!(reason(&sale, Some(token), "").await, Some(Reason::Missing));
    let forged = format!("{}0", &token[..token.len() - 1]);
    let forged = if forged == token { format!("{}1", &token[..token.len() - 1]) } else { forged };
    assert_eq!(reason(&sale, Some(&forged), &ada.secret).await, Some(Reason::Foreign));
    assert_eq!(reason(&sale, Some(&ada.token), &ada.secret).await, Some(Reason::Foreign));
    sale.app.advance(595);
    assert_eq!(reason(&sale, Some(token), &ada.secret).await, None);
    sale.app.advance(5);
    assert_eq!(reason(&sale, Some(token), &ada.secret).await, Some(Reason::Expired));
}

#[tokio::test]
async fn a_place_is_only_shown_to_its_browser() {
    let sale = sale(1000).await;
    sale.arm(60).await;
    let (ada, bob) = (sale.join().await, sale.join().await);
    let base = sale.app.client.base();
    sale.ask(Method::GET, &ada.token, &bob.secret, base).await.expect(404);
    sale.ask(Method::DELETE, &ada.token, &bob.secret, base).await.expect(404);
    sale.ask(Method::GET, "wte_0.00", &ada.secret, base).await.expect(404);
    sale.ask(Method::GET, &ada.token, "short", base).await.expect(404);
    sale.ask(Method::GET, &ada.token, &ada.secret, base).await.expect(200);
}

#[tokio::test]
async fn one_admission_makes_as_many_orders_as_the_organiser_allows() {
    let sale = sale(1000).await;
    sale.arm(2).await;
    let ada = sale.join().await;
    sale.ticks(3).await;
    let platform = &sale.app.platform;
    let presented = sale.presented(&ada).await;
    let admitted =
        check_admission(platform, &sale.facts().await, &presented, platform.clock.now()).await.unwrap().unwrap();
    // Twenty requests at once.
    let spent = futures_util::future::join_all((0..20).map(|_| admitted.spend_hold(platform))).await;
    assert_eq!(spent.iter().filter(|result| result.is_ok()).count(), 5);
    let ordered = futures_util::future::join_all((0..20).map(|_| admitted.spend_order(platform))).await;
    assert_eq!(ordered.iter().filter(|result| result.is_ok()).count(), 1);
    admitted.return_order(platform).await.unwrap();
    admitted.spend_order(platform).await.unwrap();
    sale.tick().await;
    assert_eq!(sale.place(&ada).await["state"], "bought");
    assert_eq!(sale.figures().await["bought"], 1);
    assert_eq!(sale.join_again(&ada).await.expect(409)["code"], "already_bought");
}

#[tokio::test]
async fn joining_is_limited_like_holding() {
    let sale = sale(10).await;
    sale.arm(60).await;
    let joined = sale.app.client.post(&format!("/api/v1/events/{}/waiting-room/place", sale.slug), json!({})).await;
    assert!(joined.header("ratelimit").contains("\"holds\""), "{:?}", joined.headers);
}
