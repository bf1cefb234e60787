//! `turnout serve`: everything in one process, or a part of it.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use app::{compose, start};
use clap::{Args, ValueEnum};
use platform::Platform;
use platform::config::Config;
use platform::telemetry::Metrics;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::AppState;

use crate::demo;

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen: 0.0.0.0:80.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Fill an empty database with demo data, and print where to click.
    #[arg(long)]
    pub demo: bool,
    /// What this process does.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Role::Web, Role::Worker])]
    pub role: Vec<Role>,
}

/// Connections that may wait to be accepted; the system's own limit (`net.core.somaxconn`, 4,096 by default on Linux) is below this.
const WAITING_CONNECTIONS_MAX: u32 = 65_535;

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Pages and the API.
    Web,
    /// Background jobs, the relay, the sweeper.
    Worker,
}

/// Serves until SIGINT, SIGTERM or SIGHUP, then drains.
pub async fn serve(config: Config, command: &Serve) -> Result<()> {
    platform::telemetry::install(&config.log)?;
    let metrics = Metrics::install()?;
    let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
    stop_on_signals(stop.clone(), hurry.clone())?;
    let listener = listen(config.http.listen).with_context(|| format!("cannot listen on {}", config.http.listen))?;
    let bound = listener.local_addr()?;
    let public_url = config.http.origin(bound);
    let started = tokio::select! {
        started = start::start(config, &public_url) => started?,
        () = stop.cancelled() => return Ok(()),
    };
    let platform = started.platform;
    if command.demo {
        demo::prepare(&platform, &listener, &stop).await?;
    }
    let tasks = TaskTracker::new();
    tasks.spawn(metrics.upkeep(stop.clone()));
    tasks.spawn(platform::db::keep_statistics_current(platform.db.clone(), stop.clone()));
    // Workers stop after the listener has drained, so that what the last requests queued still starts.
    let stop_workers = CancellationToken::new();
    if command.role.contains(&Role::Worker) {
        tasks.spawn(compose::worker(platform.clone()).run(stop_workers.clone()));
        tasks.spawn(boxoffice::hold::sweep::run(platform.clone(), stop_workers.clone()));
        tasks.spawn(boxoffice::waiting_room::tick::run(platform.clone(), stop_workers.clone()));
    }
    tracing::info!(listen = %bound, "ready");
    let work = async {
        if command.role.contains(&Role::Web) {
            serve_web(&platform, TcpListener::from_std(listener)?, &metrics, &stop, &tasks).await;
        } else {
            stop.cancelled().await;
        }
        stop_workers.cancel();
        tasks.close();
        if tokio::time::timeout(platform.config.http.drain, tasks.wait()).await.is_err() {
            tracing::warn!("background work did not finish in time; it is taken up again at the next start");
        }
        platform.db.close().await;
        anyhow::Ok(())
    };
    // Even in a hurry the private cluster is stopped cleanly: it rolls open transactions back and writes everything down.
    tokio::select! {
        done = work => done?,
        () = hurry.cancelled() => tracing::warn!("stopping at once"),
    }
    if let Some(cluster) = started.cluster {
        cluster.stop().await;
    }
    Ok(())
}

/// Listens with room for a crowd that comes in the same moment, to an on-sale or back after a restart. The standard library asks for 128
/// connections that wait to be accepted; Linux drops what is beyond, and whoever is dropped tries again after one, three, seven, fifteen seconds.
fn listen(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the standard library does: a server that was killed can start again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING_CONNECTIONS_MAX)?.into_std()
}

async fn serve_web(
    platform: &Platform,
    listener: TcpListener,
    metrics: &Metrics,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let metrics = metrics.clone();
    let state = AppState::new(platform.clone(), compose::authenticator())
        .with_error_page(site::error_page)
        .with_metrics(move || metrics.render())
        .with_shutdown(stop.clone());
    tasks.spawn(web::keep_house(state.clone(), stop.clone()));
    let router = web::router(state, compose::modules(), compose::pages());
    web::serve(listener, router, platform.config.http.clone(), stop.clone()).await;
}

/// The first signal drains, the second does not wait.
fn stop_on_signals(stop: CancellationToken, hurry: CancellationToken) -> Result<()> {
    let mut signals =
        [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
    tokio::spawn(async move {
        let [interrupt, terminate, hangup] = &mut signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        tracing::info!("stopping: no new connections, the running ones are finished");
        stop.cancel();
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        hurry.cancel();
    });
    Ok(())
}
