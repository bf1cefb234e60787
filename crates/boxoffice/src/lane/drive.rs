//! The tasks that work lanes off.

use std::sync::Arc;

use kernel::{EventId, OrganisationId};
use platform::{Failure, Fault, Platform, Scope};

use super::batch::{self, Attempt, Done};
use super::command::Outcome;
use super::course::{Before, Course};
use super::queue::{Batch, Ended};
use super::rule::{self, AfterLoss};
use super::{About, Envelope, Lanes, limits, witness};
use crate::order::present::OrderEvent;
use crate::ticket::key::TicketKey;

/// Puts a command into its lane and sees to it that somebody works on it.
pub(super) fn submit(platform: &Platform, envelope: Envelope) -> Result<(), Fault> {
    let limits = limits(platform);
    let id = envelope.command.event();
    if limits.batch_max == 1 {
        // Batching is off, for comparison: every command is a transaction of its own as soon as it comes, and waits at the row lock.
        let of = platform.clone();
        platform.db.spawn(async move { Work::new(&of, id.0).do_all(vec![envelope], None, None).await });
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
pub(super) fn start(platform: &Platform, lanes: &Arc<Lanes>) {
    loop {
        let next = lanes.queues().next(limits(platform));
        let Some(batch) = next else { return };
        let alone = match batch.events.as_slice() {
            [event] => Some(Arc::new(Course::new(platform, lanes, (batch.organisation, *event)))),
            _ => None,
        };
        let turn = Turn {
            platform: platform.clone(),
            lanes: Arc::clone(lanes),
            organisation: batch.organisation,
            events: batch.events.clone(),
            course: alone,
            sold_out: Vec::new(),
            was_overtaken: false,
        };
        platform.db.spawn(async move {
            let mut turn = turn;
            let mut work = Work::new(&turn.platform, turn.organisation);
            work.through(batch, turn.course.clone()).await;
            (turn.sold_out, turn.was_overtaken) = (work.sold_out, work.was_overtaken);
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
    course: Option<Arc<Course>>,
    sold_out: Vec<EventId>,
    was_overtaken: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Self { organisation, events, sold_out, was_overtaken, .. } = self;
        let ended = Ended { organisation: *organisation, events, sold_out, was_overtaken: *was_overtaken };
        self.lanes.queues().done(ended, limits(&self.platform));
        if let Some(course) = &self.course {
            course.ended();
        }
        start(&self.platform, &self.lanes);
    }
}

/// The work of one batch.
struct Work<'a> {
    platform: &'a Platform,
    organisation: OrganisationId,
    /// Events that had nothing left for someone.
    sold_out: Vec<EventId>,
    /// Whether it went ahead in vain.
    was_overtaken: bool,
}

impl Work<'_> {
    fn new(platform: &Platform, organisation: OrganisationId) -> Work<'_> {
        Work { platform, organisation, sold_out: Vec::new(), was_overtaken: false }
    }

    /// Does a batch and answers everyone in it.
    async fn through(&mut self, batch: Batch<Envelope, Before>, course: Option<Arc<Course>>) {
        let Batch { mut commands, was_sold_out, ahead_of, .. } = batch;
        // Whoever has gone away before their turn wants nothing any more.
        commands.retain(|envelope| !envelope.reply.is_closed());
        metrics::histogram!("turnout_lane_batch_commands").record(count(commands.len()));
        if was_sold_out {
            commands = self.refuse(commands).await;
        }
        let batch_max = limits(self.platform).batch_max;
        // What a part of a batch leaves behind is not what the batch does.
        let course = course.filter(|_| commands.len() <= batch_max);
        let mut before = ahead_of;
        if before.is_some() {
            metrics::counter!("turnout_lane_ahead_total").increment(1);
        }
        while !commands.is_empty() {
            let rest = commands.split_off(batch_max.min(commands.len()));
            self.do_all(commands, course.clone(), before.take()).await;
            commands = rest;
        }
    }

    /// Refuses, with one look and no lock, whatever can only take places and finds none; gives back what needs a transaction.
    async fn refuse(&mut self, commands: Vec<Envelope>) -> Vec<Envelope> {
        let (takers, mut others): (Vec<_>, Vec<_>) =
            commands.into_iter().partition(|envelope| envelope.command.only_takes());
        if takers.is_empty() {
            return others;
        }
        let (scope, attempt) = (Scope::Tenant(self.organisation), self.attempt(&takers));
        let looked = self.platform.db.read(scope, "look_at_stock", attempt, batch::look).await;
        match looked.map_err(Failure::into_fault) {
            Ok(done) => {
                let about = Arc::clone(&done.about);
                for (envelope, outcome) in takers.into_iter().zip(done.into_outcomes()) {
                    if outcome.is_sold_out() {
                        self.answer(envelope, outcome, &about);
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

    fn answer(&mut self, envelope: Envelope, outcome: Outcome, about: &Arc<About>) {
        let (_, event) = envelope.command.event();
        if outcome.is_sold_out() && !self.sold_out.contains(&event) {
            self.sold_out.push(event);
        }
        let _ = envelope.reply.send(Ok((outcome, Arc::clone(about))));
    }

    fn attempt(&self, commands: &[Envelope]) -> Attempt {
        let commands = commands.iter().map(|envelope| (envelope.command.clone(), envelope.request.clone())).collect();
        Attempt::new(self.organisation, commands, &self.platform.locals)
    }

    /// Runs commands in one transaction, or, when one of them is poisoned, in halves until it is found.
    async fn do_all(&mut self, commands: Vec<Envelope>, mut course: Option<Arc<Course>>, mut before: Option<Before>) {
        let mut waiting = vec![commands];
        while let Some(commands) = waiting.pop() {
            // Only the whole is followed and goes ahead: a half leaves something else behind than was said.
            match self.run(&commands, course.take(), before.take()).await {
                Ok(done) => {
                    let about = Arc::clone(&done.about);
                    for (envelope, outcome) in commands.into_iter().zip(done.into_outcomes()) {
                        self.answer(envelope, outcome, &about);
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

    /// One transaction; when its commit gets no answer, it is looked up, and run again only if it did not happen. One that went ahead in vain
    /// is run again in its turn.
    async fn run(
        &mut self,
        commands: &[Envelope],
        course: Option<Arc<Course>>,
        mut before: Option<Before>,
    ) -> Result<Done, Fault> {
        let mut repeats = 0;
        loop {
            let mut attempt = self.attempt(commands);
            (attempt.course, attempt.before) = (course.clone(), before.clone());
            let notes = attempt.notes();
            let scope = Scope::Tenant(self.organisation);
            let failure = match self.platform.db.write(scope, "lane", attempt, batch::run).await {
                Ok(done) => {
                    // What was kept for the case of a lost answer goes first, so that the answers have one owner and are not copied.
                    drop(notes.take());
                    return Ok(done);
                }
                Err(failure) => failure,
            };
            let fault = match (before.take(), failure) {
                (_, Failure::Fault(fault @ Fault::Unknown(_))) | (None, Failure::Fault(fault)) => fault,
                (Some(mut before), _) => {
                    self.was_overtaken = true;
                    metrics::counter!("turnout_lane_overtaken_total").increment(1);
                    course.iter().for_each(|course| course.fell());
                    before.end().await;
                    continue;
                }
                (None, Failure::Refused(overtaken)) => return Err(Fault::Interrupted(overtaken.to_string())),
            };
            let Fault::Unknown(_) = fault else { return Err(fault) };
            let Some((mark, done)) = notes.take() else { return Err(fault) };
            metrics::counter!("turnout_lane_unknown_commits_total").increment(1);
            let has_committed = witness::has_committed(self.platform, self.organisation, mark).await;
            match rule::after_lost_answer(has_committed, repeats) {
                AfterLoss::Answer => return Ok(done),
                AfterLoss::Repeat => repeats += 1,
                AfterLoss::Unknown => return Err(fault),
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

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a batch has far fewer than 2^52 commands")]
fn count(commands: usize) -> f64 {
    commands as f64
}

/// What an answer needs besides the outcome.
pub(super) fn about(events: Vec<catalog::api::EventFacts>, key: Option<Arc<TicketKey>>) -> Arc<About> {
    Arc::new(About { events: events.into_iter().map(|facts| (facts.id, OrderEvent::of(facts))).collect(), key })
}
