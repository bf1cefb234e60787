//! Row 6: copies of the database with past orders in them.
//!
//! A few orders are bought over the API in the way that is measured, and each is copied a great many times, row by row in the tables the server filled, with
//! ids, codes, serials, addresses and times of their own. Columns that are not named here are copied from the order that was
//! bought, so that a new column of the schema is filled as the server fills it.

use anyhow::{Context, Result, ensure};
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Executor, query, query_scalar};

use crate::cluster::{Cluster, PRISTINE_DATABASE};
use crate::house::House;
use crate::server::{Binary, Server, Start};
use crate::stage::{PLACES, QUANTITY};

/// Past orders of one event; two tickets each have to fit into a pool.
const ORDERS_AN_EVENT_MAX: u64 = 250_000;
/// Room on the disk for each past order with its indexes and its log, bytes.
const BYTES_AN_ORDER: u64 = 8_192;
const PREPARE: &str = include_str!("sql/growth_prepare.sql");
const FINISH: &str = include_str!("sql/growth_finish.sql");

/// A table, the condition that finds the rows of the bought order by a key, and the columns that a copy has of its own. `t` is the row
/// that is copied, `p` the past order: its number `n`, time `at`, `order_id`, `hold_id`, `code`.
const TABLES: [Table; 8] = [
    Table { name: "boxoffice.hold", rows: "t.id = b.hold_id", own: &[("id", "p.hold_id")] },
    Table { name: "boxoffice.hold_line", rows: "t.hold_id = b.hold_id", own: &[] },
    Table {
        name: "boxoffice.orders",
        rows: "t.id = b.order_id",
        own: &[("id", "p.order_id"), ("code", "p.code"), ("buyer_email", "'past' || p.n || '@example.org'")],
    },
    Table { name: "boxoffice.order_code", rows: "t.code = b.code", own: &[("code", "p.code")] },
    Table { name: "boxoffice.order_line", rows: "t.order_id = b.order_id", own: &[] },
    Table {
        name: "boxoffice.ticket",
        rows: "t.order_id = b.order_id",
        own: &[("id", "pg_temp.past_id(p.at)"), ("serial", "pg_temp.past_serial()")],
    },
    Table {
        name: "boxoffice.pool_journal",
        rows: "t.pool_id = b.pool_id and (t.order_id = b.order_id or t.hold_id = b.hold_id)",
        own: &[("version", "t.version + p.n * b.lines")],
    },
    Table {
        name: "platform.journal",
        rows: "t.aggregate_kind in ('order', 'hold') and t.aggregate_id in (b.order_id, b.hold_id)",
        own: &[
            ("aggregate_id", "case when t.aggregate_id = b.order_id then p.order_id else p.hold_id end"),
            ("hash", "sha256((p.code || t.aggregate_version)::bytea)"),
            ("request_id", "'past' || p.n"),
        ],
    },
];

struct Table {
    name: &'static str,
    rows: &'static str,
    own: &'static [(&'static str, &'static str)],
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    /// Its value comes from PostgreSQL: an identity, the transaction's number.
    is_given: bool,
}

/// A server on a database with past orders.
#[derive(Debug)]
pub struct Grown {
    /// The server.
    pub server: Server,
    /// Its database, as superuser.
    pub database: PgPool,
}

/// Makes a database with so many past orders and starts a server on it.
///
/// # Errors
/// When PostgreSQL refuses, or a table has lost a column that is named here.
pub async fn grow(cluster: &Cluster, binary: &Binary, house: &House, past: u64) -> Result<Grown> {
    let name = format!("grown_{past}");
    cluster.create_database(&name, Some(PRISTINE_DATABASE)).await?;
    let server = binary.start(&Start { database: &cluster.url_of(&name), role: "web", settings: &[] }).await?;
    let database = cluster.pool(&name).await?;
    let mut rest = past;
    while rest > 0 {
        let count = rest.min(ORDERS_AN_EVENT_MAX);
        let event = house.publish(&server.place.base(), &format!("Past {rest}"), PLACES).await?;
        house.buy(&server.place.base(), &event.show, QUANTITY, "first@example.org").await?;
        rest -= count;
        copy(&database, &event.show.slug, count, rest).await.with_context(|| event.show.slug)?;
    }
    // Otherwise vacuum and checkpoint would come while it is measured, after the largest fill most of all.
    database.execute("vacuum (analyze)").await?;
    database.execute("checkpoint").await?;
    Ok(Grown { server, database })
}

