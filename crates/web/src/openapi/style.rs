//! Small pieces of markup for the page of the document.

use crate::problem::escape;

/// Text with `code` in it: what doc comments use of Markdown.
pub(super) fn inline(text: &str) -> String {
    let mut is_code = false;
    let mut out = String::new();
    for part in text.split('`') {
        if is_code {
            out.push_str(&format!("<code class=\"mono\">{}</code>", escape(part)));
        } else {
            out.push_str(&escape(part).replace("\n\n", "<br><br>"));
        }
        is_code = !is_code;
    }
    out
}

/// A name that can stand in an `id` and in an address.
pub(super) fn anchor(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' })
        .collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// A method in its colour.
pub(super) fn badge(method: &str) -> String {
    let colour = match method {
        "get" => "badge-info",
        "post" => "badge-success",
        "delete" => "badge-danger",
        _ => "badge-warning",
    };
    format!("<span class=\"badge {colour}\">{}</span>", method.to_uppercase())
}

/// Text to copy, with room of its own.
pub(super) fn code_block(text: &str) -> String {
    format!("<div class=\"prose\"><pre class=\"mono small\">{}</pre></div>", escape(text))
}
