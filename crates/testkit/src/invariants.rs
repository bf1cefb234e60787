//! The invariants, run against a database as its superuser sees it.

use sqlx::{Executor, PgConnection, PgPool, Row};

const INVARIANTS: &str = include_str!("../invariants.sql");

/// A promise that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant's number and title.
    pub invariant: String,
    /// How many rows break it.
    pub rows: usize,
    /// The first column of the first of them.
    pub example: String,
}

/// Every invariant that does not hold on one snapshot.
pub async fn violations(pool: &PgPool) -> Vec<Violation> {
    let mut connection = pool.acquire().await.expect("the database answers");
    connection.execute("begin isolation level repeatable read read only").await.expect("a transaction begins");
    let broken = violations_in(&mut connection).await;
    connection.execute("rollback").await.expect("a transaction ends");
    broken
}

/// Every invariant that does not hold inside the transaction of a connection, what it has changed itself included.
pub async fn violations_in(connection: &mut PgConnection) -> Vec<Violation> {
    let mut broken = Vec::new();
    for block in INVARIANTS.split("-- @").skip(1) {
        let (title, query) = block.split_once('\n').expect("an invariant has a title and a query");
        let rows = connection
            .fetch_all(sqlx::raw_sql(sqlx::AssertSqlSafe(query.to_owned())))
            .await
            .unwrap_or_else(|error| panic!("{title}: {error}"));
        if let Some(first) = rows.first() {
            let example = first.try_get::<String, _>(0).unwrap_or_default();
            broken.push(Violation { invariant: title.to_owned(), rows: rows.len(), example });
        }
    }
    broken
}
