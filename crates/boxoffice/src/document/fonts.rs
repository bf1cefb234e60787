//! The fonts of documents: bundled ones for most scripts, one of the machine's for Chinese, Japanese and Korean.

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use harfrust::ShaperData;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Titles and values.
    Bold,
}

/// One font file, parsed once for as long as the process lives.
pub struct Face {
    font: FontRef<'static>,
    shaper: ShaperData,
    krilla: krilla::text::Font,
    units_per_em: f32,
    replacement: Replacement,
}

/// What is drawn for a character that no font has: an empty square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replacement {
    /// The glyph's number in the font.
    pub glyph: u32,
    /// In em.
    pub advance: f32,
}

impl Face {
    fn new(data: &'static [u8], index: u32) -> Option<Self> {
        let font = FontRef::from_index(data, index).ok()?;
        let krilla = krilla::text::Font::new(data.into(), index)?;
        let units_per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        let glyph = font.charmap().map('□').unwrap_or_default();
        let advance = font.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(glyph);
        let replacement =
            Replacement { glyph: glyph.to_u32(), advance: advance.unwrap_or(units_per_em) / units_per_em };
        Some(Self { shaper: ShaperData::new(&font), font, krilla, units_per_em, replacement })
    }

    /// For what the font does not have.
    pub fn replacement(&self) -> Replacement {
        self.replacement
    }

    /// Whether every character that shows has a glyph.
    pub fn covers(&self, text: &str) -> bool {
        let charmap = self.font.charmap();
        text.chars().all(|character| is_invisible(character) || charmap.map(character).is_some())
    }

    /// Ready to shape with this font.
    pub fn shaper(&self) -> harfrust::Shaper<'_> {
        self.shaper.shaper(&self.font).build()
    }

    /// The font as the PDF writer takes it; cheap to clone.
    pub fn for_pdf(&self) -> krilla::text::Font {
        self.krilla.clone()
    }

    /// Font units in one em.
    pub fn units_per_em(&self) -> f32 {
        self.units_per_em
    }
}

/// Joiners, marks of direction and selectors of variants have no shape of their own.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}')
}

/// Which of the shapes of Han characters a text wants; they differ between the countries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Han {
    /// Kana stand beside them.
    Japanese,
    /// Hangul stands beside them.
    Korean,
    /// Nothing tells: simplified Chinese forms.
    Chinese,
}

impl Han {
    /// Told from the characters around.
    pub fn of(text: &str) -> Self {
        if text.chars().any(|character| matches!(character, '\u{3040}'..='\u{30ff}')) {
            Self::Japanese
        } else if text.chars().any(|character| matches!(character, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}')) {
            Self::Korean
        } else {
            Self::Chinese
        }
    }

    /// The place of the country's face in the Noto Sans CJK collection.
    fn noto_index(self) -> u32 {
        match self {
            Self::Japanese => 0,
            Self::Korean => 1,
            Self::Chinese => 2,
        }
    }
}

/// Chinese, Japanese, Korean and their punctuation and full-width forms.
fn is_cjk(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

macro_rules! bundled {
    ($weight:literal) => {
        [
            include_bytes!(concat!("../../assets/fonts/Inter-", $weight, ".otf")).as_slice(),
            include_bytes!(concat!("../../assets/fonts/NotoSansArabic-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansHebrew-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansDevanagari-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansBengali-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansTamil-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansThai-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansGeorgian-", $weight, ".ttf")),
            include_bytes!(concat!("../../assets/fonts/NotoSansArmenian-", $weight, ".ttf")),
        ]
    };
}

static REGULAR: LazyLock<Vec<Face>> = LazyLock::new(|| faces(bundled!("Regular")));
static BOLD: LazyLock<Vec<Face>> = LazyLock::new(|| faces(bundled!("Bold")));
static CJK: [[OnceLock<Option<Face>>; 3]; 2] = [const { [const { OnceLock::new() }; 3] }; 2];

fn faces<const N: usize>(files: [&'static [u8]; N]) -> Vec<Face> {
    files.into_iter().filter_map(|data| Face::new(data, 0)).collect()
}

/// The faces of a weight, most wanted first. The first, Inter, has the square for what no face has.
pub fn bundled(weight: Weight) -> &'static [Face] {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    }
}

/// The face that draws these characters, if one does.
pub fn find(weight: Weight, text: &str, han: Han) -> Option<&'static Face> {
    let found = bundled(weight).iter().find(|face| face.covers(text));
    found.or_else(|| text.chars().any(is_cjk).then(|| cjk(weight, han))?.filter(|face| face.covers(text)))
}

