//! The files of a letter.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use kernel::MessageId;
use web::{AppState, Path, Problem};

use super::{load, require_open};

/// `GET /dev/mail/{id}/attachments/{number}`, counted from 1.
pub(super) async fn download(
    State(app): State<AppState>,
    Path((id, number)): Path<(MessageId, usize)>,
) -> Result<Response, Problem> {
    require_open(&app.platform)?;
    let message = load(&app.platform, id).await?;
    let file = number.checked_sub(1).and_then(|index| message.attachments.get(index)).ok_or_else(Problem::not_found)?;
    let bytes = app.platform.storage.get(&file.storage_key).await?.ok_or_else(Problem::not_found)?;
    let content_type =
        HeaderValue::try_from(&file.content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CONTENT_DISPOSITION, disposition(&file.filename));
    Ok((headers, bytes).into_response())
}

/// Always saved, never shown in place. Names outside ASCII get underscores (the letter itself has them right).
fn disposition(filename: &str) -> HeaderValue {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ' ');
    let plain: String = filename.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    HeaderValue::try_from(format!("attachment; filename=\"{plain}\"")).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        assert_eq!(disposition("tickets-PK8DH2XQ.pdf"), "attachment; filename=\"tickets-PK8DH2XQ.pdf\"");
        assert_eq!(disposition("a\"; x=\"b\r\nc"), "attachment; filename=\"a__ x__b__c\"");
    }
}
