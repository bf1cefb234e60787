//! What Turnout knows of a person. Pure.

use kernel::{AccountId, Email};
use serde::{Deserialize, Serialize};

const LOCALE_CHARACTERS_MAX: usize = 35;

/// A person who can sign in.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// The address that proves who they are, as it was first written.
    pub email: Email,
    /// What they want to be called; empty until they say.
    pub name: String,
    /// The language they read.
    pub locale: Locale,
}

/// A language tag such as `nl` or `pt-BR` (the well-formed, short part of RFC 5646).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(String);

/// A text that is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a language; use a tag such as en or pt-BR")]
pub struct NotALocale;

impl Locale {
    /// Accepts a language of 2 or 3 letters and its subtags of 2 to 8 letters and digits.
    pub fn parse(text: &str) -> Result<Self, NotALocale> {
        let (language, rest) = text.split_once('-').map_or((text, None), |(language, rest)| (language, Some(rest)));
        let language_is_good = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        let rest_is_good = rest.is_none_or(|rest| {
            rest.split('-').all(|tag| (2..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()))
        });
        if language_is_good && rest_is_good && text.len() <= LOCALE_CHARACTERS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotALocale)
        }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Locale {
    type Error = NotALocale;
    fn try_from(text: String) -> Result<Self, NotALocale> {
        Self::parse(&text)
    }
}
impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.0
    }
}
impl utoipa::PartialSchema for Locale {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .max_length(Some(LOCALE_CHARACTERS_MAX))
            .examples([serde_json::json!("pt-BR")])
            .into()
    }
}
impl utoipa::ToSchema for Locale {}

/// A person as they see themselves.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AccountView {
    /// Which.
    pub id: AccountId,
    /// The address that proves who they are.
    pub email: Email,
    /// What they want to be called; null until they say.
    pub name: Option<String>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self { id: account.id, email: account.email, name: name_or_null(account.name) }
    }
}

/// A name that was never given is null to the outside.
pub fn name_or_null(name: String) -> Option<String> {
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_short_tags() {
        for good in ["en", "nl", "pt-BR", "zh-Hant-TW", "gsw"] {
            assert!(Locale::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "e", "EN", "english", "en_GB", "en-", "en--GB", "en-toolongsubtag", "../en"] {
            assert_eq!(Locale::parse(bad), Err(NotALocale), "{bad}");
        }
    }
}
