//! The JSON document of a layout, as it is imported and exported. Its schema is told in `docs/guide/seats.md`.

use serde::{Deserialize, Serialize};

/// A place on the plan, in decimetres; x grows to the right, y away from the top of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointDocument {
    /// To the right, in decimetres.
    #[schema(minimum = -100_000, maximum = 100_000)]
    pub x: i32,
    /// Down, in decimetres.
    #[schema(minimum = -100_000, maximum = 100_000)]
    pub y: i32,
}

/// A whole layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutDocument {
    /// What it is called: `Main hall, theatre`.
    pub name: String,
    /// Where one sits best, for sections that name no such place of their own: usually the middle of the stage's edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<PointDocument>,
    /// The price categories.
    pub categories: Vec<CategoryDocument>,
    /// The sections. Seats are numbered in the order of the document: sections, in each its rows, then its tables.
    pub sections: Vec<SectionDocument>,
}

/// A price category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryDocument {
    /// How rows and seats name it: `A`.
    pub key: String,
    /// What people read: `Stalls`.
    pub name: String,
}

/// A part of the venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionDocument {
    /// Its short name, one of a kind in the layout: `L`.
    pub key: String,
    /// What people read: `Stalls left`.
    pub name: String,
    /// Where one sits best in it; else the layout's `best`; else the middle of its first row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<PointDocument>,
    /// Rows, from the front.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowDocument>,
    /// Tables with seats round them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableDocument>,
    /// Areas where people stand and are counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<StandingDocument>,
}

/// A row of seats, from one end to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowDocument {
    /// What people read, one of a kind in its section: `C`.
    pub label: String,
    /// The category of seats that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its seats.
    pub seats: Vec<SeatDocument>,
}

/// A table with seats round it, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableDocument {
    /// What people read, one of a kind in its section: `Table 4`.
    pub label: String,
    /// The middle of the table, in decimetres.
    pub x: i32,
    /// The middle of the table, in decimetres.
    pub y: i32,
    /// The category of seats that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its seats.
    pub seats: Vec<SeatDocument>,
}

/// A seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatDocument {
    /// Its name for programs, one of a kind in the layout; kept when labels change. Left out: section, row and seat, as in `L-C-12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What people read, one of a kind in its row: `12`.
    pub label: String,
    /// The middle of the seat, in decimetres.
    pub x: i32,
    /// The middle of the seat, in decimetres.
    pub y: i32,
    /// Its category, when it is not the row's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether it is a place for a wheelchair.
    #[serde(default, skip_serializing_if = "is_false")]
    pub accessible: bool,
    /// The id of the accessible seat of the same row or table whose companion sits here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub companion_of: Option<String>,
    /// Whether an aisle lies between it and the next seat of the row.
    #[serde(default, skip_serializing_if = "is_false")]
    pub aisle_after: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// An area where people stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingDocument {
    /// Its short name, one of a kind in the layout: `PIT`.
    pub key: String,
    /// What people read: `Front of stage`.
    pub name: String,
    /// Its category.
    pub category: String,
    /// How many people it takes.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub capacity: i32,
    /// Its outline, corner by corner; may be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<PointDocument>,
}
