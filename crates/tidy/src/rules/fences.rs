//! Every table of tenants is fenced by forced row-level security.

use crate::tree::{Offence, Source, Tree};

/// Tables with an `organisation_id` that no migration fences.
pub fn unfenced_tables(tree: &Tree) -> Vec<Offence> {
    let migrations: Vec<&Source> =
        tree.with_extension(&["sql"]).filter(|source| source.path.starts_with("migrations/")).collect();
    let all: String = migrations.iter().map(|source| without_comments(&source.text)).collect();
    let is_fenced = |table: &str| {
        let fence = format!("call platform.fence('{table}')");
        let force = format!("alter table {table} force row level security");
        all.contains(&fence) || all.contains(&force)
    };
    let unfenced = |source: &&Source| {
        let tables = tenant_tables(source).into_iter().filter(|(_, table)| !is_fenced(table));
        let advice = |table: &str| format!("`{table}` holds tenants' rows; add: call platform.fence('{table}');");
        tables.map(|(line, table)| source.offence(line, "fence", advice(&table))).collect::<Vec<_>>()
    };
    migrations.iter().flat_map(unfenced).collect()
}

fn without_comments(sql: &str) -> String {
    sql.lines()
        .map(|line| format!("{}\n", line.split("--").next().unwrap_or_default()))
        .collect::<String>()
        .to_lowercase()
}

/// Tables with the tenant's column, made or added to, with their line.
fn tenant_tables(source: &Source) -> Vec<(usize, String)> {
    let sql = without_comments(&source.text);
    let mut tables = Vec::new();
    let mut line = 1;
    for statement in sql.split(';') {
        let blank = statement.len() - statement.trim_start().len();
        let begin = line + statement.get(..blank).unwrap_or_default().matches('\n').count();
        line += statement.matches('\n').count();
        let words: Vec<&str> = statement.split_whitespace().collect();
        let after = |prefix: &[&str]| {
            words.strip_prefix(prefix).and_then(|rest| rest.first()).map(|name| name.trim_end_matches('(').to_owned())
        };
        let made = after(&["create", "table", "if", "not", "exists"]).or_else(|| after(&["create", "table"]));
        let changed =
            after(&["alter", "table"]).filter(|_| words.windows(2).any(|pair| pair == ["column", "organisation_id"]));
        let has_tenant = statement.contains("organisation_id") && !words.contains(&"partition");
        if let Some(table) = made.filter(|_| has_tenant).or(changed) {
            tables.push((begin, table));
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn a_tenant_table_without_a_fence_offends() {
        let sql = "-- order\ncreate table a.fenced (\n  organisation_id uuid\n);\ncall platform.fence('a.fenced');\n\
                   create table a.forced (organisation_id uuid);\nalter table a.forced enable row level security;\nalter table a.forced force row level security;\n\
                   create table a.plain (id uuid); -- no organisation_id\n\
                   create table a.open (\n  organisation_id uuid\n);\n-- call platform.fence('a.open');\n\
                   alter table a.late add column organisation_id uuid;\n";
        assert_eq!(
            found(unfenced_tables, &[("migrations/0001_a.sql", sql)]),
            [at("migrations/0001_a.sql", 10), at("migrations/0001_a.sql", 14)]
        );
    }
}
