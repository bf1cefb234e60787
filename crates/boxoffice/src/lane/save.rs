//! Writing what a batch decided: one statement for each kind of row, however many commands there were.

use std::collections::BTreeSet;

use kernel::mail::MailRequest;
use kernel::{Money, OrderId, PaymentId};
use payments::api::{NewPayment, RefundWanted};
use platform::jobs::When;
use platform::journal::Entry;
use platform::request::RequestContext;
use platform::{Failure, Fault, Tx};
use serde_json::json;

use super::batch::Attempt;
use super::command::Outcome;
use super::model::{Errand, Fact, KnownOrder, Ledger};
use super::rule;
use crate::hold::model::Hold;
use crate::order::place::Placed;
use crate::{hold, order, pool, seat, ticket};

/// Writes everything but the stock, and completes the outcomes with what only writing tells. Nothing here can meet a row of another batch
/// that does not hold a lock on it already, so that a batch may do it before it has locked the stock.
pub(super) async fn save_rows(
    tx: &mut Tx,
    attempt: &Attempt,
    ledger: &Ledger,
    outcomes: &mut [Outcome],
) -> Result<(), Fault> {
    let organisation = attempt.organisation;
    let written = &ledger.written;
    let new_holds: Vec<&Hold> = written.new_holds.iter().filter_map(|id| ledger.holds.get(id)).collect();
    hold::store::insert_all(tx, organisation, &new_holds).await?;
    let new: BTreeSet<_> = written.new_holds.iter().collect();
    let touched: Vec<&Hold> =
        written.touched_holds.iter().filter(|id| !new.contains(id)).filter_map(|id| ledger.holds.get(id)).collect();
    hold::store::save_states(tx, organisation, &touched).await?;
    let new: BTreeSet<OrderId> = written.new_orders.iter().copied().collect();
    let new_orders: Vec<&KnownOrder> = written.new_orders.iter().filter_map(|id| ledger.orders.get(id)).collect();
    let people: Vec<Option<String>> = new_orders.iter().map(|known| ledger.limited_person(known)).collect();
    order::store::insert_all(tx, organisation, &new_orders, &people).await?;
    let touched: Vec<&KnownOrder> =
        written.touched_orders.difference(&new).filter_map(|id| ledger.orders.get(id)).collect();
    order::store::save_states(tx, organisation, &touched).await?;
    if ledger.seats.is_empty() {
        save_tickets(tx, attempt, ledger).await?;
    }
    record(tx, attempt, ledger, &new).await?;
    let effects: Vec<RequestContext> = attempt
        .commands
        .iter()
        .zip(outcomes.iter())
        .filter(|((_, request), outcome)| rule::is_marked(request.idempotency.is_some(), outcome))
        .map(|((_, request), _)| request.clone())
        .collect();
    tx.mark_effects(&effects).await?;
    for (at, errand) in &written.errands {
        run_errand(tx, attempt, ledger, errand, outcomes.get_mut(*at)).await?;
    }
    Ok(())
}

/// Writes the stock, whose locks the batch has by now, and the tickets of seats: two batches could otherwise wait for each other, one with
/// the ticket of a seat and one with the stock.
pub(super) async fn save_stock(tx: &mut Tx, attempt: &Attempt, ledger: &Ledger) -> Result<(), Fault> {
    let organisation = attempt.organisation;
    pool::store::save(tx, organisation, &ledger.stock).await?;
    let seats = ledger.seats.iter().filter(|(_, seats)| !seats.changes.is_empty());
    let seats: Vec<_> = seats.map(|(event, seats)| (*event, &seats.map, seats.changes.as_slice())).collect();
    seat::store::save(tx, organisation, &seats).await?;
    if ledger.seats.is_empty() { Ok(()) } else { save_tickets(tx, attempt, ledger).await }
}

async fn save_tickets(tx: &mut Tx, attempt: &Attempt, ledger: &Ledger) -> Result<(), Fault> {
    let written = &ledger.written;
    // Cancelled first: another order of the same batch may have the seats already.
    ticket::store::cancel_of_orders(tx, attempt.organisation, &written.cancelled).await?;
    ticket::store::insert_all(tx, attempt.organisation, &written.tickets, &written.cancelled).await
}

