//! Money has come for an order: early, late, twice, or again.

use kernel::events::{OrderPaid, OrderUnfulfilled, PaymentSucceeded};
use kernel::mail::MailRequest;
use kernel::{Money, OrderId, OrganisationId, PaymentId};
use payments::api::RefundWanted;
use platform::jobs::{JobFailure, When};
use platform::journal::Delivered;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde_json::json;

use super::model::{self, Order, OrderState, Settlement};
use super::store;
use crate::hold::store as holds;
use crate::pool;
use crate::ticket::{issue, model as tickets};

/// A payment that has succeeded.
#[derive(Debug, Clone, Copy)]
pub struct Settle {
    /// The tenant.
    pub organisation: OrganisationId,
    /// What it pays.
    pub order: OrderId,
    /// Which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
}

/// The journal's word that a payment succeeded, for `module`.
pub(crate) async fn on_payment_succeeded(
    platform: Platform,
    delivered: Delivered<PaymentSucceeded>,
) -> Result<(), JobFailure> {
    let Some(organisation) = delivered.organisation else {
        return Err(JobFailure::lasting("a payment without an organisation"));
    };
    let PaymentSucceeded { payment, order, amount } = delivered.event;
    let command = Settle { organisation, order, payment, amount };
    platform.db.write(Scope::Tenant(organisation), "settle_order", command, settle).await?;
    Ok(())
}

/// Settles an order with a payment, in one transaction and once in effect: convert, take again, or give the money back.
pub async fn settle(tx: &mut Tx, command: Settle) -> Result<Settlement, Failure<Never>> {
    let Settle { organisation, payment, .. } = command;
    let Some(found) = store::find(tx, organisation, command.order).await? else {
        give_back(tx, command, "no such order").await?;
        return Ok(Settlement::GiveBack);
    };
    let hold =
        holds::lock(tx, organisation, found.hold).await?.ok_or_else(|| Fault::corrupt("an order without its hold"))?;
    let order = store::lock_under_hold(tx, organisation, command.order)
        .await?
        .ok_or_else(|| Fault::corrupt("an order that vanished"))?;
    let pools: Vec<_> = hold.places().into_iter().map(|(pool, _)| pool).collect();
    let mut stock = pool::store::lock(tx, organisation, &pools).await?;
    let settlement = model::settle(&order, &hold, &mut stock, payment).map_err(Fault::corrupt)?;
    match settlement {
        Settlement::Convert | Settlement::Retake => {
            pool::store::save(tx, organisation, &stock).await?;
            if settlement == Settlement::Convert {
                holds::end(tx, organisation, &[hold.id], "converted").await?;
            }
            pay_and_issue(tx, organisation, &order, payment).await?;
        }
        Settlement::Unfulfil => unfulfil(tx, command, &order).await?,
        Settlement::GiveBack => give_back(tx, command, "the order did not need this payment").await?,
        Settlement::Nothing => {}
    }
    Ok(settlement)
}

async fn pay_and_issue(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: &Order,
    payment: PaymentId,
) -> Result<(), Fault> {
    let paid = OrderState::Paid { paid_at: tx.now(), payment: Some(payment) };
    store::save_state(tx, organisation, order.id, &paid).await?;
    let lines = store::lines(tx, organisation, order.id).await?;
    let names = store::attendees(tx, organisation, order.id).await?;
    let plans = tickets::plan(&lines, &names, order.buyer.name.as_str());
    let issued = issue::issue(tx, organisation, order.event, order.id, &plans).await?;
    tx.record(Some(organisation), &OrderPaid { order: order.id, event: order.event, tickets: issued }).await
}

async fn unfulfil(tx: &mut Tx, command: Settle, order: &Order) -> Result<(), Fault> {
    let ended = OrderState::Unfulfilled { ended_at: tx.now() };
    store::save_state(tx, command.organisation, order.id, &ended).await?;
    tx.record(
        Some(command.organisation),
        &OrderUnfulfilled { order: order.id, event: order.event, payment: command.payment },
    )
    .await?;
    give_back(tx, command, "paid after the places were gone").await?;
    let facts = catalog::api::get_facts(tx, command.organisation, order.event).await?;
    let mail = MailRequest {
        organisation: Some(command.organisation),
        dedupe_key: format!("payment_too_late:{}:{}", order.id, command.payment),
        template: "payment_too_late".to_owned(),
        to: order.buyer.email.clone(),
        data: json!({
            "buyer_name": order.buyer.name, "event_title": facts.map(|facts| facts.title).unwrap_or_default(),
            "order_code": order.code, "amount": command.amount.to_string(),
        }),
        attachments: Vec::new(),
    };
    tx.enqueue(&mail, When::Now).await
}

/// Asks for the whole payment to be given back, unless that was asked for before.
async fn give_back(tx: &mut Tx, command: Settle, reason: &str) -> Result<(), Fault> {
    let wanted = RefundWanted {
        organisation: command.organisation,
        payment: command.payment,
        amount: command.amount,
        reason: reason.to_owned(),
    };
    match payments::api::request_refund(tx, wanted).await {
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}
