//! Where a batch stands, as the batch that goes ahead of its end has to know it, and what it says it will leave behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use platform::{Platform, Refusal, RefusalKind};
use tokio::sync::watch;

use super::command::Outcome;
use super::foretold::Foretold;
use super::model::Ledger;
use super::queue::LaneId;
use super::{Lanes, drive, limits};

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It does not have the stock yet.
    Coming,
    /// It has the stock locked: whoever wants it waits for the end of its transaction.
    Locked,
    /// What it foretold will not come about.
    Fallen,
    /// Everyone in it has an answer.
    Ended,
}

/// The course of one batch.
pub(super) struct Course {
    platform: Platform,
    lanes: Arc<Lanes>,
    lane: LaneId,
    stage: watch::Sender<Stage>,
    has_foretold: AtomicBool,
}

/// What a batch goes ahead of.
#[derive(Clone)]
pub(super) struct Before {
    pub(super) foretold: Arc<Foretold>,
    stage: watch::Receiver<Stage>,
}

/// The stock was not what was foretold. It never leaves the lanes: the batch is done again in its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The stock was not what was foretold.")]
pub(super) struct Overtaken;

impl Refusal for Overtaken {
    fn code(&self) -> &'static str {
        "overtaken"
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
}

impl Course {
    pub(super) fn new(platform: &Platform, lanes: &Arc<Lanes>, lane: LaneId) -> Self {
        let (platform, lanes) = (platform.clone(), Arc::clone(lanes));
        Self { platform, lanes, lane, stage: watch::Sender::new(Stage::Coming), has_foretold: AtomicBool::new(false) }
    }

    /// Everything is decided: the next batch may go ahead. A batch says so once, however often its transaction is run.
    pub(super) fn foretell(&self, ledger: &Ledger, outcomes: &[Outcome]) {
        if self.has_foretold.swap(true, Ordering::Relaxed) {
            return;
        }
        let Some(foretold) = Foretold::by(ledger, outcomes) else { return };
        let before = Before { foretold: Arc::new(foretold), stage: self.stage.subscribe() };
        self.lanes.queues().open(self.lane, before, limits(&self.platform));
        drive::start(&self.platform, &self.lanes);
    }

    pub(super) fn locked(&self) {
        self.stage.send_replace(Stage::Locked);
    }

    pub(super) fn fell(&self) {
        self.stage.send_replace(Stage::Fallen);
    }

    pub(super) fn ended(&self) {
        self.stage.send_replace(Stage::Ended);
    }
}

impl Before {
    /// Waits until the batch before has the stock locked or has ended, so that the lock is asked for after it.
    pub(super) async fn turn(&mut self) -> Result<(), Overtaken> {
        let stage = self.stage.wait_for(|stage| *stage != Stage::Coming).await;
        if stage.is_ok_and(|stage| *stage == Stage::Fallen) { Err(Overtaken) } else { Ok(()) }
    }

    /// Waits until everyone in the batch before has an answer.
    pub(super) async fn end(&mut self) {
        // Without a sender it has ended too.
        let _ = self.stage.wait_for(|stage| *stage == Stage::Ended).await;
    }
}
