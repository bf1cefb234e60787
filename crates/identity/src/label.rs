//! The name that people give to an organisation or a key.

use std::fmt;

use serde::{Deserialize, Serialize};

const LABEL_CHARACTERS_MAX: usize = 100;

/// A name of a thing: any script, one line, 1 to 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// A text that cannot be the name of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter a name of 1 to 100 characters on one line")]
pub struct NotALabel;

impl Label {
    /// Accepts a name with blanks around it removed.
    pub fn parse(text: &str) -> Result<Self, NotALabel> {
        let text = text.trim();
        let length = text.chars().count();
        if (1..=LABEL_CHARACTERS_MAX).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotALabel)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for Label {
    type Error = NotALabel;
    fn try_from(text: String) -> Result<Self, NotALabel> {
        Self::parse(&text)
    }
}
impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}
impl utoipa::PartialSchema for Label {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(LABEL_CHARACTERS_MAX))
            .into()
    }
}
impl utoipa::ToSchema for Label {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line_with_bounds() {
        assert_eq!(
            Label::parse("  Blue Harbour 音楽 ").map(|label| label.to_string()),
            Ok("Blue Harbour 音楽".to_owned())
        );
        for bad in ["", "   ", "a\nb", "a\u{0}b", &"x".repeat(101)] {
            assert_eq!(Label::parse(bad), Err(NotALabel), "{bad}");
        }
    }
}
