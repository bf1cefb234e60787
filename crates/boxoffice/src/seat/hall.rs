//! What never changes about an event's seats: rows, neighbours, categories, how good each seat is. Made of a layout's version. Pure.

use std::collections::HashMap;

use catalog::api::{Layout, LayoutPoint, LayoutRow, LayoutSection};

use super::model::SeatIndex;

/// A hall: its seats in the order of the layout's document.
#[derive(Debug, Clone)]
pub struct Hall {
    seats: Vec<HallSeat>,
    rows: Vec<HallRow>,
    stretches: Vec<Stretch>,
    categories: Vec<HallCategory>,
    by_id: HashMap<Box<str>, SeatIndex>,
}

/// A seat of a hall.
#[derive(Debug, Clone)]
pub struct HallSeat {
    /// Its name for programs.
    pub id: Box<str>,
    /// What people read, within its row.
    pub label: Box<str>,
    /// Its category, as a place in the hall's list.
    pub category: usize,
    /// Its row, as a place in the hall's list.
    pub row: usize,
    /// The stretch it belongs to; none for accessible seats and their companions, which are only given on request.
    pub stretch: Option<usize>,
    /// The square of its distance from where one sits best in its section, in square decimetres.
    pub cost: i64,
    /// Whether it is a place for a wheelchair.
    pub is_accessible: bool,
    /// The accessible seat whose companion sits here.
    pub companion_of: Option<SeatIndex>,
}

/// A row, or a table.
#[derive(Debug, Clone)]
pub struct HallRow {
    /// The name of its section.
    pub section: Box<str>,
    /// What people read.
    pub label: Box<str>,
    /// Whether it is a table.
    pub is_table: bool,
    /// Its first seat; the others follow.
    pub first: SeatIndex,
    /// How many seats it has.
    pub count: usize,
    /// The row behind it in the same section.
    pub behind: Option<usize>,
    /// Its stretches, as places in the hall's list.
    pub stretches: Vec<usize>,
}

/// Neighbours that one party can sit on: seats of one row and one category between aisles, other categories and accessible places; or
/// the ordinary seats of one category at a table.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// In which row.
    pub row: usize,
    /// Of which category.
    pub category: usize,
    /// Whether it is at a table, where everyone sits together.
    pub is_table: bool,
    /// Its seats in order.
    pub seats: Box<[SeatIndex]>,
}

/// A price category.
#[derive(Debug, Clone)]
pub struct HallCategory {
    /// How the layout names it.
    pub key: Box<str>,
    /// What people read.
    pub name: Box<str>,
    /// How many seats it has.
    pub seats: usize,
    /// Its stretches, as places in the hall's list.
    pub stretches: Vec<usize>,
    /// Its accessible seats.
    pub accessible: Vec<SeatIndex>,
}

impl Hall {
    /// The hall of a layout.
    pub fn of(layout: &Layout) -> Self {
        let categories = layout.categories.iter().map(|kind| HallCategory {
            key: kind.key.as_str().into(),
            name: kind.name.as_str().into(),
            seats: 0,
            stretches: Vec::new(),
            accessible: Vec::new(),
        });
        let mut hall = Self {
            seats: Vec::with_capacity(layout.seat_count()),
            rows: Vec::new(),
            stretches: Vec::new(),
            categories: categories.collect(),
            by_id: HashMap::with_capacity(layout.seat_count()),
        };
        for section in &layout.sections {
            let best = best_of(layout, section);
            let first_row = hall.rows.len();
            for row in &section.rows {
                hall.add_row(section, row, best, first_row);
            }
        }
        hall
    }

    /// How many seats there are.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// A seat.
    pub fn seat(&self, seat: SeatIndex) -> Option<&HallSeat> {
        self.seats.get(seat.at())
    }

    /// All seats in order.
    pub fn seats(&self) -> &[HallSeat] {
        &self.seats
    }

    /// Which seat a program means.
    pub fn find(&self, id: &str) -> Option<SeatIndex> {
        self.by_id.get(id).copied()
    }

    /// All rows in order.
    pub fn rows(&self) -> &[HallRow] {
        &self.rows
    }

    /// All categories in order.
    pub fn categories(&self) -> &[HallCategory] {
        &self.categories
    }

    /// A stretch.
    pub fn stretch(&self, at: usize) -> Option<&Stretch> {
        self.stretches.get(at)
    }

