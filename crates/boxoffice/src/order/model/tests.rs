use super::*;
use crate::pool::model::Pool;
use kernel::PoolId;
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn pool_id() -> PoolId {
    PoolId::from(Uuid::from_u128(7))
}

fn payment(number: u128) -> PaymentId {
    PaymentId::from(Uuid::from_u128(number))
}

fn hold(state: HoldState) -> Hold {
    let line = HoldLine {
        ticket_type: TicketTypeId::from(Uuid::from_u128(1)),
        name: "Friday".to_owned(),
        quantity: 2,
        unit_price: Money::new(2_200, Currency::parse("EUR").unwrap()),
        pools: vec![pool_id()],
        seats: Vec::new(),
    };
    Hold { id: HoldId::from(Uuid::from_u128(2)), event: EventId::from(Uuid::nil()), state, lines: vec![line] }
}

fn order(state: OrderState) -> Order {
    Order {
        id: OrderId::from(Uuid::from_u128(3)),
        event: EventId::from(Uuid::nil()),
        hold: Some(HoldId::from(Uuid::from_u128(2))),
        code: "ABCDEFGH".to_owned(),
        state,
        buyer: Buyer {
            name: PersonName::parse("Ada").unwrap(),
            email: Email::parse("ada@example.org").unwrap(),
            account: None,
        },
        total: Money::new(4_400, Currency::parse("EUR").unwrap()),
        created_at: at("2026-12-01T00:00:00Z"),
        version: 1,
    }
}

fn stock(held: i32, sold: i32) -> Stock {
    Stock::new([Pool { id: pool_id(), capacity: 10, held, sold, version: 5 }])
}

fn settled(order_state: OrderState, hold_state: HoldState, stock: &mut Stock) -> Settlement {
    settle(&order(order_state), Some(&hold(hold_state)), stock, payment(1), true).unwrap()
}

const AWAITING: OrderState = OrderState::AwaitingPayment { expires_at: Timestamp::UNIX_EPOCH };
const EXPIRED: OrderState = OrderState::Expired { ended_at: Timestamp::UNIX_EPOCH };
const LIVE: HoldState = HoldState::Live { expires_at: Timestamp::UNIX_EPOCH, renewals: 0 };

fn numbers(stock: &Stock) -> (i32, i32) {
    stock.pool(pool_id()).map(|pool| (pool.held, pool.sold)).unwrap()
}

#[test]
fn a_payment_turns_a_live_hold_into_tickets_even_past_its_time_while_nobody_took_the_places() {
    let mut places = stock(2, 0);
    assert_eq!(settled(AWAITING, LIVE, &mut places), Settlement::Convert);
    assert_eq!(numbers(&places), (0, 2));
}

#[test]
fn a_late_payment_takes_the_places_again_if_they_are_there() {
    let mut places = stock(0, 8);
    assert_eq!(settled(EXPIRED, HoldState::Expired, &mut places), Settlement::Retake);
    assert_eq!(numbers(&places), (0, 10));
}

#[test]
fn a_late_payment_without_places_is_given_back_and_leaves_the_stock_alone() {
    let mut places = stock(0, 9);
    assert_eq!(settled(EXPIRED, HoldState::Expired, &mut places), Settlement::Unfulfil);
    assert_eq!((numbers(&places), places.recorded().len()), ((0, 9), 0));
}

#[test]
fn a_late_payment_for_more_than_one_person_may_have_is_given_back() {
    let mut places = stock(0, 0);
    let (order, hold) = (order(EXPIRED), hold(HoldState::Expired));
    assert_eq!(settle(&order, Some(&hold), &mut places, payment(1), false), Ok(Settlement::Unfulfil));
    assert_eq!(numbers(&places), (0, 0));
}

#[test]
fn a_second_payment_is_given_back_and_a_repeated_one_changes_nothing() {
    let paid = |by| OrderState::Paid { paid_at: Timestamp::UNIX_EPOCH, payment: Some(payment(by)) };
    let mut places = stock(0, 2);
    assert_eq!(settled(paid(1), HoldState::Converted, &mut places), Settlement::Nothing);
    assert_eq!(settled(paid(2), HoldState::Converted, &mut places), Settlement::GiveBack);
    let at = Timestamp::UNIX_EPOCH;
    let was_paid = |by| Some(Paid { at, payment: Some(payment(by)) });
    let cancelled = |by| OrderState::Cancelled { ended_at: at, paid: was_paid(by) };
    assert_eq!(settled(cancelled(2), HoldState::Converted, &mut places), Settlement::GiveBack);
    assert_eq!(settled(cancelled(1), HoldState::Converted, &mut places), Settlement::Nothing, "told again");
    assert_eq!(
        settled(OrderState::Unfulfilled { ended_at: Timestamp::UNIX_EPOCH }, HoldState::Expired, &mut places),
        Settlement::GiveBack
    );
    assert_eq!(numbers(&places), (0, 2));
}
