use super::*;
use crate::pool::model::Pool;
use crate::ticket_type::model::Pricing;
use kernel::Currency;
use uuid::Uuid;

fn pool_id(number: u128) -> PoolId {
    PoolId::from(Uuid::from_u128(number))
}

fn kind(number: u128, pools: &[u128]) -> TicketType {
    TicketType {
        id: TicketTypeId::from(Uuid::from_u128(number)),
        name: format!("Type {number}"),
        description: String::new(),
        pricing: Pricing::Paid,
        price: Money::new(1_000, Currency::parse("EUR").unwrap()),
        sale_starts_at: None,
        sale_ends_at: None,
        minimum_per_order: 1,
        maximum_per_order: 10,
        maximum_per_person: None,
        is_addon: false,
        seat_category: None,
        pools: pools.iter().copied().map(pool_id).collect(),
        is_archived: false,
        version: 1,
    }
}

fn stock(capacities: &[(u128, i32)]) -> Stock {
    Stock::new(capacities.iter().map(|&(id, capacity)| Pool {
        id: pool_id(id),
        capacity,
        held: 0,
        sold: 0,
        version: 0,
    }))
}

fn want(number: u128, quantity: i32) -> Wanted {
    Wanted {
        ticket_type: TicketTypeId::from(Uuid::from_u128(number)),
        quantity,
        unit_price: None,
        seats: WantedSeats::default(),
    }
}

fn event() -> EventSale {
    EventSale { is_public: true, ends_at: "2027-01-01T00:00:00Z".parse().unwrap() }
}

const HOLD: u128 = 99;

fn take_from(types: &[TicketType], stock: &mut Stock, wanted: &[Wanted]) -> Result<Vec<HoldLine>, TakeRefusal> {
    let lines = choose(TakeState { event: event(), types }, wanted, "2026-12-01T00:00:00Z".parse().unwrap())?;
    reserve(&lines, stock, |quantity| Change::hold(quantity, HoldId::from(Uuid::from_u128(HOLD))))?;
    Ok(lines)
}

#[test]
fn types_that_share_a_pool_share_its_places() {
    let types = [kind(1, &[7]), kind(2, &[7])];
    let mut shared = stock(&[(7, 5)]);
    assert!(take_from(&types, &mut shared, &[want(1, 3), want(2, 2)]).is_ok());
    let refusal = take_from(&types, &mut shared, &[want(2, 1)]).unwrap_err();
    assert_eq!(refusal, TakeRefusal::SoldOut { name: "Type 2".to_owned(), available: 0, pool: pool_id(7), version: 2 });
}

#[test]
fn a_type_with_two_pools_needs_a_place_in_each() {
    let types = [kind(1, &[7, 8])];
    let mut both = stock(&[(7, 5), (8, 1)]);
    assert!(take_from(&types, &mut both, &[want(1, 1)]).is_ok());
    assert!(matches!(take_from(&types, &mut both, &[want(1, 1)]), Err(TakeRefusal::SoldOut { available: 0, .. })));
}

#[test]
fn strange_requests_are_refused() {
    let types = [kind(1, &[7])];
    let refused = |wanted: &[Wanted]| take_from(&types, &mut stock(&[(7, 5)]), wanted).unwrap_err();
    assert_eq!(refused(&[]), TakeRefusal::Nothing);
    assert_eq!(refused(&[want(5, 1)]), TakeRefusal::UnknownType);
    assert_eq!(refused(&[want(1, 1), want(1, 1)]), TakeRefusal::UnknownType);
    for quantity in [0, -1, 11, i32::MAX] {
        assert!(matches!(refused(&[want(1, quantity)]), TakeRefusal::Quantity { .. }));
    }
    let cheap = Wanted { unit_price: Some(1), ..want(1, 1) };
    assert!(matches!(refused(&[cheap]), TakeRefusal::Price { .. }));
}

#[test]
fn a_hold_ends_by_the_clock_and_can_be_renewed_only_so_often() {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let mut hold = Hold {
        id: HoldId::from(Uuid::from_u128(HOLD)),
        event: EventId::from(Uuid::nil()),
        state: HoldState::Live { expires_at: at("2026-12-01T00:10:00Z"), renewals: 0 },
        lines: Vec::new(),
    };
    assert!(hold.live_until(at("2026-12-01T00:09:59Z")).is_ok());
    assert_eq!(
        hold.live_until(at("2026-12-01T00:10:00Z")),
        Err(HoldEnded::Expired),
        "truth does not wait for the sweeper"
    );
    let ttl = SignedDuration::from_mins(10);
    hold.state = renew(&hold, ttl, 1, at("2026-12-01T00:09:00Z")).unwrap();
    assert_eq!(hold.state, HoldState::Live { expires_at: at("2026-12-01T00:19:00Z"), renewals: 1 });
    assert_eq!(renew(&hold, ttl, 1, at("2026-12-01T00:10:00Z")), Err(RenewRefusal::TooOften));
    assert_eq!(renew(&hold, ttl, 9, at("2026-12-01T00:20:00Z")), Err(RenewRefusal::Ended(HoldEnded::Expired)));
}

#[test]
fn what_a_hold_takes_it_gives_back() {
    let types = [kind(1, &[7, 8]), kind(2, &[7])];
    let mut places = stock(&[(7, 5), (8, 5)]);
    let lines = take_from(&types, &mut places, &[want(1, 2), want(2, 1)]).unwrap();
    let hold = Hold {
        id: HoldId::from(Uuid::from_u128(HOLD)),
        event: EventId::from(Uuid::nil()),
        state: HoldState::Released,
        lines,
    };
    assert_eq!(hold.places(), [(pool_id(7), 3), (pool_id(8), 2)]);
    assert_eq!(hold.total().unwrap().amount, 3_000);
    hold.give_back(&mut places, Cause::Expired).unwrap();
    assert_eq!(places.pool(pool_id(7)).unwrap().available(), 5);
    assert_eq!(places.pool(pool_id(8)).unwrap().available(), 5);
}
