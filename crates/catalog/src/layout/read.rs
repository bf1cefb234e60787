//! Reads a document into a layout, with a complaint for everything that breaks a rule. Pure.

use std::collections::{HashMap, HashSet};

use platform::FieldError;

use super::document::{
    CategoryDocument, LayoutDocument, PointDocument, SeatDocument, SectionDocument, StandingDocument,
};
use super::model::{
    CATEGORIES_A_LAYOUT_MAX, COMPLAINTS_MAX, COORDINATE_DECIMETRES_MAX, Category, KEY_CHARACTERS_MAX,
    LABEL_CHARACTERS_MAX, Layout, NAME_CHARACTERS_MAX, OUTLINE_POINTS_MAX, Point, ROWS_A_LAYOUT_MAX, Row,
    SEAT_ID_CHARACTERS_MAX, SEATS_A_LAYOUT_MAX, SEATS_A_ROW_MAX, SECTIONS_A_LAYOUT_MAX, STANDING_A_LAYOUT_MAX,
    STANDING_PLACES_MAX, Seat, Section, Standing,
};

/// The layout of a document, or what is wrong with it.
pub(super) fn layout(document: &LayoutDocument) -> Result<Layout, Vec<FieldError>> {
    let mut reader = Reader::default();
    reader.sizes(document);
    if !reader.complaints.is_empty() {
        return Err(reader.complaints);
    }
    let name = reader.text("name", &document.name, NAME_CHARACTERS_MAX);
    let best = document.best.map(|best| reader.point("best", best));
    let categories = reader.categories(&document.categories);
    let sections: Vec<Section> =
        document.sections.iter().enumerate().map(|(at, section)| reader.section(at, section)).collect();
    if reader.complaints.is_empty() { Ok(Layout { name, best, categories, sections }) } else { Err(reader.complaints) }
}

/// What has been seen so far.
#[derive(Default)]
struct Reader {
    complaints: Vec<FieldError>,
    categories: HashMap<String, usize>,
    keys: HashSet<String>,
    ids: HashSet<String>,
}

/// A row or a table, alike.
struct RowSource<'a> {
    path: String,
    label: &'a str,
    category: Option<&'a str>,
    table: Option<PointDocument>,
    seats: &'a [SeatDocument],
}

