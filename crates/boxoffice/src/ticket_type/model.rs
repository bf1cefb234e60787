//! A ticket type and the rules of its sale. Pure.

use std::str::FromStr;

use jiff::Timestamp;
use kernel::right::UnknownWord;
use kernel::{Money, PoolId, TicketTypeId};
use platform::FieldError;
use serde::{Deserialize, Serialize};

/// The most tickets of one type an order may have.
pub const TICKETS_PER_ORDER_MAX: i32 = 100;
/// The highest limit of tickets of one type a person.
pub const TICKETS_PER_PERSON_MAX: i32 = 1_000;
/// The most an organiser lets one order have when nothing is said.
pub const TICKETS_PER_ORDER_DEFAULT: i32 = 10;
/// The longest name of a ticket type, in characters.
pub const TYPE_NAME_CHARACTERS_MAX: usize = 80;
/// The longest description of a ticket type, in characters.
pub const TYPE_DESCRIPTION_CHARACTERS_MAX: usize = 500;
/// The highest price of one ticket, in minor units: no one means to charge more, and sums stay far from overflow.
pub const PRICE_MAX: i64 = 100_000_000;

/// How a ticket is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// Costs nothing.
    Free,
    /// Costs its price.
    Paid,
    /// Costs what the buyer gives, its price at least.
    PayWhatYouWant,
}

impl Pricing {
    /// The word kept in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Paid => "paid",
            Self::PayWhatYouWant => "pay_what_you_want",
        }
    }
}

impl FromStr for Pricing {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Free, Self::Paid, Self::PayWhatYouWant]
            .into_iter()
            .find(|pricing| pricing.as_str() == text)
            .ok_or(UnknownWord)
    }
}

/// Something an organiser sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketType {
    /// Which one.
    pub id: TicketTypeId,
    /// What it is called.
    pub name: String,
    /// What it includes.
    pub description: String,
    /// How it is priced.
    pub pricing: Pricing,
    /// The price, or the least for pay-what-you-want.
    pub price: Money,
    /// Sold from here on.
    pub sale_starts_at: Option<Timestamp>,
    /// Sold until here.
    pub sale_ends_at: Option<Timestamp>,
    /// The least an order may have, if it has any.
    pub minimum_per_order: i32,
    /// The most an order may have.
    pub maximum_per_order: i32,
    /// The most one person may have over all their orders; none when there is no such limit.
    pub maximum_per_person: Option<i32>,
    /// Whether it is sold only together with a ticket that is none: parking, a meal, a T-shirt.
    pub is_addon: bool,
    /// The category of the event's layout whose seats it sells; none when it sells places without numbers.
    pub seat_category: Option<String>,
    /// The pools it draws from; one place of each.
    pub pools: Vec<PoolId>,
    /// Whether it was taken off sale for good.
    pub is_archived: bool,
    /// How often it was edited.
    pub version: i64,
}

/// Whether a ticket type can be bought now, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SaleState {
    /// Yes.
    OnSale,
    /// Its event is not public, or was called off.
    NotPublished,
    /// The sale has not begun.
    NotStarted,
    /// The sale is over, or the event is.
    Ended,
    /// No places are left.
    SoldOut,
}

/// What the sale of an event depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSale {
    /// Whether people can see the event and it takes place.
    pub is_public: bool,
    /// When it is over.
    pub ends_at: Timestamp,
}

impl TicketType {
    /// The one answer to "can this be bought now?", for pages, for the readiness list and for the sale itself.
    pub fn sale_state(&self, event: EventSale, available: i32, now: Timestamp) -> SaleState {
        if !event.is_public || self.is_archived {
            SaleState::NotPublished
        } else if self.sale_starts_at.is_some_and(|starts| now < starts) {
            SaleState::NotStarted
        } else if now >= event.ends_at || self.sale_ends_at.is_some_and(|ends| now >= ends) {
            SaleState::Ended
        } else if available < self.minimum_per_order {
            SaleState::SoldOut
        } else {
            SaleState::OnSale
        }
    }

    /// The price of one ticket, given what the buyer offers; `None` when the offer is not allowed.
    pub fn unit_price(&self, offered: Option<i64>) -> Option<i64> {
        match (self.pricing, offered) {
            (Pricing::Free, None | Some(0)) => Some(0),
            (Pricing::Paid, None) => Some(self.price.amount),
            (Pricing::Paid, Some(amount)) if amount == self.price.amount => Some(amount),
            (Pricing::PayWhatYouWant, None) => Some(self.price.amount),
            (Pricing::PayWhatYouWant, Some(amount)) if (self.price.amount..=PRICE_MAX).contains(&amount) => {
                Some(amount)
            }
            _ => None,
        }
    }
}

/// What an organiser says of a ticket type, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What it is called.
    pub name: String,
    /// What it includes.
    pub description: String,
    /// How it is priced.
    pub pricing: Pricing,
    /// The price in minor units of the event's currency.
    pub price: i64,
    /// Sold from here on.
    pub sale_starts_at: Option<Timestamp>,
    /// Sold until here.
    pub sale_ends_at: Option<Timestamp>,
    /// The least an order may have.
    pub minimum_per_order: i32,
    /// The most an order may have.
    pub maximum_per_order: i32,
    /// The most one person may have over all their orders.
    pub maximum_per_person: Option<i32>,
    /// Whether it is sold only together with a ticket that is none.
    pub is_addon: bool,
}

