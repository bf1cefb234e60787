//! Text for documents: one line or a paragraph, in any script, shaped and broken to a width.
//!
//! The steps are the usual ones: clean, break where UAX 14 allows, order each line by UAX 9, choose a font for each
//! cluster, shape with HarfBuzz's algorithm. Lengths are in points; widths inside are in em.

use harfrust::{Direction, GlyphPosition, ShapeOptions, UnicodeBuffer};
use krilla::geom::Point;
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use std::ops::Range;
use unicode_bidi::{BidiInfo, Level};
use unicode_segmentation::UnicodeSegmentation;

use super::fonts::{self, Face, Han, Weight};

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Of the letters, in points.
    pub size: f32,
    /// From baseline to baseline, in points.
    pub leading: f32,
    /// How heavy.
    pub weight: Weight,
    /// Added after each letter, in em; zero for scripts that join.
    pub tracking: f32,
}

/// A shaped line. Its text is what a reader copies out of the document.
pub struct Line {
    text: String,
    runs: Vec<Run>,
    /// In points.
    pub width: f32,
    size: f32,
}

/// Neighbouring glyphs of one font, in the order they are drawn.
struct Run {
    face: &'static Face,
    glyphs: Vec<KrillaGlyph>,
    width: f32,
}

/// A paragraph broken into lines.
pub struct Block {
    /// Top to bottom.
    pub lines: Vec<Line>,
    /// The text begins with a right-to-left letter, so its lines belong to the right edge.
    pub is_rtl: bool,
    /// Something was cut; the last line ends with an ellipsis.
    pub is_cut: bool,
    style: Style,
}

impl Block {
    /// From the top of the first line to the bottom of the last, in points.
    pub fn height(&self) -> f32 {
        self.lines.iter().map(|_| self.style.leading).sum()
    }

    /// From the top of the block down to the baseline of the first line, in points.
    pub fn first_baseline(&self) -> f32 {
        // Capitals are 0.73 em high in Inter; this sets them in the middle of the line's height.
        (self.style.leading + self.style.size * 0.73) / 2.0
    }

    /// From baseline to baseline, in points.
    pub fn leading(&self) -> f32 {
        self.style.leading
    }

    /// Of the widest line, in points.
    pub fn width(&self) -> f32 {
        self.lines.iter().map(|line| line.width).fold(0.0, f32::max)
    }
}

impl Line {
    /// Draws with the surface's fill, from the left end of the baseline.
    pub fn draw(&self, surface: &mut Surface<'_>, left: f32, baseline: f32) {
        let mut x = left;
        for run in &self.runs {
            surface.draw_glyphs(
                Point::from_xy(x, baseline),
                &run.glyphs,
                run.face.for_pdf(),
                &self.text,
                self.size,
                false,
            );
            x += run.width * self.size;
        }
    }
}

/// Sets a text within a width, in at most `lines_max` lines; line breaks of the text are kept.
pub fn set(text: &str, style: Style, width: f32, lines_max: usize) -> Block {
    let is_rtl = is_rtl(text);
    let mut lines: Vec<Line> = Vec::new();
    let mut is_cut = false;
    let paragraphs: Vec<String> = text.lines().map(clean).filter(|paragraph| !paragraph.is_empty()).collect();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let room = lines_max.saturating_sub(lines.len());
        if room == 0 {
            break;
        }
        let setter = Setter::new(paragraph, style, width);
        let is_last = room == 1 && index + 1 < paragraphs.len();
        let broken = setter.lines(room, is_last);
        is_cut = is_cut || broken.is_cut;
        lines.extend(broken.lines.iter().map(|line| setter.shape(line)));
    }
    Block { lines, is_rtl, is_cut, style }
}

/// Sets one line in the largest of the sizes in which it fits, else in the smallest with an ellipsis.
pub fn set_to_fit(text: &str, styles: &[Style], width: f32, lines_max: usize) -> Option<Block> {
    let mut smallest = None;
    for style in styles {
        let block = set(text, *style, width, lines_max);
        if !block.is_cut && block.width() <= width {
            return Some(block);
        }
        smallest = Some(block);
    }
    smallest
}

