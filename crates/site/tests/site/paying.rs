//! Orders that cost something: to the provider and back.

use crate::html::words;
use crate::support::{organiser, page, paid, redirect, start, visitor};

#[tokio::test]
async fn a_paid_order_goes_by_way_of_the_provider() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[paid("Friday", 2_200, 9)]).await;
    let visitor = visitor(&app);
    let provider = event.buy(&visitor, &["2"]).await;
    assert!(provider.starts_with("/pay/test/"), "{provider}");
    app.drain().await;
    let order = order_of(&page(&visitor, &provider).await);
    let waiting = page(&visitor, &order).await;
    assert!(words(&waiting).contains("Waiting for your payment"), "{}", words(&waiting));
    assert!(waiting.contains("<x-refresh data-target=\"order\">"));
    assert!(waiting.contains("<noscript><meta http-equiv=\"refresh\""));
    assert!(!waiting.contains("secret-room"), "the link to join is for those who paid");
    assert_eq!(visitor.get(&format!("{order}/event.ics")).await.status, 404);
    assert_eq!(visitor.get(&format!("{order}/tickets.pdf")).await.status, 404);
    let again = visitor.post_form(&format!("{order}/pay"), &[]).await;
    assert_eq!(redirect(&visitor, &again), provider, "the same page of the provider");

    let answer = visitor.post_form(&provider, &[("outcome", "pay")]).await;
    assert_eq!(redirect(&visitor, &answer), order);
    settle(&app).await;
    let done = page(&visitor, &order).await;
    assert!(words(&done).contains("You’re going"), "{}", words(&done));
    assert!(words(&done).contains("€44.00"));
    assert!(!done.contains("<x-refresh") && !done.contains("http-equiv=\"refresh\""));
    let again = visitor.post_form(&format!("{order}/pay"), &[]).await;
    assert_eq!(redirect(&visitor, &again), order, "there is nothing more to pay");
    app.check().await;
}

#[tokio::test]
async fn a_declined_payment_can_be_tried_again_until_time_is_over() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[paid("Friday", 2_200, 9)]).await;
    let visitor = visitor(&app);
    let provider = event.buy(&visitor, &["1"]).await;
    let order = order_of(&page(&visitor, &provider).await);
    visitor.post_form(&provider, &[("outcome", "decline")]).await;
    settle(&app).await;
    let failed = words(&page(&visitor, &order).await);
    assert!(failed.contains("The payment did not go through") && failed.contains("Nothing was charged."), "{failed}");
    let again = redirect(&visitor, &visitor.post_form(&format!("{order}/pay"), &[]).await);
    assert!(again.starts_with("/pay/test/") && again != provider, "{again}");
    app.advance(86_400);
    let over = words(&page(&visitor, &order).await);
    assert!(over.contains("The time to pay is over") || over.contains("This order has expired"), "{over}");
    assert!(!over.contains("Pay €22.00"));
}

/// Lets the provider tell us: its callback is a job that makes the server queue the next one, so one round is not enough.
async fn settle(app: &testkit::TestApp) {
    for _ in 0..3 {
        app.drain().await;
    }
}

/// The order that the provider's page leads back to.
fn order_of(page: &str) -> String {
    let from = page.find("/o/").unwrap_or_else(|| panic!("no way back: {page}"));
    page[from..].split('"').next().unwrap().to_owned()
}
