//! Says in words which field a body or query fails at.

use std::error::Error;

use platform::FieldError;

/// The field error behind a failed deserialization: `path` is where, `reason` is serde's sentence.
pub(crate) fn field_error(path: &str, reason: &str) -> FieldError {
    let reason = without_position(reason);
    let path = path.trim_matches(['.', '?']).replace('[', ".").replace(']', "");
    let path = path.trim_start_matches('.');
    if let Some(name) = quoted(reason, "unknown field `") {
        return FieldError::new(join(path, name), "unknown_field", "There is no such field here.");
    }
    if let Some(name) = quoted(reason, "missing field `") {
        return FieldError::new(join(path, name), "missing", "This is needed.");
    }
    if let Some(name) = quoted(reason, "duplicate field `") {
        return FieldError::new(join(path, name), "duplicate", "This was sent twice.");
    }
    FieldError::new(path, "invalid", sentence(reason))
}

/// The innermost words of an error that wraps others.
pub(crate) fn innermost(error: &dyn Error) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

fn without_position(reason: &str) -> &str {
    reason.rfind(" at line ").and_then(|end| reason.get(..end)).unwrap_or(reason)
}

fn quoted<'a>(reason: &'a str, before: &str) -> Option<&'a str> {
    reason.strip_prefix(before).and_then(|rest| rest.split('`').next())
}

/// serde names the path up to the object or up to the field, depending on where it noticed.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else if path == name || path.ends_with(&format!(".{name}")) {
        path.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn sentence(reason: &str) -> String {
    let mut characters = reason.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let full_stop = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{full_stop}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_name_the_field() {
        let shown = |path: &str, reason: &str| {
            let error = field_error(path, reason);
            (error.field, error.code, error.message)
        };
        let expected = |field: &str, code: &str, message: &str| (field.to_owned(), code.to_owned(), message.to_owned());
        assert_eq!(
            shown(".", "missing field `title` at line 1 column 2"),
            expected("title", "missing", "This is needed.")
        );
        assert_eq!(
            shown("lines[0]", "missing field `quantity`"),
            expected("lines.0.quantity", "missing", "This is needed.")
        );
        assert_eq!(
            shown("role", "unknown field `role`, expected `name`"),
            expected("role", "unknown_field", "There is no such field here.")
        );
        assert_eq!(
            shown("email", "not an e-mail address at line 1 column 9"),
            expected("email", "invalid", "Not an e-mail address.")
        );
    }
}
