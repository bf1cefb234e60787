//! The ticket as a PDF: one A4 page a ticket, whose upper half is the ticket when the page is folded.

use std::fmt::Write as _;

use krilla::Document;
use krilla::color::rgb::Color;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::tagging::{Tag, TagGroup, TagTree};

use super::canvas::{Align, Area, Canvas, Role, Slot};
use super::colour::Oklch;
use super::fonts::Weight;
use super::text::{self, Block, Style};
use crate::ticket::qr::{QrMatrix, Run};

/// ISO A4 in points.
const PAGE_WIDTH: f32 = 595.276;
const PAGE_HEIGHT: f32 = 841.89;
const FOLD: f32 = PAGE_HEIGHT / 2.0;
const MARGIN: f32 = 44.0;
const CONTENT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const BAND_HEIGHT: f32 = 136.0;
/// 64 mm with the quiet zone: 1.4 mm a module for a ticket code, which reads from an arm's length.
const QR_SIDE: f32 = 180.0;
const QR_QUIET_MODULES: f32 = 4.0;
const PLATE_WIDTH: f32 = 196.0;
const FACTS_WIDTH: f32 = CONTENT_WIDTH - PLATE_WIDTH - 28.0;

/// What a ticket says. Texts are plain text in any script; what is too long is cut with an ellipsis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketSheet {
    /// The event's name.
    pub event_title: String,
    /// When, as the reader should see it, with the zone's name.
    pub when_line: String,
    /// "Doors 19:00".
    pub doors: Option<String>,
    /// The place's name, then its address, a line each.
    pub place_lines: Vec<String>,
    /// Whose event it is.
    pub organiser: String,
    /// Whom the ticket lets in.
    pub holder_name: String,
    /// The ticket type's name.
    pub ticket_type: String,
    /// "€ 22.50", "Free".
    pub price_line: String,
    /// The order's code.
    pub order_code: String,
    /// The ticket's code that people read out: `PK8DH2XQ-1`.
    pub ticket_code: String,
    /// The signed code that the QR code holds.
    pub qr_payload: String,
    /// The event's hue in degrees, 0 to 359.
    pub hue: i16,
    /// Small print.
    pub legal: String,
    /// What the organiser tells those who come; may be empty.
    pub note: String,
}

/// Why there is no document. Neither is something that a user could mend.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A payload that no QR code holds.
    #[error("the ticket code does not fit a QR code")]
    QrTooLong(#[from] crate::ticket::qr::QrTooLong),
    /// The page has no size; never with the sizes above.
    #[error("the page size is refused")]
    PageSize,
    /// The writer refused the document.
    #[error("the document cannot be written: {0}")]
    Writer(String),
}

/// One page a ticket, in the order given. The same tickets give the same bytes.
pub fn render(sheets: &[TicketSheet]) -> Result<Vec<u8>, RenderError> {
    let mut document = Document::new();
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for (index, sheet) in sheets.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or(RenderError::PageSize)?;
        let mut page = document.start_page_with(size);
        let mut canvas = Canvas::new(page.surface());
        let colours = Colours::of(sheet.hue);
        draw_band(&mut canvas, sheet, &colours);
        draw_plate(&mut canvas, sheet, &colours)?;
        draw_facts(&mut canvas, sheet, &colours);
        draw_fold(&mut canvas, &colours);
        draw_advice(&mut canvas, sheet, &colours);
        draw_foot(&mut canvas, sheet, &colours, (index + 1, sheets.len()));
        tree.push(TagGroup::with_children(Tag::Section, canvas.finish()));
        page.finish();
    }
    document.set_tag_tree(tree);
    document.set_metadata(metadata(sheets));
    document.finish().map_err(|error| RenderError::Writer(format!("{error:?}")))
}

fn metadata(sheets: &[TicketSheet]) -> Metadata {
    let mut title = if sheets.len() == 1 { "Ticket".to_owned() } else { "Tickets".to_owned() };
    if let Some(sheet) = sheets.first() {
        // Writing into a String cannot fail.
        let _ = write!(title, ": {} ({})", sheet.event_title, sheet.order_code);
    }
    let authors = sheets.first().map(|sheet| vec![sheet.organiser.clone()]).unwrap_or_default();
    Metadata::new().title(title).authors(authors).creator("Turnout".to_owned()).language("en".to_owned())
}

struct Colours {
    band: Color,
    band_deep: Color,
    band_deeper: Color,
    on_band: Color,
    on_band_soft: Color,
    soft: Color,
    accent: Color,
    ink: Color,
    ink_soft: Color,
    line: Color,
}

