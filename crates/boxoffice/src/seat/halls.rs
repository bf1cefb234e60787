//! Halls that a node remembers. A hall never changes: it is named by the hash of the document it was made of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::api::Layout;
use platform::Fault;

use super::hall::Hall;

/// How many halls a node remembers; beyond it starts anew.
const HALLS_MAX: usize = 32;

/// The halls of one node.
#[derive(Default)]
pub struct Halls(Mutex<HashMap<Vec<u8>, Arc<Hall>>>);

impl Halls {
    /// The hall of a hash, if it is remembered.
    pub fn get(&self, hash: &[u8]) -> Option<Arc<Hall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// Reads a document, which takes some milliseconds for a large hall, and remembers it.
    pub fn read(&self, hash: Vec<u8>, document: &str) -> Result<Arc<Hall>, Fault> {
        let document = serde_json::from_str(document).map_err(Fault::corrupt)?;
        let hall = Arc::new(Hall::of(&Layout::parse(&document).map_err(Fault::corrupt)?));
        let mut halls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if halls.len() >= HALLS_MAX {
            halls.clear();
        }
        halls.insert(hash, Arc::clone(&hall));
        Ok(hall)
    }
}
