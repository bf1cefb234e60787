//! A payment's states, and the one fold that decides them whatever the order in which news comes in.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use kernel::{Money, OrderId, OrganisationId, PaymentId};
use serde::Serialize;

use crate::provider::{OpenedCheckout, ProviderName, ProviderState, Standing};

/// The first time a provider is asked about a payment whose webhook did not come; each pause is twice the one before.
pub const POLL_FIRST_SECONDS: i64 = 60;
/// How long after its checkout closed a payment is still asked about.
pub const POLL_GRACE_SECONDS: i64 = 3_600;

/// Money asked for one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its name, and the key under which providers are asked.
    pub id: PaymentId,
    /// The tenant.
    pub organisation: OrganisationId,
    /// What it pays.
    pub order: OrderId,
    /// How much.
    pub amount: Money,
    /// What the buyer reads on the provider's page.
    pub description: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When the buyer's time to pay ends.
    pub expires_at: Timestamp,
    /// Who was asked; written down before the question is asked, so that a lost answer can be found again.
    pub provider: Option<ProviderName>,
    /// How far it is.
    pub state: PaymentState,
}

/// The provider's page of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The provider's name for it.
    pub reference: String,
    /// The page; unknown when the provider's answer got lost and only its state was found again.
    pub url: Option<String>,
}

/// How far a payment is. A later variant wins over an earlier one, whichever is heard of first: money is money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// No provider is known to have been reached.
    Created,
    /// The buyer can pay.
    Pending(Checkout),
    /// The time to pay is over and nothing was paid.
    Cancelled {
        /// The page, when there was one.
        checkout: Option<Checkout>,
        /// Why.
        reason: CancelReason,
    },
    /// The provider says that it will not get the money, or says something that does not fit.
    Failed {
        /// The page.
        checkout: Checkout,
        /// Why.
        reason: FailureReason,
    },
    /// The provider has the money.
    Succeeded {
        /// The page.
        checkout: Checkout,
        /// When Turnout learned of it.
        at: Timestamp,
    },
}

/// Why a payment was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CancelReason {
    /// Neither the buyer nor the provider was heard of until long after the time to pay.
    NoAnswer,
    /// The provider closed its page unpaid.
    Expired,
}

/// Why a payment failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureReason {
    /// The provider's word: `card_declined`.
    Declined(String),
    /// Another amount than was asked for: a person must look.
    AmountMismatch,
    /// Another currency than was asked for: a person must look.
    CurrencyMismatch,
}

impl CancelReason {
    /// The word in the database and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Expired => "expired",
        }
    }
    /// Reads `as_str`.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::NoAnswer, Self::Expired].into_iter().find(|reason| reason.as_str() == word)
    }
}

impl FailureReason {
    /// The word in the database and in events.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Declined(word) => word,
            Self::AmountMismatch => "amount_mismatch",
            Self::CurrencyMismatch => "currency_mismatch",
        }
    }
    /// Reads `as_str`.
    pub fn from_word(word: String) -> Self {
        [Self::AmountMismatch, Self::CurrencyMismatch]
            .into_iter()
            .find(|reason| reason.as_str() == word)
            .unwrap_or(Self::Declined(word))
    }
    /// Whether a person must look, because the provider's figures are not ours.
    pub fn needs_review(&self) -> bool {
        matches!(self, Self::AmountMismatch | Self::CurrencyMismatch)
    }
}

/// The name of a payment's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStateName {
    /// No provider is known to have been reached.
    Created,
    /// The buyer can pay.
    Pending,
    /// The time to pay is over.
    Cancelled,
    /// The provider will not get the money.
    Failed,
    /// The provider has the money.
    Succeeded,
}

impl PaymentStateName {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Succeeded => "succeeded",
        }
    }
}

impl fmt::Display for PaymentStateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PaymentState {
    /// The state's name.
    pub fn name(&self) -> PaymentStateName {
        match self {
            Self::Created => PaymentStateName::Created,
            Self::Pending(_) => PaymentStateName::Pending,
            Self::Cancelled { .. } => PaymentStateName::Cancelled,
            Self::Failed { .. } => PaymentStateName::Failed,
            Self::Succeeded { .. } => PaymentStateName::Succeeded,
        }
    }

    /// The provider's page, when it is known.
    pub fn checkout(&self) -> Option<&Checkout> {
        match self {
            Self::Created => None,
            Self::Cancelled { checkout, .. } => checkout.as_ref(),
            Self::Pending(checkout) | Self::Failed { checkout, .. } | Self::Succeeded { checkout, .. } => {
                Some(checkout)
            }
        }
    }

