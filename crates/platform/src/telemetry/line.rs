//! One log line, in JSON or for people.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::Level;
use tracing::field::{Field, Visit};

use super::personal::is_personal;
use super::redacted::REDACTED;
use crate::config::LogFormat;

/// Longest text of one field; the rest is cut off, so that no request can fill the disk by one line. Bytes.
const FIELD_BYTES_MAX: usize = 8 * 1024;

/// Fields of an event or a span, personal ones already replaced.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: impl FnOnce() -> Value) {
        let name = field.name();
        let value = if is_personal(name) { Value::from(REDACTED) } else { value() };
        self.0.insert(name.strip_prefix("r#").unwrap_or(name).to_owned(), value);
    }
}

fn text(value: &str) -> Value {
    if value.len() <= FIELD_BYTES_MAX {
        return Value::from(value);
    }
    let kept = value.get(..value.floor_char_boundary(FIELD_BYTES_MAX)).unwrap_or_default();
    Value::from(format!("{kept}… ({} bytes)", value.len()))
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, || text(&format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, || text(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, || Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, || Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, || Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, || Value::from(value));
    }
}

/// Everything that one line tells.
pub struct Line<'a> {
    /// When it was written.
    pub time: Timestamp,
    /// How grave it is.
    pub level: Level,
    /// The module that wrote it.
    pub target: &'a str,
    /// The event's own fields, `message` among them.
    pub fields: Fields,
    /// Names and fields of the spans around it, outermost first.
    pub spans: Vec<(&'a str, Fields)>,
}

impl Line<'_> {
    /// The finished line with its line break. A value cannot break the line: control characters are escaped.
    pub fn render(mut self, format: LogFormat, is_coloured: bool) -> String {
        let message = self.fields.0.remove("message");
        let message = message.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        match format {
            LogFormat::Json => self.json(message),
            LogFormat::Pretty => self.pretty(&message, is_coloured),
        }
    }

    fn json(self, message: String) -> String {
        let mut object = Map::new();
        object.insert("time".to_owned(), Value::from(self.time.to_string()));
        object.insert("level".to_owned(), Value::from(self.level.as_str().to_lowercase()));
        object.insert("target".to_owned(), Value::from(self.target));
        object.insert("message".to_owned(), Value::from(message));
        let names: Vec<Value> = self.spans.iter().map(|(name, _)| Value::from(*name)).collect();
        if !names.is_empty() {
            object.insert("spans".to_owned(), Value::from(names));
        }
        // Inner words win, and none takes the place of the line's own.
        let around = self.spans.into_iter().flat_map(|(_, fields)| fields.0);
        let mut all = Map::new();
        all.extend(around.chain(self.fields.0));
        for (name, value) in all {
            let name = if object.contains_key(&name) { format!("field_{name}") } else { name };
            object.insert(name, value);
        }
        format!("{}\n", Value::Object(object))
    }

    fn pretty(self, message: &str, is_coloured: bool) -> String {
        let paint = |code: &str, text: &str| match is_coloured {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        };
        let colour = match self.level {
            Level::ERROR => "31",
            Level::WARN => "33",
            Level::INFO => "32",
            _ => "34",
        };
        let time = self.time.strftime("%H:%M:%S%.3f").to_string();
        let level = paint(colour, &format!("{:>5}", self.level.as_str()));
        let mut line = format!("{} {level} {}", paint("2", &time), escaped(message));
        let around = self.spans.into_iter().flat_map(|(_, fields)| fields.0);
        for (name, value) in self.fields.0.into_iter().chain(around) {
            let value = value.as_str().map_or_else(|| value.to_string(), quoted);
            let _ = write!(line, " {}{value}", paint("2", &format!("{name}=")));
        }
        let _ = write!(line, " {}", paint("2", self.target));
        line.push('\n');
        line
    }
}

fn escaped(text: &str) -> String {
    let is_plain = |character: char| character == '\n' || character == '\t' || !character.is_control();
    let escape = |character: char| {
        if is_plain(character) { character.to_string() } else { character.escape_default().to_string() }
    };
    text.chars().map(escape).collect()
}

fn quoted(text: &str) -> String {
    let is_word =
        !text.is_empty() && !text.contains(|character: char| character.is_whitespace() || "\"=".contains(character));
    if is_word { escaped(text) } else { format!("{text:?}") }
}
