//! The outermost layer: ids, the client's address, the context of transactions, the log line and the figures.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::response::Response;
use http::HeaderValue;
use platform::request::RequestContext;
use tracing::{Instrument, Span};

use super::observe::Observation;
use super::{client, trace};
use crate::exchange::{Facts, Found, wants_html};
use crate::{AppState, Exchange, cookie};

/// A request that has its context.
pub(super) struct Begun {
    exchange: Exchange,
    observation: Observation,
    span: Span,
}

/// Gives the request its context, and begins to observe what becomes of it.
pub(super) fn begin(app: &AppState, request: &mut Request) -> Begun {
    let ids = trace::ids(request.headers(), &app.platform.random);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let observation = Observation::begin(app, request.method(), route);
    let span = tracing::info_span!(
        "request",
        trace_id = ids.trace_id,
        request_id = ids.request_id,
        parent_span = ids.parent_span,
        method = observation.method(),
        route = observation.route(),
    );
    let exchange = exchange(app, request, ids);
    request.extensions_mut().insert(exchange.clone());
    Begun { exchange, observation, span }
}

impl Begun {
    pub(super) fn exchange(&self) -> Exchange {
        self.exchange.clone()
    }

    /// Runs what answers the request in its context, and tells log and figures what came of it.
    pub(super) async fn run(self, answer: impl Future<Output = Response>) -> Response {
        let Self { exchange, observation, span } = self;
        let context = RequestContext::new(exchange.request_id().to_owned());
        let request_id = HeaderValue::try_from(exchange.request_id());
        let answered = async move {
            let mut response = answer.await;
            if let Ok(value) = request_id {
                response.headers_mut().insert(trace::REQUEST_ID, value);
            }
            observation.end(&response);
            response
        };
        context.run(exchange.run(answered)).instrument(span).await
    }
}

fn exchange(app: &AppState, request: &Request, ids: trace::Ids) -> Exchange {
    let (headers, path) = (request.headers(), request.uri().path());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    Exchange::new(Facts {
        request_id: ids.request_id,
        trace_id: ids.trace_id,
        client: client::address(peer, headers, &app.platform.config.http.trusted_proxies),
        path: path.to_owned(),
        wants_html: wants_html(path, headers),
        theme: cookie::theme_of(headers),
        random: app.platform.random.clone(),
        found: Found::default(),
    })
}
