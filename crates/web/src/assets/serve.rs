//! Serves the embedded files: those under `/assets/` carry a hash in their name and never change.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use rust_embed::EmbeddedFile;

use super::Dist;
use crate::{AppState, Problem};

const FOREVER: &str = "public, max-age=31536000, immutable";
const FOR_A_DAY: &str = "public, max-age=86400";
const COMPRESSED: &str = ".br";
/// A worker obeys the policy of its own file: the one that reads QR codes fetches its decoder and compiles it.
const POLICY_OF_SCRIPTS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
/// A hash of 32 bytes is more than a tag needs.
const TAG_BYTES: usize = 12;

/// `/assets/*`, and each file at the top of `web/dist` at the root: `/favicon.svg`.
pub(crate) fn routes() -> Router<AppState> {
    let at_root = Dist::iter().filter(|name| {
        !name.contains('/') && !name.ends_with(COMPRESSED) && !name.ends_with(".html") && !name.starts_with('.')
    });
    at_root.fold(Router::new().route("/assets/{*path}", get(asset)), |router, name| {
        let route = format!("/{name}");
        router.route(&route, get(move |headers: HeaderMap| async move { file(&name, FOR_A_DAY, &headers) }))
    })
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if path.ends_with(COMPRESSED) {
        Problem::not_found().into_response()
    } else {
        file(&format!("assets/{path}"), FOREVER, &headers)
    }
}

fn file(name: &str, caching: &'static str, headers: &HeaderMap) -> Response {
    let compressed = if accepts_brotli(headers) { Dist::get(&format!("{name}{COMPRESSED}")) } else { None };
    let is_compressed = compressed.is_some();
    let Some(found) = compressed.or_else(|| Dist::get(name)) else { return Problem::not_found().into_response() };
    let tag = tag_of(&found);
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|known| Some(known) == tag.as_ref());
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(found.data)) };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(tag) = tag {
        answer.insert(ETAG, tag);
    }
    if !is_known {
        answer.insert(CONTENT_TYPE, kind_of(name));
    }
    if [".js", ".wasm"].iter().any(|ending| name.ends_with(ending)) {
        answer.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_SCRIPTS));
    }
    if is_compressed && !is_known {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn tag_of(file: &EmbeddedFile) -> Option<HeaderValue> {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{tag}\"")).ok()
}

/// Types that the pages load, by ending. Text is UTF-8.
fn kind_of(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

/// Whether Brotli is named and not switched off (`br;q=0`).
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let named = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    named.map(|coding| coding.split_once(';').unwrap_or((coding, ""))).any(|(coding, weight)| {
        let is_off = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0);
        coding.trim().eq_ignore_ascii_case("br") && !is_off
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_to_those_who_name_it() {
        let accepts = |value: &str| accepts_brotli(&HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().unwrap())]));
        assert!(accepts("gzip, deflate, br, zstd") && accepts("br;q=0.5") && accepts("BR"));
        assert!(!accepts("gzip") && !accepts("br;q=0") && !accepts("br;q=0.0, gzip") && !accepts("brotli"));
    }
}
