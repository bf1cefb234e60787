//! What stands around every page: head, strips, header, footer.

use askama::filters::Safe;
use kernel::Currency;
use web::{AppState, Frame};

use crate::address::with_query;

/// Hues have a class every so many degrees.
const HUE_STEP_DEGREES: i16 = 5;
const CIRCLE_DEGREES: i16 = 360;

/// The frame of one page, as `base.html` draws it.
pub(crate) struct Layout {
    pub css: String,
    pub js: String,
    pub icons: String,
    pub theme: &'static str,
    /// `hue h-25` on the pages of an event, else empty.
    pub hue_class: String,
    /// The title in the tab and in shared links.
    pub title: String,
    /// For search engines and shared links; empty for pages that are found by neither.
    pub description: String,
    /// The one address of a page that has several; empty for pages nobody should find.
    pub canonical: String,
    /// The absolute address of the picture in shared links.
    pub image: String,
    /// JSON-LD, safe to stand in a script element.
    pub structured: Option<Safe<String>>,
    pub is_indexed: bool,
    /// Without JavaScript the page is loaded again after so many seconds.
    pub refresh_seconds: Option<u32>,
    pub is_test_mode: bool,
    /// Mail is kept at `/dev/mail`, because no SMTP is configured.
    pub has_mailbox: bool,
    pub is_signed_in: bool,
    pub sign_in_url: String,
    /// Whether the header has a search; pages that are a search have their own.
    pub has_search: bool,
    /// Who to ask: the organiser's address, on pages that have one.
    pub contact: Option<Contact>,
    public_url: String,
}

/// Who answers questions about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub name: String,
    pub email: String,
}

impl Layout {
    /// The layout of a page with this title. It is not to be found by search engines until it has a canonical address.
    pub(crate) fn new(app: &AppState, frame: &Frame, title: impl Into<String>) -> Self {
        Self { has_mailbox: app.platform.mail.is_none(), ..Self::of_frame(frame, title) }
    }

    /// The layout for those who have nothing but the frame.
    pub(crate) fn of_frame(frame: &Frame, title: impl Into<String>) -> Self {
        Self {
            css: frame.css.clone(),
            js: frame.js.clone(),
            icons: frame.icons.clone(),
            theme: frame.theme,
            hue_class: String::new(),
            title: title.into(),
            description: String::new(),
            canonical: String::new(),
            image: String::new(),
            structured: None,
            is_indexed: false,
            refresh_seconds: None,
            is_test_mode: frame.is_test_mode,
            has_mailbox: false,
            is_signed_in: frame.account.is_some(),
            sign_in_url: "/login".to_owned(),
            has_search: true,
            contact: None,
            public_url: frame.public_url.clone(),
        }
    }

    /// A page that search engines and shared links know by this path. After signing in people come back to it.
    #[must_use]
    pub(crate) fn found_at(mut self, path: &str, description: impl Into<String>) -> Self {
        self.canonical = format!("{}{path}", self.public_url);
        self.description = description.into();
        self.is_indexed = true;
        let is_home = path == "/";
        self.sign_in_url = with_query("/login", &[("return_to", if is_home { "" } else { path })]);
        self
    }

    /// A page in the colours of an event.
    #[must_use]
    pub(crate) fn hued(mut self, hue: i16) -> Self {
        self.hue_class = hue_class(hue);
        self
    }

    /// A page that names who to ask.
    #[must_use]
    pub(crate) fn with_contact(mut self, name: &str, email: &str) -> Self {
        self.contact = Some(Contact { name: name.to_owned(), email: email.to_owned() });
        self
    }

    /// An icon of the sprite, for eyes only.
    pub(crate) fn icon(&self, name: &str) -> Safe<String> {
        self.drawn("icon", name)
    }

    /// A large icon.
    pub(crate) fn icon_large(&self, name: &str) -> Safe<String> {
        self.drawn("icon icon-lg", name)
    }

    /// The icon of an empty state.
    pub(crate) fn icon_huge(&self, name: &str) -> Safe<String> {
        self.drawn("icon icon-xl", name)
    }

    fn drawn(&self, class: &str, name: &str) -> Safe<String> {
        Safe(format!("<svg class=\"{class}\" aria-hidden=\"true\"><use href=\"{}#{name}\"/></svg>", self.icons))
    }
}

/// The class of a hue: `hue h-25` for 23 degrees.
pub(crate) fn hue_class(hue: i16) -> String {
    let degrees = hue.rem_euclid(CIRCLE_DEGREES);
    let nearest = (degrees + HUE_STEP_DEGREES / 2) / HUE_STEP_DEGREES * HUE_STEP_DEGREES % CIRCLE_DEGREES;
    format!("hue h-{nearest}")
}

/// A price as pages say it.
pub(crate) fn price(money: kernel::Money) -> String {
    if money.is_zero() { "Free".to_owned() } else { money.to_string() }
}

/// Minor units as they stand in a text field: `12.50`.
pub(crate) fn plain_amount(amount: i64, currency: Currency) -> String {
    let exponent = currency.exponent();
    let unit = 10_u64.pow(exponent);
    let (whole, rest) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
    match usize::try_from(exponent) {
        Ok(width) if width > 0 => format!("{whole}.{rest:0width$}"),
        _ => whole.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hue_has_a_class() {
        let classes = [0, 2, 3, 22, 23, 357, 358, 359, -1].map(hue_class);
        let expected =
            ["hue h-0", "hue h-0", "hue h-5", "hue h-20", "hue h-25", "hue h-355", "hue h-0", "hue h-0", "hue h-0"];
        assert_eq!(classes, expected);
    }

    #[test]
    fn amounts_in_fields_have_the_digits_of_their_currency() {
        let plain = |amount, code| plain_amount(amount, Currency::parse(code).unwrap());
        assert_eq!([plain(1_250, "EUR"), plain(1_250, "JPY"), plain(5, "EUR")], ["12.50", "1250", "0.05"]);
    }
}
