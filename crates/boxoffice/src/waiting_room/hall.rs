//! The hall of a waiting room on one node: the line in memory, a pulse each second that all streams hang on, who is present, who joins.
//!
//! Nothing is asked of the database for one person. The line is brought up to date once a second by what changed; people who join are
//! written together, and so is the presence of those who are connected.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use kernel::{EventId, OrganisationId, WaitingEntryId};
use platform::{Failure, Fault, Never, NotFound, Platform, Scope, Tx};
use tokio::sync::watch;

use super::join::JoinLane;
use super::model::line::Line;
use super::model::{EntryState, Room};
use super::rooms;
use super::store::{self, entries};

/// The time between two pulses.
const PULSE: Duration = Duration::from_secs(1);
/// Presence is written every so many pulses: well within the minute after which people count as gone.
const PRESENCE_PULSES: u64 = 15;
/// How many people's presence one transaction writes.
const PRESENCE_A_WRITE_MAX: usize = 5000;
/// A hall that nobody used for so many pulses is closed.
const IDLE_PULSES_MAX: u64 = 120;
/// How many streams one person may have open: a few tabs.
const STREAMS_AN_ENTRY_MAX: u32 = 3;

/// The hall of one room.
pub struct Hall {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The event.
    pub event: EventId,
    memory: RwLock<Memory>,
    pulse: watch::Sender<u64>,
    used_at_pulse: AtomicU64,
    is_refreshing: AtomicBool,
    presence: Mutex<Presence>,
    joins: JoinLane,
}

/// What the hall knows.
pub struct Memory {
    /// The room as of the last look.
    pub room: Room,
    /// The line as of the same.
    pub line: Line,
}

#[derive(Default)]
struct Presence {
    streams: HashMap<WaitingEntryId, u32>,
    /// Seen since presence was last written.
    seen: HashSet<WaitingEntryId>,
}

/// What changed, read in one transaction.
type Change = (Room, Vec<(WaitingEntryId, EntryState)>, i64);

async fn read_changes(
    tx: &mut Tx,
    (organisation, event, revision): (OrganisationId, EventId, i64),
) -> Result<Change, Failure<NotFound>> {
    let room = store::find(tx, organisation, event).await?.ok_or(NotFound)?;
    if room.revision == revision {
        return Ok((room, Vec::new(), revision));
    }
    let (changes, revision) = entries::changes(tx, &room, revision).await?;
    Ok((room, changes, revision))
}

impl Hall {
    /// Opens the hall of a room and starts its pulse.
    pub(super) async fn open(
        platform: &Platform,
        organisation: OrganisationId,
        event: EventId,
    ) -> Result<Arc<Self>, Failure<NotFound>> {
        let scope = Scope::Tenant(organisation);
        let (room, changes, revision) =
            platform.db.read(scope, "open_waiting_hall", (organisation, event, 0), read_changes).await?;
        let mut line = Line::default();
        line.apply(changes, revision);
        let hall = Arc::new(Self {
            organisation,
            event,
            memory: RwLock::new(Memory { room, line }),
            pulse: watch::Sender::new(0),
            used_at_pulse: AtomicU64::new(0),
            is_refreshing: AtomicBool::new(false),
            presence: Mutex::default(),
            joins: JoinLane::open(platform, organisation, event),
        });
        tokio::spawn(Arc::clone(&hall).beat(platform.clone()));
        Ok(hall)
    }

