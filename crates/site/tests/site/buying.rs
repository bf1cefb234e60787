//! From the event to the ticket, with forms only.

use serde_json::json;

use crate::html::{fill, form, words};
use crate::support::{free, organiser, page, paid, post, redirect, signed_in, start, visitor};

#[tokio::test]
async fn a_free_ticket_is_bought_with_forms_only() {
    let app = start().await;
    let event = organiser(&app, "Northside")
        .await
        .event("Blue Harbour Jazz", &[free("Friday", 50), free("Saturday", 50)])
        .await;
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["2", "0"]).await;
    let shown = page(&visitor, &checkout).await;
    assert!(words(&shown).contains("2 × Friday Free"), "{}", words(&shown));
    assert!(words(&shown).contains("Held for you for 10:00"));
    assert!(words(&shown).contains("Get 2 tickets"));
    let fields = fill(
        form(&shown, &checkout),
        &[("name", "Ada Byron"), ("email", "ada@example.org"), ("attendee-2", "Grace Hopper")],
    );
    let order = redirect(&visitor, &post(&visitor, &checkout, &fields).await);
    assert!(order.starts_with("/o/"), "{order}");

    let shown = page(&visitor, &order).await;
    let text = words(&shown);
    for expected in [
        "You’re going",
        "2 tickets for Blue Harbour Jazz",
        "Ada Byron",
        "Grace Hopper",
        "Fri 12 March 2027, 19:00–01:00 CET",
        "Total Free",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(shown.matches("<title>QR code of ticket ").count(), 2);
    assert!(shown.contains("https://meet.example.org/secret-room"), "ticket holders get the link");
    let one = page(&visitor, &format!("{order}/2")).await;
    assert!(words(&one).contains("Grace Hopper") && !words(&one).contains("Ada Byron"), "{}", words(&one));
    assert_eq!(one.matches("<title>QR code of ticket ").count(), 1);
    assert_eq!(visitor.get(&format!("{order}/3")).await.status, 404);
    let pdf = visitor.get(&format!("{order}/tickets.pdf")).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.body.starts_with(b"%PDF-"));
    let calendar = visitor.get(&format!("{order}/event.ics")).await;
    assert!(calendar.text().contains("DTSTART;TZID=Europe/Amsterdam:20270312T190000"));
    let (subject, _) = app.newest_mail("ada@example.org").await.unwrap();
    assert!(subject.contains("Blue Harbour Jazz"), "{subject}");
    app.check().await;
}

#[tokio::test]
async fn a_form_that_is_sent_twice_places_one_order() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 50)]).await;
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["1"]).await;
    let shown = page(&visitor, &checkout).await;
    let fields = fill(form(&shown, &checkout), &[("name", "Ada"), ("email", "ada@example.org")]);
    let first = redirect(&visitor, &post(&visitor, &checkout, &fields).await);
    let second = redirect(&visitor, &post(&visitor, &checkout, &fields).await);
    assert_eq!(first, second);
    let ended = visitor.get(&checkout).await;
    assert_eq!(ended.status, 410);
    assert!(words(&ended.text()).contains("These tickets are ordered"));
}

#[tokio::test]
async fn whoever_comes_too_late_is_told_and_keeps_the_choice() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 3), free("Saturday", 9)]).await;
    let (first, second) = (visitor(&app), visitor(&app));
    let shown = page(&second, &event.page()).await;
    event.hold(&first, &["2", "0"]).await;
    let chosen = fill(form(&shown, &event.cart()), &[(&event.quantity(0), "3"), (&event.quantity(1), "2")]);
    let answer = post(&second, &event.cart(), &chosen).await;
    assert_eq!(answer.status, 409);
    let text = answer.text();
    assert!(words(&text).contains("Only one ticket of “Friday” is left."), "{}", words(&text));
    assert_eq!(form(&text, &event.cart()), chosen, "the choice is kept");
    event.hold(&first, &["1", "0"]).await;
    let gone = post(&second, &event.cart(), &chosen).await;
    assert_eq!(gone.status, 409);
    assert!(words(&gone.text()).contains("“Friday” is sold out."), "{}", words(&gone.text()));
    assert!(words(&page(&second, &event.page()).await).contains("Sold out"));
    app.check().await;
}

