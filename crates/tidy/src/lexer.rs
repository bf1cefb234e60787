//! Tells code from comments and literals in Rust text, as far as the rules need it.

use std::iter::Peekable;
use std::str::CharIndices;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    /// Inside of a text literal, without its quotes.
    Text,
}

/// The text with comments and insides of literals replaced by spaces of the same length; line breaks stay.
pub fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (kind, character) in classify(text) {
        match kind {
            Kind::Code => out.push(character),
            _ if character == '\n' => out.push('\n'),
            _ => out.extend(std::iter::repeat_n(' ', character.len_utf8())),
        }
    }
    out
}

/// The inside of every text literal with its offset.
pub fn literals(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut offset, mut before) = (0, Kind::Code);
    for (kind, character) in classify(text) {
        if kind == Kind::Text {
            if before != Kind::Text {
                found.push((offset, String::new()));
            }
            if let Some((_, literal)) = found.last_mut() {
                literal.push(character);
            }
        }
        offset += character.len_utf8();
        before = kind;
    }
    found
}

type Characters<'a> = Peekable<CharIndices<'a>>;
type Kinds = Vec<(Kind, char)>;

fn classify(text: &str) -> Kinds {
    let mut characters: Characters = text.char_indices().peekable();
    let mut out = Kinds::with_capacity(text.len());
    while let Some((offset, character)) = characters.next() {
        let rest = text.get(offset..).unwrap_or_default();
        if rest.starts_with("//") {
            out.push((Kind::Comment, character));
            take_until(&mut characters, &mut out, Kind::Comment, |rest| rest == '\n');
        } else if rest.starts_with("/*") {
            out.push((Kind::Comment, character));
            block_comment(&mut characters, &mut out);
        } else if let Some(hashes) = raw_start(rest, text.get(..offset).unwrap_or_default()) {
            out.push((Kind::Code, character));
            raw_text(&mut characters, &mut out, hashes, text);
        } else if character == '"' {
            out.push((Kind::Code, character));
            plain_text(&mut characters, &mut out);
        } else if character == '\'' && is_character_literal(rest) {
            out.push((Kind::Code, character));
            character_literal(&mut characters, &mut out);
        } else {
            out.push((Kind::Code, character));
        }
    }
    out
}

fn take_until(characters: &mut Characters, out: &mut Kinds, kind: Kind, is_end: impl Fn(char) -> bool) {
    while let Some((_, character)) = characters.next_if(|(_, character)| !is_end(*character)) {
        out.push((kind, character));
    }
}

fn block_comment(characters: &mut Characters, out: &mut Kinds) {
    let (mut depth, mut before) = (1, '\0');
    if let Some((_, star)) = characters.next() {
        out.push((Kind::Comment, star));
    }
    for (_, character) in characters.by_ref() {
        out.push((Kind::Comment, character));
        match (before, character) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                before = character;
                continue;
            }
        }
        before = '\0';
        if depth == 0 {
            return;
        }
    }
}

/// The number of hashes when a raw literal begins here: `r"`, `r#"`, `br"`.
fn raw_start(rest: &str, before: &str) -> Option<usize> {
    let is_inside_word =
        before.chars().next_back().is_some_and(|character| character.is_alphanumeric() || character == '_');
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r')).filter(|_| !is_inside_word)?;
    let hashes = after.chars().take_while(|character| *character == '#').count();
    after.get(hashes..)?.starts_with('"').then_some(hashes)
}

fn raw_text(characters: &mut Characters, out: &mut Kinds, hashes: usize, text: &str) {
    take_until(characters, out, Kind::Code, |character| character == '"');
    if let Some((_, quote)) = characters.next() {
        out.push((Kind::Code, quote));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    while let Some((offset, character)) = characters.next() {
        if text.get(offset..).is_some_and(|rest| rest.starts_with(&end)) {
            out.push((Kind::Code, character));
            out.extend(characters.by_ref().take(hashes).map(|(_, hash)| (Kind::Code, hash)));
            return;
        }
        out.push((Kind::Text, character));
    }
}

fn plain_text(characters: &mut Characters, out: &mut Kinds) {
    while let Some((_, character)) = characters.next() {
        match character {
            '"' => return out.push((Kind::Code, character)),
            '\\' => {
                out.push((Kind::Text, character));
                out.extend(characters.next().map(|(_, escaped)| (Kind::Text, escaped)));
            }
            _ => out.push((Kind::Text, character)),
        }
    }
}

/// A quote that begins `'x'` or `'\n'`, and not a lifetime.
fn is_character_literal(rest: &str) -> bool {
    let mut after = rest.chars().skip(1);
    match after.next() {
        Some('\\') => true,
        Some(_) => after.next() == Some('\''),
        None => false,
    }
}

fn character_literal(characters: &mut Characters, out: &mut Kinds) {
    while let Some((_, character)) = characters.next() {
        match character {
            '\'' => return out.push((Kind::Code, character)),
            '\\' => {
                out.push((Kind::Comment, character));
                out.extend(characters.next().map(|(_, escaped)| (Kind::Comment, escaped)));
            }
            _ => out.push((Kind::Comment, character)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_offsets_stay() {
        let text =
            "let a = \"x // \\\" y\"; // c \"ü\"\n/* n /* m */ */ let b = r#\"q \" z\"#; let c = '\"'; fn f<'a>() {}\n";
        let code = code(text);
        assert_eq!(code.len(), text.len());
        assert!(!code.contains("//") && !code.contains('ü') && !code.contains("n /"));
        assert!(code.contains("let b = r#\"") && code.contains("fn f<'a>() {}"));
        let found: Vec<String> = literals(text).into_iter().map(|(_, literal)| literal).collect();
        assert_eq!(found, ["x // \\\" y", "q \" z"]);
        assert!(literals(text).iter().all(|(offset, literal)| text[*offset..].starts_with(literal.as_str())));
    }

    #[test]
    fn a_word_that_ends_in_r_is_no_raw_literal() {
        let found: Vec<String> =
            literals("write!(formatter\"x\", r\"y\")").into_iter().map(|(_, literal)| literal).collect();
        assert_eq!(found, ["x", "y"]);
    }
}