/// What is left of a text when everything is gone that a printed page cannot show or that would upset its order:
/// controls, overrides of direction, emoji.
pub fn clean(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for character in text.chars() {
        let joins_nothing = character == '\u{200d}' && (kept.is_empty() || kept.ends_with(' '));
        if is_emoji(character) || is_direction_control(character) || joins_nothing {
            continue;
        }
        kept.push(if character.is_control() || character.is_whitespace() && character != '\u{a0}' {
            ' '
        } else {
            character
        });
    }
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_direction_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Pictures, their modifiers, and symbols that no bundled font draws.
fn is_emoji(character: char) -> bool {
    match character {
        '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{e007f}' | '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' => true,
        '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' => {
            let mut buffer = [0; 4];
            fonts::find(Weight::Regular, character.encode_utf8(&mut buffer), Han::Chinese).is_none()
        }
        _ => false,
    }
}

fn is_rtl(text: &str) -> bool {
    unicode_bidi::get_base_direction(text) == unicode_bidi::Direction::Rtl
}

struct Broken {
    lines: Vec<String>,
    is_cut: bool,
}

struct Setter<'a> {
    text: &'a str,
    style: Style,
    width: f32,
    han: Han,
    level: Level,
}

impl<'a> Setter<'a> {
    fn new(text: &'a str, style: Style, width: f32) -> Self {
        let level = if is_rtl(text) { Level::rtl() } else { Level::ltr() };
        Self { text, style, width, han: Han::of(text), level }
    }

    /// Fills lines greedily. With `is_last` more text follows elsewhere, so that the last line shows it is not the end.
    fn lines(&self, lines_max: usize, is_last: bool) -> Broken {
        let mut lines: Vec<String> = Vec::new();
        let mut rest = self.text;
        while !rest.is_empty() {
            let whole = rest.trim_end();
            if lines.len() + 1 >= lines_max {
                let fits = !is_last && self.fits(whole);
                lines.push(if fits { whole.to_owned() } else { self.with_ellipsis(whole) });
                return Broken { lines, is_cut: !fits };
            }
            let end = self.line_end(rest);
            let (line, following) = rest.split_at_checked(end).unwrap_or((rest, ""));
            lines.push(line.trim_end().to_owned());
            rest = following.trim_start();
        }
        Broken { lines, is_cut: false }
    }

    /// Where the first line of a text ends: at the last allowed break that fits, else inside a word that is too long.
    fn line_end(&self, text: &str) -> usize {
        let mut end = 0;
        for (place, _) in unicode_linebreak::linebreaks(text) {
            if !self.fits(text.get(..place).unwrap_or(text).trim_end()) {
                break;
            }
            end = place;
        }
        if end > 0 { end } else { self.longest_prefix(text, "") }
    }

    /// The end of the longest run of whole clusters that fits together with `suffix`; at least one cluster.
    fn longest_prefix(&self, text: &str, suffix: &str) -> usize {
        let mut end = 0;
        for (start, cluster) in text.grapheme_indices(true) {
            let next = start + cluster.len();
            let candidate = format!("{}{suffix}", text.get(..next).unwrap_or(text).trim_end());
            if end > 0 && !self.fits(&candidate) {
                break;
            }
            end = next;
        }
        end
    }

    fn with_ellipsis(&self, text: &str) -> String {
        let end = self.longest_prefix(text, "…");
        let kept = text.get(..end).unwrap_or(text).trim_end_matches([' ', ',', ';', ':', '-']);
        let cut = format!("{kept}…");
        // One cluster may be so wide that nothing goes beside it.
        if self.fits(&cut) { cut } else { "…".to_owned() }
    }

    fn fits(&self, text: &str) -> bool {
        self.runs(text).iter().map(|run| run.width).sum::<f32>() * self.style.size <= self.width
    }

    fn shape(&self, text: &str) -> Line {
        let runs = self.runs(text);
        let width = runs.iter().map(|run| run.width).sum::<f32>() * self.style.size;
        Line { text: text.to_owned(), runs, width, size: self.style.size }
    }

    /// The runs of a line from left to right.
    fn runs(&self, line: &str) -> Vec<Run> {
        let bidi = BidiInfo::new(line, Some(self.level));
        let mut runs = Vec::new();
        for paragraph in &bidi.paragraphs {
            let (levels, visual) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in visual {
                let is_rtl = levels.get(range.start).is_some_and(Level::is_rtl);
                let mut items = self.items(line, range);
                if is_rtl {
                    items.reverse();
                }
                runs.extend(items.into_iter().map(|(range, face)| self.shape_item(line, range, face, is_rtl)));
            }
        }
        runs
    }

