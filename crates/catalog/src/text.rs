//! What organisers may write into a field, with every complaint gathered before any is told.

use platform::{FieldError, InvalidFields};

use crate::link::WebLink;

/// The complaints about one request.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Vec<FieldError>);

impl Complaints {
    /// Adds a complaint.
    pub fn add(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, code, message));
    }

    /// Adds complaints that were found elsewhere.
    pub fn extend(&mut self, complaints: impl IntoIterator<Item = FieldError>) {
        self.0.extend(complaints);
    }

    /// The refusal, if there is anything to complain about.
    pub fn refuse_any(self) -> Result<(), InvalidFields> {
        if self.0.is_empty() { Ok(()) } else { Err(InvalidFields(self.0)) }
    }

    /// A text on one line without blanks around it, of so many characters at most; empty when nothing was given.
    pub fn line(&mut self, field: &str, text: &str, characters_max: usize) -> String {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            self.add(field, "not_one_line", "Use one line without tabs.");
        }
        self.short_enough(field, text, characters_max);
        text.to_owned()
    }

    /// A text of many lines, their ends made alike.
    pub fn lines(&mut self, field: &str, text: &str, characters_max: usize) -> String {
        let text = text.replace("\r\n", "\n").trim().to_owned();
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.add(field, "control_characters", "Remove the control characters; they cannot be shown.");
        }
        self.short_enough(field, &text, characters_max);
        text
    }

    /// A web address, or nothing.
    pub fn link(&mut self, field: &str, text: &str) -> String {
        if text.trim().is_empty() {
            return String::new();
        }
        match WebLink::parse(text) {
            Ok(link) => link.into_string(),
            Err(wrong) => {
                self.add(field, "not_a_link", wrong.to_string());
                String::new()
            }
        }
    }

    fn short_enough(&mut self, field: &str, text: &str, characters_max: usize) {
        let characters = text.chars().count();
        if characters > characters_max {
            self.add(field, "too_long", format!("Use {characters_max} characters at most; this has {characters}."));
        }
    }
}
