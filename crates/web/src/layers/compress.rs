//! Compression of answers that gain by it.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};

use super::once::through;

/// Below this a packet is a packet.
const BODY_BYTES_MIN: u64 = 860;

type Compressible = And<
    And<And<And<And<SizeAbove, NotForContentType>, NotForContentType>, NotForContentType>, NotForContentType>,
    NotForContentType,
>;

/// gzip and Brotli; not for event streams, pictures, fonts and documents that are compressed already.
pub(super) struct Compression(CompressionLayer<Compressible>);

impl Compression {
    pub(super) fn new() -> Self {
        let compressible = SizeAbove::new(BODY_BYTES_MIN)
            .and(NotForContentType::SSE)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::const_new("font/"))
            .and(NotForContentType::const_new("application/pdf"))
            .and(NotForContentType::const_new("application/zip"));
        Self(CompressionLayer::new().gzip(true).br(true).compress_when(compressible))
    }

    pub(super) async fn compress<N, F>(&self, request: Request, next: N) -> Response
    where
        N: FnOnce(Request) -> F,
        F: Future<Output = Response>,
    {
        through(&self.0, request, next).await.map(Body::new)
    }
}
