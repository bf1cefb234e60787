//! Migrations: one order, forward only, under an advisory lock, so that any number of nodes may start at once.

use graphile_worker::WorkerUtils;
use sqlx::PgPool;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Turnout's own migrations.
    #[error("migrating the schema: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The job queue's migrations.
    #[error("migrating the job queue: {0}")]
    Jobs(String),
    /// The database cannot be used.
    #[error("preparing the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// Brings the schema up to date and makes sure that the connecting role may act as `turnout_app`.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(pool).await?;
    WorkerUtils::new(pool.clone(), "graphile_worker")
        .migrate()
        .await
        .map_err(|error| MigrateError::Jobs(error.to_string()))?;
    sqlx::query(
        "do $$
         begin
           -- Tried rather than asked: since PostgreSQL 16 being a member of a role does not mean being allowed to become it.
           perform set_config('role', 'turnout_app', true);
           perform set_config('role', 'none', true);
         exception when insufficient_privilege then
           execute format('grant turnout_app to %I', session_user);
         end
         $$",
    )
    .execute(pool)
    .await?;
    Ok(())
}
