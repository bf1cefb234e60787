//! A refund's states and what may follow what.

use std::fmt;

use jiff::Timestamp;
use kernel::{Money, OrganisationId, PaymentId, RefundId};
use serde::Serialize;

use crate::provider::RefundOutcome;

/// Money on its way back to a buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its name, and the key under which the provider is told.
    pub id: RefundId,
    /// The tenant.
    pub organisation: OrganisationId,
    /// The payment it is taken from.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// Why, for people: `The event was cancelled.`
    pub reason: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How far it is.
    pub state: RefundState,
}

/// How far a refund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundState {
    /// The provider has not been told.
    Requested,
    /// The provider is being told, or has it in hand.
    Sent {
        /// The provider's name for it, once it answered.
        reference: Option<String>,
    },
    /// The money went back.
    Succeeded {
        /// The provider's name for it.
        reference: String,
        /// When Turnout learned of it.
        at: Timestamp,
    },
    /// The provider cannot give it back; a person must look.
    Failed {
        /// The provider's word for why.
        reason: String,
        /// When Turnout learned of it.
        at: Timestamp,
    },
}

/// The name of a refund's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundStateName {
    /// The provider has not been told.
    Requested,
    /// The provider is being told, or has it in hand.
    Sent,
    /// The money went back.
    Succeeded,
    /// The provider cannot give it back.
    Failed,
}

impl RefundStateName {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for RefundStateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl RefundState {
    /// The state's name.
    pub fn name(&self) -> RefundStateName {
        match self {
            Self::Requested => RefundStateName::Requested,
            Self::Sent { .. } => RefundStateName::Sent,
            Self::Succeeded { .. } => RefundStateName::Succeeded,
            Self::Failed { .. } => RefundStateName::Failed,
        }
    }
}

/// A refund whose fate is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the refund is over")]
pub struct IsOver;

impl Refund {
    /// Notes, before it happens, that the provider is told. Saying it twice is fine: a job may run again.
    pub fn send(self) -> Result<Self, IsOver> {
        let state = match self.state {
            RefundState::Requested => RefundState::Sent { reference: None },
            RefundState::Sent { reference } => RefundState::Sent { reference },
            RefundState::Succeeded { .. } | RefundState::Failed { .. } => return Err(IsOver),
        };
        Ok(Self { state, ..self })
    }

    /// Notes what the provider said. What is over stays as it ended.
    pub fn settle(self, outcome: RefundOutcome, now: Timestamp) -> Result<Self, IsOver> {
        match self.state {
            RefundState::Succeeded { .. } | RefundState::Failed { .. } => return Err(IsOver),
            RefundState::Requested | RefundState::Sent { .. } => {}
        }
        let state = match outcome {
            RefundOutcome::Pending { reference } => RefundState::Sent { reference: Some(reference) },
            RefundOutcome::Succeeded { reference } => RefundState::Succeeded { reference, at: now },
            RefundOutcome::Failed { reason } => RefundState::Failed { reason, at: now },
        };
        Ok(Self { state, ..self })
    }
}

/// What is left of a payment after refunds that have not failed; never below nothing.
pub fn refundable(paid: Money, not_failed: i64) -> Money {
    Money::new(paid.amount.saturating_sub(not_failed).max(0), paid.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Currency;
    use uuid::Uuid;

    fn refund() -> Refund {
        Refund {
            id: RefundId::from(Uuid::from_u128(1)),
            organisation: OrganisationId::from(Uuid::from_u128(2)),
            payment: PaymentId::from(Uuid::from_u128(3)),
            amount: Money::new(500, Currency::parse("EUR").unwrap()),
            reason: "The event was cancelled.".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            state: RefundState::Requested,
        }
    }

    #[test]
    fn a_refund_is_sent_as_often_as_needed_and_settled_once() {
        let now = Timestamp::UNIX_EPOCH;
        let sent = refund().send().unwrap();
        assert_eq!(sent.state, RefundState::Sent { reference: None });
        let pending = sent.settle(RefundOutcome::Pending { reference: "r".to_owned() }, now).unwrap();
        assert_eq!(pending.clone().send(), Ok(pending.clone()), "the provider's name for it is kept");
        let done = pending.settle(RefundOutcome::Succeeded { reference: "r".to_owned() }, now).unwrap();
        assert_eq!(done.state, RefundState::Succeeded { reference: "r".to_owned(), at: now });
        assert_eq!(done.clone().send(), Err(IsOver));
        assert_eq!(done.settle(RefundOutcome::Failed { reason: "late".to_owned() }, now), Err(IsOver));
    }

    #[test]
    fn what_is_left_is_never_below_nothing() {
        let paid = Money::new(500, Currency::parse("EUR").unwrap());
        assert_eq!(refundable(paid, 200).amount, 300);
        assert_eq!(refundable(paid, 500).amount, 0);
        assert_eq!(refundable(paid, 700).amount, 0);
    }
}
