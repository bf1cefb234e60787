//! Halls with reserved seats, and what is measured in them.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::cases::{CONNECTIONS, Case, HALL_SEATS};
use crate::check::{self, Claim};
use crate::load::seat_name;
use crate::load::spec::{Operation, Show};
use crate::measure::generate;
use crate::stage::{QUANTITY, Raw, Stage, no_refusals};

/// The one category.
pub const CATEGORY: &str = "A";
/// Seats of a row.
const ROW_SEATS: usize = 50;
/// The same, as the number of tickets in an order.
const ROW_SEATS_TAKEN: u32 = 50;
/// Rows of a section.
const SECTION_ROWS: usize = 50;
/// Decimetres from a seat to the next, and from a row to the next.
const SEAT_WIDTH: usize = 5;
const ROW_DEPTH: usize = 9;
/// Orders of two seats that a hall gets: nearly all of its seats, so that none of them is refused.
const ORDERS_A_HALL: u64 = 24_500;
/// Orders a second that a first window is prepared for.
const ORDER_RATE: f64 = 16_000.0;

/// A layout on the server.
#[derive(Debug, Clone)]
pub struct Hall {
    /// Its id.
    pub layout: String,
    /// How many seats it has.
    pub seats: u32,
}

/// Halls and events that later windows use again.
#[derive(Debug, Default)]
pub struct Halls {
    halls: HashMap<u32, Hall>,
    shows: HashMap<u32, Show>,
}

/// The document of a layout with so many seats, in sections of rows.
pub fn document(seats: usize) -> Value {
    let row = |first: usize| {
        let count = ROW_SEATS.min(seats - first);
        let number = first / ROW_SEATS;
        let (depth, label) = (number % SECTION_ROWS * ROW_DEPTH, (number % SECTION_ROWS + 1).to_string());
        let seats: Vec<Value> = (0..count)
            .map(|place| {
                json!({"id": seat_name(first + place), "label": (place + 1).to_string(), "x": place * SEAT_WIDTH, "y": depth})
            })
            .collect();
        json!({"label": label, "category": CATEGORY, "seats": seats})
    };
    let per_section = ROW_SEATS * SECTION_ROWS;
    let section = |(index, first): (usize, usize)| {
        let last = seats.min(first + per_section);
        let rows: Vec<Value> = (first..last).step_by(ROW_SEATS).map(row).collect();
        json!({"key": format!("s{index}"), "name": format!("Section {}", index + 1), "rows": rows})
    };
    let sections: Vec<Value> = (0..seats).step_by(per_section).enumerate().map(section).collect();
    json!({"name": format!("Hall of {seats}"), "categories": [{"key": CATEGORY, "name": "All"}], "sections": sections})
}

impl Stage<'_> {
    async fn hall(&mut self, seats: u32) -> Result<Hall> {
        if let Some(hall) = self.halls.halls.get(&seats) {
            return Ok(hall.clone());
        }
        let hall = self.house.build_hall(&self.main.place.base(), seats).await?;
        self.halls.halls.insert(seats, hall.clone());
        Ok(hall)
    }

    /// An event that nobody buys from for good, the same for every window.
    async fn show_in(&mut self, seats: u32) -> Result<Show> {
        if let Some(show) = self.halls.shows.get(&seats) {
            return Ok(show.clone());
        }
        let hall = self.hall(seats).await?;
        let event = self.house.publish_seated(&self.main.place.base(), &format!("Hall of {seats}"), &hall).await?;
        self.halls.shows.insert(seats, event.show.clone());
        Ok(event.show)
    }

    /// Free orders of two seats, in new halls, one after the other.
    pub async fn seats(&mut self, case: &Case, is_named: bool) -> Result<Raw> {
        let (place, hall) = (self.main.place, self.hall(HALL_SEATS).await?);
        let halls = self.provision(case, ORDER_RATE) / ORDERS_A_HALL + 1;
        let mut shows = Vec::new();
        for number in 0..halls {
            let title = format!("{} {number}", case.id);
            shows.push(self.house.publish_seated(&place.base(), &title, &hall).await?.show);
        }
        let operation = if is_named {
            Operation::NamedSeats { shows: shows.clone(), orders_each: ORDERS_A_HALL }
        } else {
            let (callers_each, in_one_call) = (ORDERS_A_HALL, true);
            Operation::Rush { shows: shows.clone(), callers_each, in_one_call, quantity: QUANTITY }
        };
        let spec = self.spec(place.address, CONNECTIONS, operation);
        let raw = generate(&spec, &self.watched(Some(place.pid))).await?;
        no_refusals(&raw.0)?;
        check::sales(&self.database, &Claim { shows: &shows, orders_before: 0, report: &raw.0 }).await?;
        check::seats(&self.database, &shows).await?;
        Ok(raw)
    }

    /// The best two seats are held and given back, so that the hall is as empty at the end as it was.
    pub async fn hold_best(&mut self, seats: u32) -> Result<Raw> {
        let (place, show) = (self.main.place, self.show_in(seats).await?);
        let operation = Operation::HoldThenRelease { shows: vec![show.clone()], quantity: QUANTITY };
        let spec = self.spec(place.address, CONNECTIONS, operation);
        let raw = generate(&spec, &self.watched(Some(place.pid))).await?;
        no_refusals(&raw.0)?;
        check::seats(&self.database, &[show]).await?;
        Ok(raw)
    }

    /// Which seats are free, two in a hundred being sold.
    pub async fn seat_status(&mut self) -> Result<Raw> {
        let (place, is_new) = (self.main.place, !self.halls.shows.contains_key(&HALL_SEATS));
        let show = self.show_in(HALL_SEATS).await?;
        if is_new {
            // A row at a time.
            for number in 0..20 {
                let buyer = format!("seated{number}@example.org");
                let order = self.house.buy(&place.base(), &show, ROW_SEATS_TAKEN, &buyer).await?;
                let tickets = order.pointer("/tickets").and_then(Value::as_array).context("an order has no tickets")?;
                let has_seats = tickets.iter().all(|ticket| ticket.pointer("/seat").is_some_and(Value::is_object));
                ensure!(has_seats, "tickets of a hall have no seats");
            }
        }
        self.fetch(place, format!("/api/v1/events/{}/seats/status", show.slug), None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hall_has_so_many_seats_in_rows_and_sections() {
        for (seats, sections) in [(1, 1), (60, 1), (2_500, 1), (2_501, 2), (50_000, 20)] {
            let hall = document(seats);
            let all = hall["sections"].as_array().unwrap();
            let rows = all.iter().flat_map(|section| section["rows"].as_array().unwrap());
            let names: Vec<&str> = rows
                .flat_map(|row| row["seats"].as_array().unwrap())
                .map(|seat| seat["id"].as_str().unwrap())
                .collect();
            assert_eq!((all.len(), names.len()), (sections, seats));
            assert_eq!(names, (0..seats).map(seat_name).collect::<Vec<_>>());
        }
    }
}
