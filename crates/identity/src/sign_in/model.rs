//! The rules of one attempt to sign in. Pure.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use kernel::{Email, SignInId};
use platform::{Refusal, RefusalKind};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// Wrong codes that one attempt bears.
pub const ATTEMPTS_MAX: u8 = 5;
/// How long the code and the link are good.
pub const SIGN_IN_TTL_MINUTES: i64 = 10;

/// How many codes there are.
pub(super) const CODES: u64 = 1_000_000;
const RETURN_TO_CHARACTERS_MAX: usize = 512;

/// When an attempt that begins now ends.
pub fn expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_mins(SIGN_IN_TTL_MINUTES)).unwrap_or(now)
}

/// Six digits that were mailed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// A text that cannot be a sign-in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter the six digits of the mail")]
pub struct NotACode;

impl Code {
    /// The code of a number below `CODES`.
    pub(super) fn numbered(number: u64) -> Self {
        Self(format!("{number:06}"))
    }

    /// Accepts six digits, with the blanks and hyphens that people type or paste among them.
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) { Ok(Self(digits)) } else { Err(NotACode) }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code([redacted])")
    }
}
impl TryFrom<String> for Code {
    type Error = NotACode;
    fn try_from(text: String) -> Result<Self, NotACode> {
        Self::parse(&text)
    }
}
impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}
impl utoipa::PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .examples([serde_json::json!("482913")])
            .into()
    }
}
impl utoipa::ToSchema for Code {}

/// Where a person goes after signing in: a path on this server, never another one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnTo(String);

/// A text that leads elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this must be a path on this server that begins with one slash")]
pub struct LeadsElsewhere;

impl ReturnTo {
    /// Accepts a path with its query, or nothing. `//host` and `/\host` are other servers to a browser (WHATWG URL), and control
    /// characters are cut out of addresses before they are read, so none of them pass.
    pub fn parse(text: &str) -> Result<Self, LeadsElsewhere> {
        let is_good = text.is_empty()
            || text.len() <= RETURN_TO_CHARACTERS_MAX
                && text.starts_with('/')
                && !text.starts_with("//")
                && !text.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace());
        if is_good { Ok(Self(text.to_owned())) } else { Err(LeadsElsewhere) }
    }

    /// The path; empty when none was asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path, or another when none was asked for.
    pub fn or<'a>(&'a self, other: &'a str) -> &'a str {
        if self.0.is_empty() { other } else { &self.0 }
    }
}

impl TryFrom<String> for ReturnTo {
    type Error = LeadsElsewhere;
    fn try_from(text: String) -> Result<Self, LeadsElsewhere> {
        Self::parse(&text)
    }
}
impl From<ReturnTo> for String {
    fn from(path: ReturnTo) -> Self {
        path.0
    }
}
impl utoipa::PartialSchema for ReturnTo {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .max_length(Some(RETURN_TO_CHARACTERS_MAX))
            .examples([serde_json::json!("/my/tickets")])
            .into()
    }
}
impl utoipa::ToSchema for ReturnTo {}

/// An attempt to sign in, as it is stored.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Which.
    pub id: SignInId,
    /// Who it would be.
    pub email: Email,
    /// What the right code would give.
    pub code_hash: Vec<u8>,
    /// Which browser asked.
    pub browser_hash: Vec<u8>,
    /// Where to afterwards.
    pub return_to: ReturnTo,
    /// Wrong codes so far.
    pub attempts: u8,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether the code or the link was used.
    pub is_used: bool,
}

/// Why someone was not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyRefusal {
    /// There is no such attempt.
    #[error("This sign-in is not known. Ask for a new code.")]
    Unknown,
    /// The code and the link are good only where they were asked for, so that a forwarded mail signs nobody in.
    #[error("This code was asked for in another browser. Use it there, or ask for a new one here.")]
    OtherBrowser,
    /// Ten minutes have passed.
    #[error("This code is no longer valid. Ask for a new one.")]
    Expired,
    /// It was used already.
    #[error("This code was used already. Ask for a new one.")]
    Used,
    /// Too many wrong codes.
    #[error("That were too many wrong codes. Ask for a new one.")]
    Exhausted,
    /// The digits are wrong.
    #[error("That is not the code of the mail.")]
    Wrong {
        /// Tries that are left.
        attempts_left: u8,
    },
}

