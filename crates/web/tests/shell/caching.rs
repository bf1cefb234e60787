//! Entity tags and compression.

use http::StatusCode;

use crate::support::{app, fetch};

#[tokio::test]
async fn who_has_it_already_is_told_so() {
    let app = app();
    for path in ["/api/v1/maybe", "/api/v1/large", "/page"] {
        let first = fetch(&app, path, &[]).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 10, "{path}: {tag}");
        let again = fetch(&app, path, &[("if-none-match", &format!("\"other\", W/{tag}"))]).await;
        assert_eq!(
            (again.status, again.body.len(), again.header("etag")),
            (StatusCode::NOT_MODIFIED, 0, tag.as_str()),
            "{path}"
        );
        assert_eq!(again.header("cache-control"), first.header("cache-control"));
        assert_eq!(fetch(&app, path, &[("if-none-match", "\"other\"")]).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn each_encoding_has_its_own_tag_and_a_handlers_tag_stays() {
    let app = app();
    let (plain, compressed) =
        (fetch(&app, "/api/v1/large", &[]).await, fetch(&app, "/api/v1/large", &[("accept-encoding", "br")]).await);
    assert_eq!((plain.header("content-encoding"), compressed.header("content-encoding")), ("", "br"));
    assert!(compressed.body.len() < plain.body.len() / 10 && compressed.header("vary").contains("accept-encoding"));
    assert_ne!(plain.header("etag"), compressed.header("etag"));
    assert_eq!(fetch(&app, "/api/v1/versioned", &[("if-none-match", "\"7\"")]).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn long_answers_arrive_whole_and_without_a_tag() {
    let answer = fetch(&app(), "/api/v1/huge", &[]).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, ""));
    assert_eq!(answer.json().as_array().unwrap().len(), 100_000);
}

#[tokio::test]
async fn streams_and_small_answers_are_sent_as_they_are() {
    let app = app();
    let encoded = [("accept-encoding", "gzip, br")];
    assert_eq!(fetch(&app, "/stream", &encoded).await.header("content-encoding"), "");
    assert_eq!(fetch(&app, "/api/v1/maybe", &encoded).await.header("content-encoding"), "");
    assert_eq!(fetch(&app, "/api/v1/large", &[("accept-encoding", "gzip")]).await.header("content-encoding"), "gzip");
}