/// The machine's face for Chinese, Japanese or Korean, looked up once.
fn cjk(weight: Weight, han: Han) -> Option<&'static Face> {
    let by_country = match (&CJK, weight) {
        ([regular, _], Weight::Regular) => regular,
        ([_, bold], Weight::Bold) => bold,
    };
    let slot = match (by_country, han) {
        ([japanese, _, _], Han::Japanese) => japanese,
        ([_, korean, _], Han::Korean) => korean,
        ([_, _, chinese], Han::Chinese) => chinese,
    };
    slot.get_or_init(|| load_cjk(weight, han)).as_ref()
}

fn load_cjk(weight: Weight, han: Han) -> Option<Face> {
    let noto = match weight {
        Weight::Regular => "NotoSansCJK-Regular.ttc",
        Weight::Bold => "NotoSansCJK-Bold.ttc",
    };
    // Debian and Ubuntu, Arch, Fedora, Alpine, by hand.
    let directories = [
        "/usr/share/fonts/opentype/noto",
        "/usr/share/fonts/noto-cjk",
        "/usr/share/fonts/google-noto-cjk",
        "/usr/share/fonts/google-noto-sans-cjk-fonts",
        "/usr/share/fonts/noto",
        "/usr/local/share/fonts",
    ];
    // One weight, one country's shapes: better than boxes.
    let others = [
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
        "/Library/Fonts/Arial Unicode.ttf",
    ];
    let noto = directories.into_iter().map(|directory| (Path::new(directory).join(noto), han.noto_index()));
    let others = others.into_iter().map(|path| (Path::new(path).to_path_buf(), 0));
    noto.chain(others).find_map(|(path, index)| {
        let data = std::fs::read(path).ok()?;
        // Kept for the life of the process, as the bundled fonts are; there are six at most.
        Face::new(data.leak(), index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_font_can_be_read() {
        for weight in [Weight::Regular, Weight::Bold] {
            assert_eq!(bundled(weight).len(), 9);
        }
    }

    #[test]
    fn the_scripts_that_we_promise_have_a_face() {
        let samples = [
            "Jazz à Žižkov, Ångström, Straße, İstanbul, Hà Nội, Ødegård — “quoted” … €12.50",
            "Вечер джаза на Дніпрі",
            "Βραδιά τζαζ στον Πειραιά",
            "أمسية موسيقى الجاز",
            "ערב ג׳אז בתל אביב",
            "जैज़ की शाम",
            "জ্যাজ সন্ধ্যা",
            "ஜாஸ் மாலை",
            "ค่ำคืนแจ๊ส",
            "ჯაზის საღამო",
            "Ջազի երեկո",
        ];
        for sample in samples {
            for word in sample.split(' ') {
                for weight in [Weight::Regular, Weight::Bold] {
                    assert!(find(weight, word, Han::of(word)).is_some(), "{word} in {weight:?}");
                }
            }
        }
    }

    #[test]
    fn the_country_of_han_characters_is_told_from_their_neighbours() {
        assert_eq!(Han::of("音楽の夜"), Han::Japanese);
        assert_eq!(Han::of("음악의 밤 音樂"), Han::Korean);
        assert_eq!(Han::of("音乐之夜"), Han::Chinese);
    }
}
