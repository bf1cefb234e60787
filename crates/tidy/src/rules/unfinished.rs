//! Nothing unfinished and nothing silenced is committed.

use crate::tree::{Offence, Source, Tree};

const CODE: [&str; 10] = ["rs", "ts", "tsx", "mjs", "css", "sql", "sh", "html", "toml", "yml"];
/// In capitals, as whole words.
const MARKS: [&str; 2] = ["TODO", "FIXME"];
const UNFINISHED: [&str; 2] = ["todo!", "unimplemented!"];
/// A test that is switched off proves nothing; a lint that is switched off says why with `expect`.
const SILENCED: [(&str, &str); 2] = [
    ("#[ignore", "a test that does not run proves nothing; mend it or delete it"),
    ("[allow(", "use #[expect(..., reason = \"...\")], which fails when it is no longer needed"),
];

/// Marks and macros of work to be done.
pub fn unfinished_work(tree: &Tree) -> Vec<Offence> {
    ours(tree, &CODE).flat_map(unfinished_in).collect()
}

/// Tests and lints that are switched off in Rust code; in test files lints may be allowed.
pub fn silenced_lints(tree: &Tree) -> Vec<Offence> {
    ours(tree, &["rs"]).flat_map(silenced_in).collect()
}

fn ours<'a>(tree: &'a Tree, extensions: &'a [&str]) -> impl Iterator<Item = &'a Source> {
    tree.with_extension(extensions).filter(|source| source.crate_name() != Some("tidy"))
}

fn unfinished_in(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let is_mark = |word: &str| MARKS.contains(&word);
        let has_mark = line.split(|character: char| !character.is_alphanumeric() && character != '_').any(is_mark);
        if has_mark || UNFINISHED.iter().any(|unfinished| line.contains(unfinished)) {
            offences.push(source.offence(index + 1, "unfinished", "finish it, or write an issue and delete this line"));
        }
    }
    offences
}

fn silenced_in(source: &Source) -> Vec<Offence> {
    let tests = if source.is_test() { 0 } else { source.first_test_line() };
    let mut offences = Vec::new();
    for (index, line) in source.code().lines().enumerate() {
        for (silenced, advice) in SILENCED {
            let is_forgiven = silenced == "[allow(" && index + 1 >= tests;
            if line.contains(silenced) && !is_forgiven {
                offences.push(source.offence(index + 1, "silenced", advice));
            }
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn marks_of_unfinished_work_offend() {
        let text = "fn a() {\n  todo!()\n}\n// FIXME later\n// a method and a TODOS list\n";
        let files = [("crates/a/src/b.rs", text), ("web/src/a.ts", "// TODO: b\n"), ("docs/a.md", "TODO\n")];
        assert_eq!(
            found(unfinished_work, &files),
            [at("crates/a/src/b.rs", 2), at("crates/a/src/b.rs", 4), at("web/src/a.ts", 1)]
        );
    }

    #[test]
    fn silenced_tests_and_lints_offend() {
        let text = "#[allow(dead_code)]\nfn a() {}\n#[cfg(test)]\n#[allow(clippy::unwrap_used)]\nmod tests {\n  #[ignore]\n}\n";
        let files =
            [("crates/a/src/b.rs", text), ("crates/a/tests/c.rs", "#![allow(clippy::panic)]\n#[ignore = \"slow\"]\n")];
        assert_eq!(
            found(silenced_lints, &files),
            [at("crates/a/src/b.rs", 1), at("crates/a/src/b.rs", 6), at("crates/a/tests/c.rs", 2)]
        );
    }
}
