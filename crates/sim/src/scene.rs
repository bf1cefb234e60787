//! What is sold in a simulated world, and to whom: small events, so that they sell out all the time.

use boxoffice::hold::model::{Wanted, WantedSeats};
use boxoffice::lane::model::KnownEvent;
use boxoffice::order::model::Buyer;
use boxoffice::pool::model::Pool;
use boxoffice::ticket_type::model::{EventSale, Pricing, TicketType};
use jiff::Timestamp;
use kernel::{Currency, Email, EventId, HoldId, Money, OrderId, OrganisationId, PaymentId, PersonName, PoolId, Slug};
use kernel::{TicketId, TicketTypeId};
use uuid::Uuid;

use crate::dice::Dice;

/// How many pools an event has: the room, a limit of the dear tickets, and the meals.
pub const POOLS_AN_EVENT: usize = 3;
/// How many ticket types an event has.
pub const TYPES_AN_EVENT: usize = 6;
/// How many people buy.
pub const PEOPLE: usize = 6;
/// When a simulation begins, and the server of the differential test.
pub const BEGINNING: &str = "2026-12-01T10:00:00Z";

/// The place of a ticket type among its event's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Costs nothing; takes a place of the room.
    Free,
    /// Costs something; takes a place of the room and one of a smaller limit.
    Dear,
    /// Costs nothing; one person gets three at most.
    Few,
    /// Goes with a ticket only; takes none of the room.
    Meal,
    /// Costs what people give.
    Gift,
    /// Costs something; one person gets two at most.
    Rare,
}

/// A thing's number from its id: ids of a simulation are counted.
pub fn number(uuid: Uuid) -> usize {
    usize::try_from(uuid.as_u128() & u128::from(u64::MAX)).unwrap_or(usize::MAX)
}

fn uuid(tag: u128, number: usize) -> Uuid {
    Uuid::from_u128((tag << 96) | u128::try_from(number).unwrap_or(0))
}

/// The one tenant.
pub fn organisation() -> OrganisationId {
    uuid(1, 0).into()
}
/// An event by number.
pub fn event(number: usize) -> EventId {
    uuid(2, number).into()
}
/// A pool by number.
pub fn pool(number: usize) -> PoolId {
    uuid(3, number).into()
}
/// A ticket type by number.
pub fn kind(number: usize) -> TicketTypeId {
    uuid(4, number).into()
}
/// A hold by number.
pub fn hold(number: usize) -> HoldId {
    uuid(5, number).into()
}
/// An order by number.
pub fn order(number: usize) -> OrderId {
    uuid(6, number).into()
}
/// A ticket by number.
pub fn ticket(number: usize) -> TicketId {
    uuid(7, number).into()
}
/// A payment by number.
pub fn payment(number: usize) -> PaymentId {
    uuid(8, number).into()
}

/// What a world is made of at its beginning.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The events with what they sell.
    pub events: Vec<KnownEvent>,
    /// Their pools: three for each event, one after the other.
    pub pools: Vec<Pool>,
    /// Who buys.
    pub people: Vec<Buyer>,
}

impl Scene {
    /// So many events, made by chance.
    pub fn new(events: usize, dice: &mut Dice) -> Self {
        let mut pools = Vec::with_capacity(events * POOLS_AN_EVENT);
        for at in 0..events {
            let capacities = [dice.between(2, 24), dice.between(1, 9), dice.between(1, 9)];
            for (place, capacity) in capacities.into_iter().enumerate() {
                let id = pool(at * POOLS_AN_EVENT + place);
                pools.push(Pool { id, capacity, held: 0, sold: 0, version: 1 });
            }
        }
        Self { events: (0..events).map(known_event).collect(), pools, people: (0..PEOPLE).map(buyer).collect() }
    }
}

/// An instant that is written down in the code.
fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// When a simulation begins.
pub fn beginning() -> Timestamp {
    instant(BEGINNING)
}

/// What an event is called.
pub fn slug(number: usize) -> Slug {
    Slug::from_title(&format!("Evening {number}"))
}

fn known_event(at: usize) -> KnownEvent {
    let sale = EventSale { is_public: true, ends_at: instant("2036-01-01T00:00:00Z") };
    let types = (0..TYPES_AN_EVENT).map(|place| ticket_type(at, place)).collect();
    KnownEvent { slug: slug(at), is_visible: true, sale, types }
}

/// Euros, in cents.
#[expect(clippy::expect_used, reason = "the euro is a currency")]
pub fn euros(amount: i64) -> Money {
    Money::new(amount, Currency::parse("EUR").expect("the euro is a currency"))
}

fn ticket_type(event: usize, place: usize) -> TicketType {
    let first = event * POOLS_AN_EVENT;
    let (pricing, price, limit, pools) = match place {
        0 => (Pricing::Free, 0, None, vec![first]),
        1 => (Pricing::Paid, 1_000, None, vec![first, first + 1]),
        2 => (Pricing::Free, 0, Some(3), vec![first]),
        3 => (Pricing::Paid, 333, None, vec![first + 2]),
        4 => (Pricing::PayWhatYouWant, 0, None, vec![first]),
        _ => (Pricing::Paid, 701, Some(2), vec![first]),
    };
    TicketType {
        id: kind(event * TYPES_AN_EVENT + place),
        name: format!("T{place}"),
        description: String::new(),
        pricing,
        price: euros(price),
        sale_starts_at: None,
        sale_ends_at: None,
        minimum_per_order: 1,
        maximum_per_order: 4,
        maximum_per_person: limit,
        is_addon: place == 3,
        seat_category: None,
        pools: pools.into_iter().map(pool).collect(),
        is_archived: false,
        version: 1,
    }
}

#[expect(clippy::expect_used, reason = "the names are written here")]
fn buyer(at: usize) -> Buyer {
    Buyer {
        name: PersonName::parse("Ada Buyer").expect("a name"),
        email: Email::parse(&format!("p{at}@example.org")).expect("an address"),
        account: None,
    }
}

/// Which person an address is, however it is spelt.
pub fn person(email: &Email) -> usize {
    let digits = email.as_str().get(1..).and_then(|rest| rest.split('@').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// A wish for tickets of one type.
pub fn wish(event: usize, place: Kind, quantity: i32, offer: Option<i64>) -> Wanted {
    Wanted {
        ticket_type: kind(event * TYPES_AN_EVENT + place_of(place)),
        quantity,
        unit_price: offer,
        seats: WantedSeats::default(),
    }
}

fn place_of(kind: Kind) -> usize {
    match kind {
        Kind::Free => 0,
        Kind::Dear => 1,
        Kind::Few => 2,
        Kind::Meal => 3,
        Kind::Gift => 4,
        Kind::Rare => 5,
    }
}
