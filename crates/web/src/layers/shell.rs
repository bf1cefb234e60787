//! All layers as one service. Each layer of `tower` costs a request a copy of the service inside and a boxed future;
//! here a request pays for that once, and the order of the layers is what one reads from top to bottom.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use futures_util::future::{Either, Ready, ready};
use tower::layer::layer_fn;
use tower::{Service, ServiceExt};

use super::compress::Compression;
use super::cors::Cors;
use super::csrf::CsrfGuard;
use super::{authenticate, context, errors, etag, head, security, shared, timeout};
use crate::{AppState, Exchange, idempotency, limit};

/// Puts all layers around a router. They run after routing, so each knows the route that matched; 404 and 405 pass through them too.
pub(crate) fn around(router: Router<AppState>, app: &AppState) -> Router<AppState> {
    let guards = Arc::new(Guards {
        compression: Compression::new(),
        cors: Cors::of(&app.platform.config.http.cors_origins),
        csrf: CsrfGuard::new(app),
    });
    let app = app.clone();
    router.layer(layer_fn(move |handler| Shell { app: app.clone(), guards: Arc::clone(&guards), handler }))
}

/// The layers that `tower-http` brings, made once.
struct Guards {
    compression: Compression,
    cors: Option<Cors>,
    csrf: CsrfGuard,
}

/// A handler with all layers around it.
#[derive(Clone)]
struct Shell {
    app: AppState,
    guards: Arc<Guards>,
    handler: Route,
}

type Answer = Result<Response, Infallible>;

impl Service<Request> for Shell {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Answer>, Pin<Box<dyn Future<Output = Answer> + Send>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A route is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match shared::find(&self.app, &request) {
            Some(kept) => Either::Left(ready(Ok(kept))),
            None => {
                let shell = self.clone();
                Either::Right(Box::pin(async move { Ok(shell.renew(request).await) }))
            }
        }
    }
}

impl Shell {
    /// Keeps what everyone sees alike.
    async fn renew(self, mut request: Request) -> Response {
        let app = self.app.clone();
        match shared::Renewal::begin(&app, &mut request) {
            Some(renewal) => renewal.end(&app, self.observe(request).await).await,
            None => self.observe(request).await,
        }
    }

    /// Ids, the context of transactions, the log line, the figures.
    async fn observe(self, mut request: Request) -> Response {
        let begun = context::begin(&self.app, &mut request);
        let exchange = begun.exchange();
        // Boxed: a future is moved into each of the scopes around it.
        begun.run(Box::pin(self.dress(exchange, request))).await
    }

    /// The shape of errors, and the headers of everything.
    async fn dress(self, exchange: Exchange, request: Request) -> Response {
        let (app, method) = (self.app.clone(), request.method().clone());
        let response = errors::catch_panics(self.encode(exchange.clone(), request)).await;
        let response = errors::show(&app, &exchange, response);
        security::add_headers(&app, &exchange, &method, response)
    }

    /// Heads that are too large, entity tags, compression, other origins, forged requests.
    async fn encode(self, exchange: Exchange, request: Request) -> Response {
        if let Some(refusal) = head::refusal(&request) {
            return refusal;
        }
        let tags = etag::Known::of(&request);
        let guards = Arc::clone(&self.guards);
        let app = self.app.clone();
        let admit = async |request| guards.csrf.guard(&app, request, |request| self.admit(exchange, request)).await;
        let response = guards.compression.compress(request, |request| async {
            match &guards.cors {
                Some(cors) => cors.allow(request, admit).await,
                None => admit(request).await,
            }
        });
        tags.answer(response.await).await
    }

    /// Time, author, rates, and the answer of a key.
    async fn admit(self, exchange: Exchange, request: Request) -> Response {
        let app = self.app.clone();
        timeout::bound(&app, request, |request| Box::pin(self.serve(exchange, request))).await
    }

    async fn serve(self, exchange: Exchange, request: Request) -> Response {
        if let Err(problem) = authenticate::find_principal(&self.app, &exchange, request.headers()).await {
            return problem.into_response();
        }
        let standings = limit::take(&self.app, &exchange, &request);
        let response = match standings.refusal() {
            Some(refusal) => refusal,
            None => {
                let Self { app, handler, .. } = self;
                let body_bytes_max = app.platform.config.http.body_bytes_max;
                idempotency::once(app, exchange, request, move |request| handle(handler, request, body_bytes_max)).await
            }
        };
        standings.tell(response)
    }
}

/// The handler itself; its panic is an answer that can be stored for a key.
async fn handle(handler: Route, mut request: Request, body_bytes_max: usize) -> Response {
    DefaultBodyLimit::max(body_bytes_max).apply(&mut request);
    errors::catch_panics(async move {
        match handler.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
    .await
}