    /// What the hall knows just now. Held for a moment only.
    pub fn memory(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lane that people join by.
    pub(super) fn joins(&self) -> &JoinLane {
        &self.joins
    }

    /// The pulse, for streams.
    pub(super) fn pulse(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    /// Notes that somebody came.
    pub(super) fn is_used(&self) {
        self.used_at_pulse.store(*self.pulse.borrow(), Ordering::Relaxed);
    }

    /// Brings the hall up to date at once: after a change made here, and in tests.
    pub async fn refresh(&self, platform: &Platform) -> Result<(), Failure<NotFound>> {
        let revision = self.memory().line.revision();
        let scope = Scope::Tenant(self.organisation);
        let command = (self.organisation, self.event, revision);
        let (room, changes, revision) = platform.db.read(scope, "refresh_waiting_hall", command, read_changes).await?;
        let is_new = self.memory().room.seed_hash != room.seed_hash;
        if is_new {
            // The room was armed anew: everyone of before is gone.
            let command = (self.organisation, self.event, 0);
            let (room, changes, revision) =
                platform.db.read(scope, "refresh_waiting_hall", command, read_changes).await?;
            let mut line = Line::default();
            line.apply(changes, revision);
            *self.memory.write().unwrap_or_else(PoisonError::into_inner) = Memory { room, line };
            return Ok(());
        }
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        // Two looks at once may come back in the wrong order; the line only goes forward.
        if room.fence >= memory.room.fence && revision >= memory.line.revision() {
            memory.room = room;
            memory.line.apply(changes, revision);
        }
        Ok(())
    }

    /// Someone asked for their place.
    pub(super) fn see(&self, entry: WaitingEntryId) {
        self.is_used();
        self.presence.lock().unwrap_or_else(PoisonError::into_inner).seen.insert(entry);
    }

    /// A seat for a stream; `None` when the person has enough of them. The seat is given up when it is dropped.
    pub(super) fn sit(self: &Arc<Self>, entry: WaitingEntryId) -> Option<Seat> {
        let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        let streams = presence.streams.entry(entry).or_default();
        if *streams >= STREAMS_AN_ENTRY_MAX {
            return None;
        }
        *streams += 1;
        presence.seen.insert(entry);
        Some(Seat { hall: Arc::clone(self), entry })
    }

    /// How many streams are open.
    pub fn streams(&self) -> usize {
        self.pulse.receiver_count()
    }

    /// Beats until nobody has used the hall for a while, or the database is closed. A look at the database that hangs does not stop it.
    async fn beat(self: Arc<Self>, platform: Platform) {
        loop {
            tokio::time::sleep(PULSE).await;
            if platform.db.owner_pool().is_closed() {
                return;
            }
            if !self.is_refreshing.swap(true, Ordering::AcqRel) {
                let (hall, platform) = (Arc::clone(&self), platform.clone());
                tokio::spawn(async move {
                    if let Err(failure) = hall.look(&platform).await {
                        tracing::warn!(%failure, event = %hall.event, "the line of a waiting room could not be looked at; it is tried again");
                    }
                    hall.is_refreshing.store(false, Ordering::Release);
                });
            }
            self.pulse.send_modify(|pulse| *pulse += 1);
            let pulse = *self.pulse.borrow();
            if self.streams() > 0 {
                self.is_used();
            } else if pulse.saturating_sub(self.used_at_pulse.load(Ordering::Relaxed)) > IDLE_PULSES_MAX {
                rooms::of(&platform).close_hall(self.event);
                return;
            }
        }
    }

    async fn look(&self, platform: &Platform) -> Result<(), Failure<NotFound>> {
        if self.pulse.borrow().is_multiple_of(PRESENCE_PULSES) {
            self.write_presence(platform).await.map_err(Failure::Fault)?;
        }
        self.refresh(platform).await
    }

    /// Writes down who is there. What could not be written is kept for the next time.
    pub async fn write_presence(&self, platform: &Platform) -> Result<(), Fault> {
        let present: Vec<WaitingEntryId> = {
            let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
            let seen = std::mem::take(&mut presence.seen);
            presence.streams.keys().copied().chain(seen).collect::<HashSet<_>>().into_iter().collect()
        };
        let mut rest = present.as_slice();
        while !rest.is_empty() {
            let (some, others) = rest.split_at(PRESENCE_A_WRITE_MAX.min(rest.len()));
            let command = (self.organisation, self.event, some.to_vec());
            let scope = Scope::Tenant(self.organisation);
            let written = platform.db.write(scope, "write_waiting_presence", command, see).await;
            if let Err(failure) = written {
                self.presence.lock().unwrap_or_else(PoisonError::into_inner).seen.extend(rest);
                return Err(failure.into_fault());
            }
            rest = others;
        }
        Ok(())
    }
}

async fn see(
    tx: &mut Tx,
    (organisation, event, present): (OrganisationId, EventId, Vec<WaitingEntryId>),
) -> Result<(), Failure<Never>> {
    if let Some(room) = store::lock(tx, organisation, event).await? {
        entries::see(tx, &room, &present).await?;
    }
    Ok(())
}

/// A stream's place in the hall.
pub struct Seat {
    hall: Arc<Hall>,
    /// Whose it is.
    pub entry: WaitingEntryId,
}

impl Seat {
    /// The hall.
    pub fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }
}

/// Whoever hangs up was there until now.
impl Drop for Seat {
    fn drop(&mut self) {
        let mut presence = self.hall.presence.lock().unwrap_or_else(PoisonError::into_inner);
        presence.seen.insert(self.entry);
        if let Some(streams) = presence.streams.get_mut(&self.entry) {
            *streams -= 1;
            if *streams == 0 {
                presence.streams.remove(&self.entry);
            }
        }
    }
}