impl Terms {
    /// Checks all terms and tells everything that is wrong at once.
    pub fn parse(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, code: &str, message: String| errors.push(FieldError::new(field, code, message));
        let name = self.name.trim().to_owned();
        let description = self.description.trim().to_owned();
        if name.is_empty() || name.chars().count() > TYPE_NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
            wrong("name", "length", format!("Give the ticket a name of 1 to {TYPE_NAME_CHARACTERS_MAX} characters."));
        }
        if description.chars().count() > TYPE_DESCRIPTION_CHARACTERS_MAX {
            wrong(
                "description",
                "length",
                format!("Keep the description within {TYPE_DESCRIPTION_CHARACTERS_MAX} characters."),
            );
        }
        let price_is_good = match self.pricing {
            Pricing::Free => self.price == 0,
            Pricing::Paid => (1..=PRICE_MAX).contains(&self.price),
            Pricing::PayWhatYouWant => (0..=PRICE_MAX).contains(&self.price),
        };
        if !price_is_good {
            wrong(
                "price",
                "range",
                "A free ticket costs nothing, a paid one at least the smallest coin and at most a million.".to_owned(),
            );
        }
        if let (Some(starts), Some(ends)) = (self.sale_starts_at, self.sale_ends_at)
            && starts >= ends
        {
            wrong("sale_ends_at", "order", "The sale must end after it starts.".to_owned());
        }
        if self.minimum_per_order < 1 || self.minimum_per_order > self.maximum_per_order {
            wrong(
                "minimum_per_order",
                "range",
                "An order has at least one ticket, and the least cannot exceed the most.".to_owned(),
            );
        }
        if self.maximum_per_order > TICKETS_PER_ORDER_MAX {
            wrong(
                "maximum_per_order",
                "range",
                format!("An order can have at most {TICKETS_PER_ORDER_MAX} tickets of one type."),
            );
        }
        if self.maximum_per_person.is_some_and(|most| !(1..=TICKETS_PER_PERSON_MAX).contains(&most)) {
            wrong(
                "maximum_per_person",
                "range",
                format!(
                    "One person can be limited to 1 to {TICKETS_PER_PERSON_MAX} tickets; leave it out for no limit."
                ),
            );
        }
        if errors.is_empty() { Ok(Self { name, description, ..self }) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Currency;

    fn ticket_type() -> TicketType {
        TicketType {
            id: TicketTypeId::from(uuid::Uuid::nil()),
            name: "Friday".to_owned(),
            description: String::new(),
            pricing: Pricing::Paid,
            price: Money::new(2_200, Currency::parse("EUR").unwrap()),
            sale_starts_at: Some("2027-01-01T10:00:00Z".parse().unwrap()),
            sale_ends_at: Some("2027-03-01T10:00:00Z".parse().unwrap()),
            minimum_per_order: 2,
            maximum_per_order: 4,
            maximum_per_person: None,
            is_addon: false,
            seat_category: None,
            pools: Vec::new(),
            is_archived: false,
            version: 1,
        }
    }

    #[test]
    fn the_state_of_a_sale_follows_the_clock_and_the_stock() {
        let event = EventSale { is_public: true, ends_at: "2027-03-12T23:00:00Z".parse().unwrap() };
        let at = |instant: &str, available| ticket_type().sale_state(event, available, instant.parse().unwrap());
        assert_eq!(at("2027-01-01T09:59:59Z", 9), SaleState::NotStarted);
        assert_eq!(at("2027-01-01T10:00:00Z", 9), SaleState::OnSale);
        assert_eq!(
            at("2027-02-01T10:00:00Z", 1),
            SaleState::SoldOut,
            "one place cannot be sold when orders have two at least"
        );
        assert_eq!(at("2027-03-01T10:00:00Z", 9), SaleState::Ended);
        let hidden = EventSale { is_public: false, ..event };
        assert_eq!(
            ticket_type().sale_state(hidden, 9, "2027-02-01T10:00:00Z".parse().unwrap()),
            SaleState::NotPublished
        );
    }

    #[test]
    fn buyers_cannot_name_their_own_price_unless_asked_to() {
        let mut kind = ticket_type();
        assert_eq!(
            (kind.unit_price(None), kind.unit_price(Some(2_200)), kind.unit_price(Some(1))),
            (Some(2_200), Some(2_200), None)
        );
        kind.pricing = Pricing::PayWhatYouWant;
        assert_eq!(
            (kind.unit_price(Some(5_000)), kind.unit_price(Some(2_199)), kind.unit_price(Some(i64::MAX))),
            (Some(5_000), None, None)
        );
        kind.pricing = Pricing::Free;
        assert_eq!((kind.unit_price(None), kind.unit_price(Some(1))), (Some(0), None));
    }

    #[test]
    fn all_wrong_terms_are_told_at_once() {
        let terms = Terms {
            name: " ".to_owned(),
            description: "x".repeat(501),
            pricing: Pricing::Free,
            price: 5,
            sale_starts_at: Some(Timestamp::UNIX_EPOCH),
            sale_ends_at: Some(Timestamp::UNIX_EPOCH),
            minimum_per_order: 5,
            maximum_per_order: 101,
            maximum_per_person: Some(0),
            is_addon: false,
        };
        let fields: Vec<String> = terms.parse().unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "description", "price", "sale_ends_at", "maximum_per_order", "maximum_per_person"]);
    }
}
