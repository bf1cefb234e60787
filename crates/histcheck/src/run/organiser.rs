//! The organiser during a run: looks at the pools and changes their capacity, one call at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use kernel::PoolId;

use super::Clock;
use super::desk::Desk;
use super::venue::{Event, Organiser};
use super::workload::Shape;
use crate::history::{Operation, Sight};

/// Pause between two looks when the organiser only keeps the sale going. Milliseconds.
const LOOK_MILLISECONDS: u64 = 60;
/// A pool gets more places when it was sold out in so many looks one after the other.
const SOLD_OUT_LOOKS_MAX: u32 = 3;

/// The organiser at work.
pub struct Steward {
    desk: Desk,
    organiser: Organiser,
    events: Arc<[Event]>,
    shape: Shape,
    sold_out: HashMap<PoolId, u32>,
}

impl Steward {
    /// An organiser who has not looked yet.
    pub fn new(desk: Desk, organiser: Organiser, events: Arc<[Event]>, shape: Shape) -> Self {
        Self { desk, organiser, events, shape, sold_out: HashMap::new() }
    }

    /// Looks and changes until the end; answers what it saw.
    pub async fn work(mut self, clock: Arc<Clock>) -> Result<Vec<Operation>> {
        let pause = self.shape.resize_every.unwrap_or(Duration::from_millis(LOOK_MILLISECONDS));
        let events = Arc::clone(&self.events);
        for event in events.iter().cycle() {
            if !clock.goes_on(&self.desk.recorded) {
                break;
            }
            let sights = self.desk.inspect(&self.organiser, event).await?;
            for sight in sights {
                self.tend(event, &sight).await?;
            }
            tokio::time::sleep(pause).await;
        }
        Ok(self.desk.recorded)
    }

    async fn tend(&mut self, event: &Event, sight: &Sight) -> Result<()> {
        let Some((capacity, held, sold)) = sight.stock else { return Ok(()) };
        let wanted = if self.shape.resize_every.is_some() {
            // Around what is taken: sometimes a little less, which must be refused.
            let offset = i32::try_from(self.desk.dice.below(u64::try_from(self.shape.capacity)?))?;
            (held + sold + offset - 3).max(1)
        } else if self.is_starved(sight.pool, capacity - held - sold) {
            capacity + (self.shape.capacity / 4).max(1)
        } else {
            capacity
        };
        if wanted == capacity {
            return Ok(());
        }
        self.desk.resize(&self.organiser, event, sight.pool, wanted).await
    }

    fn is_starved(&mut self, pool: PoolId, available: i32) -> bool {
        let looks = self.sold_out.entry(pool).or_default();
        *looks = if available <= 0 { *looks + 1 } else { 0 };
        if *looks < SOLD_OUT_LOOKS_MAX {
            return false;
        }
        *looks = 0;
        true
    }
}
