//! A ticket. Pure.

use std::fmt;
use std::str::FromStr;

use kernel::right::UnknownWord;
use kernel::{EventId, Money, OrderId, TicketId, TicketTypeId};

use crate::order::model::OrderLine;
use crate::seat::model::SeatIndex;

/// The most tickets of one order that get names of their own.
pub const ATTENDEES_AN_ORDER_MAX: usize = 200;

/// Where a ticket is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketState {
    /// It opens the door.
    Valid,
    /// It was called off.
    Cancelled,
    /// It went to somebody else, who has a new one.
    Transferred,
}

impl TicketState {
    /// The word used in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Cancelled => "cancelled",
            Self::Transferred => "transferred",
        }
    }
}

impl FromStr for TicketState {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Valid, Self::Cancelled, Self::Transferred]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(UnknownWord)
    }
}

/// A ticket of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Which one.
    pub id: TicketId,
    /// Of which event.
    pub event: EventId,
    /// Of which order.
    pub order: OrderId,
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// What the type is called.
    pub type_name: String,
    /// 1, 2, 3 within its order.
    pub number: i32,
    /// The random number that its QR code carries.
    pub serial: i64,
    /// Where it is in its life.
    pub state: TicketState,
    /// Who comes.
    pub holder_name: String,
    /// What was paid for it.
    pub price: Money,
    /// Where its holder sits; none for a place without a number.
    pub seat: Option<TicketSeat>,
}

/// The seat of a ticket, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSeat {
    /// Its place in the event's layout.
    pub seat: SeatIndex,
    /// The name of the section.
    pub section: String,
    /// The label of the row, or of the table.
    pub row: String,
    /// Whether it is at a table.
    pub is_table: bool,
    /// The label of the seat.
    pub label: String,
}

impl fmt::Display for TicketSeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_table { "table" } else { "row" };
        write!(f, "{}, {kind} {}, seat {}", self.section, self.row, self.label)
    }
}

impl Ticket {
    /// What it is good for, where there is one line for it: `Concert · Stalls, row 2, seat 4`.
    pub fn good_for(&self) -> String {
        match &self.seat {
            Some(seat) => format!("{} · {seat}", self.type_name),
            None => self.type_name.clone(),
        }
    }
}

/// What people call a ticket: the order's code and its number.
pub fn human_code(order_code: &str, number: i32) -> String {
    format!("{order_code}-{number}")
}

/// Takes a ticket's name apart into the order's code and its number.
pub fn parse_human_code(text: &str) -> Option<(String, i32)> {
    let (code, number) = text.trim().rsplit_once('-')?;
    let number: i32 = number.parse().ok().filter(|number| *number > 0)?;
    Some((code.to_ascii_uppercase(), number))
}

/// A ticket that is about to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// 1, 2, 3 within its order.
    pub number: i32,
    /// Who comes.
    pub holder_name: String,
    /// What was paid for it.
    pub price: Money,
    /// Its seat.
    pub seat: Option<SeatIndex>,
}

/// One ticket for each place of an order, in the order of its lines; attendees without a name get the buyer's.
pub fn plan(lines: &[OrderLine], attendees: &[String], buyer: &str) -> Vec<Plan> {
    let mut names = attendees.iter();
    let mut number = 0;
    let mut plans = Vec::new();
    for line in lines {
        let mut seats = line.seats.iter().copied();
        for _ in 0..line.quantity {
            number += 1;
            let holder_name = names.next().map_or(buyer, |name| if name.is_empty() { buyer } else { name }).to_owned();
            let seat = seats.next();
            plans.push(Plan { ticket_type: line.ticket_type, number, holder_name, price: line.unit_price, seat });
        }
    }
    plans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tickets_are_read_back() {
        assert_eq!(parse_human_code(" pk8dh2xq-12 "), Some(("PK8DH2XQ".to_owned(), 12)));
        for bad in ["", "PK8DH2XQ", "PK8DH2XQ-0", "PK8DH2XQ--1", "PK8DH2XQ-x", "-"] {
            assert!(parse_human_code(bad).is_none_or(|(code, _)| code.ends_with('-')), "{bad}");
        }
    }
}
