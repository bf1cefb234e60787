use super::*;
use kernel::Currency;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::parse("EUR").unwrap())
}

fn payment() -> Payment {
    Payment {
        id: PaymentId::from(Uuid::from_u128(1)),
        organisation: OrganisationId::from(Uuid::from_u128(2)),
        order: OrderId::from(Uuid::from_u128(3)),
        amount: eur(3_800),
        description: "Blue Harbour Jazz".to_owned(),
        created_at: at(0),
        expires_at: at(1_800),
        provider: Some(ProviderName::Test),
        state: PaymentState::Created,
    }
}

fn seen(standing: Standing, amount: Money) -> ProviderState {
    ProviderState { reference: "tco_1".to_owned(), payment: Some(payment().id), amount, standing }
}

/// Every order of the given things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..things.len() {
        let mut rest = things.to_vec();
        let first = rest.remove(at);
        for mut order in orders(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[test]
fn every_order_of_the_same_news_ends_in_the_same_state() {
    let usd = Money::new(3_800, Currency::parse("USD").unwrap());
    let news = [
        (seen(Standing::Open, eur(3_800)), at(1)),
        (seen(Standing::Declined("card_declined".to_owned()), eur(3_800)), at(2)),
        (seen(Standing::Declined("do_not_honour".to_owned()), eur(3_800)), at(3)),
        (seen(Standing::Expired, eur(3_800)), at(4)),
        (seen(Standing::Paid, eur(3_800)), at(5)),
        (seen(Standing::Paid, eur(3_800)), at(6)),
        (seen(Standing::Paid, eur(38)), at(7)),
        (seen(Standing::Paid, usd), at(8)),
    ];
    // Every subset of up to five pieces of news, in all of its orders.
    let mut compared = 0;
    for chosen in 1_u32..(1 << news.len()) {
        if chosen.count_ones() > 5 {
            continue;
        }
        let subset: Vec<_> = news
            .iter()
            .enumerate()
            .filter(|(bit, _)| chosen & (1 << bit) != 0)
            .map(|(_, piece)| piece.clone())
            .collect();
        let mut ends = orders(&subset)
            .into_iter()
            .map(|order| order.into_iter().fold(payment(), |payment, (seen, now)| payment.fold(&seen, now)));
        let first = ends.next().unwrap();
        for end in ends {
            assert_eq!(end, first);
            compared += 1;
        }
    }
    assert!(compared > 6_000, "{compared}");
}

#[test]
fn money_wins_over_everything_said_before_and_after() {
    let paid = seen(Standing::Paid, eur(3_800));
    for other in [Standing::Open, Standing::Declined("no".to_owned()), Standing::Expired] {
        let other = seen(other, eur(3_800));
        assert_eq!(payment().fold(&other, at(1)).fold(&paid, at(2)).state.name(), PaymentStateName::Succeeded);
        assert_eq!(payment().fold(&paid, at(2)).fold(&other, at(3)).state.name(), PaymentStateName::Succeeded);
    }
    assert_eq!(payment().give_up().fold(&paid, at(9_000)).state.name(), PaymentStateName::Succeeded);
    assert_eq!(payment().fold(&paid, at(2)).give_up().state.name(), PaymentStateName::Succeeded);
}

#[test]
fn another_amount_or_currency_is_never_paid() {
    for wrong in [eur(3_799), eur(3_801), eur(38), Money::new(3_800, Currency::parse("USD").unwrap())] {
        let end = payment().fold(&seen(Standing::Paid, wrong), at(1));
        assert!(matches!(&end.state, PaymentState::Failed { reason, .. } if reason.needs_review()), "{:?}", end.state);
    }
}

#[test]
fn a_repeated_notice_changes_nothing() {
    for standing in [Standing::Open, Standing::Paid, Standing::Expired, Standing::Declined("no".to_owned())] {
        let seen = seen(standing, eur(3_800));
        let once = payment().fold(&seen, at(1));
        assert_eq!(once.clone().fold(&seen, at(2)), once);
    }
}

#[test]
fn a_page_is_asked_for_once_and_only_while_there_is_time() {
    let opened =
        OpenedCheckout { reference: "tco_1".to_owned(), url: "https://pay/1".to_owned(), expires_at: at(2_000) };
    assert_eq!(payment().opening(ProviderName::Test, at(1)), Ok(Opening::Ask(ProviderName::Test)));
    assert_eq!(payment().opening(ProviderName::Test, at(1_800)), Err(NotPayable::Over));
    let open = payment().opened(&opened);
    assert_eq!(open.opening(ProviderName::Test, at(1_999)), Ok(Opening::IsOpen("https://pay/1".to_owned())));
    assert_eq!(open.opening(ProviderName::Test, at(2_000)), Err(NotPayable::Over));
    let paid = open.clone().fold(&seen(Standing::Paid, eur(3_800)), at(1));
    assert_eq!(paid.opening(ProviderName::Test, at(2)), Err(NotPayable::Succeeded));
    assert_eq!(paid.clone().opened(&opened), paid, "an answer that is slower than the webhook takes nothing back");
    let declined = open.fold(&seen(Standing::Declined("no".to_owned()), eur(3_800)), at(1));
    assert_eq!(declined.opening(ProviderName::Test, at(2)), Err(NotPayable::Over));
}

#[test]
fn the_provider_is_asked_after_pauses_that_double_until_an_hour_after_the_time_to_pay() {
    let mut asked = Vec::new();
    let mut now = at(0);
    while let Some(next) = payment().next_poll(now) {
        asked.push(next.as_second());
        now = next;
    }
    assert_eq!(asked, [60, 120, 240, 480, 960, 1_920, 3_840, 5_400]);
}

#[test]
fn reasons_are_read_as_they_were_written() {
    for reason in [
        FailureReason::Declined("card_declined".to_owned()),
        FailureReason::AmountMismatch,
        FailureReason::CurrencyMismatch,
    ] {
        assert_eq!(FailureReason::from_word(reason.as_str().to_owned()), reason);
    }
    for reason in [CancelReason::NoAnswer, CancelReason::Expired] {
        assert_eq!(CancelReason::from_word(reason.as_str()), Some(reason));
    }
}
