//! How long a worker takes over what a thousand orders leave to do: mails, documents, news for other parts.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::{Row, query};

use crate::arithmetic::float;
use crate::cluster::Cluster;
use crate::house::House;
use crate::measure::Watched;
use crate::server::{Binary, Start};
use crate::stage::{PLACES, QUANTITY};

const BACKLOG: &str = include_str!("sql/backlog.sql");
const DATABASE: &str = "drain";
/// How long the worker may take.
const DRAIN_SECONDS_MAX: u64 = 600;

/// What was found.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Drained {
    /// Orders placed.
    pub orders: u64,
    /// Journal entries that waited for the relay.
    pub entries: i64,
    /// Jobs that waited before the worker began; the relay makes more.
    pub jobs: i64,
    /// Seconds until nothing waited, for 1,000 orders.
    pub seconds_per_1000: f64,
    /// Processor time of the worker for each order, microseconds.
    pub worker_us: f64,
    /// The same of PostgreSQL.
    pub postgres_us: f64,
}

/// Places orders while no worker runs, then starts one and waits until nothing waits any more.
///
/// # Errors
/// When a server does not start, or the worker does not get done.
pub async fn measure(cluster: &Cluster, binary: &Binary, house: &House, orders: u64) -> Result<Drained> {
    cluster.create_database(DATABASE, Some(crate::cluster::PRISTINE_DATABASE)).await?;
    let url = cluster.url_of(DATABASE);
    let web = binary.start(&Start { database: &url, role: "web", settings: &[] }).await?;
    let event = house.publish(&web.place.base(), "Drain", PLACES).await?;
    for order in 0..orders {
        house.buy(&web.place.base(), &event.show, QUANTITY, &format!("drain{order}@example.org")).await?;
    }
    web.stop().await?;
    let pool = cluster.pool(DATABASE).await?;
    let (entries, jobs) = backlog(&pool).await?;
    let worker = binary.start(&Start { database: &url, role: "web,worker", settings: &[] }).await?;
    let watched = Watched { postmaster: cluster.postmaster, server: Some(worker.place.pid), database: &pool };
    let (before, since) = (watched.look().await?, Instant::now());
    while backlog(&pool).await? != (0, 0) {
        if since.elapsed() > Duration::from_secs(DRAIN_SECONDS_MAX) {
            bail!("the worker has {:?} entries and jobs left after {DRAIN_SECONDS_MAX} s", backlog(&pool).await?);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let seconds = since.elapsed().as_secs_f64();
    let used = watched.look().await?.used_since(&before);
    worker.stop().await?;
    pool.close().await;
    Ok(Drained {
        orders,
        entries,
        jobs,
        seconds_per_1000: seconds * 1000.0 / float(orders),
        worker_us: used.server_us / float(orders),
        postgres_us: used.postgres_us / float(orders),
    })
}

/// Journal entries that the relay has not read, and jobs that are not dead.
pub async fn backlog(pool: &PgPool) -> Result<(i64, i64)> {
    let row = query(BACKLOG).fetch_one(pool).await?;
    Ok((row.try_get("entries")?, row.try_get("jobs")?))
}
