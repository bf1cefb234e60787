//! An order and its states. Pure.

use jiff::Timestamp;
use kernel::{AccountId, Currency, Email, EventId, HoldId, Money, OrderId, PaymentId, PersonName, TicketTypeId};

use crate::hold::model::{Hold, HoldLine, HoldState};
use crate::mutant;
use crate::pool::model::{Change, NotEnough, Stock};
use crate::seat::model::SeatIndex;

/// The characters of order codes: capitals and digits that are not mistaken for one another.
pub const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// The length of an order code.
pub const CODE_CHARACTERS: usize = 8;

/// Whether a text may be the code of an order, so that nobody looks for anything else.
pub fn is_code(text: &str) -> bool {
    text.len() == CODE_CHARACTERS && text.bytes().all(|byte| CODE_ALPHABET.contains(&byte))
}

/// Where an order is in its life. Each state carries what exists only in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderState {
    /// Placed; the provider has not been asked for money yet, or has not answered.
    AwaitingPayment {
        /// Until when the places are kept.
        expires_at: Timestamp,
    },
    /// Paid; its tickets are valid.
    Paid {
        /// When.
        paid_at: Timestamp,
        /// By which payment; none for free orders.
        payment: Option<PaymentId>,
    },
    /// Called off by the organiser or the buyer.
    Cancelled {
        /// When.
        ended_at: Timestamp,
        /// How it had been paid, if it was; what becomes of its money was decided when it was called off.
        paid: Option<Paid>,
    },
    /// Nobody paid in time.
    Expired {
        /// When.
        ended_at: Timestamp,
    },
    /// Paid after the places were gone; the money goes back.
    Unfulfilled {
        /// When.
        ended_at: Timestamp,
    },
}

/// How an order was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// When.
    pub at: Timestamp,
    /// By which payment; none for free orders.
    pub payment: Option<PaymentId>,
}

impl OrderState {
    /// Whether the tickets count for the most that one person may have: the person has them, or is about to pay.
    pub fn is_counted(&self) -> bool {
        matches!(self, Self::Paid { .. } | Self::AwaitingPayment { .. })
    }

    /// The word used in the database and the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AwaitingPayment { .. } => "awaiting_payment",
            Self::Paid { .. } => "paid",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
            Self::Unfulfilled { .. } => "unfulfilled",
        }
    }
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// Their name.
    pub name: PersonName,
    /// Where the tickets go.
    pub email: Email,
    /// Their account, when they are signed in.
    pub account: Option<AccountId>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Which one.
    pub id: OrderId,
    /// Of which event.
    pub event: EventId,
    /// From which hold; none when it was bought in one step.
    pub hold: Option<HoldId>,
    /// What people call it.
    pub code: String,
    /// Where it is in its life.
    pub state: OrderState,
    /// Who buys.
    pub buyer: Buyer,
    /// What it costs.
    pub total: Money,
    /// When it was placed.
    pub created_at: Timestamp,
    /// How often it changed.
    pub version: i64,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// What the type is called.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub unit_price: Money,
    /// The seats, one a ticket; empty when the type sells places without numbers.
    pub seats: Vec<SeatIndex>,
}

impl OrderLine {
    /// What the line costs.
    pub fn amount(&self) -> Money {
        Money { amount: self.unit_price.amount.saturating_mul(i64::from(self.quantity)), ..self.unit_price }
    }
}

/// What becomes of an order when money has come for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The hold's places become tickets.
    Convert,
    /// The hold is gone, but the places are there: they are taken again.
    Retake,
    /// The places are gone, or would be more than one person may have: the money goes back.
    Unfulfil,
    /// The order does not need this money (it is paid, or called off): it goes back.
    GiveBack,
    /// This very payment was counted before.
    Nothing,
}

/// Decides what a succeeded payment does to an order, and does it to the stock. The one rule for early, late, second and repeated payments.
///
/// `hold` is the one the order came from; every order that waits for money has one. `is_within_limits` says whether its buyer may still have
/// the tickets of an order that has ended.
pub fn settle(
    order: &Order,
    hold: Option<&Hold>,
    stock: &mut Stock,
    payment: PaymentId,
    is_within_limits: bool,
) -> Result<Settlement, NotEnough> {
    let Some(hold) = hold else { return Ok(settle_without_hold(order, payment)) };
    match order.state {
        OrderState::Paid { payment: Some(paid_by), .. }
            if paid_by == payment && !mutant::is("own_payment_given_back") =>
        {
            Ok(Settlement::Nothing)
        }
        OrderState::Cancelled { paid: Some(Paid { payment: Some(paid_by), .. }), .. }
            if paid_by == payment && !mutant::is("cancelled_money_given_back") =>
        {
            Ok(Settlement::Nothing)
        }
        OrderState::Paid { .. } if mutant::is("second_payment_kept") => Ok(Settlement::Nothing),
        OrderState::Paid { .. } | OrderState::Cancelled { .. } | OrderState::Unfulfilled { .. } => {
            Ok(Settlement::GiveBack)
        }
        OrderState::AwaitingPayment { .. } if matches!(hold.state, HoldState::Live { .. }) => {
            convert(order.id, hold, stock)?;
            Ok(Settlement::Convert)
        }
        OrderState::Expired { .. } if !is_within_limits => Ok(Settlement::Unfulfil),
        OrderState::AwaitingPayment { .. } | OrderState::Expired { .. } => Ok(retake(order.id, hold, stock)),
    }
}

fn settle_without_hold(order: &Order, payment: PaymentId) -> Settlement {
    match order.state {
        OrderState::Paid { payment: Some(paid_by), .. } if paid_by == payment => Settlement::Nothing,
        _ => Settlement::GiveBack,
    }
}

/// Turns a live hold's places into sold ones.
pub fn convert(order: OrderId, hold: &Hold, stock: &mut Stock) -> Result<(), NotEnough> {
    stock.apply_all(hold.places().into_iter().map(|(pool, quantity)| (pool, Change::convert(quantity, hold.id, order))))
}

/// Takes the places of an ended hold again: all of them or none.
fn retake(order: OrderId, hold: &Hold, stock: &mut Stock) -> Settlement {
    let changes = hold.places().into_iter().map(|(pool, quantity)| (pool, Change::retake(quantity, order)));
    match stock.apply_all(changes) {
        Ok(()) => Settlement::Retake,
        Err(_) if mutant::is("late_money_always_taken") => Settlement::Retake,
        Err(_) => Settlement::Unfulfil,
    }
}

/// The lines of an order placed from a hold.
pub fn lines_of(hold: &[HoldLine]) -> Vec<OrderLine> {
    hold.iter()
        .map(|line| OrderLine {
            ticket_type: line.ticket_type,
            name: line.name.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            seats: line.seats.clone(),
        })
        .collect()
}

/// The currency of an order's lines.
pub fn currency_of(lines: &[HoldLine]) -> Option<Currency> {
    lines.first().map(|line| line.unit_price.currency)
}

#[cfg(test)]
mod tests;
