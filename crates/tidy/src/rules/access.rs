//! Each HTTP operation declares who may call it.

use crate::tree::{Offence, Source, Tree};

/// `utoipa::path` attributes without `x-access`.
pub fn undeclared_access(tree: &Tree) -> Vec<Offence> {
    let code = tree.with_extension(&["rs"]).filter(|source| source.crate_name() != Some("tidy"));
    code.filter(|source| !is_in_tests(source)).flat_map(in_file).collect()
}

/// Whether this is a file of `crates/X/tests`: nobody can call an operation there, and one is silent on purpose, to be found.
fn is_in_tests(source: &Source) -> bool {
    source.path.split('/').nth(2) == Some("tests")
}

fn in_file(source: &Source) -> Vec<Offence> {
    let code = source.code();
    let mut offences = Vec::new();
    for (start, _) in code.match_indices("utoipa::path") {
        // Only the attribute; `use utoipa::path;` and longer names end differently.
        let Some(open) = code
            .get(start..)
            .and_then(|rest| rest.strip_prefix("utoipa::path"))
            .filter(|rest| rest.trim_start().starts_with('('))
        else {
            continue;
        };
        let length = closing(open).unwrap_or(open.len());
        let begin = start + "utoipa::path".len();
        let attribute = source.text.get(begin..begin + length).unwrap_or_default();
        if !attribute.contains("x-access") {
            let advice = "this operation says nothing about who may call it; add extensions((\"x-access\" = ...))";
            offences.push(source.offence(source.line_of(start), "access", advice));
        }
    }
    offences
}

/// Offset after the bracket that closes the first one.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(offset + 1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn an_operation_without_declared_access_offends() {
        let text = "#[utoipa::path(get, path = \"/a)\", responses((status = 200)),\n  extensions((\"x-access\" = json!({}))))]\nfn a() {}\n\
                    // #[utoipa::path(get)]\n#[utoipa::path(\n  post, path = \"/b\",\n)]\nfn b() { let x = \"x-access\"; }\n";
        assert_eq!(found(undeclared_access, &[("crates/a/src/b.rs", text)]), [at("crates/a/src/b.rs", 5)]);
    }

    #[test]
    fn an_operation_of_a_test_may_be_silent_about_access() {
        let text = "#[utoipa::path(get, path = \"/a\")]\nfn a() {}\n";
        let files = [
            ("crates/a/tests/a.rs", text),
            ("crates/a/tests/b/c.rs", text),
            ("crates/a/src/tests/a.rs", text),
            ("crates/a/src/tests.rs", text),
        ];
        let expected = [at("crates/a/src/tests/a.rs", 1), at("crates/a/src/tests.rs", 1)];
        assert_eq!(found(undeclared_access, &files), expected);
    }
}
