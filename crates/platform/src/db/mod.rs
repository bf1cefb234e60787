//! The one way to PostgreSQL: `read` and `write`, each a transaction in a task that a dropped request cannot cancel.

mod connections;
mod migrate;
mod runtime;
mod scope;
mod statistics;
mod tx;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use migrate::{MigrateError, migrate};
pub use scope::Scope;
pub use statistics::{analyse_grown, keep_current as keep_statistics_current};
pub use tx::Tx;

use connections::Connections;

use crate::clock::Clock;
use crate::random::Random;
use crate::request::{IdempotencyRef, RequestContext};
use crate::vault::Vault;
use crate::{Failure, Fault, Refusal};

/// How often one transaction is run again after a serialization failure or a deadlock.
const RETRIES_MAX: u32 = 4;
/// The longest pause before such a retry; each is drawn at random below a bound that doubles.
const RETRY_PAUSE_MILLISECONDS_MAX: u64 = 40;

/// What a transaction needs from outside.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// The most connections the pool opens.
    pub connections_max: u32,
    /// How long a request waits for a connection before it is told "not now".
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

/// What a transaction may do, and what may be done about it when it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    /// Writes what is the same when it is written twice.
    Repeatable,
}

/// A pool of connections to one PostgreSQL.
#[derive(Clone)]
pub struct Db {
    connections: Connections,
    settings: DbSettings,
    clock: Clock,
    random: Random,
    vault: Vault,
    recorded: Arc<Notify>,
    /// Where transactions run; where their callers do when nothing is said.
    threads: Option<Handle>,
}

/// An operation in a transaction: any `async fn(tx: &mut Tx, input: I) -> Result<T, Failure<R>>`.
pub trait Operation<'tx, I, T, R>: Send + Sync {
    /// What the function returns.
    type Future: Future<Output = Result<T, Failure<R>>> + Send + 'tx;
    /// Runs it.
    fn call(&self, tx: &'tx mut Tx, input: I) -> Self::Future;
}

