//! A layout that keeps its rules, and the way there from a document and back. Pure.

use platform::{FieldError, InvalidFields};

use super::document::{
    CategoryDocument, LayoutDocument, PointDocument, RowDocument, SeatDocument, SectionDocument, StandingDocument,
    TableDocument,
};
use super::read;

/// The most seats one layout may have.
pub const SEATS_A_LAYOUT_MAX: usize = 100_000;
/// The most seats one row or table may have.
pub const SEATS_A_ROW_MAX: usize = 500;
/// The most sections one layout may have.
pub const SECTIONS_A_LAYOUT_MAX: usize = 1_000;
/// The most rows and tables one layout may have.
pub const ROWS_A_LAYOUT_MAX: usize = 20_000;
/// The most price categories one layout may have.
pub const CATEGORIES_A_LAYOUT_MAX: usize = 50;
/// The most standing areas one layout may have.
pub const STANDING_A_LAYOUT_MAX: usize = 50;
/// The most people one standing area takes.
pub const STANDING_PLACES_MAX: i32 = 1_000_000;
/// How far from the origin something may be drawn, in decimetres: ten kilometres.
pub const COORDINATE_DECIMETRES_MAX: i32 = 100_000;
/// The longest name of a layout, a section, an area or a category, in characters.
pub const NAME_CHARACTERS_MAX: usize = 80;
/// The longest label of a row, a table or a seat, in characters.
pub const LABEL_CHARACTERS_MAX: usize = 20;
/// The longest key of a section, an area or a category, in characters.
pub const KEY_CHARACTERS_MAX: usize = 32;
/// The longest id of a seat, in characters.
pub const SEAT_ID_CHARACTERS_MAX: usize = 80;
/// The most corners of one outline.
pub const OUTLINE_POINTS_MAX: usize = 200;
/// So many complaints are told; a document with more is not worth reading on.
pub const COMPLAINTS_MAX: usize = 50;

/// A place on the plan, in decimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Down.
    pub y: i32,
}

/// A layout that keeps its rules: labels and ids are one of a kind, every category exists, every companion has an accessible seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What it is called.
    pub name: String,
    /// Where one sits best, unless a section knows better.
    pub best: Option<Point>,
    /// The price categories.
    pub categories: Vec<Category>,
    /// The sections.
    pub sections: Vec<Section>,
}

/// A price category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// How seats name it.
    pub key: String,
    /// What people read.
    pub name: String,
}

/// A part of the venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its short name.
    pub key: String,
    /// What people read.
    pub name: String,
    /// Where one sits best in it.
    pub best: Option<Point>,
    /// Rows from the front, then tables.
    pub rows: Vec<Row>,
    /// Standing areas.
    pub standing: Vec<Standing>,
}

/// A row of seats, or a table with seats round it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What people read.
    pub label: String,
    /// The middle of the table; none for a row.
    pub table: Option<Point>,
    /// Its seats in order.
    pub seats: Vec<Seat>,
}

/// A seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Its name for programs, one of a kind in the layout.
    pub id: String,
    /// What people read, one of a kind in its row.
    pub label: String,
    /// Its middle.
    pub at: Point,
    /// Its category, as a place in the layout's list.
    pub category: usize,
    /// Whether it is a place for a wheelchair.
    pub is_accessible: bool,
    /// The accessible seat whose companion sits here, as a place in its row.
    pub companion_of: Option<usize>,
    /// Whether an aisle lies between it and the next seat.
    pub has_aisle_after: bool,
}

/// An area where people stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its short name.
    pub key: String,
    /// What people read.
    pub name: String,
    /// Its category, as a place in the layout's list.
    pub category: usize,
    /// How many people it takes.
    pub capacity: i32,
    /// Its corners.
    pub outline: Vec<Point>,
}

impl Layout {
    /// Reads a document; refuses with what is wrong with it and where, as paths of the JSON: `sections.0.rows.2.seats.5.label`.
    pub fn parse(document: &LayoutDocument) -> Result<Self, InvalidFields> {
        read::layout(document).map_err(|complaints: Vec<FieldError>| InvalidFields(complaints))
    }

    /// All seats in their order.
    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.sections.iter().flat_map(|section| &section.rows).flat_map(|row| &row.seats)
    }

    /// How many seats there are.
    pub fn seat_count(&self) -> usize {
        self.sections.iter().flat_map(|section| &section.rows).map(|row| row.seats.len()).sum()
    }

    /// How many people can stand.
    pub fn standing_places(&self) -> i64 {
        self.sections.iter().flat_map(|section| &section.standing).map(|area| i64::from(area.capacity)).sum()
    }

    /// The document that reads as this layout. Every seat carries its id; a row names the category of its first seat.
    pub fn to_document(&self) -> LayoutDocument {
        let categories =
            self.categories.iter().map(|kind| CategoryDocument { key: kind.key.clone(), name: kind.name.clone() });
        LayoutDocument {
            name: self.name.clone(),
            best: self.best.map(point_document),
            categories: categories.collect(),
            sections: self.sections.iter().map(|section| self.section_document(section)).collect(),
        }
    }

    fn category_key(&self, category: usize) -> String {
        self.categories.get(category).map(|kind| kind.key.clone()).unwrap_or_default()
    }

    fn section_document(&self, section: &Section) -> SectionDocument {
        let (mut rows, mut tables) = (Vec::new(), Vec::new());
        for row in &section.rows {
            let usual = row.seats.first().map(|seat| seat.category);
            let category = usual.map(|usual| self.category_key(usual));
            let seats = row.seats.iter().map(|seat| self.seat_document(row, seat, usual)).collect();
            let label = row.label.clone();
            match row.table {
                None => rows.push(RowDocument { label, category, seats }),
                Some(at) => tables.push(TableDocument { label, x: at.x, y: at.y, category, seats }),
            }
        }
        let standing = section.standing.iter().map(|area| StandingDocument {
            key: area.key.clone(),
            name: area.name.clone(),
            category: self.category_key(area.category),
            capacity: area.capacity,
            outline: area.outline.iter().copied().map(point_document).collect(),
        });
        SectionDocument {
            key: section.key.clone(),
            name: section.name.clone(),
            best: section.best.map(point_document),
            rows,
            tables,
            standing: standing.collect(),
        }
    }

    fn seat_document(&self, row: &Row, seat: &Seat, usual: Option<usize>) -> SeatDocument {
        let accessible = seat.companion_of.and_then(|place| row.seats.get(place));
        SeatDocument {
            id: Some(seat.id.clone()),
            label: seat.label.clone(),
            x: seat.at.x,
            y: seat.at.y,
            category: (usual != Some(seat.category)).then(|| self.category_key(seat.category)),
            accessible: seat.is_accessible,
            companion_of: accessible.map(|accessible| accessible.id.clone()),
            aisle_after: seat.has_aisle_after,
        }
    }
}

fn point_document(point: Point) -> PointDocument {
    PointDocument { x: point.x, y: point.y }
}

#[cfg(test)]
mod tests;
