//! A model decides; it reads no clock, no database and no network.

use crate::tree::{Offence, Source, Tree};

/// Libraries of the shell and types of `platform` that reach outside; its refusals and field errors are only words.
const IMPURE: [&str; 16] = [
    "sqlx",
    "axum",
    "http",
    "reqwest",
    "tokio",
    "async",
    "await",
    "now_v7",
    "SystemTime",
    "Instant",
    "Clock",
    "Random",
    "Vault",
    "Db",
    "Tx",
    "Storage",
];

/// Impure words in `model.rs` and in files of a `model` directory.
pub fn impure_models(tree: &Tree) -> Vec<Offence> {
    let is_model = |source: &&Source| source.name() == "model.rs" || source.path.contains("/model/");
    tree.with_extension(&["rs"]).filter(is_model).flat_map(in_model).collect()
}

fn in_model(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (index, line) in source.code().lines().enumerate().take(source.first_test_line()) {
        let words: Vec<&str> = line.split(|character: char| !character.is_alphanumeric() && character != '_').collect();
        let reads_clock = line.contains("::now(");
        let word = IMPURE.iter().find(|word| words.contains(*word)).copied().or(reads_clock.then_some("now()"));
        if let Some(word) = word {
            let advice =
                format!("a model names no `{word}`; take the value as an argument, or move this beside the model");
            offences.push(source.offence(index + 1, "pure_model", advice));
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn a_model_that_reaches_outside_offends() {
        let impure = "//! Pure; no sqlx here.\nuse sqlx::PgConnection;\npub async fn place() {}\nlet x = Timestamp::now();\nlet y = \"async\";\n";
        let files = [
            ("crates/a/src/order/model.rs", impure),
            ("crates/a/src/order/store.rs", impure),
            ("crates/a/src/model/b.rs", "fn a() {}\n"),
        ];
        let expected = [2, 3, 4].map(|line| at("crates/a/src/order/model.rs", line));
        assert_eq!(found(impure_models, &files), expected);
    }
}
