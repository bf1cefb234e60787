//! QR codes: the modules, and the picture of them as SVG.

use std::fmt::Write as _;

use fast_qr::{ECL, Mode, QRBuilder};

/// Light modules around the code that a reader needs (ISO/IEC 18004 asks for four).
const QUIET_ZONE_MODULES: usize = 4;

/// The characters of a QR code's alphanumeric mode, in which two characters take 11 bits instead of 16.
const ALPHANUMERIC: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// A text that is too long for any QR code at error correction level M (2331 bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct QrTooLong;

/// The modules of a QR code, without the quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrMatrix {
    rows: Vec<Vec<bool>>,
}

/// Neighbouring dark modules of one row, in modules from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Column of the first module.
    pub x: usize,
    /// Row.
    pub y: usize,
    /// Number of modules.
    pub width: usize,
}

impl QrMatrix {
    /// The smallest QR code for this text at error correction level M (15 % of it may be unreadable).
    pub fn encode(text: &str) -> Result<Self, QrTooLong> {
        let mode = if text.chars().all(|character| ALPHANUMERIC.contains(character)) {
            Mode::Alphanumeric
        } else {
            Mode::Byte
        };
        // The library's code is a 31 KB array; the box keeps it out of the futures that callers run in.
        let code = QRBuilder::new(text).ecl(ECL::M).mode(mode).build().map(Box::new).map_err(|_| QrTooLong)?;
        let size = code.size;
        let dark: Vec<bool> = code.data.iter().take(size * size).map(|module| module.value()).collect();
        Ok(Self { rows: dark.chunks(size.max(1)).map(<[bool]>::to_vec).collect() })
    }

    /// Modules a side: 37 for a ticket code.
    pub fn size(&self) -> usize {
        self.rows.len()
    }

    /// The dark modules as horizontal runs, top to bottom: a third of the shapes that single modules would be.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::new();
        for (y, row) in self.rows.iter().enumerate() {
            let mut x = 0;
            for group in row.chunk_by(|left, right| left == right) {
                if group.first() == Some(&true) {
                    runs.push(Run { x, y, width: group.len() });
                }
                x += group.len();
            }
        }
        runs
    }

    /// An SVG element, dark on a white plate with the quiet zone inside, that scales to the box it is given.
    /// It carries no style attribute, so a strict content security policy lets it through.
    pub fn to_svg(&self, title: &str) -> String {
        let side = self.size() + 2 * QUIET_ZONE_MODULES;
        let mut path = String::new();
        for Run { x, y, width } in self.runs() {
            let (left, top) = (x + QUIET_ZONE_MODULES, y + QUIET_ZONE_MODULES);
            // Writing into a String cannot fail.
            let _ = write!(path, "M{left} {top}h{width}v1h-{width}z");
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
             shape-rendering=\"crispEdges\"><title>{}</title><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path fill=\"#000\" d=\"{path}\"/></svg>",
            escape(title)
        )
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML has no way to write the other control characters.
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: &str = "T1:LDH: 7KXH3W-2V7EKJHU6Q9UZ1S0QBZ7O8C3%8LP0ZZFH9S9.3M8F*ZU0QT/W1KFQ15ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:0123456";

    #[test]
    fn a_ticket_code_is_version_five() {
        assert_eq!(TICKET.len(), 122);
        assert_eq!(QrMatrix::encode(TICKET).unwrap().size(), 37);
        assert_eq!(QrMatrix::encode(&format!("{TICKET}0")).unwrap().size(), 41, "122 characters is the whole capacity");
    }

    #[test]
    fn runs_cover_exactly_the_dark_modules() {
        let matrix = QrMatrix::encode(TICKET).unwrap();
        let mut painted = vec![vec![false; 37]; 37];
        for Run { x, y, width } in matrix.runs() {
            for place in &mut painted[y][x..x + width] {
                assert!(!*place, "painted twice");
                *place = true;
            }
        }
        assert_eq!(painted, matrix.rows);
        let dark = matrix.rows.iter().flatten().filter(|dark| **dark).count();
        assert!(matrix.runs().len() * 3 < dark * 2, "runs must save shapes");
    }

    #[test]
    fn the_picture_is_one_scalable_element_without_styles() {
        let svg = QrMatrix::encode(TICKET).unwrap().to_svg("Ticket PK8DH2XQ-1");
        assert!(
            svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 45 45\" role=\"img\""),
            "{svg}"
        );
        assert!(svg.contains("<title>Ticket PK8DH2XQ-1</title>"));
        assert!(!svg.contains("style"));
        assert!(svg.len() < 10_000, "{} bytes", svg.len());
    }

    #[test]
    fn the_title_cannot_leave_its_element() {
        let svg = QrMatrix::encode("A").unwrap().to_svg("</title><script>alert('1')</script>\u{0}\"&");
        assert!(
            svg.contains("<title>&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;</title>")
        );
    }

    #[test]
    fn other_texts_use_byte_mode_and_the_longest_are_refused() {
        assert_eq!(QrMatrix::encode("https://example.org/é").unwrap().size(), 25);
        assert_eq!(QrMatrix::encode(&"a".repeat(2331)).unwrap().size(), 177);
        assert_eq!(QrMatrix::encode(&"a".repeat(2332)), Err(QrTooLong));
    }
}