impl Refusal for VerifyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not_found",
            Self::OtherBrowser => "other_browser",
            Self::Expired => "sign_in_expired",
            Self::Used => "sign_in_used",
            Self::Exhausted => "attempts_exhausted",
            Self::Wrong { .. } => "code_wrong",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::Unknown => RefusalKind::NotFound,
            Self::OtherBrowser => RefusalKind::Forbidden,
            Self::Expired | Self::Used | Self::Exhausted => RefusalKind::Gone,
            Self::Wrong { .. } => RefusalKind::Invalid,
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Wrong { attempts_left } => Some(serde_json::json!({ "attempts_left": attempts_left })),
            _ => None,
        }
    }
}

impl SignIn {
    /// Whether this browser may still try. A foreign browser learns nothing and costs the right one no attempt.
    pub fn check_open(&self, browser: Option<&Secret>, now: Timestamp) -> Result<(), VerifyRefusal> {
        if !browser.is_some_and(|browser| browser.is_of(&self.browser_hash)) {
            return Err(VerifyRefusal::OtherBrowser);
        }
        if self.is_used {
            return Err(VerifyRefusal::Used);
        }
        if now >= self.expires_at {
            return Err(VerifyRefusal::Expired);
        }
        if self.attempts >= ATTEMPTS_MAX {
            return Err(VerifyRefusal::Exhausted);
        }
        Ok(())
    }

    /// What to say after one more wrong code.
    pub fn after_wrong_code(&self) -> VerifyRefusal {
        VerifyRefusal::Wrong { attempts_left: ATTEMPTS_MAX.saturating_sub(self.attempts.saturating_add(1)) }
    }
}

#[cfg(test)]
mod tests {
    use platform::random::Random;

    use super::*;

    #[test]
    fn an_attempt_is_open_to_its_browser_until_it_is_used_expired_or_exhausted() {
        let random = Random::seeded(1);
        let (here, elsewhere) = (Secret::new(&random), Secret::new(&random));
        let open = SignIn {
            id: SignInId::from(uuid::Uuid::from_u128(1)),
            email: Email::parse("ada@example.org").unwrap(),
            code_hash: Vec::new(),
            browser_hash: here.hash(),
            return_to: ReturnTo::default(),
            attempts: 0,
            expires_at: "2027-01-01T00:10:00Z".parse().unwrap(),
            is_used: false,
        };
        let early: Timestamp = "2027-01-01T00:09:59Z".parse().unwrap();
        let late: Timestamp = "2027-01-01T00:10:00Z".parse().unwrap();
        assert_eq!(open.check_open(Some(&here), early), Ok(()));
        assert_eq!(open.check_open(Some(&elsewhere), early), Err(VerifyRefusal::OtherBrowser));
        assert_eq!(open.check_open(None, early), Err(VerifyRefusal::OtherBrowser));
        assert_eq!(open.check_open(Some(&here), late), Err(VerifyRefusal::Expired));
        let used = SignIn { is_used: true, ..open.clone() };
        assert_eq!(used.check_open(Some(&here), early), Err(VerifyRefusal::Used));
        let exhausted = SignIn { attempts: ATTEMPTS_MAX, ..open };
        assert_eq!(exhausted.check_open(Some(&here), early), Err(VerifyRefusal::Exhausted));
    }

    #[test]
    fn codes_are_six_digits() {
        for good in ["000000", " 482913 ", "482-913", "482 913"] {
            assert!(Code::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "12345", "1234567", "12a456", "१२३४५६"] {
            assert_eq!(Code::parse(bad), Err(NotACode), "{bad}");
        }
    }

    #[test]
    fn a_person_returns_to_this_server_only() {
        for good in ["", "/", "/my/tickets", "/e/jazz?type=typ_1&n=2#top", "/app/organisations/ö"] {
            assert!(ReturnTo::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "/a\nb",
            "/\t/evil.example",
            "/ /x",
            "evil",
            &format!("/{}", "a".repeat(512)),
        ] {
            assert_eq!(ReturnTo::parse(bad), Err(LeadsElsewhere), "{bad}");
        }
    }
}
