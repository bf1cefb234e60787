//! The seats of an event as one node follows them: one reader of the database for everyone who watches the plan.
//!
//! While somebody watches, the newest version is read once a second and what it changed is handed to all streams at once. Several nodes need
//! nothing more, since each reads for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kernel::{EventId, OrganisationId};
use platform::{Failure, NotFound, Platform, Scope, Tx};
use tokio::sync::watch;

use super::history::SeatHistory;
use super::model::{Delta, SeatIndex, SeatStatus};
use super::packed::Packed;
use super::store;

/// The time between two looks at the database.
const LOOK: Duration = Duration::from_secs(1);
/// So many versions are read at a look; the rest follows with the next.
const VERSIONS_A_LOOK_MAX: i64 = 2_000;
/// So many changed seats are remembered for streams that are taken up again.
const SEATS_REMEMBERED_MAX: usize = 20_000;

/// What a node knows of an event's seats.
#[derive(Debug, Clone)]
pub(super) struct Known {
    statuses: Packed,
    history: SeatHistory,
}

impl Known {
    /// The version.
    pub(super) fn version(&self) -> i64 {
        self.history.version()
    }

    /// The status of every seat.
    pub(super) fn statuses(&self) -> &Packed {
        &self.statuses
    }

    /// What changed after a version; none when that is not remembered.
    pub(super) fn since(&self, version: i64) -> Option<Vec<(SeatIndex, SeatStatus)>> {
        self.history.since(version)
    }

    /// Follows a version; false when it is not the next one.
    fn follow(&mut self, delta: Delta) -> bool {
        let seats = delta.seats.clone();
        let has_followed = self.history.push(delta).is_ok();
        if has_followed {
            seats.into_iter().for_each(|(seat, status)| self.statuses.set(seat, status));
        }
        has_followed
    }
}

type Key = (OrganisationId, EventId);
type Feed = watch::Sender<Arc<Known>>;

/// The events whose seats are watched on this node.
#[derive(Default)]
struct Feeds(Mutex<HashMap<Key, Feed>>);

impl Feeds {
    fn subscribe(&self, key: Key) -> Option<watch::Receiver<Arc<Known>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).map(Feed::subscribe)
    }

    /// Begins to follow an event, unless somebody was faster; tells whether it begins here.
    fn begin(&self, key: Key, known: Known) -> (watch::Receiver<Arc<Known>>, bool) {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = feeds.get(&key) {
            return (feed.subscribe(), false);
        }
        let feed = Feed::new(Arc::new(known));
        let receiver = feed.subscribe();
        feeds.insert(key, feed);
        (receiver, true)
    }

    /// What is known; none, and no feed any more, when nobody watches.
    fn current(&self, key: Key) -> Option<Arc<Known>> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let feed = feeds.get(&key)?;
        if feed.receiver_count() == 0 {
            feeds.remove(&key);
            return None;
        }
        Some(Arc::clone(&feed.borrow()))
    }

    fn tell(&self, key: Key, known: Known) {
        if let Some(feed) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            feed.send_replace(Arc::new(known));
        }
    }

    fn end(&self, key: Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

async fn read(tx: &mut Tx, (organisation, event): Key) -> Result<Known, Failure<NotFound>> {
    let stored = store::find(tx, organisation, event).await?.ok_or(NotFound)?;
    let statuses = stored.packed()?;
    Ok(Known { statuses, history: SeatHistory::from(stored.version, SEATS_REMEMBERED_MAX) })
}

async fn read_news(
    tx: &mut Tx,
    ((organisation, event), known): (Key, Arc<Known>),
) -> Result<Option<Known>, Failure<NotFound>> {
    let version = store::version(tx, organisation, event).await?.ok_or(NotFound)?;
    if version == known.version() {
        return Ok(None);
    }
    let rows = store::changes_since(tx, organisation, event, known.version(), VERSIONS_A_LOOK_MAX).await?;
    let mut next = (*known).clone();
    let has_followed = version > known.version()
        && rows.into_iter().all(|(version, seats, status)| {
            next.follow(Delta { version, seats: seats.into_iter().map(|seat| (seat, status)).collect() })
        });
    // The event was given other seats meanwhile: begin anew.
    Ok(Some(if has_followed { next } else { read(tx, (organisation, event)).await? }))
}

/// Follows the seats of an event from now on.
pub(super) async fn follow(
    platform: &Platform,
    organisation: OrganisationId,
    event: EventId,
) -> Result<watch::Receiver<Arc<Known>>, Failure<NotFound>> {
    let (feeds, key) = (platform.locals.get::<Feeds>(), (organisation, event));
    if let Some(receiver) = feeds.subscribe(key) {
        return Ok(receiver);
    }
    let known = platform.db.read(Scope::Tenant(organisation), "show_seat_status", key, read).await?;
    let (receiver, begins) = feeds.begin(key, known);
    if begins {
        let platform = platform.clone();
        tokio::spawn(async move { keep_up(&platform, &feeds, key).await });
    }
    Ok(receiver)
}

/// Looks once a second until nobody watches any more, or the event has no seats any more.
async fn keep_up(platform: &Platform, feeds: &Feeds, key: Key) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(known) = feeds.current(key) else { return };
        match platform.db.read(Scope::Tenant(key.0), "follow_seats", (key, known), read_news).await {
            Ok(Some(news)) => feeds.tell(key, news),
            Ok(None) => {}
            Err(Failure::Refused(NotFound)) => return feeds.end(key),
            // The database is away for a moment; the streams hear of it again when it is back.
            Err(Failure::Fault(fault)) => tracing::warn!(%fault, "the seats of an event could not be read"),
        }
    }
}
