//! One connection: its version is looked at under a time limit, then hyper serves it under watch.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::guarded::Guarded;
use super::watch::{Running, Watch};
use super::{HttpSettings, Slot};

/// The first bytes of HTTP/2 (RFC 9113, section 3.4); no method of HTTP/1 begins so.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// The pause between two looks at bytes that may still become the preface.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What hyper reads ahead: above the shell's own limits of a head, so that the shell answers and not hyper.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// The same for HTTP/2, whose library answers 431 without words beyond it.
const HEADER_LIST_BYTES_MAX: u32 = 64 * 1024;
const STREAMS_MAX: u32 = 128;
const PING_EVERY: Duration = Duration::from_secs(20);

/// A connection and what it needs to know.
pub(super) struct Connection {
    pub(super) router: Router,
    pub(super) settings: Arc<HttpSettings>,
    pub(super) peer: SocketAddr,
    pub(super) shutdown: CancellationToken,
    pub(super) abandon: CancellationToken,
}

impl Connection {
    pub(super) async fn run(self, stream: TcpStream, slot: Slot) {
        // Answers are written whole; waiting for more to send only delays them.
        drop(stream.set_nodelay(true));
        let looked = tokio::time::timeout(self.settings.header_read_timeout, is_http2(&stream));
        let is_http2 = tokio::select! {
            looked = looked => looked,
            () = self.shutdown.cancelled() => return,
        };
        let is_http2 = match is_http2 {
            Ok(Ok(is_http2)) => is_http2,
            Ok(Err(_)) => return,
            Err(_) => return closed_for("silent"),
        };
        let watch = Watch::new(is_http2);
        let socket = TokioIo::new(Guarded::new(stream, watch.clone(), is_http2, slot));
        let service = Watched { router: self.router.clone(), watch: watch.clone(), peer: self.peer };
        if is_http2 {
            let connection = self.http2().serve_connection(socket, service);
            self.supervise(&watch, connection).await;
        } else {
            let connection = self.http1().serve_connection(socket, service).with_upgrades();
            self.supervise(&watch, connection).await;
        }
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        // hyper's own limit counts the silence between two requests as reading a head; the watch tells the two apart, so this is
        // only a second wall behind it.
        let wall = self.settings.keep_alive_timeout + self.settings.header_read_timeout + Duration::from_secs(1);
        builder.timer(TokioTimer::new()).header_read_timeout(wall).max_buf_size(BUFFER_BYTES_MAX).keep_alive(true);
        builder
    }

    fn http2(&self) -> http2::Builder<TokioExecutor> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(self.settings.header_read_timeout)
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEADER_LIST_BYTES_MAX);
        builder
    }

    /// Drives a connection to its end: its own, or that of its client's patience, or that of the server.
    async fn supervise<C: Drainable>(&self, watch: &Watch, connection: C) {
        let mut connection = std::pin::pin!(connection);
        let mut is_draining = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    return;
                }
                () = self.shutdown.cancelled(), if !is_draining => {
                    is_draining = true;
                    watch.drain();
                    connection.as_mut().begin_to_drain();
                }
                () = watch.overdue(&self.settings) => return closed_for(if is_draining { "draining" } else { "silent" }),
                () = self.abandon.cancelled() => return closed_for("abandoned"),
            }
        }
    }
}

fn closed_for(reason: &'static str) {
    metrics::counter!("http_connections_closed_total", "reason" => reason).increment(1);
}

/// Whether the client begins with the preface of HTTP/2. Looks without taking anything off the socket.
async fn is_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut bytes = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut bytes).await?;
        let seen = bytes.get(..count).unwrap_or_default();
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if !PREFACE.starts_with(seen) {
            return Ok(false);
        }
        if count == PREFACE.len() {
            return Ok(true);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// A connection that can be told to finish what it is doing and to begin nothing new.
trait Drainable: Future<Output = hyper::Result<()>> {
    fn begin_to_drain(self: Pin<&mut Self>);
}

impl Drainable for http1::UpgradeableConnection<TokioIo<Guarded>, Watched> {
    fn begin_to_drain(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl Drainable for http2::Connection<TokioIo<Guarded>, Watched, TokioExecutor> {
    fn begin_to_drain(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// The router, told where requests come from, counted by the watch.
#[derive(Clone)]
struct Watched {
    router: Router,
    watch: Watch,
    peer: SocketAddr,
}

impl Service<Request<Incoming>> for Watched {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = futures_util::future::BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let running = self.watch.begin();
        let (router, peer) = (self.router.clone(), self.peer);
        Box::pin(async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let Ok(response) = router.oneshot(request).await;
            Ok(response.map(|body| Answer { body, _running: running }))
        })
    }
}

/// The body of an answer; the request runs until it is sent.
struct Answer {
    body: Body,
    _running: Running,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
