//! One word over the HTTP stack of the server: what a request costs before Turnout does anything.

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use platform::config::Config;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Serves `hello` at `/` until SIGTERM or SIGINT, through the server's own accept loop and with none of its layers.
pub async fn serve(port: u16) -> Result<()> {
    let many = [("http.connections_max", "20000"), ("http.connections_per_address_max", "20000")];
    let settings = Config::for_test(&std::env::temp_dir(), &many)?.http;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let stop = CancellationToken::new();
    let router = Router::new().route("/", get(async || "hello")).route("/readyz", get(async || "ready"));
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stopped.cancel();
    });
    web::serve(listener, router, settings, stop).await;
    Ok(())
}