impl Colours {
    /// The lightnesses of the web pages' light theme, so that every hue reads on paper as it does there.
    fn of(hue: i16) -> Self {
        let hue = f32::from(hue.rem_euclid(360));
        let colour = |lightness, chroma, hue| Oklch { lightness, chroma, hue }.to_srgb();
        Self {
            band: colour(0.515, 0.2, hue),
            band_deep: colour(0.46, 0.185, hue),
            band_deeper: colour(0.4, 0.165, hue),
            on_band: Color::white(),
            on_band_soft: colour(0.955, 0.03, hue),
            soft: colour(0.965, 0.018, hue),
            accent: colour(0.44, 0.19, hue),
            ink: colour(0.205, 0.015, 264.0),
            ink_soft: colour(0.47, 0.014, 264.0),
            line: colour(0.885, 0.006, 264.0),
        }
    }
}

const fn style(size: f32, leading: f32, weight: Weight) -> Style {
    Style { size, leading, weight, tracking: 0.0 }
}

const LABEL: Style = style(8.5, 12.0, Weight::Regular);
const VALUE: Style = style(12.5, 17.0, Weight::Bold);
const DETAIL: Style = style(10.5, 15.0, Weight::Regular);
const SMALL: Style = style(7.5, 10.5, Weight::Regular);

fn draw_band(canvas: &mut Canvas<'_>, sheet: &TicketSheet, colours: &Colours) {
    // A little over the page's edges, where rounding would show a line.
    let band = Area { x: -4.0, y: -4.0, width: PAGE_WIDTH + 8.0, height: BAND_HEIGHT + 4.0 };
    canvas.fill_area(band, 0.0, colours.band);
    canvas.fill_circle((PAGE_WIDTH - 62.0, BAND_HEIGHT + 34.0), 150.0, colours.band_deep);
    canvas.fill_circle((PAGE_WIDTH - 18.0, BAND_HEIGHT + 30.0), 92.0, colours.band_deeper);
    // The paper covers what hangs out of the band; cutting the circles off would leave a jagged edge in some viewers.
    canvas.fill_area(Area { y: BAND_HEIGHT, height: FOLD - BAND_HEIGHT, ..band }, 0.0, Color::white());
    let organiser = text::set(&sheet.organiser, style(10.5, 14.0, Weight::Bold), CONTENT_WIDTH, 1);
    canvas.text(
        &organiser,
        Slot::left(MARGIN, 22.0, CONTENT_WIDTH).aligned(Align::Start),
        colours.on_band_soft,
        Role::Paragraph,
    );
    let title = if text::clean(&sheet.event_title).is_empty() { "Ticket" } else { &sheet.event_title };
    let sizes = [style(30.0, 36.0, Weight::Bold), style(25.0, 30.0, Weight::Bold), style(20.0, 26.0, Weight::Bold)];
    if let Some(block) = fit_title(title, &sizes) {
        let top = BAND_HEIGHT - 18.0 - block.height();
        canvas.text(&block, Slot::left(MARGIN, top, CONTENT_WIDTH).aligned(Align::Start), colours.on_band, Role::Title);
    }
}

/// Two lines in a large size, three in the smallest.
fn fit_title(title: &str, sizes: &[Style; 3]) -> Option<Block> {
    let [large, medium, small] = sizes;
    text::set_to_fit(title, &[*large, *medium], CONTENT_WIDTH, 2)
        .filter(|block| !block.is_cut)
        .or_else(|| text::set_to_fit(title, &[*small], CONTENT_WIDTH, 3))
}

