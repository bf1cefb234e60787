//! The shapes of answers: created, nothing, versioned, a page.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::Json;

/// 201 with the address of what was made.
#[derive(Debug, Clone)]
pub struct Created<T> {
    /// The path of the new object.
    pub location: String,
    /// What it looks like.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::try_from(self.location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// 204.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// A body with the version that `If-Match` asks for on the next edit.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The version of the object.
    pub version: i64,
    /// What it looks like.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.version)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

/// A page. It is kept by no cache unless it says otherwise.
#[derive(Debug, Clone)]
pub struct Html {
    body: String,
    status: StatusCode,
    shared_seconds: Option<u32>,
}

impl Html {
    /// A page with status 200.
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), status: StatusCode::OK, shared_seconds: None }
    }

    /// The same page with another status: 422 for a form that comes back.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same page for everyone: caches may keep it so many seconds. Never for pages that show who is signed in.
    #[must_use]
    pub fn shared_for(mut self, seconds: u32) -> Self {
        self.shared_seconds = Some(seconds);
        self
    }
}

impl From<String> for Html {
    fn from(body: String) -> Self {
        Self::new(body)
    }
}

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        let mut response =
            (self.status, [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], self.body)
                .into_response();
        if let Some(value) =
            self.shared_seconds.and_then(|seconds| HeaderValue::try_from(format!("public, max-age={seconds}")).ok())
        {
            response.headers_mut().insert(CACHE_CONTROL, value);
        }
        response
    }
}
