//! A page that is drawn on and read aloud: shapes and texts, each marked for screen readers or as decoration.

use std::num::NonZeroU16;

use krilla::color::rgb::Color;
use krilla::geom::{Path, PathBuilder, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup};

use super::text::Block;

/// What a text is in the document's outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The heading of the page.
    Title,
    /// A heading below it.
    Heading,
    /// A paragraph.
    Paragraph,
}

/// Where a block stands between its left and right edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left edge, whatever the script.
    Left,
    /// At the edge where its script begins.
    Start,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

/// Where a block of text goes, in points from the top left of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Where lines that are shorter stand.
    pub align: Align,
}

impl Slot {
    /// With its lines at the left edge.
    pub fn left(x: f32, y: f32, width: f32) -> Self {
        Self { x, y, width, align: Align::Left }
    }

    /// The same place with the lines elsewhere in it.
    pub fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

/// A rectangle in points from the top left of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Down.
    pub height: f32,
}

/// One page while it is drawn.
pub struct Canvas<'a> {
    surface: Surface<'a>,
    nodes: Vec<Node>,
}

impl<'a> Canvas<'a> {
    /// An empty page.
    pub fn new(surface: Surface<'a>) -> Self {
        Self { surface, nodes: Vec::new() }
    }

    /// Ends the page; what it says, in reading order.
    pub fn finish(self) -> Vec<Node> {
        self.surface.finish();
        self.nodes
    }

    /// A filled rectangle with round corners (0 for square ones).
    pub fn fill_area(&mut self, area: Area, radius: f32, colour: Color) {
        self.decorate(|canvas| canvas.fill_path(rounded(area, radius), colour));
    }

    /// The outline of a rectangle with round corners.
    pub fn outline_area(&mut self, area: Area, radius: f32, width: f32, colour: Color) {
        self.decorate(|canvas| canvas.stroke_path(rounded(area, radius), width, colour, None));
    }

    /// A filled circle.
    pub fn fill_circle(&mut self, (x, y): (f32, f32), radius: f32, colour: Color) {
        self.fill_area(
            Area { x: x - radius, y: y - radius, width: radius * 2.0, height: radius * 2.0 },
            radius,
            colour,
        );
    }

    /// A straight line, dashed when asked.
    pub fn line(
        &mut self,
        (from_x, from_y): (f32, f32),
        (to_x, to_y): (f32, f32),
        colour: Color,
        dash: Option<[f32; 2]>,
    ) {
        self.decorate(|canvas| {
            let mut path = PathBuilder::new();
            path.move_to(from_x, from_y);
            path.line_to(to_x, to_y);
            canvas.stroke_path(path.finish(), 0.75, colour, dash);
        });
    }

    /// Black rectangles on the white of the page that together are a picture, with its description.
    pub fn picture(&mut self, areas: &[Area], description: &str) {
        let mut path = PathBuilder::new();
        for area in areas {
            path.extend_with(*area);
        }
        let id = self.surface.start_tagged(ContentTag::Other);
        self.fill_path(path.finish(), Color::black());
        self.surface.end_tagged();
        let figure = Tag::Figure(Some(description.to_owned()));
        self.nodes.push(TagGroup::with_children(figure, vec![id.into()]).into());
    }

    /// A block of text; returns its bottom.
    pub fn text(&mut self, block: &Block, slot: Slot, colour: Color, role: Role) -> f32 {
        if block.lines.is_empty() {
            return slot.y;
        }
        let id = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        self.draw_lines(block, slot, colour);
        self.surface.end_tagged();
        let children = vec![id.into()];
        let group = match role {
            Role::Title => TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, None), children),
            Role::Heading => TagGroup::with_children(Tag::Hn(NonZeroU16::MIN.saturating_add(1), None), children),
            Role::Paragraph => TagGroup::with_children(Tag::P, children),
        };
        self.nodes.push(group.into());
        slot.y + block.height()
    }

    fn draw_lines(&mut self, block: &Block, slot: Slot, colour: Color) {
        self.surface.set_fill(Some(fill(colour)));
        self.surface.set_stroke(None);
        let mut baseline = slot.y + block.first_baseline();
        for line in &block.lines {
            let free = slot.width - line.width;
            let indent = match slot.align {
                Align::Centre => free / 2.0,
                Align::Right => free,
                Align::Start if block.is_rtl => free,
                Align::Left | Align::Start => 0.0,
            };
            line.draw(&mut self.surface, slot.x + indent, baseline);
            baseline += block.leading();
        }
    }

    /// Draws something that screen readers leave out.
    fn decorate(&mut self, draw: impl FnOnce(&mut Self)) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        draw(self);
        self.surface.end_tagged();
    }

    fn fill_path(&mut self, path: Option<Path>, colour: Color) {
        let Some(path) = path else { return };
        self.surface.set_fill(Some(fill(colour)));
        self.surface.set_stroke(None);
        self.surface.draw_path(&path);
    }

    fn stroke_path(&mut self, path: Option<Path>, width: f32, colour: Color, dash: Option<[f32; 2]>) {
        let Some(path) = path else { return };
        let dash = dash.map(|lengths| StrokeDash { array: lengths.to_vec(), offset: 0.0 });
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke { paint: colour.into(), width, dash, ..Stroke::default() }));
        self.surface.draw_path(&path);
    }
}

trait ExtendWithArea {
    fn extend_with(&mut self, area: Area);
}

impl ExtendWithArea for PathBuilder {
    fn extend_with(&mut self, area: Area) {
        if let Some(rect) = Rect::from_xywh(area.x, area.y, area.width, area.height) {
            self.push_rect(rect);
        }
    }
}

fn fill(colour: Color) -> Fill {
    Fill { paint: colour.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// Corners of quarter circles, each one Bézier curve.
fn rounded(area: Area, radius: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    if radius <= 0.0 {
        path.extend_with(area);
        return path.finish();
    }
    let (left, top, right, bottom) = (area.x, area.y, area.x + area.width, area.y + area.height);
    // How far the handles of a quarter circle stand from its ends, as part of the radius: 1 - 4/3 (√2 - 1).
    let near = radius * 0.447_715;
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - near, top, right, top + near, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - near, right - near, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + near, bottom, left, bottom - near, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + near, left + near, top, left + radius, top);
    path.close();
    path.finish()
}