    /// Whether anything may still become of it without anybody paying again.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Created | Self::Pending(_))
    }

    /// The later of two states; of two failures, the graver reason; of two successes, the earlier. Commutative and associative.
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed { checkout, reason }, Self::Failed { reason: another, .. }) => {
                Self::Failed { checkout, reason: reason.max(another) }
            }
            (Self::Cancelled { checkout, reason }, Self::Cancelled { checkout: seen, reason: another }) => {
                Self::Cancelled { checkout: checkout.or(seen), reason: reason.max(another) }
            }
            (Self::Succeeded { checkout, at }, Self::Succeeded { at: another, .. }) => {
                Self::Succeeded { checkout, at: at.min(another) }
            }
            (mine, theirs) => {
                if theirs.name() > mine.name() {
                    theirs
                } else {
                    mine
                }
            }
        }
    }
}

/// A payment that cannot be paid any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPayable {
    /// The money is there already.
    #[error("This payment has already succeeded.")]
    Succeeded,
    /// It failed, was given up, or its time is over.
    #[error("The time to pay this is over.")]
    Over,
}

/// What to do so that a buyer can pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Ask this provider for a page.
    Ask(ProviderName),
    /// There is one already.
    IsOpen(String),
}

impl Payment {
    /// Decides how a buyer gets to pay. `default` is whom new payments are taken to; one that was asked before is asked again.
    pub fn opening(&self, default: ProviderName, now: Timestamp) -> Result<Opening, NotPayable> {
        match &self.state {
            PaymentState::Succeeded { .. } => Err(NotPayable::Succeeded),
            PaymentState::Failed { .. } | PaymentState::Cancelled { .. } => Err(NotPayable::Over),
            PaymentState::Created | PaymentState::Pending(_) if now >= self.expires_at => Err(NotPayable::Over),
            PaymentState::Pending(Checkout { url: Some(url), .. }) => Ok(Opening::IsOpen(url.clone())),
            PaymentState::Created | PaymentState::Pending(_) => Ok(Opening::Ask(self.provider.unwrap_or(default))),
        }
    }

    /// Notes the page that the provider opened. News that came faster than the answer keeps its place.
    pub fn opened(self, opened: &OpenedCheckout) -> Self {
        let checkout = Checkout { reference: opened.reference.clone(), url: Some(opened.url.clone()) };
        let state = match self.state {
            PaymentState::Created | PaymentState::Pending(_) => PaymentState::Pending(checkout),
            PaymentState::Cancelled { checkout: None, reason } => {
                PaymentState::Cancelled { checkout: Some(checkout), reason }
            }
            later => later,
        };
        Self { state, expires_at: self.expires_at.max(opened.expires_at), ..self }
    }

    /// Folds what the provider's object says into the payment. The result of several such looks does not depend on their order.
    pub fn fold(self, seen: &ProviderState, now: Timestamp) -> Self {
        let known = self.state.checkout().cloned();
        let checkout = known.unwrap_or_else(|| Checkout { reference: seen.reference.clone(), url: None });
        let state = match (mismatch(self.amount, seen.amount), &seen.standing) {
            (Some(reason), _) => PaymentState::Failed { checkout, reason },
            (None, Standing::Open) => PaymentState::Pending(checkout),
            (None, Standing::Paid) => PaymentState::Succeeded { checkout, at: now },
            (None, Standing::Declined(word)) => {
                PaymentState::Failed { checkout, reason: FailureReason::Declined(word.clone()) }
            }
            (None, Standing::Expired) => {
                PaymentState::Cancelled { checkout: Some(checkout), reason: CancelReason::Expired }
            }
        };
        Self { state: self.state.join(state), ..self }
    }

    /// Gives the payment up when nobody was heard of until long after the time to pay.
    pub fn give_up(self) -> Self {
        let checkout = self.state.checkout().cloned();
        let state = self.state.join(PaymentState::Cancelled { checkout, reason: CancelReason::NoAnswer });
        Self { state, ..self }
    }

    /// When the provider should be asked next: 60 seconds after the beginning, then after pauses that double, the last time an hour after the
    /// time to pay. `None` when that is past.
    pub fn next_poll(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.expires_at + SignedDuration::from_secs(POLL_GRACE_SECONDS);
        if now >= end {
            return None;
        }
        let mut after = POLL_FIRST_SECONDS;
        loop {
            let at = self.created_at + SignedDuration::from_secs(after);
            if at > now {
                return Some(at.min(end));
            }
            after = after.saturating_mul(2);
        }
    }
}

fn mismatch(asked: Money, seen: Money) -> Option<FailureReason> {
    if asked.currency != seen.currency {
        Some(FailureReason::CurrencyMismatch)
    } else if asked.amount != seen.amount {
        Some(FailureReason::AmountMismatch)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
