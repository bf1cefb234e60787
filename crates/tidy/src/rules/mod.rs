//! The rules, each a function from the tree to its offences.

mod access;
mod arrows;
mod documents;
mod fences;
mod names;
mod places;
mod purity;
mod schemas;
mod size;
mod unfinished;

use crate::tree::{Offence, Tree};

/// The bounded contexts of architecture.md section 3; each owns the PostgreSQL schema of its name.
pub const CONTEXTS: [&str; 10] = [
    "identity",
    "catalog",
    "boxoffice",
    "payments",
    "admission",
    "outreach",
    "community",
    "conference",
    "insight",
    "privacy",
];

/// Everything that any rule forbids, in the order of files.
#[must_use]
pub fn all(tree: &Tree) -> Vec<Offence> {
    let rules = [
        access::undeclared_access,
        arrows::forbidden_arrows,
        documents::missing_or_long_documents,
        fences::unfenced_tables,
        names::empty_names,
        places::machine_places,
        purity::impure_models,
        schemas::foreign_schemas,
        size::long_files,
        size::long_functions,
        unfinished::unfinished_work,
        unfinished::silenced_lints,
    ];
    let mut offences: Vec<Offence> = rules.into_iter().flat_map(|rule| rule(tree)).collect();
    offences.sort();
    offences
}

/// The planted files and the offences of one rule in them as (file, line).
#[cfg(test)]
fn found(rule: fn(&Tree) -> Vec<Offence>, files: &[(&str, &str)]) -> Vec<(String, usize)> {
    rule(&Tree::planted(files)).into_iter().map(|offence| (offence.file, offence.line)).collect()
}

/// What [`found`] gives for one offence.
#[cfg(test)]
fn at(file: &str, line: usize) -> (String, usize) {
    (file.to_owned(), line)
}
