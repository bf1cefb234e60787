//! The tasks that work lanes off.

use std::sync::Arc;

use kernel::{EventId, OrganisationId};
use platform::{Failure, Fault, Platform, Scope};

use super::batch::{self, Attempt, Done};
use super::command::Outcome;
use super::queue::Batch;
use super::rule::{self, AfterLoss};
use super::{About, Envelope, Lanes, limits, witness};
use crate::order::present::OrderEvent;

/// Puts a command into its lane and sees to it that somebody works on it.
pub(super) fn submit(platform: &Platform, envelope: Envelope) -> Result<(), Fault> {
    let limits = limits(platform);
    let id = envelope.command.event();
    if limits.batch_max == 1 {
        // Batching is off, for comparison: every command is a transaction of its own as soon as it comes, and waits at the row lock.
        let batch = Batch { organisation: id.0, events: vec![id.1], commands: vec![envelope], was_sold_out: false };
        let of = platform.clone();
        platform.db.spawn(async move { work(&of, batch).await });
        return Ok(());
    }
    let lanes = platform.locals.get::<Lanes>();
    let pushed = lanes.queues().push(id, envelope, limits);
    if pushed.is_err() {
        metrics::counter!("turnout_lane_refusals_total").increment(1);
        return Err(Fault::Busy);
    }
    start(platform, &lanes);
    Ok(())
}

/// Starts a task for each batch that can run now.
fn start(platform: &Platform, lanes: &Arc<Lanes>) {
    loop {
        let next = lanes.queues().next(limits(platform));
        let Some(batch) = next else { return };
        let turn = Turn {
            platform: platform.clone(),
            lanes: Arc::clone(lanes),
            organisation: batch.organisation,
            events: batch.events.clone(),
            sold_out: Vec::new(),
        };
        platform.db.spawn(async move {
            let mut turn = turn;
            let sold_out = work(&turn.platform, batch).await;
            turn.sold_out = sold_out;
            drop(turn);
        });
    }
}

/// The turn of some lanes. However it ends, by a panic too, the lanes go on.
struct Turn {
    platform: Platform,
    lanes: Arc<Lanes>,
    organisation: OrganisationId,
    events: Vec<EventId>,
    sold_out: Vec<EventId>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.lanes.queues().done(self.organisation, &self.events, &self.sold_out);
        start(&self.platform, &self.lanes);
    }
}

