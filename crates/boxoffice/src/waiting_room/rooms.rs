//! What one node remembers of waiting rooms: which events have one, and the halls that people of this node wait in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use kernel::{EventId, OrganisationId, Slug};
use platform::{Failure, Fault, Never, NotFound, Platform, Scope, Tx};
use tokio::time::Instant;

use super::hall::Hall;
use super::store::{self, ActiveRoom};
use crate::event::address;

/// How long a node believes its list of rooms without asking.
const FRESH: Duration = Duration::from_secs(1);
/// How long it goes on using the list while somebody asks for a new one.
const STALE: Duration = Duration::from_secs(3);

/// The rooms of one node. Nothing here is truth; a node that forgets everything asks again.
#[derive(Default)]
pub struct Rooms {
    active: RwLock<Option<Read>>,
    /// One asks, the others wait.
    asking: tokio::sync::Mutex<()>,
    halls: Mutex<HashMap<EventId, Arc<Hall>>>,
}

type Active = Arc<HashMap<EventId, ActiveRoom>>;

#[derive(Clone)]
struct Read {
    at: Instant,
    rooms: Active,
}

/// The rooms of this node.
pub fn of(platform: &Platform) -> Arc<Rooms> {
    platform.locals.get::<Rooms>()
}

async fn read_active(tx: &mut Tx, (): ()) -> Result<Vec<ActiveRoom>, Failure<Never>> {
    Ok(store::active(tx).await?)
}

impl Rooms {
    /// Every room that is not closed, at most three seconds old. One query a second and node, however many ask.
    pub async fn active(self: &Arc<Self>, platform: &Platform) -> Result<Active, Fault> {
        let known = self.known();
        match &known {
            Some(read) if read.at.elapsed() < FRESH => return Ok(Arc::clone(&read.rooms)),
            Some(read) if read.at.elapsed() < STALE => {
                if let Ok(asking) = self.asking.try_lock() {
                    drop(asking);
                    let (rooms, platform) = (Arc::clone(self), platform.clone());
                    tokio::spawn(async move {
                        if let Err(fault) = rooms.ask(&platform).await {
                            tracing::warn!(%fault, "the list of waiting rooms could not be renewed");
                        }
                    });
                }
                return Ok(Arc::clone(&read.rooms));
            }
            _ => {}
        }
        self.ask(platform).await
    }

    /// The room of an event, if one stands before its sale.
    pub async fn find(self: &Arc<Self>, platform: &Platform, event: EventId) -> Result<Option<ActiveRoom>, Fault> {
        Ok(self.active(platform).await?.get(&event).copied())
    }

    /// Makes the node ask again: something was changed here.
    pub fn forget(&self) {
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn known(&self) -> Option<Read> {
        self.active.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(self: &Arc<Self>, platform: &Platform) -> Result<Active, Fault> {
        let asking = self.asking.lock().await;
        if let Some(read) = self.known().filter(|read| read.at.elapsed() < FRESH) {
            return Ok(read.rooms);
        }
        let at = Instant::now();
        let rooms = platform
            .db
            .read(Scope::System, "list_waiting_rooms", (), read_active)
            .await
            .map_err(Failure::into_fault)?;
        let rooms: Active = Arc::new(rooms.into_iter().map(|room| (room.event, room)).collect());
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = Some(Read { at, rooms: Arc::clone(&rooms) });
        drop(asking);
        Ok(rooms)
    }

    /// The hall of a public event with a waiting room, by the event's name in addresses.
    pub async fn hall_by_slug(
        self: &Arc<Self>,
        platform: &Platform,
        slug: &str,
    ) -> Result<Arc<Hall>, Failure<NotFound>> {
        let slug = Slug::parse(slug).map_err(|_| NotFound)?;
        let (organisation, event) = address::find(platform, &slug).await?.ok_or(NotFound)?;
        self.hall(platform, organisation, event).await
    }

    /// The hall of an event that has a waiting room.
    pub async fn hall(
        self: &Arc<Self>,
        platform: &Platform,
        organisation: OrganisationId,
        event: EventId,
    ) -> Result<Arc<Hall>, Failure<NotFound>> {
        if let Some(hall) = self.open_hall(event) {
            return Ok(hall);
        }
        let asking = self.asking.lock().await;
        if let Some(hall) = self.open_hall(event) {
            return Ok(hall);
        }
        let hall = Hall::open(platform, organisation, event).await?;
        self.halls.lock().unwrap_or_else(PoisonError::into_inner).insert(event, Arc::clone(&hall));
        drop(asking);
        Ok(hall)
    }

    fn open_hall(&self, event: EventId) -> Option<Arc<Hall>> {
        let hall = self.halls.lock().unwrap_or_else(PoisonError::into_inner).get(&event).cloned()?;
        hall.is_used();
        Some(hall)
    }

    /// Takes a hall that nobody uses out of memory.
    pub(super) fn close_hall(&self, event: EventId) {
        self.halls.lock().unwrap_or_else(PoisonError::into_inner).remove(&event);
    }
}
