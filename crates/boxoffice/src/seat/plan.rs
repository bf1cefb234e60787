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

/// The most seats that are listed together, unless one row has more.
const LISTED_MAX: usize = 2_000;

/// A part of the hall: rows that follow each other under one name, and no more than one can look through.
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

    /// The sections in order. One that is large is told in parts, each with the labels of its rows.
    pub fn sections(&self) -> Vec<PlanSection> {
        let rows = self.hall.rows();
        let mut sections: Vec<PlanSection> = Vec::new();
        let mut listed = 0;
        for (at, row) in rows.iter().enumerate() {
            let free = self.seats_of(row).filter(|(_, status)| *status == SeatStatus::Free).count();
            let goes_on = listed + row.count <= LISTED_MAX;
            match sections.last_mut().filter(|section| goes_on && *section.name == *row.section) {
                Some(section) => {
                    section.rows.end = at + 1;
                    section.free += free;
                    listed += row.count;
                }
                None => {
                    sections.push(PlanSection { name: row.section.to_string(), rows: at..at + 1, free });
                    listed = row.count;
                }
            }
        }
        let names: Vec<String> = sections.iter().map(|section| section.name.clone()).collect();
        for section in &mut sections {
            let label = |at: usize| rows.get(at).map_or("", |row| &*row.label);
            if names.iter().filter(|name| **name == section.name).count() > 1 {
                let (first, last) = (label(section.rows.start), label(section.rows.end.saturating_sub(1)));
                section.name = format!("{}, {first} to {last}", section.name);
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

#[cfg(test)]
mod tests {
    use catalog::api::Layout;
    use serde_json::{Value, json};

    use super::*;

    /// A hall of sections, each with so many rows of so many seats.
    fn plan(sections: &[(&str, usize, usize)]) -> SeatPlan {
        let section = |(at, (name, rows, seats)): (usize, &(&str, usize, usize))| {
            let row = |label: usize| {
                let seat = |place: usize| json!({"label": place.to_string(), "x": place * 5, "y": label * 9});
                json!({"label": label.to_string(), "category": "A", "seats": (1..=*seats).map(seat).collect::<Vec<Value>>()})
            };
            json!({"key": format!("s{at}"), "name": name, "rows": (1..=*rows).map(row).collect::<Vec<Value>>()})
        };
        let sections: Vec<Value> = sections.iter().enumerate().map(section).collect();
        let document = json!({"name": "Hall", "categories": [{"key": "A", "name": "All"}], "sections": sections});
        let hall = Hall::of(&Layout::parse(&serde_json::from_value(document).unwrap()).unwrap());
        SeatPlan { statuses: Packed::free(hall.len()), hall: Arc::new(hall) }
    }

    #[test]
    fn a_large_section_is_told_in_parts_and_free_seats_are_counted() {
        let mut plan = plan(&[("Stalls", 10, 450), ("Circle", 2, 3)]);
        plan.statuses.set(SeatIndex(0), SeatStatus::Sold);
        plan.statuses.set(SeatIndex(4_501), SeatStatus::Held);
        let found: Vec<_> =
            plan.sections().into_iter().map(|section| (section.name, section.rows, section.free)).collect();
        let wanted = [
            ("Stalls, 1 to 4", 0..4, 1_799),
            ("Stalls, 5 to 8", 4..8, 1_800),
            ("Stalls, 9 to 10", 8..10, 900),
            ("Circle", 10..12, 5),
        ];
        assert_eq!(found, wanted.map(|(name, rows, free)| (name.to_owned(), rows, free)));
    }
}
