//! The time a request has to arrive and to be answered.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http_body::{Frame, SizeHint};
use http_body_util::Limited;

use super::head::closing;
use crate::AppState;
use crate::problem::for_status;

/// Answers 408 when the body did not arrive in time, 504 when the handler did not answer, 413 when the body is beyond every limit.
pub(super) async fn bound<N, F>(app: &AppState, request: Request, next: N) -> Response
where
    N: FnOnce(Request) -> F,
    F: Future<Output = Response>,
{
    let (http, version) = (&app.platform.config.http, request.version());
    let bytes_max = http.upload_bytes_max.max(http.body_bytes_max);
    if announced(request.headers()).is_some_and(|announced| announced > bytes_max) {
        return closing(StatusCode::PAYLOAD_TOO_LARGE, version);
    }
    let is_awaited = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        Body::new(Arriving { body: Body::new(Limited::new(body, bytes_max)), is_awaited: Arc::clone(&is_awaited) })
    });
    match tokio::time::timeout(http.request_timeout, next(request)).await {
        Ok(response) => response,
        Err(_) if is_awaited.load(Ordering::Acquire) => closing(StatusCode::REQUEST_TIMEOUT, version),
        Err(_) => for_status(StatusCode::GATEWAY_TIMEOUT).into_response(),
    }
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body that tells whether its reader waits for more.
struct Arriving {
    body: Body,
    is_awaited: Arc<AtomicBool>,
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.is_awaited.store(polled.is_pending(), Ordering::Release);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
