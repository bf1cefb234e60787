//! The accept loop: connection caps, time limits for every silence of a client, and a drain that ends.

mod caps;
mod connection;
mod guarded;
mod refused;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use platform::config::Http as HttpSettings;

use caps::AddressCaps;
use connection::Connection;

/// The pause after the system refused a connection (no file descriptors left), so that the loop does not spin.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown`, then lets running requests finish for at most `settings.drain`. Returns when the last connection is closed.
///
/// Requests carry `ConnectInfo<SocketAddr>`. HTTP/1.1 and HTTP/2 without TLS (prior knowledge) are spoken on the same port.
pub async fn serve(listener: TcpListener, router: Router, settings: HttpSettings, shutdown: CancellationToken) {
    let server = Server {
        places: Arc::new(Semaphore::new(settings.connections_max)),
        addresses: AddressCaps::new(settings.connections_per_address_max),
        open: TaskTracker::new(),
        abandon: CancellationToken::new(),
        settings: Arc::new(settings),
        router,
        shutdown,
    };
    while let Some((stream, peer)) = server.accept(&listener).await {
        server.admit(stream, peer);
    }
    drop(listener);
    server.drain().await;
}

struct Server {
    settings: Arc<HttpSettings>,
    router: Router,
    places: Arc<Semaphore>,
    addresses: AddressCaps,
    /// Counts sockets, upgraded ones included, until they are closed.
    open: TaskTracker,
    shutdown: CancellationToken,
    /// Cancelled when the time to drain is over.
    abandon: CancellationToken,
}

impl Server {
    /// The next connection; none once the server shuts down. While all places are taken, clients wait in the kernel's queue.
    async fn accept(&self, listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let accepted = async {
                let place = self.places.acquire().await;
                let accepted = listener.accept().await;
                drop(place);
                accepted
            };
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return None,
                accepted = accepted => match accepted {
                    Ok(accepted) => return Some(accepted),
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(REFUSED_PAUSE).await;
                    }
                },
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        // The loop is the only one that takes places, so the one it just saw is still free.
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
        let Some(seat) = self.addresses.admit(peer.ip(), self.is_proxy(peer.ip())) else {
            metrics::counter!("http_connections_refused_total", "reason" => "address").increment(1);
            return;
        };
        metrics::counter!("http_connections_total").increment(1);
        let slot = Slot { _place: place, _seat: seat, _open: self.open.token(), _gauge: OpenGauge::new() };
        let connection = Connection {
            router: self.router.clone(),
            settings: Arc::clone(&self.settings),
            peer,
            shutdown: self.shutdown.clone(),
            abandon: self.abandon.clone(),
        };
        tokio::spawn(connection.run(stream, slot));
    }

    /// A trusted proxy brings many clients through one address.
    fn is_proxy(&self, address: IpAddr) -> bool {
        self.settings.trusted_proxies.iter().any(|network| network.contains(address))
    }

    async fn drain(self) {
        self.open.close();
        if tokio::time::timeout(self.settings.drain, self.open.wait()).await.is_err() {
            tracing::warn!(connections = self.open.len(), "the time to drain is over; what is still open is closed");
            self.abandon.cancel();
        }
    }
}

/// What an open socket holds; given back when it is closed, however that comes about.
struct Slot {
    _place: tokio::sync::OwnedSemaphorePermit,
    _seat: caps::Seat,
    _open: tokio_util::task::task_tracker::TaskTrackerToken,
    _gauge: OpenGauge,
}

struct OpenGauge;

impl OpenGauge {
    fn new() -> Self {
        metrics::gauge!("http_connections_open").increment(1.0);
        Self
    }
}

impl Drop for OpenGauge {
    fn drop(&mut self) {
        metrics::gauge!("http_connections_open").decrement(1.0);
    }
}
