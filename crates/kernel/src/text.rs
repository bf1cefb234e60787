//! Short texts with a form of their own: slugs and names of people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name in an address: 2 to 80 lower-case letters, digits and single hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// A text that cannot be a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use 2 to 80 lower-case letters, digits and single hyphens, such as summer-night-2027")]
pub struct NotASlug;

const SLUG_CHARACTERS_MAX: usize = 80;

impl Slug {
    /// Accepts a slug as it is.
    pub fn parse(text: &str) -> Result<Self, NotASlug> {
        let is_good = (2..=SLUG_CHARACTERS_MAX).contains(&text.len())
            && text
                .split('-')
                .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if is_good { Ok(Self(text.to_owned())) } else { Err(NotASlug) }
    }

    /// Makes a slug of a title: Latin letters without their accents, everything else a hyphen; empty titles become `event`.
    pub fn from_title(title: &str) -> Self {
        let mut slug = String::new();
        for letter in title.chars().flat_map(char::to_lowercase) {
            let plain = plain_latin(letter);
            if plain.is_empty() {
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
            } else {
                slug.push_str(plain);
            }
            if slug.len() >= SLUG_CHARACTERS_MAX - 12 {
                break;
            }
        }
        let slug = slug.trim_matches('-');
        Self(if slug.len() < 2 { "event".to_owned() } else { slug.to_owned() })
    }

    /// The same slug with a short suffix, to tell it from one that is taken.
    pub fn with_suffix(&self, suffix: &str) -> Self {
        Self(format!("{}-{suffix}", self.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn plain_latin(letter: char) -> &'static str {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
    if let Some(at) = LETTERS.find(letter) {
        return LETTERS.get(at..=at).unwrap_or("");
    }
    match letter {
        'à'..='ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ț' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

impl TryFrom<String> for Slug {
    type Error = NotASlug;
    fn try_from(text: String) -> Result<Self, NotASlug> {
        Self::parse(&text)
    }
}
impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}
impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl utoipa::PartialSchema for Slug {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[a-z0-9]+(-[a-z0-9]+)*$"))
            .min_length(Some(2))
            .max_length(Some(SLUG_CHARACTERS_MAX))
            .into()
    }
}
impl utoipa::ToSchema for Slug {}

/// The name of a person: any script, one line, 1 to 120 characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// A text that cannot be a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter a name of 1 to 120 characters on one line")]
pub struct NotAName;

const NAME_CHARACTERS_MAX: usize = 120;

impl PersonName {
    /// Accepts a name with blanks around it removed.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        let text = text.trim();
        let length = text.chars().count();
        if (1..=NAME_CHARACTERS_MAX).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAName)
        }
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names are personal data: they never reach a log by way of `{:?}`.
impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName([redacted])")
    }
}
impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for PersonName {
    type Error = NotAName;
    fn try_from(text: String) -> Result<Self, NotAName> {
        Self::parse(&text)
    }
}
impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}
impl utoipa::PartialSchema for PersonName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(NAME_CHARACTERS_MAX))
            .into()
    }
}
impl utoipa::ToSchema for PersonName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_slugs() {
        assert_eq!(Slug::from_title("Blue Harbour Jazz 2027").as_str(), "blue-harbour-jazz-2027");
        assert_eq!(Slug::from_title("  Ça va, Łódź & Übermut!  ").as_str(), "ca-va-lodz-ubermut");
        assert_eq!(Slug::from_title("東京ナイト").as_str(), "event");
        assert!(Slug::parse(Slug::from_title(&"x".repeat(500)).as_str()).is_ok());
    }

    #[test]
    fn slugs_and_names_have_bounds() {
        for bad in ["", "a", "-ab", "ab-", "a--b", "Ab", "a b", "é1", &"a".repeat(81)] {
            assert_eq!(Slug::parse(bad), Err(NotASlug), "{bad}");
        }
        assert!(PersonName::parse("محمد بن عبد الله").is_ok());
        assert!(PersonName::parse("a\nb").is_err());
        assert!(PersonName::parse("   ").is_err());
    }
}