/// Does a batch and answers everyone in it; tells which events had nothing left for someone.
async fn work(platform: &Platform, batch: Batch<Envelope>) -> Vec<EventId> {
    let Batch { organisation, mut commands, was_sold_out, .. } = batch;
    // Whoever has gone away before their turn wants nothing any more.
    commands.retain(|envelope| !envelope.reply.is_closed());
    metrics::histogram!("turnout_lane_batch_commands").record(count(commands.len()));
    let mut sold_out = Vec::new();
    if was_sold_out {
        commands = refuse(platform, organisation, commands, &mut sold_out).await;
    }
    let batch_max = limits(platform).batch_max;
    while !commands.is_empty() {
        let rest = commands.split_off(batch_max.min(commands.len()));
        do_all(platform, organisation, commands, &mut sold_out).await;
        commands = rest;
    }
    sold_out
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a batch has far fewer than 2^52 commands")]
fn count(commands: usize) -> f64 {
    commands as f64
}

/// Refuses, with one look and no lock, whatever can only take places and finds none; gives back what needs a transaction.
async fn refuse(
    platform: &Platform,
    organisation: OrganisationId,
    commands: Vec<Envelope>,
    sold_out: &mut Vec<EventId>,
) -> Vec<Envelope> {
    let (takers, mut others): (Vec<_>, Vec<_>) =
        commands.into_iter().partition(|envelope| envelope.command.only_takes());
    if takers.is_empty() {
        return others;
    }
    let attempt = attempt(platform, organisation, &takers);
    let looked = platform.db.read(Scope::Tenant(organisation), "look_at_stock", attempt, batch::look).await;
    match looked.map_err(Failure::into_fault) {
        Ok(done) => {
            let about = Arc::clone(&done.about);
            for (envelope, outcome) in takers.into_iter().zip(done.into_outcomes()) {
                if outcome.is_sold_out() {
                    note_sold_out(&envelope, &outcome, sold_out);
                    let _ = envelope.reply.send(Ok((outcome, Arc::clone(&about))));
                } else {
                    others.push(envelope);
                }
            }
            others
        }
        // The transaction that follows meets the same trouble and tells it.
        Err(_) => {
            others.extend(takers);
            others
        }
    }
}

fn attempt(platform: &Platform, organisation: OrganisationId, commands: &[Envelope]) -> Attempt {
    let commands = commands.iter().map(|envelope| (envelope.command.clone(), envelope.request.clone())).collect();
    Attempt::new(organisation, commands, platform.locals.get())
}

fn note_sold_out(envelope: &Envelope, outcome: &Outcome, sold_out: &mut Vec<EventId>) {
    let (_, event) = envelope.command.event();
    if outcome.is_sold_out() && !sold_out.contains(&event) {
        sold_out.push(event);
    }
}

/// Runs commands in one transaction, or, when one of them is poisoned, in halves until it is found.
async fn do_all(
    platform: &Platform,
    organisation: OrganisationId,
    commands: Vec<Envelope>,
    sold_out: &mut Vec<EventId>,
) {
    let mut waiting = vec![commands];
    while let Some(commands) = waiting.pop() {
        match run(platform, organisation, &commands).await {
            Ok(done) => {
                let about = Arc::clone(&done.about);
                for (envelope, outcome) in commands.into_iter().zip(done.into_outcomes()) {
                    note_sold_out(&envelope, &outcome, sold_out);
                    let _ = envelope.reply.send(Ok((outcome, Arc::clone(&about))));
                }
            }
            Err(fault) if commands.len() > 1 && is_someones(&fault) => {
                tracing::warn!(%fault, commands = commands.len(), "a batch failed; it is run in halves to find the command that spoils it");
                waiting.extend(rule::halves(commands).into_iter().rev());
            }
            Err(fault) => {
                let fault = Arc::new(fault);
                for envelope in commands {
                    let _ = envelope.reply.send(Err(Fault::Shared(Arc::clone(&fault))));
                }
            }
        }
    }
}

/// Whether a fault may be the doing of one command, not of the database's condition.
fn is_someones(fault: &Fault) -> bool {
    match fault {
        Fault::Unknown(_) => false,
        Fault::Interrupted(_) => true,
        other => !other.is_unavailable(),
    }
}

/// One transaction; when its commit gets no answer, it is looked up, and run again only if it did not happen.
async fn run(platform: &Platform, organisation: OrganisationId, commands: &[Envelope]) -> Result<Done, Fault> {
    let mut repeats = 0;
    loop {
        let attempt = attempt(platform, organisation, commands);
        let notes = attempt.notes();
        let scope = Scope::Tenant(organisation);
        let fault = match platform.db.write(scope, "lane", attempt, batch::run).await {
            Ok(done) => {
                // What was kept for the case of a lost answer goes first, so that the answers have one owner and are not copied.
                drop(notes.take());
                return Ok(done);
            }
            Err(failure) => failure.into_fault(),
        };
        let Fault::Unknown(_) = fault else { return Err(fault) };
        let Some((mark, done)) = notes.take() else { return Err(fault) };
        metrics::counter!("turnout_lane_unknown_commits_total").increment(1);
        match rule::after_lost_answer(witness::has_committed(platform, organisation, mark).await, repeats) {
            AfterLoss::Answer => return Ok(done),
            AfterLoss::Repeat => repeats += 1,
            AfterLoss::Unknown => return Err(fault),
        }
    }
}

/// What an answer needs besides the outcome.
pub(super) fn about(events: Vec<catalog::api::EventFacts>, key: Option<crate::ticket::key::TicketKey>) -> Arc<About> {
    Arc::new(About { events: events.into_iter().map(|facts| (facts.id, OrderEvent::of(facts))).collect(), key })
}
