//! A context's SQL names its own schema and no other's.

use super::CONTEXTS;
use crate::tree::{Offence, Source, Tree};

/// Words of SQL that a table or a function follows.
const BEFORE_A_TABLE: [&str; 11] =
    ["from", "join", "into", "update", "references", "table", "on", "call", "only", "truncate", "execute"];

/// SQL in one crate, or in one context's migration, that names another context's schema.
pub fn foreign_schemas(tree: &Tree) -> Vec<Offence> {
    let code = tree.with_extension(&["rs"]).filter(|source| !source.is_test() && source.crate_name() != Some("tidy"));
    let migrations = tree.with_extension(&["sql"]).filter(|source| source.path.starts_with("migrations/"));
    code.flat_map(in_code).chain(migrations.flat_map(in_migration)).collect()
}

fn in_code(source: &Source) -> Vec<Offence> {
    let own = source.crate_name().unwrap_or_default().to_owned();
    let tests = source.first_test_line();
    let literals = source.literals().into_iter().filter(|(offset, _)| source.line_of(*offset) < tests);
    literals.flat_map(|(offset, literal)| foreign(source, offset, &literal, &own)).collect()
}

/// `0005_boxoffice.sql`, `0012_boxoffice_seats.sql`: the file name carries the context.
fn in_migration(source: &Source) -> Vec<Offence> {
    let own = source.name().trim_end_matches(".sql").split('_').nth(1).unwrap_or_default().to_owned();
    let without_comments: Vec<&str> =
        source.text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    let mut offences = Vec::new();
    for (index, line) in without_comments.iter().enumerate() {
        offences
            .extend(foreign(source, 0, line, &own).into_iter().map(|offence| Offence { line: index + 1, ..offence }));
    }
    offences
}

fn foreign(source: &Source, offset: usize, sql: &str, own: &str) -> Vec<Offence> {
    let mut offences = Vec::new();
    let mut before = String::new();
    for word in sql.split_whitespace() {
        let name = word.trim_start_matches(['(', '\'', '"']).to_lowercase();
        let schema = name.split('.').next().unwrap_or_default();
        let is_named = name.len() > schema.len() && BEFORE_A_TABLE.contains(&before.as_str());
        if is_named && schema != own && CONTEXTS.contains(&schema) {
            let position = sql.find(word).unwrap_or_default();
            let advice =
                format!("SQL of `{own}` names `{name}`; ask `{schema}` through its api.rs, or listen to its events");
            offences.push(source.offence(source.line_of(offset + position), "schema", advice));
        }
        before = name;
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn sql_that_names_another_context_offends() {
        let store = "//! from catalog.event\nlet a = \"select id\n  from catalog.event where x\";\nlet b = \"select 1 from boxoffice.pool\";\nlet c = \"from catalog.\";\n";
        let join = "q(r#\"select 1 from admission.list join boxoffice.ticket on true\"#)\n";
        let files = [
            ("crates/boxoffice/src/pool/store.rs", store),
            ("crates/admission/src/scan/store.rs", join),
            ("crates/app/src/demo.rs", "let a = \"insert into identity.account\";\n"),
            ("crates/catalog/src/a.rs", "let text = \"see catalog.toml and boxoffice.toml\"; self.boxoffice.pool();\n"),
            ("crates/testkit/src/invariants.rs", join),
        ];
        let expected = [
            at("crates/boxoffice/src/pool/store.rs", 3),
            at("crates/boxoffice/src/pool/store.rs", 5),
            at("crates/admission/src/scan/store.rs", 1),
            at("crates/app/src/demo.rs", 1),
        ];
        assert_eq!(found(foreign_schemas, &files), expected);
    }

    #[test]
    fn a_migration_stays_in_its_schema() {
        let sql = "create table boxoffice.hold (\n  event_id uuid references catalog.event -- not from identity.account\n);\ncall platform.fence('boxoffice.hold');\n";
        assert_eq!(
            found(foreign_schemas, &[("migrations/0005_boxoffice.sql", sql)]),
            [at("migrations/0005_boxoffice.sql", 2)]
        );
    }
}