async fn record(tx: &mut Tx, attempt: &Attempt, ledger: &Ledger, new: &BTreeSet<OrderId>) -> Result<(), Fault> {
    let organisation = Some(attempt.organisation);
    let time = RequestContext::system(String::new());
    let mut entries: Vec<Entry> = Vec::with_capacity(ledger.written.facts.len());
    for (at, fact) in &ledger.written.facts {
        let request = at.and_then(|at| attempt.commands.get(at)).map_or(&time, |(_, request)| request);
        let (order, entry) = match fact {
            Fact::Placed(event) => (event.order, tx.entry(organisation, event, request)?),
            Fact::Paid(event) => (event.order, tx.entry(organisation, event, request)?),
            Fact::Cancelled(event) => (event.order, tx.entry(organisation, event, request)?),
            Fact::Expired(event) => (event.order, tx.entry(organisation, event, request)?),
            Fact::Unfulfilled(event) => (event.order, tx.entry(organisation, event, request)?),
        };
        entries.push(if new.contains(&order) { entry.first() } else { entry });
    }
    tx.record_all(&entries).await
}

async fn run_errand(
    tx: &mut Tx,
    attempt: &Attempt,
    ledger: &Ledger,
    errand: &Errand,
    outcome: Option<&mut Outcome>,
) -> Result<(), Fault> {
    let organisation = attempt.organisation;
    match errand {
        Errand::BeginPayment { order, amount, description, expires_at } => {
            let new = NewPayment {
                organisation,
                order: *order,
                amount: *amount,
                description: description.clone(),
                expires_at: *expires_at,
            };
            let id = payments::api::create(tx, new).await?;
            if let Some(Outcome::Bought(Ok(confirmed)) | Outcome::Placed(Ok(Placed::Now(confirmed)))) = outcome {
                confirmed.payment = Some(id);
            }
            Ok(())
        }
        Errand::GiveBack { payment, amount, reason } => {
            give_back(tx, attempt, (*payment, *amount), reason).await?;
            Ok(())
        }
        Errand::TellTooLate { order, payment, amount } => {
            let key = format!("payment_too_late:{order}:{payment}");
            tell(
                tx,
                attempt,
                ledger,
                *order,
                Letter { template: "payment_too_late", key, field: "amount", amount: Some(*amount) },
            )
            .await
        }
        Errand::TellCancelled { order, refund } => {
            let amount = match refund {
                Some(refund) => give_back(tx, attempt, *refund, "order cancelled").await?,
                None => None,
            };
            let key = format!("order_cancelled:{order}");
            tell(tx, attempt, ledger, *order, Letter { template: "order_cancelled", key, field: "refund", amount })
                .await
        }
    }
}

/// Asks for a payment to be given back; none when that was asked for before, or nothing came.
async fn give_back(
    tx: &mut Tx,
    attempt: &Attempt,
    (payment, amount): (PaymentId, Money),
    reason: &str,
) -> Result<Option<Money>, Fault> {
    let wanted = RefundWanted { organisation: attempt.organisation, payment, amount, reason: reason.to_owned() };
    match payments::api::request_refund(tx, wanted).await {
        Ok(_) => Ok(Some(amount)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// A letter about an order, with one amount in it.
struct Letter {
    template: &'static str,
    key: String,
    field: &'static str,
    amount: Option<Money>,
}

async fn tell(tx: &mut Tx, attempt: &Attempt, ledger: &Ledger, id: OrderId, letter: Letter) -> Result<(), Fault> {
    let Some(known) = ledger.orders.get(&id) else { return Ok(()) };
    let facts = catalog::api::get_facts(tx, attempt.organisation, known.order.event).await?;
    let mut data = json!({
        "buyer_name": known.order.buyer.name, "event_title": facts.map(|facts| facts.title).unwrap_or_default(),
        "order_code": known.order.code,
    });
    if let Some(fields) = data.as_object_mut() {
        let amount = letter.amount.map(|money| money.to_string()).unwrap_or_default();
        fields.insert(letter.field.to_owned(), json!(amount));
    }
    let mail = MailRequest {
        organisation: Some(attempt.organisation),
        dedupe_key: letter.key,
        template: letter.template.to_owned(),
        to: known.order.buyer.email.clone(),
        data,
        attachments: Vec::new(),
    };
    tx.enqueue(&mail, When::Now).await
}
