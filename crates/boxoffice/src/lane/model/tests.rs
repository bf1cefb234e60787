use jiff::SignedDuration;
use kernel::{Currency, Email, OrganisationId, PaymentId, PersonName, PoolId};
use uuid::Uuid;

use super::*;
use crate::hold::model::{HoldEnded, TakeRefusal, Wanted, WantedSeats};
use crate::hold::release::Release;
use crate::hold::take::Take;
use crate::order::buy::{Buy, BuyRefusal};
use crate::order::cancel::Cancel;
use crate::order::model::{Buyer, Order, OrderState, Paid, Settlement};
use crate::order::place::{Place, PlaceRefusal, Placed};
use crate::order::settle::Settle;
use crate::pool::model::Pool;
use crate::ticket_type::model::Pricing;

/// Ids by counting.
#[derive(Default)]
struct Counted(u128);

impl Counted {
    fn next(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

impl Draws for Counted {
    fn hold(&mut self) -> HoldId {
        self.next().into()
    }
    fn order(&mut self) -> (OrderId, String) {
        let id = self.next();
        (id.into(), format!("ORDER{:03}", self.0))
    }
    fn ticket(&mut self) -> (TicketId, i64) {
        let id = self.next();
        (id.into(), i64::try_from(self.0).unwrap())
    }
}

fn organisation() -> OrganisationId {
    Uuid::from_u128(1).into()
}

fn event() -> EventId {
    Uuid::from_u128(2).into()
}

fn pool(number: u128) -> PoolId {
    Uuid::from_u128(number).into()
}

fn kind(number: u128, price: i64, pools: &[u128]) -> TicketType {
    TicketType {
        id: Uuid::from_u128(number).into(),
        name: format!("Type {number}"),
        description: String::new(),
        pricing: if price == 0 { Pricing::Free } else { Pricing::Paid },
        price: Money::new(price, Currency::parse("EUR").unwrap()),
        sale_starts_at: None,
        sale_ends_at: None,
        minimum_per_order: 1,
        maximum_per_order: 10,
        maximum_per_person: None,
        is_addon: false,
        seat_category: None,
        pools: pools.iter().copied().map(pool).collect(),
        is_archived: false,
        version: 1,
    }
}

const FREE: u128 = 10;
const PAID: u128 = 11;
const ROOM: u128 = 20;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-12-01T12:00:00Z")
}

/// A free and a paid type that share a room.
fn ledger(capacity: i32, types: Vec<TicketType>) -> Ledger {
    let sale = EventSale { is_public: true, ends_at: at("2027-01-01T00:00:00Z") };
    let known = KnownEvent { slug: Slug::parse("jazz").unwrap(), is_visible: true, sale, types };
    let mut ledger = Ledger::of([(event(), known)].into());
    ledger.stock = Stock::new([Pool { id: pool(ROOM), capacity, held: 0, sold: 0, version: 0 }]);
    ledger
}

fn both(capacity: i32) -> Ledger {
    ledger(capacity, vec![kind(FREE, 0, &[ROOM]), kind(PAID, 1_000, &[ROOM])])
}

fn want(kind: u128, quantity: i32) -> Vec<Wanted> {
    vec![Wanted {
        ticket_type: Uuid::from_u128(kind).into(),
        quantity,
        unit_price: None,
        seats: WantedSeats::default(),
    }]
}

fn buyer(name: &str) -> Buyer {
    Buyer {
        name: PersonName::parse(name).unwrap(),
        email: Email::parse(&format!("{name}@example.org")).unwrap(),
        account: None,
    }
}

fn buy(who: &str, wanted: Vec<Wanted>) -> Command {
    Command::Buy(Buy {
        organisation: organisation(),
        event: event(),
        slug: Slug::parse("jazz").unwrap(),
        wanted,
        buyer: buyer(who),
        attendees: Vec::new(),
        payment_ttl: SignedDuration::from_mins(30),
        description: "Tickets".to_owned(),
    })
}

fn take(wanted: Vec<Wanted>) -> Command {
    Command::Take(Take {
        organisation: organisation(),
        event: event(),
        slug: Slug::parse("jazz").unwrap(),
        wanted,
        ttl: SignedDuration::from_mins(10),
    })
}

fn place(hold: HoldId) -> Command {
    Command::Place(Place {
        organisation: organisation(),
        event: event(),
        hold,
        buyer: buyer("Ada"),
        attendees: Vec::new(),
        payment_ttl: SignedDuration::from_mins(30),
        description: "Tickets".to_owned(),
    })
}

fn decide(ledger: &mut Ledger, commands: &[Command], now: Timestamp) -> Vec<Outcome> {
    let mut draws = Counted(u128::try_from(now.as_microsecond()).unwrap());
    commands.iter().enumerate().map(|(at, command)| ledger.decide(at, command, &mut draws, now)).collect()
}

fn numbers(ledger: &Ledger) -> (i32, i32, i64) {
    ledger.stock.pool(pool(ROOM)).map(|pool| (pool.held, pool.sold, pool.version)).unwrap()
}

fn held(outcome: &Outcome) -> HoldId {
    let Outcome::Taken(Ok(taken)) = outcome else { panic!("{outcome:?}") };
    taken.hold.id
}

#[test]
fn the_last_place_goes_to_the_first_of_a_batch_and_the_others_leave_no_trace() {
    let mut ledger = both(2);
    let outcomes =
        decide(&mut ledger, &[buy("Ada", want(FREE, 1)), buy("Bo", want(FREE, 2)), buy("Cy", want(FREE, 1))], noon());
    let Outcome::Bought(Ok(first)) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!((first.pools.as_slice(), first.tickets.len()), ([(pool(ROOM), 1)].as_slice(), 1));
    let short = TakeRefusal::SoldOut { name: "Type 10".to_owned(), available: 1, pool: pool(ROOM), version: 1 };
    let Outcome::Bought(Err(refusal)) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(*refusal, BuyRefusal::Take(short));
    assert!(matches!(&outcomes[2], Outcome::Bought(Ok(third)) if third.pools == [(pool(ROOM), 2)]));
    assert_eq!(numbers(&ledger), (0, 2, 2));
    assert_eq!(ledger.written.new_orders.len(), 2);
    assert_eq!(ledger.written.facts.len(), 2, "an order with nothing to pay begins as paid");
}

#[test]
fn a_hold_becomes_one_order_however_often_it_is_asked_for() {
    let mut ledger = both(5);
    let hold = held(&decide(&mut ledger, &[take(want(FREE, 2))], noon())[0]);
    let outcomes = decide(&mut ledger, &[place(hold), place(hold)], noon());
    let Outcome::Placed(Ok(Placed::Now(made))) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(matches!(&outcomes[1], Outcome::Placed(Ok(Placed::Before(order))) if *order == made.order.id));
    assert_eq!(numbers(&ledger), (0, 2, 2));
}

#[test]
fn something_to_pay_is_held_until_the_money_comes_and_the_late_money_takes_the_places_again() {
    let mut ledger = both(1);
    let outcomes = decide(&mut ledger, &[buy("Ada", want(PAID, 1))], noon());
    let Outcome::Bought(Ok(made)) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(matches!(made.order.state, OrderState::AwaitingPayment { .. }));
    assert!(matches!(ledger.written.errands[..], [(0, Errand::BeginPayment { .. })]));
    assert_eq!(numbers(&ledger), (1, 0, 1));
    let later = at("2026-12-01T12:30:00Z");
    let hold = made.order.hold.unwrap();
    assert_eq!(ledger.reclaim(&[hold], later), 1);
    assert_eq!(numbers(&ledger), (0, 0, 2));
    let order = made.order.id;
    let settle = Command::Settle(Settle {
        organisation: organisation(),
        event: event(),
        order,
        payment: PaymentId::from(Uuid::from_u128(77)),
        amount: made.order.total,
    });
    let outcomes = decide(&mut ledger, &[settle.clone(), settle], later);
    assert!(matches!(
        outcomes[..],
        [Outcome::Settled(Ok(Settlement::Retake)), Outcome::Settled(Ok(Settlement::Nothing))]
    ));
    assert_eq!(numbers(&ledger), (0, 1, 3));
    assert_eq!(ledger.written.tickets.len(), 1);
}

#[test]
fn an_expired_hold_can_be_had_by_others_but_not_ordered() {
    let mut ledger = both(1);
    let hold = held(&decide(&mut ledger, &[take(want(FREE, 1))], noon())[0]);
    let later = at("2026-12-01T12:10:00Z");
    let outcomes = decide(&mut ledger, &[place(hold)], later);
    assert!(matches!(outcomes[..], [Outcome::Placed(Err(PlaceRefusal::Ended(HoldEnded::Expired)))]));
    assert_eq!(ledger.reclaim(&[hold, hold], later), 1, "once");
    assert!(matches!(decide(&mut ledger, &[buy("Bo", want(FREE, 1))], later)[..], [Outcome::Bought(Ok(_))]));
}

#[test]
fn letting_go_gives_places_back_once_and_not_while_money_is_awaited() {
    let mut ledger = both(3);
    let release = |hold| Command::Release(Release { organisation: organisation(), event: event(), hold });
    let hold = held(&decide(&mut ledger, &[take(want(PAID, 2))], noon())[0]);
    decide(&mut ledger, &[place(hold), release(hold)], noon());
    assert_eq!(numbers(&ledger), (2, 0, 1), "an order waits for its payment");
    let other = held(&decide(&mut ledger, &[take(want(FREE, 1))], at("2026-12-01T12:00:01Z"))[0]);
    let outcomes = decide(&mut ledger, &[release(other), release(other)], noon());
    let versions: Vec<usize> = outcomes
        .iter()
        .map(
            |outcome| {
                if let Outcome::Released(released) = outcome { released.pools.len() } else { panic!("{outcome:?}") }
            },
        )
        .collect();
    assert_eq!((versions, numbers(&ledger)), (vec![1, 0], (2, 0, 3)));
}

#[test]
fn a_limit_a_person_holds_over_parallel_orders_of_one_batch_and_older_ones() {
    let mut limited = kind(FREE, 0, &[ROOM]);
    limited.maximum_per_person = Some(4);
    let mut ledger = ledger(100, vec![limited]);
    ledger.owned.insert((Uuid::from_u128(FREE).into(), "ada@example.org".to_owned()), 1);
    let all =
        [buy("Ada", want(FREE, 2)), buy("Ada", want(FREE, 2)), buy("Bo", want(FREE, 4)), buy("Ada", want(FREE, 1))];
    let outcomes = decide(&mut ledger, &all, noon());
    let is_ok: Vec<bool> = outcomes.iter().map(Outcome::has_effect).collect();
    assert_eq!(is_ok, [true, false, true, true]);
    let Outcome::Bought(Err(BuyRefusal::Person(limit))) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!((limit.maximum, limit.owned), (4, 3));
}

/// A type to pay for, of which one person gets two, and an order of two that waits for its payment; answers the order.
fn limited_order(ledger: &mut Ledger) -> Order {
    let outcomes = decide(ledger, &[buy("Ada", want(PAID, 2))], noon());
    let Outcome::Bought(Ok(made)) = &outcomes[0] else { panic!("{outcomes:?}") };
    made.order.clone()
}

fn limited() -> Ledger {
    let mut limited = kind(PAID, 1_000, &[ROOM]);
    limited.maximum_per_person = Some(2);
    ledger(100, vec![limited])
}

#[test]
fn what_ended_in_a_batch_no_longer_counts_for_the_limit_of_a_person() {
    let mut ledger = limited();
    let order = limited_order(&mut ledger);
    let later = at("2026-12-01T13:00:00Z");
    ledger.reclaim(&[order.hold.unwrap()], later);
    let outcomes = decide(&mut ledger, &[buy("Ada", want(PAID, 2)), buy("Ada", want(PAID, 1))], later);
    let is_ok: Vec<bool> = outcomes.iter().map(Outcome::has_effect).collect();
    assert_eq!(is_ok, [true, false]);
}

#[test]
fn late_money_for_more_than_one_person_may_have_goes_back() {
    let mut ledger = limited();
    let order = limited_order(&mut ledger);
    let later = at("2026-12-01T13:00:00Z");
    ledger.reclaim(&[order.hold.unwrap()], later);
    let settle = Command::Settle(Settle {
        organisation: organisation(),
        event: event(),
        order: order.id,
        payment: PaymentId::from(Uuid::from_u128(77)),
        amount: order.total,
    });
    let outcomes = decide(&mut ledger, &[buy("Ada", want(PAID, 1)), settle], later);
    assert!(matches!(outcomes[1], Outcome::Settled(Ok(Settlement::Unfulfil))), "{outcomes:?}");
}

#[test]
fn an_order_paid_and_called_off_in_one_batch_remembers_its_payment() {
    let mut ledger = both(1);
    let outcomes = decide(&mut ledger, &[buy("Ada", want(PAID, 1))], noon());
    let Outcome::Bought(Ok(made)) = &outcomes[0] else { panic!("{outcomes:?}") };
    let (order, payment) = (made.order.id, PaymentId::from(Uuid::from_u128(77)));
    let (organisation, event) = (organisation(), event());
    let settle = Command::Settle(Settle { organisation, event, order, payment, amount: made.order.total });
    let cancel = Command::Cancel(Cancel { organisation, event, order, is_refunded: false });
    let outcomes = decide(&mut ledger, &[settle.clone(), cancel, settle], noon());
    assert!(matches!(outcomes[2], Outcome::Settled(Ok(Settlement::Nothing))), "the money was not to go back");
    let paid = Some(Paid { at: noon(), payment: Some(payment) });
    assert_eq!(ledger.orders[&order].order.state, OrderState::Cancelled { ended_at: noon(), paid });
}

#[test]
fn addons_go_with_tickets() {
    let mut meal = kind(12, 0, &[ROOM]);
    meal.is_addon = true;
    let mut ledger = ledger(100, vec![kind(FREE, 0, &[ROOM]), meal]);
    let mut order = want(FREE, 2);
    order.extend(want(12, 2));
    let mut too_many = want(FREE, 1);
    too_many.extend(want(12, 2));
    let outcomes = decide(&mut ledger, &[buy("Ada", want(12, 1)), buy("Ada", order), buy("Ada", too_many)], noon());
    let is_ok: Vec<bool> = outcomes.iter().map(Outcome::has_effect).collect();
    assert_eq!(is_ok, [false, true, false]);
    assert!(matches!(&outcomes[0], Outcome::Bought(Err(BuyRefusal::Take(TakeRefusal::AddonAlone { .. })))));
}

#[test]
fn a_capacity_below_what_is_sold_is_refused_with_the_numbers() {
    let mut ledger = both(5);
    let resize =
        |capacity| Command::Resize(Resize { organisation: organisation(), event: event(), pool: pool(ROOM), capacity });
    let commands =
        [buy("Ada", want(FREE, 3)), take(want(FREE, 1)), resize(3), resize(4), buy("Bo", want(FREE, 1)), resize(9)];
    let outcomes = decide(&mut ledger, &commands, noon());
    assert!(matches!(outcomes[2], Outcome::Resized(Err(EditRefusal::BelowSold { sold: 3, held: 1 }))));
    let is_ok: Vec<bool> = outcomes.iter().map(Outcome::has_effect).collect();
    assert_eq!(is_ok, [true, true, false, true, false, true]);
}

#[test]
fn a_cancelled_order_gives_its_places_back_and_says_what_goes_back_to_the_buyer() {
    let mut ledger = both(2);
    let outcomes = decide(&mut ledger, &[buy("Ada", want(FREE, 2))], noon());
    let Outcome::Bought(Ok(made)) = &outcomes[0] else { panic!("{outcomes:?}") };
    let cancel = Command::Cancel(Cancel {
        organisation: organisation(),
        event: event(),
        order: made.order.id,
        is_refunded: true,
    });
    let outcomes = decide(&mut ledger, &[cancel.clone(), cancel, buy("Bo", want(FREE, 2))], noon());
    let is_ok: Vec<bool> = outcomes.iter().map(Outcome::has_effect).collect();
    assert_eq!(is_ok, [true, false, true]);
    assert_eq!(ledger.written.cancelled, [made.order.id]);
    assert_eq!(numbers(&ledger), (0, 2, 3));
}