impl<'tx, I, T, R, F, Fut> Operation<'tx, I, T, R> for F
where
    F: Fn(&'tx mut Tx, I) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T, Failure<R>>> + Send + 'tx,
{
    type Future = Fut;
    fn call(&self, tx: &'tx mut Tx, input: I) -> Fut {
        self(tx, input)
    }
}

impl Db {
    /// A pool over the given connection options. Nothing is connected before the first use.
    pub fn new(options: PgConnectOptions, settings: DbSettings, clock: Clock, random: Random, vault: Vault) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections_max)
            .acquire_timeout(settings.acquire_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        let connections = Connections::new(pool, settings.connections_max);
        Self { connections, settings, clock, random, vault, recorded: Arc::default(), threads: None }
    }

    /// The same database with threads of their own for its transactions: what a server does. Its connections are bound to them.
    #[must_use]
    pub fn with_own_threads(self) -> Self {
        Self { threads: runtime::handle(), ..self }
    }

    /// The same database seen with another clock and other randomness, for demo data that lies in the past and is the same every time.
    #[must_use]
    pub fn with_sources(&self, clock: Clock, random: Random) -> Self {
        Self { clock, random, ..self.clone() }
    }

    /// The pool as its owner, for migrations, the job queue and operators' commands; requests never use it.
    pub fn owner_pool(&self) -> &PgPool {
        self.connections.pool()
    }

    /// Waits for the transactions that run and closes all connections.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    /// Told whenever a transaction that recorded events has committed.
    pub fn recorded(&self) -> Arc<Notify> {
        Arc::clone(&self.recorded)
    }

    /// The clock that transactions read.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs a task among the transactions, not among the requests: for work that goes from one transaction to the next.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        match &self.threads {
            Some(threads) => threads.spawn(task),
            None => tokio::spawn(task),
        }
    }

    /// Runs a reading operation in a read-only transaction.
    pub async fn read<I, T, R, F>(
        &self,
        scope: Scope,
        name: &'static str,
        input: I,
        operation: F,
    ) -> Result<T, Failure<R>>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        R: Refusal,
        F: for<'tx> Operation<'tx, I, T, R> + 'static,
    {
        self.spawned(scope, Kind::Read, name, input, operation).await
    }

    /// Runs a writing operation in a transaction and commits it when it succeeds; runs it again, a few times, when the database says so.
    ///
    /// The operation runs in a task of its own: when the caller's future is dropped (a client hung up), it goes on to its end.
    pub async fn write<I, T, R, F>(
        &self,
        scope: Scope,
        name: &'static str,
        input: I,
        operation: F,
    ) -> Result<T, Failure<R>>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        R: Refusal,
        F: for<'tx> Operation<'tx, I, T, R> + 'static,
    {
        self.spawned(scope, Kind::Write, name, input, operation).await
    }

    /// The same for an operation that changes nothing more when it is done twice: it is also run again when nobody knows whether it was
    /// committed, and when the connection broke, until the database has had the time that a request waits for a connection.
    pub async fn write_repeatable<I, T, R, F>(
        &self,
        scope: Scope,
        name: &'static str,
        input: I,
        operation: F,
    ) -> Result<T, Failure<R>>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        R: Refusal,
        F: for<'tx> Operation<'tx, I, T, R> + 'static,
    {
        self.spawned(scope, Kind::Repeatable, name, input, operation).await
    }

    async fn spawned<I, T, R, F>(
        &self,
        scope: Scope,
        kind: Kind,
        name: &'static str,
        input: I,
        operation: F,
    ) -> Result<T, Failure<R>>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        R: Refusal,
        F: for<'tx> Operation<'tx, I, T, R> + 'static,
    {
        let db = self.clone();
        let request = RequestContext::current();
        let task = self.spawn(async move { db.with_retries(scope, kind, name, input, operation, request).await });
        match task.await {
            Ok(outcome) => outcome,
            Err(stopped) => Err(Fault::Interrupted(format!("{name}: {stopped}")).into()),
        }
    }

    async fn with_retries<I, T, R, F>(
        self,
        scope: Scope,
        kind: Kind,
        name: &'static str,
        input: I,
        operation: F,
        request: RequestContext,
    ) -> Result<T, Failure<R>>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        R: Refusal,
        F: for<'tx> Operation<'tx, I, T, R> + 'static,
    {
        let (mut attempt, since) = (0, Instant::now());
        let is_worth = |fault: &Fault| {
            let is_broken = matches!(fault, Fault::Unknown(_)) || fault.is_unavailable();
            let has_time = since.elapsed() < self.settings.acquire_timeout;
            fault.is_retryable() || (kind == Kind::Repeatable && is_broken && has_time)
        };
        loop {
            let outcome = self.once(scope, kind, input.clone(), &operation, request.clone()).await;
            match outcome {
                Err(Failure::Fault(fault)) if is_worth(&fault) && attempt < RETRIES_MAX => {
                    metrics::counter!("turnout_transaction_retries_total", "operation" => name).increment(1);
                    let bound = (5_u64 << attempt).min(RETRY_PAUSE_MILLISECONDS_MAX);
                    tokio::time::sleep(Duration::from_millis(self.random.below(bound))).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    async fn once<I, T, R, F>(
        &self,
        scope: Scope,
        kind: Kind,
        input: I,
        operation: &F,
        request: RequestContext,
    ) -> Result<T, Failure<R>>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        R: Refusal,
        F: for<'tx> Operation<'tx, I, T, R> + 'static,
    {
        let mut tx = self.begin(scope, kind == Kind::Read, request).await?;
        // PostgreSQL ends statements that take too long; this ends the wait for one that does not answer at all. Every statement but a lost
        // one has answered long before.
        let patience = self.settings.statement_timeout + self.settings.acquire_timeout;
        let Ok(done) = tokio::time::timeout(patience, operation.call(&mut tx, input)).await else {
            return Err(Fault::Database(silence()).into());
        };
        match done {
            Ok(value) => {
                let committed = tokio::time::timeout(self.settings.acquire_timeout * 2, self.commit(tx, kind));
                committed.await.unwrap_or_else(|_| Err(Fault::Unknown(silence())))?;
                Ok(value)
            }
            Err(failure) => {
                let rollback = tokio::time::timeout(self.settings.acquire_timeout, tx.conn().execute("rollback"));
                if rollback.await.is_ok_and(|answer| answer.is_ok()) {
                    tx.end();
                }
                Err(failure)
            }
        }
    }

    /// A connection that breaks while the transaction begins has done nothing yet, so another is tried once.
    async fn begin(&self, scope: Scope, is_read_only: bool, request: RequestContext) -> Result<Tx, Fault> {
        let timeout = u64::try_from(self.settings.statement_timeout.as_millis()).unwrap_or(u64::MAX);
        let begin = scope.begin(is_read_only, timeout);
        let mut has_tried = false;
        loop {
            let connection = self.connections.take().await?;
            let mut tx =
                Tx::new(connection, self.clock.now(), self.random.clone(), self.vault.clone(), request.clone());
            let begun = tx.conn().execute(sqlx::raw_sql(sqlx::AssertSqlSafe(begin.as_str())));
            match tokio::time::timeout(self.settings.acquire_timeout, begun).await {
                Ok(Ok(_)) => return Ok(tx),
                Ok(Err(_)) if !has_tried => {
                    has_tried = true;
                    self.connections.forget();
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => return Err(Fault::Database(silence())),
            }
        }
    }

    async fn commit(&self, mut tx: Tx, kind: Kind) -> Result<(), Fault> {
        if kind != Kind::Read {
            let reference = tx.request().idempotency.clone();
            mark_effects(&mut tx, reference.into_iter().collect()).await?;
        }
        let has_recorded = tx.has_recorded();
        match tx.conn().execute("commit").await {
            Ok(_) => {
                tx.end();
                if has_recorded {
                    self.recorded.notify_waiters();
                }
                Ok(())
            }
            // The server answered: the transaction is rolled back (a deferred constraint, a serialization failure).
            Err(error @ sqlx::Error::Database(_)) => Err(Fault::Database(error)),
            // The server did not answer: it may have committed.
            Err(error) => Err(Fault::Unknown(error)),
        }
    }
}

/// The error of a connection that does not answer.
fn silence() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer"))
}

/// Notes in the same transaction that idempotency keys have had their effect, so that a crash cannot make it happen twice.
async fn mark_effects(tx: &mut Tx, references: Vec<IdempotencyRef>) -> Result<(), Fault> {
    if references.is_empty() {
        return Ok(());
    }
    let (callers, keys): (Vec<String>, Vec<String>) =
        references.into_iter().map(|reference| (reference.caller, reference.key)).unzip();
    sqlx::query!(
        "update platform.idempotency i
         set state = 'effect'
         from unnest($1::text[], $2::text[]) as r (caller, key)
         where i.caller = r.caller and i.key = r.key and i.state = 'in_progress'",
        &callers,
        &keys
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