    /// What a ticket says: `Stalls left, row C, seat 12`.
    pub fn label(&self, seat: SeatIndex) -> Option<String> {
        let seat = self.seat(seat)?;
        let row = self.rows.get(seat.row)?;
        let kind = if row.is_table { "table" } else { "row" };
        Some(format!("{}, {kind} {}, seat {}", row.section, row.label, seat.label))
    }

    fn add_row(&mut self, section: &LayoutSection, source: &LayoutRow, best: LayoutPoint, first_row: usize) {
        let (at, first) = (self.rows.len(), SeatIndex::of(self.seats.len()));
        let is_table = source.table.is_some();
        if let Some(before) = self.rows.get_mut(first_row..).and_then(<[HallRow]>::last_mut)
            && !before.is_table
            && !is_table
        {
            before.behind = Some(at);
        }
        for seat in &source.seats {
            let index = SeatIndex::of(self.seats.len());
            self.by_id.insert(seat.id.as_str().into(), index);
            if let Some(category) = self.categories.get_mut(seat.category) {
                category.seats += 1;
                category.accessible.extend(seat.is_accessible.then_some(index));
            }
            self.seats.push(HallSeat {
                id: seat.id.as_str().into(),
                label: seat.label.as_str().into(),
                category: seat.category,
                row: at,
                stretch: None,
                cost: distance(seat.at, best),
                is_accessible: seat.is_accessible,
                companion_of: seat.companion_of.map(|place| SeatIndex::of(first.at() + place)),
            });
        }
        let row = HallRow {
            section: section.name.as_str().into(),
            label: source.label.as_str().into(),
            is_table,
            first,
            count: source.seats.len(),
            behind: None,
            stretches: Vec::new(),
        };
        self.rows.push(row);
        for (category, seats) in parties(source, first) {
            self.add_stretch(Stretch { row: at, category, is_table, seats: seats.into() });
        }
    }

    fn add_stretch(&mut self, stretch: Stretch) {
        let at = self.stretches.len();
        for seat in &stretch.seats {
            if let Some(seat) = self.seats.get_mut(seat.at()) {
                seat.stretch = Some(at);
            }
        }
        if let Some(category) = self.categories.get_mut(stretch.category) {
            category.stretches.push(at);
        }
        if let Some(row) = self.rows.get_mut(stretch.row) {
            row.stretches.push(at);
        }
        self.stretches.push(stretch);
    }
}

/// The stretches of a row, each with its category.
fn parties(row: &LayoutRow, first: SeatIndex) -> Vec<(usize, Vec<SeatIndex>)> {
    let mut parties: Vec<(usize, Vec<SeatIndex>)> = Vec::new();
    let mut is_open = false;
    for (at, seat) in row.seats.iter().enumerate() {
        let is_ordinary = !seat.is_accessible && seat.companion_of.is_none();
        let index = SeatIndex::of(first.at() + at);
        if is_ordinary {
            let known = if row.table.is_some() {
                parties.iter_mut().find(|(category, _)| *category == seat.category)
            } else {
                parties.last_mut().filter(|(category, _)| is_open && *category == seat.category)
            };
            match known {
                Some((_, seats)) => seats.push(index),
                None => parties.push((seat.category, vec![index])),
            }
        }
        is_open = is_ordinary && !seat.has_aisle_after;
    }
    parties
}

/// Where one sits best in a section: as it says, as the layout says, or in the middle of its first row.
fn best_of(layout: &Layout, section: &LayoutSection) -> LayoutPoint {
    section
        .best
        .or(layout.best)
        .or_else(|| section.rows.first().and_then(middle_of))
        .unwrap_or(LayoutPoint { x: 0, y: 0 })
}

fn middle_of(row: &LayoutRow) -> Option<LayoutPoint> {
    if row.table.is_some() {
        return row.table;
    }
    let count = i64::try_from(row.seats.len()).ok().filter(|count| *count > 0)?;
    let mean = |pick: fn(LayoutPoint) -> i32| -> Option<i32> {
        let sum: i64 = row.seats.iter().map(|seat| i64::from(pick(seat.at))).sum();
        i32::try_from(sum.div_euclid(count)).ok()
    };
    Some(LayoutPoint { x: mean(|at| at.x)?, y: mean(|at| at.y)? })
}

fn distance(from: LayoutPoint, to: LayoutPoint) -> i64 {
    let (x, y) = (i64::from(from.x) - i64::from(to.x), i64::from(from.y) - i64::from(to.y));
    x * x + y * y
}
