//! Money has come for an order: early, late, twice, or again.

use kernel::events::PaymentSucceeded;
use kernel::{EventId, Money, OrderId, OrganisationId, PaymentId};
use payments::api::RefundWanted;
use platform::jobs::JobFailure;
use platform::journal::Delivered;
use platform::{Failure, Never, Platform, Refusal, RefusalKind, Scope, Tx};

use super::store;
use crate::lane;

/// A payment that has succeeded.
#[derive(Debug, Clone, Copy)]
pub struct Settle {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event the order is.
    pub event: EventId,
    /// What it pays.
    pub order: OrderId,
    /// Which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
}

/// The order is not there, or its numbers contradict its event's stock: for a person to look at. The job is tried again, and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the order cannot be settled")]
pub struct SettleRefusal;

impl Refusal for SettleRefusal {
    fn code(&self) -> &'static str {
        "cannot_settle"
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
}

/// The journal's word that a payment succeeded, for `module`. The lane of the order's event settles it, once in effect: convert, take again,
/// or give the money back.
pub(crate) async fn on_payment_succeeded(
    platform: Platform,
    delivered: Delivered<PaymentSucceeded>,
) -> Result<(), JobFailure> {
    let Some(organisation) = delivered.organisation else {
        return Err(JobFailure::lasting("a payment without an organisation"));
    };
    let PaymentSucceeded { payment, order, amount } = delivered.event;
    let scope = Scope::Tenant(organisation);
    let found = platform.db.read(scope, "find_order", (organisation, order), find_event).await?;
    match found {
        Some(event) => {
            lane::ask(&platform, Settle { organisation, event, order, payment, amount }).await?;
        }
        None => {
            let reason = "no such order".to_owned();
            let wanted = RefundWanted { organisation, payment, amount, reason };
            platform.db.write(scope, "refund_payment", wanted, give_back).await?;
        }
    }
    Ok(())
}

async fn find_event(
    tx: &mut Tx,
    (organisation, order): (OrganisationId, OrderId),
) -> Result<Option<EventId>, Failure<Never>> {
    Ok(store::find(tx, organisation, order).await?.map(|order| order.event))
}

/// Asks for the whole payment to be given back, unless that was asked for before.
async fn give_back(tx: &mut Tx, wanted: RefundWanted) -> Result<(), Failure<Never>> {
    match payments::api::request_refund(tx, wanted).await {
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(Failure::Fault(fault)) => Err(fault.into()),
    }
}