#[tokio::test]
async fn nothing_chosen_and_nonsense_chosen_are_told_apart() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 9), free("Saturday", 9)]).await;
    let visitor = visitor(&app);
    let nothing = event.choose(&visitor, &["0", ""]).await;
    assert_eq!(nothing.status, 422);
    assert!(words(&nothing.text()).contains("Choose at least one ticket."));
    let nonsense = event.choose(&visitor, &["two", "1"]).await;
    assert_eq!(nonsense.status, 422);
    assert!(words(&nonsense.text()).contains("Enter how many tickets of “Friday” you want."));
    let many = event.choose(&visitor, &["1", "11"]).await;
    assert_eq!(many.status, 422);
    assert!(
        words(&many.text()).contains("You can order 1 to 10 tickets of “Saturday” at once."),
        "{}",
        words(&many.text())
    );
}

#[tokio::test]
async fn a_buyer_names_the_price_where_that_is_asked() {
    let app = start().await;
    let kind = json!({ "name": "Supporter", "pricing": "pay_what_you_want", "price": { "amount": 500, "currency": "EUR" }, "capacity": 9 });
    let event = organiser(&app, "Northside").await.event("Jazz", &[kind]).await;
    let visitor = visitor(&app);
    let shown = page(&visitor, &event.page()).await;
    let price = format!("price[{}]", event.types[0]);
    let choose = |amount| fill(form(&shown, &event.cart()), &[(&event.quantity(0), "2"), (&price, amount)]);
    let little = post(&visitor, &event.cart(), &choose("4,99")).await;
    assert_eq!(little.status, 422);
    assert!(words(&little.text()).contains("“Supporter” costs €5.00 or more."));
    assert!(little.text().contains("value=\"4,99\""));
    let checkout = redirect(&visitor, &post(&visitor, &event.cart(), &choose("12,50")).await);
    assert!(words(&page(&visitor, &checkout).await).contains("Pay €25.00"));
}

#[tokio::test]
async fn what_was_typed_is_kept_when_something_is_wrong() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["2"]).await;
    let shown = page(&visitor, &checkout).await;
    let typed = fill(form(&shown, &checkout), &[("name", " "), ("email", "ada@"), ("attendee-2", "Grace")]);
    let answer = post(&visitor, &checkout, &typed).await;
    assert_eq!(answer.status, 422);
    let text = answer.text();
    assert!(words(&text).contains("Enter your name, at most 120 characters."));
    assert!(text.contains("aria-describedby=\"email-hint email-error\""));
    assert_eq!(form(&text, &checkout), typed);
    let more = post(&visitor, &format!("{checkout}/renew"), &typed).await;
    assert_eq!((more.status.as_u16(), form(&more.text(), &checkout)), (200, typed), "more time costs no typing");
}

#[tokio::test]
async fn a_hold_that_ran_out_leads_back_to_the_event() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let checkout = event.hold(&visitor, &["1"]).await;
    let shown = page(&visitor, &checkout).await;
    app.advance(599);
    assert!(words(&page(&visitor, &checkout).await).contains("Held for you for 0:01"));
    app.advance(1);
    for answer in [
        visitor.get(&checkout).await,
        post(&visitor, &checkout, &fill(form(&shown, &checkout), &[("name", "Ada"), ("email", "ada@example.org")]))
            .await,
    ] {
        assert_eq!(answer.status, 410);
        assert!(words(&answer.text()).contains("Your time ran out"));
        assert!(answer.text().contains(&format!("href=\"{}#tickets\"", event.page())));
    }
}

#[tokio::test]
async fn tickets_that_were_let_go_can_be_had_by_others() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 1)]).await;
    let (first, second) = (visitor(&app), visitor(&app));
    let checkout = event.hold(&first, &["1"]).await;
    assert!(words(&page(&second, &event.page()).await).contains("All tickets are gone."));
    let answer = first.post_form(&format!("{checkout}/release"), &[]).await;
    assert_eq!(redirect(&first, &answer), event.page());
    event.hold(&second, &["1"]).await;
    app.check().await;
}

#[tokio::test]
async fn who_is_signed_in_types_no_address_and_finds_the_order_again() {
    let app = start().await;
    let event =
        organiser(&app, "Northside").await.event("Jazz", &[paid("Friday", 2_200, 9), free("Saturday", 9)]).await;
    let ada = signed_in(&app, "ada@example.org").await;
    assert!(words(&page(&ada, "/my/tickets").await).contains("No tickets for what is ahead"));
    let checkout = event.hold(&ada, &["0", "1"]).await;
    let shown = page(&ada, &checkout).await;
    assert!(form(&shown, &checkout).contains(&("email".to_owned(), "ada@example.org".to_owned())));
    let order = redirect(&ada, &post(&ada, &checkout, &fill(form(&shown, &checkout), &[("name", "Ada")])).await);
    let mine = page(&ada, "/my/tickets").await;
    assert!(mine.contains(&format!("href=\"{order}\"")), "{mine}");
    assert!(words(&mine).contains("Paid"));
}