/// Whether the disk has room for the past orders of all databases.
///
/// # Errors
/// When it has not, or cannot be asked.
pub fn has_room(directory: &std::path::Path, past: &[u64]) -> Result<()> {
    let free = rustix::fs::statvfs(directory)?;
    let free = free.f_bavail.saturating_mul(free.f_frsize);
    let needed = past.iter().sum::<u64>() * BYTES_AN_ORDER + 12 * 1024 * 1024 * 1024;
    ensure!(free > needed, "row 6 needs {needed} bytes of disk and {free} are free; ask for fewer with --growth");
    Ok(())
}

/// Copies the only order of an event so many times, in one transaction; so many others are to come after them.
async fn copy(database: &PgPool, slug: &str, count: u64, after: u64) -> Result<()> {
    let mut connection = database.acquire().await?;
    // Rows that refer to each other are made together, so that keys need no look-up each; and the journals take what was.
    connection
        .execute(
            "begin; set local session_replication_role = replica; set local synchronous_commit = off; set local work_mem = '256MB'",
        )
        .await?;
    sqlx::raw_sql(PREPARE).execute(&mut *connection).await?;
    query("call pg_temp.prepare_past($1, $2, $3)")
        .bind(slug)
        .bind(i64::try_from(count)?)
        .bind(i64::try_from(after)?)
        .execute(&mut *connection)
        .await?;
    for table in &TABLES {
        let columns = columns(&mut connection, table.name).await?;
        connection.execute(AssertSqlSafe(table.statement(&columns)?)).await.with_context(|| table.name)?;
    }
    sqlx::raw_sql(FINISH).execute(&mut *connection).await?;
    connection.execute("commit").await?;
    Ok(())
}

async fn columns(connection: &mut sqlx::PgConnection, table: &str) -> Result<Vec<Column>> {
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "select attname::text, atttypid::regtype::text, attidentity <> '' or attgenerated <> '' or atttypid = 'xid8'::regtype
         from pg_attribute
         where attrelid = $1::regclass and attnum > 0 and not attisdropped
         order by attnum",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(name, kind, is_given)| Column { name, kind, is_given }).collect())
}

impl Table {
    /// The statement that copies the rows of the bought order once for each past order.
    fn statement(&self, columns: &[Column]) -> Result<String> {
        for (name, _) in self.own {
            ensure!(columns.iter().any(|column| column.name == *name), "{} has no column {name} any more", self.name);
        }
        let columns: Vec<&Column> = columns.iter().filter(|column| !column.is_given).collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let values: Vec<String> = columns.iter().map(|column| self.value(column)).collect();
        Ok(format!(
            "insert into {} ({}) select {} from pg_temp.bought b join {} t on t.organisation_id = b.organisation_id and {} \
             cross join pg_temp.past p order by p.n",
            self.name,
            names.join(", "),
            values.join(", "),
            self.name,
            self.rows
        ))
    }

    fn value(&self, column: &Column) -> String {
        let name = &column.name;
        if let Some((_, value)) = self.own.iter().find(|(own, _)| own == name) {
            return (*value).to_owned();
        }
        // What was empty stays empty; times keep their distance from the order's.
        match (name.as_str(), column.kind.as_str()) {
            ("order_id", _) => "case when t.order_id is not null then p.order_id end".to_owned(),
            ("hold_id", _) => "case when t.hold_id is not null then p.hold_id end".to_owned(),
            (_, "timestamp with time zone") => format!("p.at + (t.{name} - b.at)"),
            _ => format!("t.{name}"),
        }
    }
}

/// How large the tables and indexes of a database are, bytes.
pub async fn bytes(database: &PgPool) -> Result<i64> {
    Ok(query_scalar("select pg_database_size(current_database())").fetch_one(database).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: &str, is_given: bool) -> Column {
        Column { name: name.to_owned(), kind: kind.to_owned(), is_given }
    }

    #[test]
    fn columns_that_nobody_names_are_copied() {
        let table = Table { name: "a.b", rows: "t.order_id = b.order_id", own: &[("id", "p.order_id")] };
        let columns = [
            column("id", "uuid", false),
            column("position", "bigint", true),
            column("order_id", "uuid", false),
            column("made_at", "timestamp with time zone", false),
            column("new", "text", false),
        ];
        let wanted = "insert into a.b (id, order_id, made_at, new) select p.order_id, case when t.order_id is not null then p.order_id end, \
                      p.at + (t.made_at - b.at), t.new from pg_temp.bought b join a.b t on t.organisation_id = b.organisation_id and t.order_id = b.order_id \
                      cross join pg_temp.past p order by p.n";
        assert_eq!(table.statement(&columns).unwrap(), wanted);
    }

    #[test]
    fn a_column_that_is_gone_is_named() {
        let table = Table { name: "a.b", rows: "true", own: &[("code", "p.code")] };
        let error = table.statement(&[column("id", "uuid", false)]).unwrap_err().to_string();
        assert_eq!(error, "a.b has no column code any more");
    }
}
