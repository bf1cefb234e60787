//! The repository as it stands keeps its rules.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use tidy::{Exceptions, Tree, apply, rules};

#[test]
fn nothing_in_the_repository_offends() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::read(&root).unwrap();
    assert!(
        tree.find("Cargo.toml").is_some() && tree.find("crates/tidy/src/lib.rs").is_some(),
        "this is not the repository"
    );
    let offences = apply(&Exceptions::of(&tree).unwrap(), rules::all(&tree));
    let list: String = offences.iter().map(|offence| format!("{offence}\n")).collect();
    assert!(offences.is_empty(), "{} offences:\n{list}", offences.len());
}
