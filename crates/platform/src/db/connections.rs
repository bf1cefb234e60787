//! Which connection a transaction gets: the one that was used last.
//!
//! The driver's pool hands out the one that has rested longest, so that all of them are used in turn. Each is a process of PostgreSQL with plans,
//! catalogues and a view of the shared memory of its own, and a sale that needs two would keep twenty of them half warm. So a few connections
//! stay here between transactions, and the last one in is the first one out; the rest is the pool's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::PgConnection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, Postgres};

/// How many connections may stay here, and the share of all that this may be: whoever else uses the pool wants some as well.
const WARM_MAX: usize = 4;
const WARM_SHARE: usize = 4;
/// How long a connection may stay away from the pool, which closes those that have lived too long.
const AWAY_MAX: Duration = Duration::from_secs(60);

/// The connections to one database.
#[derive(Clone)]
pub(super) struct Connections {
    pool: PgPool,
    warm: Arc<Warm>,
}

struct Warm {
    rest: Mutex<Rest>,
    /// How many are about to ask the pool. As long as there is one, connections go back to it.
    asking: AtomicUsize,
}

struct Rest {
    /// The last used is the last.
    connections: Vec<Held>,
    /// How many may rest here; none once everything is being closed.
    room: usize,
}

/// A connection that the pool has lent, and since when.
struct Held {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

/// A connection on loan. Closed, not returned, unless [`Lease::end`] says that it is clean.
pub(super) struct Lease {
    held: Option<Held>,
    home: Arc<Warm>,
}

impl Connections {
    pub(super) fn new(pool: PgPool, connections_max: u32) -> Self {
        let room = (usize::try_from(connections_max).unwrap_or(usize::MAX) / WARM_SHARE).min(WARM_MAX);
        let warm = Warm { rest: Mutex::new(Rest { connections: Vec::new(), room }), asking: AtomicUsize::new(0) };
        Self { pool, warm: Arc::new(warm) }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The connection that was used last, or one of the pool's.
    pub(super) async fn take(&self) -> Result<Lease, sqlx::Error> {
        // In this order: whoever gives one back either sees that somebody asks, or has put it down before they look.
        let asking = Asking::one(&self.warm);
        let resting = self.warm.rest().connections.pop();
        let held = match resting {
            Some(held) => held,
            None => Held { connection: self.pool.acquire().await?, since: Instant::now() },
        };
        drop(asking);
        Ok(Lease { held: Some(held), home: Arc::clone(&self.warm) })
    }

    /// Closes those that rest: one of them was found broken, and they have probably broken together.
    pub(super) fn forget(&self) {
        let resting = std::mem::take(&mut self.warm.rest().connections);
        resting.into_iter().for_each(Held::close);
    }

    /// Waits for all that are on loan and closes them; nothing can be taken any more.
    pub(super) async fn close(&self) {
        let resting = {
            let mut rest = self.warm.rest();
            rest.room = 0;
            std::mem::take(&mut rest.connections)
        };
        drop(resting);
        self.pool.close().await;
    }
}

impl Warm {
    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        // The pool would want a runtime to take them back.
        std::mem::take(&mut self.rest().connections).into_iter().for_each(Held::close);
    }
}

impl Held {
    /// Closes the connection, at once and without a word.
    fn close(self) {
        drop(self.connection.detach());
    }
}

/// Somebody who may come to wait for a connection of the pool.
struct Asking<'a>(&'a AtomicUsize);

impl<'a> Asking<'a> {
    fn one(warm: &'a Warm) -> Self {
        warm.asking.fetch_add(1, Ordering::SeqCst);
        Self(&warm.asking)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Lease {
    /// The connection, for SQL.
    #[expect(clippy::expect_used, reason = "what was lent is taken only by `end`, which consumes the lease")]
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.held.as_mut().expect("a lease has its connection").connection
    }

    /// Gives the connection back, which is safe only after a commit or a rollback that the server confirmed.
    pub(super) fn end(mut self) {
        let Some(held) = self.held.take() else { return };
        let mut rest = self.home.rest();
        let is_wanted = self.home.asking.load(Ordering::SeqCst) > 0;
        if !is_wanted && rest.connections.len() < rest.room && held.since.elapsed() < AWAY_MAX {
            rest.connections.push(held);
        } else {
            drop(rest);
            drop(held);
        }
    }
}

/// The first wall against dirty connections: one that was not given back is closed; it never goes back to the pool.
impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            held.close();
        }
    }
}
