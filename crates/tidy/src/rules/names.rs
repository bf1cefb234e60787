//! Names that say nothing.

use crate::tree::{Offence, Source, Tree};

/// Words that no file, directory or type is named by: whatever fits nowhere collects there.
const EMPTY: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"];
const CODE: [&str; 7] = ["rs", "ts", "tsx", "mjs", "css", "sql", "sh"];

/// Files, directories and Rust types named by an empty word.
pub fn empty_names(tree: &Tree) -> Vec<Offence> {
    let in_path = |source: &Source| {
        let word = source.path.split(['/', '.', '_', '-']).find(|word| EMPTY.contains(word))?.to_owned();
        Some(source.offence(1, "name", format!("`{word}` says nothing; name the file by its subject")))
    };
    let paths = tree.with_extension(&CODE).filter_map(in_path);
    let types = tree.with_extension(&["rs"]).flat_map(in_code);
    paths.chain(types).collect()
}

fn in_code(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (index, line) in source.code().lines().enumerate() {
        let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
        while let Some(word) = words.next() {
            if !["struct", "enum", "trait", "mod", "type"].contains(&word) {
                continue;
            }
            let Some(name) = words.next() else { break };
            let lower = name.to_lowercase();
            if let Some(empty) = EMPTY
                .iter()
                .find(|empty| lower == **empty || (lower.ends_with(**empty) && name.contains(char::is_uppercase)))
            {
                offences.push(source.offence(
                    index + 1,
                    "name",
                    format!("`{name}`: `{empty}` says nothing; name what it does"),
                ));
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
    fn empty_names_offend_in_paths_and_types() {
        let files = [
            ("crates/a/src/utils.rs", ""),
            ("crates/a/src/order_helpers/place.rs", ""),
            ("web/src/common/money.ts", ""),
            (
                "crates/a/src/b.rs",
                "// a manager\nstruct SessionManager;\nmod misc;\nlet x = \"struct Manager\";\nstruct Uncommon;\n",
            ),
            ("crates/a/src/commonwealth.rs", ""),
        ];
        let expected = [
            at("crates/a/src/utils.rs", 1),
            at("crates/a/src/order_helpers/place.rs", 1),
            at("web/src/common/money.ts", 1),
            at("crates/a/src/b.rs", 2),
            at("crates/a/src/b.rs", 3),
        ];
        let all = found(empty_names, &files);
        assert!(expected.iter().all(|offence| all.contains(offence)), "{all:?}");
        assert!(!all.contains(&at("crates/a/src/b.rs", 4)) && !all.contains(&at("crates/a/src/commonwealth.rs", 1)));
    }
}