    /// Cuts a range of one direction into pieces of one font.
    fn items(&self, line: &str, range: Range<usize>) -> Vec<(Range<usize>, &'static Face)> {
        let mut items: Vec<(Range<usize>, &'static Face)> = Vec::new();
        let Some(default) = fonts::bundled(self.style.weight).first() else { return items };
        for (offset, cluster) in line.get(range.clone()).unwrap_or_default().grapheme_indices(true) {
            let (start, end) = (range.start + offset, range.start + offset + cluster.len());
            let previous = items.last().map(|(_, face)| *face);
            // Spaces and punctuation stay with the letters before them.
            let stays = previous.filter(|face| !cluster.starts_with(char::is_alphanumeric) && face.covers(cluster));
            let face = stays.or_else(|| fonts::find(self.style.weight, cluster, self.han)).unwrap_or(default);
            match items.last_mut() {
                Some((last, same)) if std::ptr::eq(*same, face) => last.end = end,
                _ => items.push((start..end, face)),
            }
        }
        items
    }

    fn shape_item(&self, line: &str, range: Range<usize>, face: &'static Face, is_rtl: bool) -> Run {
        let text = line.get(range.clone()).unwrap_or_default();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_pre_context(line.get(..range.start).unwrap_or_default());
        buffer.set_post_context(line.get(range.end..).unwrap_or_default());
        buffer.guess_segment_properties();
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = face.shaper().shape(buffer, ShapeOptions::new());
        let ends = ClusterEnds::new(shaped.glyph_infos().iter().map(|info| info.cluster), range.len());
        let glyphs: Vec<KrillaGlyph> = shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, position)| {
                let cluster = ends.range(info.cluster);
                self.glyph(face, info.glyph_id, *position, range.start + cluster.start..range.start + cluster.end)
            })
            .collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Run { face, glyphs, width }
    }

    /// A glyph for the PDF, in em; the empty square for one that the font does not have.
    fn glyph(&self, face: &Face, id: u32, position: GlyphPosition, text_range: Range<usize>) -> KrillaGlyph {
        let em = |units: i32| f32::from(i16::try_from(units).unwrap_or(i16::MAX)) / face.units_per_em();
        let (id, advance) = match id {
            0 => (face.replacement().glyph, face.replacement().advance),
            known => (known, em(position.x_advance)),
        };
        let (x_offset, y_offset, y_advance) = (em(position.x_offset), em(position.y_offset), em(position.y_advance));
        KrillaGlyph::new(
            GlyphId::new(id),
            advance + self.style.tracking,
            x_offset,
            y_offset,
            y_advance,
            text_range,
            None,
        )
    }
}

/// Where each cluster of a shaped text ends, which is where the next one starts.
struct ClusterEnds {
    starts: Vec<usize>,
    length: usize,
}

impl ClusterEnds {
    fn new(clusters: impl Iterator<Item = u32>, length: usize) -> Self {
        let mut starts: Vec<usize> = clusters.filter_map(|cluster| usize::try_from(cluster).ok()).collect();
        starts.sort_unstable();
        starts.dedup();
        Self { starts, length }
    }

