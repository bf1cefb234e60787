//! The names that organisers give to lists and devices.

use platform::{FieldError, InvalidFields};

/// The longest name.
const NAME_CHARACTERS_MAX: usize = 80;

/// A name: one line of 1 to 80 characters without blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// Accepts a name with blanks around it removed.
    pub fn parse(text: &str) -> Result<Self, InvalidFields> {
        let text = text.trim();
        let length = text.chars().count();
        if (1..=NAME_CHARACTERS_MAX).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(complaint("name", "invalid", "Use 1 to 80 characters on one line."))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The refusal of one field.
pub(crate) fn complaint(field: &str, code: &str, message: &str) -> InvalidFields {
    InvalidFields(vec![FieldError::new(field, code, message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_short_line() {
        assert_eq!(Label::parse("  Main gate ").unwrap().as_str(), "Main gate");
        assert!(Label::parse(&"é".repeat(80)).is_ok());
        for bad in ["", "   ", "a\nb", &"x".repeat(81)] {
            assert_eq!(Label::parse(bad).unwrap_err().0.len(), 1, "{bad}");
        }
    }
}
