//! Serves a picture to everyone who has its address. It never changes, so caches may keep it for ever.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::{MediaId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, NotFound, Scope};
use serde::Deserialize;
use web::{AppState, Path, Problem};

use super::store;
use super::upload::PictureFile;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct VariantPath {
    media: MediaId,
    file: String,
}

impl VariantPath {
    /// The width in `800.webp`; nothing else names a variant.
    fn width(&self) -> Option<u32> {
        let digits = self.file.strip_suffix(".webp")?;
        let width: u32 = digits.parse().ok()?;
        (width.to_string() == digits).then_some(width)
    }
}

/// Whose picture it is, if it is kept in this width.
pub async fn find_owner(tx: &mut Tx, (media, width): (MediaId, u32)) -> Result<OrganisationId, Failure<NotFound>> {
    store::find_owner(tx, media, width).await?.ok_or_else(|| NotFound.into())
}

/// Read a picture in one of its widths.
#[utoipa::path(
    get, path = "/media/{media}/{file}", tag = "media",
    params(("media" = MediaId, Path), ("file" = String, Path, description = "`{width}.webp`", example = "800.webp")),
    responses((status = 200, description = "The picture", body = PictureFile, content_type = "image/webp"), (status = 304, description = "It is known already")),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn serve_media(
    State(app): State<AppState>,
    Path(path): Path<VariantPath>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let width = path.width().ok_or_else(Problem::not_found)?;
    let tag = format!("\"{}-{width}\"", path.media);
    let owner = app.platform.db.read(Scope::Public, "serve_media", (path.media, width), find_owner).await?;
    if headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|known| known.contains(&tag)) {
        return Ok(picture(StatusCode::NOT_MODIFIED, &tag, Bytes::new()));
    }
    let bytes = app
        .platform
        .storage
        .get(&store::storage_key(owner, path.media, width))
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(picture(StatusCode::OK, &tag, bytes))
}

fn picture(status: StatusCode, tag: &str, bytes: Bytes) -> Response {
    let mut response = (status, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/webp"));
    headers.insert(CACHE_CONTROL, FOR_EVER);
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_widths_name_variants() {
        let width = |file: &str| {
            VariantPath { media: "med_01h455vb4pex5vsknk084sn02q".parse().unwrap(), file: file.to_owned() }.width()
        };
        assert_eq!(width("800.webp"), Some(800));
        for bad in ["800", "800.png", "0800.webp", "+800.webp", ".webp", "../800.webp", "99999999999.webp"] {
            assert_eq!(width(bad), None, "{bad}");
        }
    }
}
