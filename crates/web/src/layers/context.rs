//! The outermost layer: ids, the client's address, the context of transactions, the log line and the figures.

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::HeaderValue;
use platform::request::RequestContext;
use tracing::Instrument;

use super::observe::Observation;
use super::{client, trace};
use crate::exchange::{Facts, wants_html};
use crate::{AppState, Exchange, cookie};

const NONCE_BYTES: usize = 16;

/// Gives the request its context, and observes what becomes of it.
pub(super) async fn begin(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let ids = trace::ids(request.headers(), &app.platform.random);
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let observation = Observation::begin(request.method(), route);
    let exchange = exchange(&app, &request, &ids);
    let span = tracing::info_span!(
        "request",
        trace_id = ids.trace_id,
        request_id = ids.request_id,
        parent_span = ids.parent_span,
        method = observation.method(),
        route = observation.route(),
    );
    request.extensions_mut().insert(exchange.clone());
    let context = RequestContext::new(ids.request_id.clone());
    let answered = async move {
        let mut response = next.run(request).await;
        if let Ok(value) = HeaderValue::try_from(ids.request_id) {
            response.headers_mut().insert(trace::REQUEST_ID, value);
        }
        observation.end(&response);
        response
    };
    context.run(exchange.run(answered)).instrument(span).await
}

fn exchange(app: &AppState, request: &Request, ids: &trace::Ids) -> Exchange {
    let (headers, path) = (request.headers(), request.uri().path());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    Exchange::new(Facts {
        request_id: ids.request_id.clone(),
        trace_id: ids.trace_id.clone(),
        client: client::address(peer, headers, &app.platform.config.http.trusted_proxies),
        nonce: STANDARD_NO_PAD.encode(app.platform.random.bytes::<NONCE_BYTES>()),
        path: path.to_owned(),
        wants_html: wants_html(path, headers),
        theme: cookie::theme_of(headers),
        principal: OnceLock::new(),
    })
}