impl Reader {
    fn complain(&mut self, path: impl Into<String>, code: &str, message: impl Into<String>) {
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(FieldError::new(path, code, message));
        }
    }

    /// Counts first: what is too large is not read at all.
    fn sizes(&mut self, document: &LayoutDocument) {
        let rows: usize = document.sections.iter().map(|section| section.rows.len() + section.tables.len()).sum();
        let in_rows = document.sections.iter().flat_map(|section| &section.rows).map(|row| row.seats.len());
        let at_tables = document.sections.iter().flat_map(|section| &section.tables).map(|table| table.seats.len());
        let seats: usize = in_rows.chain(at_tables).sum();
        let standing: usize = document.sections.iter().map(|section| section.standing.len()).sum();
        let limits = [
            ("categories", "price categories", document.categories.len(), CATEGORIES_A_LAYOUT_MAX),
            ("sections", "sections", document.sections.len(), SECTIONS_A_LAYOUT_MAX),
            ("sections", "rows and tables", rows, ROWS_A_LAYOUT_MAX),
            ("sections", "seats", seats, SEATS_A_LAYOUT_MAX),
            ("sections", "standing areas", standing, STANDING_A_LAYOUT_MAX),
        ];
        for (path, what, count, most) in limits {
            if count > most {
                self.complain(path, "too_many", format!("A layout can have {most} {what}; this has {count}."));
            }
        }
        if seats + standing == 0 {
            self.complain("sections", "empty", "A layout needs at least one seat or one standing area.");
        }
    }

    /// A text on one line, without blanks around it.
    fn text(&mut self, path: &str, text: &str, characters_max: usize) -> String {
        let is_good = !text.is_empty()
            && text.trim() == text
            && text.chars().count() <= characters_max
            && !text.chars().any(char::is_control);
        if !is_good {
            let rule = format!("Use 1 to {characters_max} characters on one line, without blanks around them.");
            self.complain(path, "length", rule);
        }
        text.to_owned()
    }

    /// A name for programs.
    fn key(&mut self, path: &str, text: &str, characters_max: usize) -> String {
        let is_good = !text.is_empty()
            && text.chars().count() <= characters_max
            && !text.chars().any(|character| character.is_control() || character.is_whitespace());
        if !is_good {
            self.complain(path, "not_a_key", format!("Use 1 to {characters_max} characters without blanks."));
        }
        text.to_owned()
    }

    fn point(&mut self, path: &str, point: PointDocument) -> Point {
        let most = COORDINATE_DECIMETRES_MAX;
        for (name, value) in [("x", point.x), ("y", point.y)] {
            if !(-most..=most).contains(&value) {
                let rule = format!("Use decimetres from -{most} to {most}.");
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                self.complain(path, "out_of_range", rule);
            }
        }
        Point { x: point.x, y: point.y }
    }

    fn categories(&mut self, documents: &[CategoryDocument]) -> Vec<Category> {
        let mut categories = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            let path = format!("categories.{at}");
            let key = self.key(&format!("{path}.key"), &document.key, KEY_CHARACTERS_MAX);
            let name = self.text(&format!("{path}.name"), &document.name, NAME_CHARACTERS_MAX);
            if self.categories.insert(key.clone(), at).is_some() {
                self.complain(format!("{path}.key"), "repeated", format!("There is another category `{key}`."));
            }
            categories.push(Category { key, name });
        }
        categories
    }

    fn category(&mut self, path: &str, key: &str) -> usize {
        match self.categories.get(key) {
            Some(category) => *category,
            None => {
                self.complain(path, "unknown", format!("There is no category `{key}` in `categories`."));
                0
            }
        }
    }

    /// A key that no other section and no other area has.
    fn own_key(&mut self, path: &str, text: &str) -> String {
        let key = self.key(path, text, KEY_CHARACTERS_MAX);
        if !self.keys.insert(key.clone()) {
            self.complain(path, "repeated", format!("Another section or standing area has the key `{key}`."));
        }
        key
    }

    fn section(&mut self, at: usize, document: &SectionDocument) -> Section {
        let path = format!("sections.{at}");
        let key = self.own_key(&format!("{path}.key"), &document.key);
        let name = self.text(&format!("{path}.name"), &document.name, NAME_CHARACTERS_MAX);
        let best = document.best.map(|best| self.point(&format!("{path}.best"), best));
        let rows = document.rows.iter().enumerate().map(|(at, row)| RowSource {
            path: format!("{path}.rows.{at}"),
            label: &row.label,
            category: row.category.as_deref(),
            table: None,
            seats: &row.seats,
        });
        let tables = document.tables.iter().enumerate().map(|(at, table)| RowSource {
            path: format!("{path}.tables.{at}"),
            label: &table.label,
            category: table.category.as_deref(),
            table: Some(PointDocument { x: table.x, y: table.y }),
            seats: &table.seats,
        });
        let mut labels = HashSet::new();
        let mut read = Vec::new();
        for source in rows.chain(tables) {
            if !labels.insert(source.label) {
                let rule = format!("Another row or table of this section is labelled `{}`.", source.label);
                self.complain(format!("{}.label", source.path), "repeated", rule);
            }
            read.push(self.row(&key, &source));
        }
        let standing = document.standing.iter().enumerate().map(|(at, area)| self.standing(&path, at, area)).collect();
        Section { key, name, best, rows: read, standing }
    }

    fn standing(&mut self, section: &str, at: usize, document: &StandingDocument) -> Standing {
        let path = format!("{section}.standing.{at}");
        let key = self.own_key(&format!("{path}.key"), &document.key);
        let name = self.text(&format!("{path}.name"), &document.name, NAME_CHARACTERS_MAX);
        let category = self.category(&format!("{path}.category"), &document.category);
        if !(1..=STANDING_PLACES_MAX).contains(&document.capacity) {
            let rule = format!("Use a number from 1 to {STANDING_PLACES_MAX}.");
            self.complain(format!("{path}.capacity"), "out_of_range", rule);
        }
        if document.outline.len() > OUTLINE_POINTS_MAX {
            let rule = format!("An outline can have {OUTLINE_POINTS_MAX} corners.");
            self.complain(format!("{path}.outline"), "too_many", rule);
        }
        let corners = document.outline.iter().take(OUTLINE_POINTS_MAX).enumerate();
        let outline =
            corners.map(|(at, corner)| self.point(&format!("{path}.outline.{at}"), *corner)).collect::<Vec<_>>();
        Standing { key, name, category, capacity: document.capacity, outline }
    }

    fn row(&mut self, section: &str, source: &RowSource<'_>) -> Row {
        let path = &source.path;
        let label = self.text(&format!("{path}.label"), source.label, LABEL_CHARACTERS_MAX);
        let table = source.table.map(|at| self.point(path, at));
        let usual = source.category.map(|key| self.category(&format!("{path}.category"), key));
        if source.seats.is_empty() {
            self.complain(format!("{path}.seats"), "empty", "A row or a table needs at least one seat.");
        }
        if source.seats.len() > SEATS_A_ROW_MAX {
            let rule = format!("A row or a table can have {SEATS_A_ROW_MAX} seats; this has {}.", source.seats.len());
            self.complain(format!("{path}.seats"), "too_many", rule);
        }
        let mut labels = HashSet::new();
        let mut seats: Vec<Seat> = Vec::with_capacity(source.seats.len());
        for (at, document) in source.seats.iter().enumerate() {
            let seat_path = || format!("{path}.seats.{at}");
            if !labels.insert(document.label.as_str()) {
                let rule = format!("Another seat of this row is labelled `{}`.", document.label);
                self.complain(format!("{}.label", seat_path()), "repeated", rule);
            }
            let default_id = || derived_id(section, &label, &document.label);
            let id = document.id.clone().unwrap_or_else(default_id);
            seats.push(self.seat(&seat_path, id, usual, document));
        }
        self.companions(path, source.seats, &mut seats);
        Row { label, table, seats }
    }

    fn seat(&mut self, path: &impl Fn() -> String, id: String, usual: Option<usize>, document: &SeatDocument) -> Seat {
        if self.ids.contains(&id) {
            let rule = format!("Another seat has the id `{id}`.");
            self.complain(format!("{}.id", path()), "repeated", rule);
        }
        self.ids.insert(id.clone());
        let category = match (&document.category, usual) {
            (Some(key), _) => match self.categories.get(key) {
                Some(category) => *category,
                None => self.category(&format!("{}.category", path()), key),
            },
            (None, Some(usual)) => usual,
            (None, None) => {
                self.complain(format!("{}.category", path()), "missing", "Name a category here or for the whole row.");
                0
            }
        };
        if !is_plain(&id, SEAT_ID_CHARACTERS_MAX) {
            self.key(&format!("{}.id", path()), &id, SEAT_ID_CHARACTERS_MAX);
        }
        if !is_plain(&document.label, LABEL_CHARACTERS_MAX) {
            self.text(&format!("{}.label", path()), &document.label, LABEL_CHARACTERS_MAX);
        }
        let at = PointDocument { x: document.x, y: document.y };
        let most = COORDINATE_DECIMETRES_MAX;
        if !(-most..=most).contains(&at.x) || !(-most..=most).contains(&at.y) {
            self.point(&path(), at);
        }
        Seat {
            id,
            label: document.label.clone(),
            at: Point { x: at.x, y: at.y },
            category,
            is_accessible: document.accessible,
            companion_of: None,
            has_aisle_after: document.aisle_after,
        }
    }

    /// Companions name an accessible seat of their own row, and are none themselves.
    fn companions(&mut self, path: &str, documents: &[SeatDocument], seats: &mut [Seat]) {
        if documents.iter().all(|document| document.companion_of.is_none()) {
            return;
        }
        let accessible: HashMap<String, usize> = seats
            .iter()
            .enumerate()
            .filter(|(_, seat)| seat.is_accessible)
            .map(|(at, seat)| (seat.id.clone(), at))
            .collect();
        for (at, (document, seat)) in documents.iter().zip(seats.iter_mut()).enumerate() {
            let Some(name) = &document.companion_of else { continue };
            let of = accessible.get(name).copied().filter(|_| !seat.is_accessible);
            if of.is_none() {
                let rule = format!("`{name}` is no accessible seat of this row, or this seat is accessible itself.");
                self.complain(format!("{path}.seats.{at}.companion_of"), "unknown", rule);
            }
            seat.companion_of = of;
        }
    }
}

/// The usual case, decided without building a path: short, visible ASCII.
fn is_plain(text: &str, characters_max: usize) -> bool {
    !text.is_empty() && text.len() <= characters_max && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a seat is called when the document does not say: section, row and seat, blanks as underscores.
pub(super) fn derived_id(section: &str, row: &str, seat: &str) -> String {
    format!("{section}-{row}-{seat}").replace(char::is_whitespace, "_")
}
