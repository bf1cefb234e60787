//! What is sold in a simulated world, and to whom: small events, so that they sell out all the time.

use std::sync::{Arc, OnceLock};

use boxoffice::hold::model::{Wanted, WantedSeats};
use boxoffice::lane::model::KnownEvent;
use boxoffice::order::model::Buyer;
use boxoffice::pool::model::Pool;
use boxoffice::seat::hall::Hall;
use boxoffice::ticket_type::model::{EventSale, Pricing, TicketType};
use catalog::api::Layout;
use jiff::Timestamp;
use kernel::{Currency, Email, EventId, HoldId, Money, OrderId, OrganisationId, PaymentId, PersonName, PoolId, Slug};
use kernel::{TicketId, TicketTypeId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dice::Dice;

/// How many pools an event has: the room, a limit of the dear tickets, and the meals.
pub const POOLS_AN_EVENT: usize = 3;
/// How many ticket types an event has.
pub const TYPES_AN_EVENT: usize = 8;
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
    /// Costs something; a seat of the stalls, and a place of the room.
    Stalls,
    /// Costs nothing; a seat of the circle, and a place of the room.
    Circle,
}

impl Kind {
    /// The category of the hall that it sells, by its key, with the number of its seats.
    pub fn category(self) -> Option<(&'static str, usize)> {
        match self {
            Self::Stalls => Some((STALLS, STALLS_SEATS)),
            Self::Circle => Some((CIRCLE, CIRCLE_SEATS)),
            _ => None,
        }
    }
}

const STALLS: &str = "a";
const STALLS_SEATS: usize = 9;
const CIRCLE: &str = "b";
const CIRCLE_SEATS: usize = 4;

/// The hall of every event as a document: two rows of the stalls, and one of the circle with a place for a wheelchair and its companion.
pub fn layout() -> Value {
    let row = |category: &str, places: std::ops::Range<usize>, y: usize| {
        let seats: Vec<Value> = places
            .map(|place| {
                let mut seat =
                    json!({"id": seat_name(category, place), "label": place.to_string(), "x": place * 5, "y": y});
                if (category, place) == (CIRCLE, 0) {
                    seat["accessible"] = json!(true);
                }
                if (category, place) == (CIRCLE, 1) {
                    seat["companion_of"] = json!(seat_name(CIRCLE, 0));
                }
                seat
            })
            .collect();
        json!({"label": y.to_string(), "category": category, "seats": seats})
    };
    json!({
        "name": "Hall",
        "categories": [{"key": STALLS, "name": "Stalls"}, {"key": CIRCLE, "name": "Circle"}],
        "sections": [
            {"key": "stalls", "name": "Stalls", "rows": [row(STALLS, 0..5, 0), row(STALLS, 5..STALLS_SEATS, 10)]},
            {"key": "circle", "name": "Circle", "rows": [row(CIRCLE, 0..CIRCLE_SEATS, 30)]},
        ],
    })
}

/// A seat by its category and its place there.
pub fn seat_name(category: &str, place: usize) -> String {
    format!("{category}{place}")
}

/// The same hall as decisions know it.
#[expect(clippy::expect_used, reason = "the layout is written here")]
pub fn hall() -> Arc<Hall> {
    static HALL: OnceLock<Arc<Hall>> = OnceLock::new();
    let make = || {
        let document = serde_json::from_value(layout()).expect("a document");
        Arc::new(Hall::of(&Layout::parse(&document).expect("a layout")))
    };
    Arc::clone(HALL.get_or_init(make))
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
        5 => (Pricing::Paid, 701, Some(2), vec![first]),
        6 => (Pricing::Paid, 900, None, vec![first]),
        _ => (Pricing::Free, 0, None, vec![first]),
    };
    let seat_category = match place {
        6 => Some(STALLS.to_owned()),
        7 => Some(CIRCLE.to_owned()),
        _ => None,
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
        seat_category,
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
        Kind::Stalls => 6,
        Kind::Circle => 7,
    }
}
