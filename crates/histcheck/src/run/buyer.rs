//! A client that takes holds and ends them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Clock;
use super::desk::{Desk, Held};
use super::venue::Stall;
use super::workload::Shape;
use crate::history::Operation;

/// One buyer.
pub struct Buyer {
    desk: Desk,
    stalls: Arc<[Stall]>,
    shape: Shape,
    holds: Vec<Held>,
}

impl Buyer {
    /// A buyer without holds.
    pub fn new(desk: Desk, stalls: Arc<[Stall]>, shape: Shape) -> Self {
        Self { desk, stalls, shape, holds: Vec::new() }
    }

    /// Makes one call after the other; answers what it saw.
    pub async fn work(mut self, clock: Arc<Clock>) -> Result<Vec<Operation>> {
        while clock.goes_on(&self.desk.recorded) {
            let shape = self.shape;
            let is_full = self.holds.len() >= shape.holds_max;
            if is_full || (!self.holds.is_empty() && self.desk.dice.percent(shape.end_chance)) {
                self.end_one().await?;
            } else {
                self.begin_one().await?;
            }
        }
        Ok(self.desk.recorded)
    }

    async fn begin_one(&mut self) -> Result<()> {
        let shape = self.shape;
        let dice = &mut self.desk.dice;
        let stall = dice.pick(&self.stalls, self.stalls.len() > 10).context("a venue has ticket types")?.clone();
        let quantity = i32::try_from(1 + dice.below(shape.quantity_max))?;
        if dice.percent(shape.look_chance) {
            return self.desk.look(&stall).await;
        }
        let is_purchase = dice.percent(shape.buy_chance);
        let patience = self.patience();
        if is_purchase {
            return self.desk.buy(&stall, quantity, patience).await;
        }
        self.holds.extend(self.desk.hold(&stall, quantity, patience).await?);
        Ok(())
    }

    async fn end_one(&mut self) -> Result<()> {
        let shape = self.shape;
        let count = u64::try_from(self.holds.len())?;
        let held = self.holds.swap_remove(usize::try_from(self.desk.dice.below(count))?);
        if self.desk.dice.percent(shape.abandon_chance) {
            return Ok(());
        }
        let patience = self.patience();
        if !self.desk.dice.percent(shape.confirm_chance) {
            return self.desk.release(&held, patience).await;
        }
        self.desk.confirm(&held, patience).await?;
        // Whoever hung up asks again, now and then, and is told what came of the first try.
        if patience.is_some() && self.desk.dice.percent(50) {
            self.desk.confirm(&held, None).await?;
        }
        Ok(())
    }

    /// How long the client waits for this answer; none: to the end.
    fn patience(&mut self) -> Option<Duration> {
        let longest = u64::try_from(self.shape.patience.as_micros()).unwrap_or(u64::MAX);
        let is_impatient = self.desk.dice.percent(self.shape.hang_up_chance);
        is_impatient.then(|| Duration::from_micros(self.desk.dice.below(longest)))
    }
}
