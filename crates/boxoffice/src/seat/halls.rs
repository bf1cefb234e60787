//! What a node remembers of seats between batches: halls, which never change, and the map of each event as it was seen last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::api::Layout;
use kernel::EventId;
use platform::Fault;

use super::hall::Hall;
use super::map::SeatMap;
use super::packed::{NotPacked, Packed};
use crate::mutant;

/// How many halls a node remembers; beyond it starts anew.
const HALLS_MAX: usize = 32;
/// How many seats the remembered maps may have together; beyond that all are forgotten.
const SEATS_MAX: usize = 1_000_000;

/// The halls of one node, each named by the hash of the document it was made of, and the maps of its events.
#[derive(Debug, Default)]
pub struct Halls {
    halls: Mutex<HashMap<Vec<u8>, Arc<Hall>>>,
    maps: Mutex<HashMap<EventId, SeatMap>>,
}

impl Halls {
    /// The hall of a hash, if it is remembered.
    pub fn get(&self, hash: &[u8]) -> Option<Arc<Hall>> {
        self.halls.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// Reads a document, which takes some milliseconds for a large hall, and remembers it.
    pub fn read(&self, hash: Vec<u8>, document: &str) -> Result<Arc<Hall>, Fault> {
        let document = serde_json::from_str(document).map_err(Fault::corrupt)?;
        let hall = Arc::new(Hall::of(&Layout::parse(&document).map_err(Fault::corrupt)?));
        let mut halls = self.halls.lock().unwrap_or_else(PoisonError::into_inner);
        if halls.len() >= HALLS_MAX {
            halls.clear();
        }
        halls.insert(hash, Arc::clone(&hall));
        Ok(hall)
    }

    /// The map of an event as it is stored. What is remembered of it only makes this faster: it is compared with what is stored, seat by seat.
    pub fn map(&self, event: EventId, hall: Arc<Hall>, version: i64, statuses: Packed) -> Result<SeatMap, NotPacked> {
        // Taken out, since the batch changes it; the event's next batch on this node comes after.
        match self.maps().remove(&event).filter(|map| Arc::ptr_eq(map.hall(), &hall)) {
            Some(map) if mutant::is("stale_seats_kept") => Ok(map),
            Some(mut map) => {
                map.catch_up(version, &statuses)?;
                Ok(map)
            }
            None => SeatMap::at(hall, version, statuses),
        }
    }

    /// Remembers the map of an event, whether or not what it says is ever committed.
    pub fn keep(&self, event: EventId, map: SeatMap) {
        let mut maps = self.maps();
        if maps.values().map(|map| map.packed().len()).sum::<usize>() + map.packed().len() > SEATS_MAX {
            maps.clear();
        }
        maps.insert(event, map);
    }

    fn maps(&self) -> MutexGuard<'_, HashMap<EventId, SeatMap>> {
        self.maps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