fn draw_plate(canvas: &mut Canvas<'_>, sheet: &TicketSheet, colours: &Colours) -> Result<(), RenderError> {
    let plate = Area { x: PAGE_WIDTH - MARGIN - PLATE_WIDTH, y: BAND_HEIGHT + 20.0, width: PLATE_WIDTH, height: 236.0 };
    canvas.fill_area(plate, 12.0, Color::white());
    canvas.outline_area(plate, 12.0, 0.75, colours.line);
    let matrix = QrMatrix::encode(&sheet.qr_payload)?;
    let (left, top) = (plate.x + (PLATE_WIDTH - QR_SIDE) / 2.0, plate.y + 6.0);
    let module = QR_SIDE / (number(matrix.size()) + 2.0 * QR_QUIET_MODULES);
    let place = |count: usize| (number(count) + QR_QUIET_MODULES) * module;
    let area = |run: Run| Area {
        x: left + place(run.x),
        y: top + place(run.y),
        width: number(run.width) * module,
        height: module,
    };
    let areas: Vec<Area> = matrix.runs().into_iter().map(area).collect();
    canvas.picture(&areas, &format!("QR code of ticket {}", sheet.ticket_code));
    let code = Style { tracking: 0.06, ..style(16.0, 20.0, Weight::Bold) };
    let smaller = Style { tracking: 0.02, ..style(11.0, 20.0, Weight::Bold) };
    let mut y = top + QR_SIDE - 4.0;
    if let Some(block) = text::set_to_fit(&sheet.ticket_code, &[code, smaller], PLATE_WIDTH - 16.0, 1) {
        y = canvas.text(
            &block,
            Slot::left(plate.x, y, PLATE_WIDTH).aligned(Align::Centre),
            colours.ink,
            Role::Paragraph,
        );
    }
    let hint = text::set("Show this code at the entrance", LABEL, PLATE_WIDTH - 16.0, 1);
    canvas.text(
        &hint,
        Slot::left(plate.x, y + 3.0, PLATE_WIDTH).aligned(Align::Centre),
        colours.ink_soft,
        Role::Paragraph,
    );
    Ok(())
}

/// A QR code has at most 177 modules a side.
fn number(count: usize) -> f32 {
    u8::try_from(count).map_or(0.0, f32::from)
}

/// A label with what it tells: the first block prominent, the rest below it.
struct Fact {
    label: Block,
    blocks: Vec<Block>,
}

impl Fact {
    fn new(label: &str, value: &str, details: &str, width: f32, (value_lines, detail_lines): (usize, usize)) -> Self {
        let value = if text::clean(value).is_empty() { "–" } else { value };
        let blocks = vec![text::set(value, VALUE, width, value_lines), text::set(details, DETAIL, width, detail_lines)];
        Self { label: text::set(label, LABEL, width, 1), blocks }
    }

    fn height(&self) -> f32 {
        self.label.height() + self.blocks.iter().map(Block::height).sum::<f32>()
    }

    fn draw(&self, canvas: &mut Canvas<'_>, (x, y): (f32, f32), width: f32, colours: &Colours) {
        let mut y = canvas.text(&self.label, Slot::left(x, y, width), colours.ink_soft, Role::Paragraph);
        for block in &self.blocks {
            y = canvas.text(block, Slot::left(x, y, width), colours.ink, Role::Paragraph);
        }
    }
}

/// The facts that stand one below the other, each row of one or two.
struct Rows {
    rows: Vec<Vec<Fact>>,
    gap: f32,
}

impl Rows {
    /// Lines allowed for when, its detail, the place's name, its address, and each of the small facts.
    fn new(sheet: &TicketSheet, [when, place, address, small]: [usize; 4]) -> Self {
        let half = (FACTS_WIDTH - 16.0) / 2.0;
        let (first, rest) =
            sheet.place_lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let doors = sheet.doors.as_deref().unwrap_or_default();
        let rows = vec![
            vec![Fact::new("When", &sheet.when_line, doors, FACTS_WIDTH, (when, 1))],
            vec![Fact::new("Where", first, &rest.join("\n"), FACTS_WIDTH, (place, address))],
            vec![
                Fact::new("Name", &sheet.holder_name, "", half, (small, 0)),
                Fact::new("Ticket", &sheet.ticket_type, "", half, (small, 0)),
            ],
            vec![
                Fact::new("Order", &sheet.order_code, "", half, (1, 0)),
                Fact::new("Price", &sheet.price_line, "", half, (1, 0)),
            ],
        ];
        Self { rows, gap: 11.0 }
    }

    fn height(&self) -> f32 {
        let heights = self.rows.iter().map(|row| row.iter().map(Fact::height).fold(0.0, f32::max) + self.gap);
        heights.sum::<f32>() - self.gap
    }
}

fn draw_facts(canvas: &mut Canvas<'_>, sheet: &TicketSheet, colours: &Colours) {
    let top = BAND_HEIGHT + 20.0;
    let room = FOLD - 20.0 - top;
    // From generous to strict: all facts fit above the fold, whatever their lengths.
    let allowances = [[2, 2, 3, 2], [2, 1, 3, 2], [2, 1, 2, 2], [2, 1, 2, 1], [1, 1, 1, 1]];
    let fitting = allowances.iter().map(|allowance| Rows::new(sheet, *allowance)).find(|rows| rows.height() <= room);
    let rows = fitting.unwrap_or_else(|| Rows::new(sheet, [1, 1, 1, 1]));
    let half = (FACTS_WIDTH - 16.0) / 2.0;
    let mut y = top;
    for row in &rows.rows {
        let width = if row.len() == 1 { FACTS_WIDTH } else { half };
        for (x, fact) in [MARGIN, MARGIN + half + 16.0].into_iter().zip(row) {
            fact.draw(canvas, (x, y), width, colours);
        }
        y += row.iter().map(Fact::height).fold(0.0, f32::max) + rows.gap;
    }
}

