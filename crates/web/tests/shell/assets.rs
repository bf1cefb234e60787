//! Embedded files. Which there are depends on whether the browser code was built, so the tests ask the frame.

use http::StatusCode;

use crate::support::{app, fetch};

#[tokio::test]
async fn built_files_never_change_and_are_sent_compressed_to_those_who_can() {
    let app = app();
    let css = fetch(&app, "/page", &[]).await.text().trim_end_matches("</p>").rsplit(' ').next().unwrap().to_owned();
    let plain = fetch(&app, &css, &[]).await;
    if plain.status == StatusCode::NOT_FOUND {
        return assert_eq!(css, "/assets/site.css", "a checkout without built browser code");
    }
    assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(plain.header("content-type"), "text/css; charset=utf-8");
    let compressed = fetch(&app, &css, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((compressed.header("content-encoding"), compressed.header("vary")), ("br", "accept-encoding"));
    assert!(compressed.body.len() < plain.body.len());
    let known = fetch(&app, &css, &[("if-none-match", plain.header("etag"))]).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let icon = fetch(&app, "/favicon.svg", &[]).await;
    assert_eq!((icon.header("content-type"), icon.header("cache-control")), ("image/svg+xml", "public, max-age=86400"));
    assert_eq!(fetch(&app, &format!("{css}.br"), &[]).await.problem(404), "not_found");
}

#[tokio::test]
async fn nothing_else_is_served() {
    let app = app();
    for path in
        ["/assets/nothing.js", "/assets/../Cargo.toml", "/assets/%2e%2e/.vite/manifest.json", "/.vite/manifest.json"]
    {
        assert_eq!(fetch(&app, path, &[]).await.problem(404), "not_found");
    }
}
