//! Compression of answers that gain by it.

use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};

/// Below this a packet is a packet.
const BODY_BYTES_MIN: u64 = 860;

type Compressible = And<
    And<And<And<And<SizeAbove, NotForContentType>, NotForContentType>, NotForContentType>, NotForContentType>,
    NotForContentType,
>;

/// gzip and Brotli; not for event streams, pictures, fonts and documents that are compressed already.
pub(super) fn layer() -> CompressionLayer<Compressible> {
    let compressible = SizeAbove::new(BODY_BYTES_MIN)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"))
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/zip"));
    CompressionLayer::new().gzip(true).br(true).compress_when(compressible)
}
