//! Templates of mail: MJML for the letter, plain text for those who prefer it. The text's first line is the subject.

mod clean;

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use mrml::prelude::render::RenderOptions;

pub use clean::{clean, one_line};

/// What the text begins with, before the subject.
const SUBJECT: &str = "Subject: ";

/// Templates whose text alone would let a thief in: what they said is not kept once it has left.
pub const TEMPLATES_WITH_SECRETS: [&str; 2] = ["sign_in", "invitation"];

const SOURCES: [(&str, &str); 12] = [
    ("layout.mjml", include_str!("../../mail/layout.mjml")),
    ("event_card.mjml", include_str!("../../mail/event_card.mjml")),
    ("sign_in.mjml", include_str!("../../mail/sign_in.mjml")),
    ("sign_in.txt", include_str!("../../mail/sign_in.txt")),
    ("invitation.mjml", include_str!("../../mail/invitation.mjml")),
    ("invitation.txt", include_str!("../../mail/invitation.txt")),
    ("tickets.mjml", include_str!("../../mail/tickets.mjml")),
    ("tickets.txt", include_str!("../../mail/tickets.txt")),
    ("order_cancelled.mjml", include_str!("../../mail/order_cancelled.mjml")),
    ("order_cancelled.txt", include_str!("../../mail/order_cancelled.txt")),
    ("payment_too_late.mjml", include_str!("../../mail/payment_too_late.mjml")),
    ("payment_too_late.txt", include_str!("../../mail/payment_too_late.txt")),
];

/// A letter, ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The designed version.
    pub html: String,
    /// The plain version.
    pub text: String,
}

/// Why a letter could not be written: the template is unknown or its data does not fit. A bug, not a passing trouble.
#[derive(Debug, thiserror::Error)]
#[error("the template {template} cannot be rendered: {reason}")]
pub struct CannotRender {
    template: String,
    reason: String,
}

/// Who the mail comes from.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The name people know it by.
    pub name: &'a str,
    /// Its address.
    pub url: &'a str,
}

/// Writes a letter. Everything in `data` is text of strangers: control characters are removed, and the HTML is escaped.
pub fn render(template: &str, data: &serde_json::Value, site: Site<'_>) -> Result<Letter, CannotRender> {
    let failed = |reason: String| CannotRender { template: template.to_owned(), reason };
    let environment = environment().map_err(|error| failed(error.to_owned()))?;
    let mut data = clean(data);
    let values = data.as_object_mut().ok_or_else(|| failed("its data is no object".to_owned()))?;
    values.insert("site_name".to_owned(), site.name.into());
    values.insert("site_url".to_owned(), site.url.into());
    let page = |name: String, data: &serde_json::Value| {
        environment
            .get_template(&name)
            .and_then(|page| page.render(Value::from(Serde(data))))
            .map_err(|error| failed(format!("{error:#}")))
    };
    let written = page(format!("{template}.txt"), &data)?;
    let (first, text) = written.split_once('\n').ok_or_else(|| failed("its text has no subject".to_owned()))?;
    let subject = one_line(first.strip_prefix(SUBJECT).ok_or_else(|| failed("its text has no subject".to_owned()))?);
    if let Some(values) = data.as_object_mut() {
        values.insert("subject".to_owned(), subject.clone().into());
    }
    let mjml = page(format!("{template}.mjml"), &data)?;
    let parsed = mrml::parse(&mjml).map_err(|error| failed(error.to_string()))?;
    // No web fonts: a letter loads nothing from anywhere.
    let options = RenderOptions { fonts: Default::default(), ..RenderOptions::default() };
    let html = parsed.element.render(&options).map_err(|error| failed(error.to_string()))?;
    Ok(Letter { subject, html, text: text.trim().to_owned() + "\n" })
}

/// The environment is made once; its templates are part of the program.
fn environment() -> Result<&'static Environment<'static>, &'static str> {
    static MADE: OnceLock<Result<Environment<'static>, String>> = OnceLock::new();
    MADE.get_or_init(|| make().map_err(|error| format!("{error:#}"))).as_ref().map_err(String::as_str)
}

fn make() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    // The library escapes by file extension and does not know `.mjml`: without this, names of buyers would be markup.
    environment
        .set_auto_escape_callback(|name| if name.ends_with(".txt") { AutoEscape::None } else { AutoEscape::Html });
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("href", href);
    environment.add_filter("words", words);
    for (name, source) in SOURCES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// An address for an attribute: `http` and `https` only, escaped without the slashes, which mail filters like to read.
fn href(address: &str) -> Result<Value, Error> {
    if !address.starts_with("https://") && !address.starts_with("http://") {
        return Err(Error::new(ErrorKind::InvalidOperation, "a link of a mail must be http or https"));
    }
    let escaped = address
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Ok(Value::from_safe_string(escaped))
}

/// A word of the API as people write it: `box_office` becomes `box office`.
fn words(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests;