    fn range(&self, cluster: u32) -> Range<usize> {
        let start = usize::try_from(cluster).unwrap_or(0);
        let end = self.starts.iter().copied().find(|next| *next > start).unwrap_or(self.length);
        start..end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STYLE: Style = Style { size: 10.0, leading: 14.0, weight: Weight::Regular, tracking: 0.0 };

    fn texts(block: &Block) -> Vec<&str> {
        block.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_short_text_is_one_line() {
        let block = set("Jazz am Kanal", STYLE, 200.0, 3);
        assert_eq!(texts(&block), ["Jazz am Kanal"]);
        assert!((60.0..75.0).contains(&block.width()), "{}", block.width());
        assert!(!block.is_cut && !block.is_rtl);
    }

    #[test]
    fn lines_break_between_words_and_the_last_says_when_it_is_cut() {
        let text = "An evening of improvised music by the water with guests from three continents";
        let whole = set(text, STYLE, 120.0, 10);
        assert!(whole.lines.len() > 2 && !whole.is_cut);
        assert_eq!(texts(&whole).join(" "), text);
        let cut = set(text, STYLE, 120.0, 2);
        assert!(cut.is_cut);
        assert_eq!(cut.lines.len(), 2);
        assert!(texts(&cut)[1].ends_with('…') && cut.width() <= 120.0, "{:?}", texts(&cut));
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_between_letters() {
        let block = set(&"Donaudampfschiff".repeat(8), STYLE, 100.0, 20);
        assert!(block.lines.len() > 3 && block.width() <= 100.0);
        assert_eq!(texts(&block).concat(), "Donaudampfschiff".repeat(8));
    }

    #[test]
    fn a_letter_that_leaves_no_room_for_the_ellipsis_gives_way_to_it() {
        let cut = set("-\u{fdfd}\u{2da8}", STYLE, 80.0, 2);
        assert_eq!((texts(&cut), cut.is_cut), (vec!["-", "…"], true));
    }

    #[test]
    fn chinese_breaks_without_spaces() {
        let block = set("秋季音乐节在运河边举行三天的音乐与美食", STYLE, 60.0, 10);
        assert!(block.lines.len() > 2 && block.width() <= 60.0);
    }

    #[test]
    fn arabic_is_drawn_right_to_left_and_joined() {
        let joined = set("سلام", STYLE, 100.0, 1);
        assert!(joined.is_rtl);
        let alone: f32 = "سلام".chars().map(|letter| set(&letter.to_string(), STYLE, 100.0, 1).width()).sum();
        assert!(joined.width() < alone * 0.9, "joined letters are narrower: {} {alone}", joined.width());
        let first = &joined.lines[0].runs[0].glyphs[0];
        assert!(first.text_range.start > 0, "the first glyph drawn is the last letter written");
    }

    #[test]
    fn mixed_directions_are_ordered_by_run() {
        let block = set("Jazz ערב 2027", STYLE, 300.0, 1);
        let starts: Vec<usize> = block.lines[0].runs.iter().map(|run| run.glyphs[0].text_range.start).collect();
        assert_eq!(starts.len(), 3, "{starts:?}");
        assert!(!block.is_rtl);
    }

    #[test]
    fn emoji_and_controls_leave_no_hole() {
        assert_eq!(clean("Party 🎉🎉 time 👩‍👩‍👧‍👦🇳🇱 ❤️\u{202e}!\u{0}\t x"), "Party time ! x");
        assert_eq!(clean("क्‍ष"), "क्‍ष", "joiners of Indic scripts stay");
        assert_eq!(clean("★ ♥"), "★ ♥", "symbols that Inter has stay");
        assert_eq!(set("🎉", STYLE, 100.0, 1).lines.len(), 0);
    }

    #[test]
    fn what_no_font_has_is_a_box_and_takes_room() {
        let block = set("ᚠᚢᚦ", STYLE, 100.0, 1);
        assert!(block.width() > 10.0);
        let square = &set("□", STYLE, 100.0, 1).lines[0].runs[0].glyphs[0];
        assert_ne!(square.glyph_id, GlyphId::new(0));
        let same = |glyph: &KrillaGlyph| glyph.glyph_id == square.glyph_id && glyph.x_advance == square.x_advance;
        assert!(block.lines[0].runs.iter().flat_map(|run| &run.glyphs).all(same));
    }

    #[test]
    fn line_breaks_of_the_text_are_kept() {
        assert_eq!(texts(&set("Kade 1\n\n1011 AB\r\nAmsterdam", STYLE, 200.0, 9)), ["Kade 1", "1011 AB", "Amsterdam"]);
        let cut = set("Kade 1\n1011 AB\nAmsterdam", STYLE, 200.0, 2);
        assert_eq!(texts(&cut), ["Kade 1", "1011 AB…"]);
        assert!(cut.is_cut);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_box(text in "\\PC{0,120}", lines_max in 1_usize..4) {
            let block = set(&text, STYLE, 80.0, lines_max);
            prop_assert!(block.lines.len() <= lines_max);
            prop_assert!(block.width() <= 80.0, "{} wide: {:?}", block.width(), texts(&block));
        }
    }
}
