//! The sale of an event: whether it can be bought, what is missing, how it goes.

pub(crate) mod address;
pub mod overview;
pub mod publish;
pub mod readiness;

use catalog::api::EventFacts;

use crate::ticket_type::model::EventSale;

/// What the sale of an event depends on, from the catalogue's facts.
pub fn sale_of(facts: &EventFacts) -> EventSale {
    EventSale { is_public: facts.status.is_open(), ends_at: facts.ends_at }
}