fn draw_fold(canvas: &mut Canvas<'_>, colours: &Colours) {
    canvas.line((0.0, FOLD), (PAGE_WIDTH, FOLD), colours.line, Some([4.0, 4.0]));
    let hint = text::set("Fold here", SMALL, 80.0, 1);
    let width = hint.width() + 16.0;
    let x = (PAGE_WIDTH - width) / 2.0;
    canvas.fill_area(Area { x, y: FOLD - 6.0, width, height: 12.0 }, 0.0, Color::white());
    canvas.text(&hint, Slot::left(x, FOLD - 5.25, width).aligned(Align::Centre), colours.ink_soft, Role::Paragraph);
}

const ADVICE: [&str; 3] = [
    "Bring this page, on paper or on your phone. A bright screen scans best.",
    "Each code lets one person in, once. The first one scanned is the one that counts.",
    "Keep the code to yourself: do not post a picture of it.",
];

fn draw_advice(canvas: &mut Canvas<'_>, sheet: &TicketSheet, colours: &Colours) {
    let top = FOLD + 30.0;
    let heading = style(13.0, 18.0, Weight::Bold);
    let gap = 28.0;
    let column = (CONTENT_WIDTH - gap) / 2.0;
    let has_note = !text::clean(&sheet.note).is_empty();
    let advice_width = if has_note { column } else { CONTENT_WIDTH };
    let title = text::set("At the entrance", heading, advice_width, 1);
    let mut y = canvas.text(&title, Slot::left(MARGIN, top, advice_width), colours.ink, Role::Heading) + 8.0;
    for (number, advice) in ["1", "2", "3"].into_iter().zip(ADVICE) {
        let badge = Area { x: MARGIN, y, width: 18.0, height: 18.0 };
        canvas.fill_area(badge, 9.0, colours.soft);
        let digit = text::set(number, style(9.0, 18.0, Weight::Bold), 18.0, 1);
        canvas.text(&digit, Slot::left(badge.x, badge.y, 18.0).aligned(Align::Centre), colours.accent, Role::Paragraph);
        let block = text::set(advice, DETAIL, advice_width - 28.0, 3);
        y = canvas.text(&block, Slot::left(MARGIN + 28.0, y + 1.5, advice_width - 28.0), colours.ink, Role::Paragraph)
            + 9.0;
    }
    if has_note {
        let x = MARGIN + column + gap;
        let title = text::set(&format!("From {}", sheet.organiser), heading, column, 1);
        let y = canvas.text(&title, Slot::left(x, top, column), colours.ink, Role::Heading) + 8.0;
        let note = text::set(&sheet.note, DETAIL, column, 16);
        canvas.text(&note, Slot::left(x, y + 1.5, column).aligned(Align::Start), colours.ink, Role::Paragraph);
    }
}

fn draw_foot(canvas: &mut Canvas<'_>, sheet: &TicketSheet, colours: &Colours, (number, count): (usize, usize)) {
    let legal = text::set(&sheet.legal, SMALL, CONTENT_WIDTH, 5);
    let bottom = PAGE_HEIGHT - 30.0;
    let top = bottom - 10.5 - 8.0 - legal.height();
    canvas.line((MARGIN, top - 10.0), (PAGE_WIDTH - MARGIN, top - 10.0), colours.line, None);
    canvas.text(
        &legal,
        Slot::left(MARGIN, top, CONTENT_WIDTH).aligned(Align::Start),
        colours.ink_soft,
        Role::Paragraph,
    );
    let organiser = text::set(&sheet.organiser, SMALL, CONTENT_WIDTH / 2.0, 1);
    canvas.text(&organiser, Slot::left(MARGIN, bottom - 10.5, CONTENT_WIDTH / 2.0), colours.ink_soft, Role::Paragraph);
    let page = text::set(&format!("Ticket {number} of {count}"), SMALL, CONTENT_WIDTH / 2.0, 1);
    let middle = MARGIN + CONTENT_WIDTH / 2.0;
    canvas.text(
        &page,
        Slot::left(middle, bottom - 10.5, CONTENT_WIDTH / 2.0).aligned(Align::Right),
        colours.ink_soft,
        Role::Paragraph,
    );
}

#[cfg(test)]
mod tests;
