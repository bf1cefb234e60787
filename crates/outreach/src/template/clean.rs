//! Text of strangers, made harmless for headers and plain text.

use serde_json::Value;

/// Whether a character may stand in a letter: no control characters, and none that turn the direction of the text around for what follows.
fn is_harmless(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// One line without control characters; runs of blanks become one.
pub fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|character| if is_harmless(character) { character } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same value with every text in it made one harmless line.
pub fn clean(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(one_line(text)),
        Value::Array(items) => Value::Array(items.iter().map(clean).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), clean(field))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_cannot_add_lines_or_turn_text_around() {
        assert_eq!(one_line("Ada\r\nBcc: eve@example.org"), "Ada Bcc: eve@example.org");
        assert_eq!(one_line("  a \t b\u{0}c\u{7f}  "), "a b c");
        assert_eq!(one_line("txt.\u{202e}exe"), "txt. exe");
        assert_eq!(one_line("Зоя 東京 👩‍👩‍👧"), "Зоя 東京 👩‍👩‍👧");
        let value = serde_json::json!({"a": ["x\ny", {"b": "c\rd"}], "n": 1});
        assert_eq!(clean(&value), serde_json::json!({"a": ["x y", {"b": "c d"}], "n": 1}));
    }
}
