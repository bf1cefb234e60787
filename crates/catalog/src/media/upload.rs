//! Takes a picture in: read, checked by its content, made into variants without its metadata, stored.

use axum::extract::{FromRequest, Multipart, Request, State};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use kernel::{MediaId, OrganisationId};
use platform::db::Tx;
use platform::vault::sha256;
use platform::{Failure, Fault, FieldError, InvalidFields, Never, Platform};
use tokio::sync::Semaphore;
use web::rights::EditEvents;
use web::{AppState, Created, Member, Problem};

use super::image::{self, Picture};
use super::store::{self, NewMedia, storage_key};
use crate::event::model::Cover;
use crate::event::view::PictureView;
use crate::journal::MediaUploaded;

/// How many pictures are decoded at once: each takes up to some hundred megabytes for a moment.
const PICTURES_AT_ONCE_MAX: usize = 2;
static TURNS: Semaphore = Semaphore::const_new(PICTURES_AT_ONCE_MAX);

/// Notes a picture whose files are stored, so that it can be used.
async fn keep(tx: &mut Tx, new: NewMedia) -> Result<(), Failure<Never>> {
    store::insert(tx, &new).await?;
    tx.record(Some(new.organisation), &MediaUploaded { media: new.media }).await?;
    Ok(())
}

/// Checks and stores a picture. Its files are there before the database says so; files of a transaction that failed are never served.
pub async fn upload(
    platform: &Platform,
    organisation: OrganisationId,
    bytes: Bytes,
) -> Result<Cover, Failure<InvalidFields>> {
    let media: MediaId = platform.random.id(platform.clock.now());
    let (length, content_hash) = (bytes.len(), sha256(&bytes));
    let picture = decode(bytes).await?;
    let mut widths = Vec::new();
    for variant in picture.variants {
        platform.storage.put(&storage_key(organisation, media, variant.width), variant.webp).await?;
        widths.push(variant.width);
    }
    let new = NewMedia {
        organisation,
        media,
        width: picture.width,
        height: picture.height,
        bytes: length,
        content_hash,
        widths: widths.clone(),
    };
    platform
        .db
        .write(platform::Scope::Tenant(organisation), "upload_media", new, keep)
        .await
        .map_err(Failure::widen)?;
    Ok(Cover { id: media, width: picture.width, height: picture.height, widths })
}

/// Decodes on a thread of its own, a few at a time.
async fn decode(bytes: Bytes) -> Result<Picture, Failure<InvalidFields>> {
    let _turn = TURNS.acquire().await.map_err(|closed| Fault::Interrupted(closed.to_string()))?;
    let decoded = tokio::task::spawn_blocking(move || image::process(&bytes))
        .await
        .map_err(|stopped| Fault::Interrupted(stopped.to_string()))?;
    decoded.map_err(|wrong| InvalidFields(vec![FieldError::new("file", wrong.code(), wrong.to_string())]).into())
}

/// The bytes of a picture.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes a body in the OpenAPI document")]
pub(crate) struct PictureFile(Vec<u8>);

/// A picture as a form sends it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form in the OpenAPI document")]
pub(crate) struct PictureForm {
    /// JPEG, PNG, GIF or WebP.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Upload a picture: a form with `file`, or the picture itself as the body.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/media", tag = "media",
    params(("organisation" = OrganisationId, Path)),
    request_body(content((PictureForm = "multipart/form-data"), (PictureFile = "image/*"))),
    responses((status = 201, body = PictureView)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn upload_media(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    request: Request,
) -> Result<Created<PictureView>, Problem> {
    let bytes = read(&app, request).await?;
    let cover = upload(&app.platform, member.organisation, bytes).await?;
    let body = PictureView::of(&app.platform, &cover);
    Ok(Created { location: cover.path(u32::MAX), body })
}

/// The picture in the body, however it was sent. What it claims to be does not matter; its content is looked at later.
async fn read(app: &AppState, request: Request) -> Result<Bytes, Problem> {
    let bytes_max = app.platform.config.http.upload_bytes_max;
    match kind(request.headers()) {
        Kind::Form => {
            read_form(Multipart::from_request(request, app).await.map_err(|_| unreadable())?, bytes_max).await
        }
        Kind::Picture => axum::body::to_bytes(request.into_body(), bytes_max).await.map_err(|_| too_large(bytes_max)),
        Kind::Other => {
            let detail = "Send a form with the picture as `file`, or the picture itself with its own Content-Type.";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
        }
    }
}

enum Kind {
    Form,
    Picture,
    Other,
}

fn kind(headers: &HeaderMap) -> Kind {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    if text.starts_with("multipart/form-data") {
        Kind::Form
    } else if text.starts_with("image/") || text.starts_with("application/octet-stream") {
        Kind::Picture
    } else {
        Kind::Other
    }
}

async fn read_form(mut form: Multipart, bytes_max: usize) -> Result<Bytes, Problem> {
    while let Some(mut field) = form.next_field().await.map_err(|_| unreadable())? {
        if field.name() != Some("file") {
            continue;
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = field.chunk().await.map_err(|_| unreadable())? {
            if bytes.len() + chunk.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok(bytes.freeze());
    }
    Err(Problem::invalid(vec![FieldError::new("file", "required", "Choose a picture.")]))
}

fn unreadable() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_form", "The form could not be read to its end.")
}

fn too_large(bytes_max: usize) -> Problem {
    let megabytes = bytes_max / (1024 * 1024);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("A picture can have {megabytes} MB at most."))
}
