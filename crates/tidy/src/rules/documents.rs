//! The documents a newcomer reads first exist and are short.

use super::CONTEXTS;
use crate::tree::{Offence, Tree};

const README_LINES_MAX: usize = 99;
const CONTEXT_README_LINES_MAX: usize = 25;
const CONTEXT_README_LINES_MIN: usize = 5;

/// A README at the root and one in each context crate, within their limits.
pub fn missing_or_long_documents(tree: &Tree) -> Vec<Offence> {
    let contexts = CONTEXTS.iter().filter(|context| tree.find(&format!("crates/{context}/Cargo.toml")).is_some());
    let wanted = contexts
        .map(|context| (format!("crates/{context}/README.md"), CONTEXT_README_LINES_MIN, CONTEXT_README_LINES_MAX));
    let root = ("README.md".to_owned(), 1, README_LINES_MAX);
    std::iter::once(root).chain(wanted).filter_map(|(path, least, most)| in_document(tree, path, least, most)).collect()
}

fn in_document(tree: &Tree, path: String, least: usize, most: usize) -> Option<Offence> {
    let Some(source) = tree.find(&path) else {
        let advice = "missing; say in ten lines its words, its invariants and which events leave it".to_owned();
        return Some(Offence { file: path, line: 1, rule: "document", advice });
    };
    let lines = source.text.lines().count();
    let advice = format!("{lines} lines, from {least} to {most} are wanted");
    (lines < least || lines > most).then(|| source.offence(1, "document", advice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn a_missing_a_long_and_an_empty_readme_offend() {
        let (long, right, most) = ("x\n".repeat(26), "x\n".repeat(10), "x\n".repeat(100));
        let files = [
            ("README.md", most.as_str()),
            ("crates/catalog/Cargo.toml", ""),
            ("crates/boxoffice/Cargo.toml", ""),
            ("crates/boxoffice/README.md", &long),
            ("crates/payments/Cargo.toml", ""),
            ("crates/payments/README.md", ""),
            ("crates/identity/Cargo.toml", ""),
            ("crates/identity/README.md", &right),
        ];
        let expected =
            ["README.md", "crates/catalog/README.md", "crates/boxoffice/README.md", "crates/payments/README.md"];
        assert_eq!(found(missing_or_long_documents, &files), expected.map(|file| at(file, 1)));
    }
}
