//! Makes a cluster where there is none, and the roles and the database inside it.

use std::path::Path;

use sqlx::{ConnectOptions, Connection};
use tokio::process::Command;

use super::account::{Account, Place};
use super::binaries::Binaries;
use super::{ClusterError, DATABASE, OWNER, io, socket};

/// Runs `initdb` beside the final place and moves the result there, so that a start killed half way leaves no half cluster.
pub async fn create(binaries: &Binaries, account: &Account, place: &Place) -> Result<(), ClusterError> {
    if place.data.join("PG_VERSION").exists() {
        return Ok(());
    }
    let draft = place.home.join("data.new");
    let mut output = String::new();
    // UTF-8 with the order of code points: the same on every machine, and an upgrade of libc never spoils an index.
    for locale in [["--locale=C.UTF-8"].as_slice(), &["--locale-provider=builtin", "--locale=C.UTF-8"], &["--locale=C"]]
    {
        if draft.exists() {
            std::fs::remove_dir_all(&draft).map_err(io(format!("{} cannot be removed", draft.display())))?;
        }
        let mut command = Command::new(binaries.program("initdb"));
        account.run_as(&mut command, &place.home);
        command.arg("--pgdata").arg(&draft).args(["--username=postgres", "--encoding=UTF8", "--auth=trust"]);
        command.args(["--data-checksums", "--no-instructions"]).args(locale);
        let ran =
            command.output().await.map_err(io(format!("{} cannot be run", binaries.program("initdb").display())))?;
        if ran.status.success() {
            return std::fs::rename(&draft, &place.data).map_err(io(format!("{} cannot be renamed", draft.display())));
        }
        output = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    }
    Err(ClusterError::Initialise { output })
}

/// Makes what is missing of: the owner (no superuser: forced row-level security binds it), the unprivileged role of the
/// server's transactions, which the owner may become, and the database.
pub async fn roles_and_database(socket: &Path) -> Result<(), ClusterError> {
    let mut connection = socket::options(socket, "postgres", "postgres").connect().await?;
    let has_owner: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
        .bind(OWNER)
        .fetch_one(&mut connection)
        .await?;
    if !has_owner {
        // One statement text is one transaction.
        sqlx::raw_sql(
            "create role turnout login createdb createrole nosuperuser nobypassrls;
             create role turnout_app nologin nosuperuser nocreatedb nocreaterole nobypassrls;
             grant turnout_app to turnout with admin option",
        )
        .execute(&mut connection)
        .await?;
    }
    let has_database: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !has_database {
        sqlx::raw_sql("create database turnout owner turnout").execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}
