//! The seats of a public event as pages list them.

use std::sync::Arc;

use catalog::api::EventFacts;
use kernel::{EventId, OrganisationId};
use platform::{Failure, Never, Platform, Scope, Tx};

use super::hall::{Hall, HallRow};
use super::halls::Halls;
use super::model::{SeatIndex, SeatStatus};
use super::packed::Packed;
use super::store;

/// The seats of an event at one instant.
#[derive(Debug, Clone)]
pub struct SeatPlan {
    /// What never changes about them.
    pub hall: Arc<Hall>,
    /// Where each is in its sale.
    pub statuses: Packed,
}

/// A part of the hall: rows that follow each other under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSection {
    /// What people read.
    pub name: String,
    /// Its rows, as places in the hall's list.
    pub rows: std::ops::Range<usize>,
    /// How many of its seats are free.
    pub free: usize,
}

impl SeatPlan {
    /// The plan of an event; none when it has no numbered seats.
    pub async fn of(platform: &Platform, facts: &EventFacts) -> Result<Option<Self>, Failure<Never>> {
        let (organisation, event) = (facts.organisation, facts.id);
        let wanted = (organisation, event, platform.locals.get());
        platform.db.read(Scope::Tenant(organisation), "show_seat_plan", wanted, read).await
    }

    /// The sections in order.
    pub fn sections(&self) -> Vec<PlanSection> {
        let mut sections: Vec<PlanSection> = Vec::new();
        for (at, row) in self.hall.rows().iter().enumerate() {
            let free = self.seats_of(row).filter(|(_, status)| *status == SeatStatus::Free).count();
            match sections.last_mut().filter(|section| *section.name == *row.section) {
                Some(section) => {
                    section.rows.end = at + 1;
                    section.free += free;
                }
                None => sections.push(PlanSection { name: row.section.to_string(), rows: at..at + 1, free }),
            }
        }
        sections
    }

    /// The seats of a row with their statuses.
    pub fn seats_of(&self, row: &HallRow) -> impl Iterator<Item = (SeatIndex, SeatStatus)> + '_ {
        let first = row.first.at();
        (first..first + row.count)
            .map(SeatIndex::of)
            .map(|seat| (seat, self.statuses.get(seat).unwrap_or(SeatStatus::Blocked)))
    }
}

async fn read(
    tx: &mut Tx,
    (organisation, event, halls): (OrganisationId, EventId, Arc<Halls>),
) -> Result<Option<SeatPlan>, Failure<Never>> {
    let Some(stored) = store::find(tx, organisation, event).await? else { return Ok(None) };
    let hall = store::hall(tx, organisation, &stored, &halls).await?;
    Ok(Some(SeatPlan { statuses: stored.packed()?, hall }))
}
