//! The address: parameters of the path and of the query.

use std::error::Error;

use axum::extract::FromRequestParts;
use http::request::Parts;
use platform::FieldError;
use serde::de::DeserializeOwned;

use super::reason;
use crate::{AppState, Problem};

/// Parameters of the path. What is not an id of the right kind names nothing, so it answers 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// Parameters of the query.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, app).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

/// The problem of pairs (a query, a form) that do not fit. The framework writes `field: reason` when it knows the field.
pub(super) fn unreadable(rejection: &dyn Error) -> Problem {
    let words = reason::innermost(rejection);
    let (path, reason) = match words.split_once(": ") {
        Some((path, reason)) if !path.contains(' ') => (path, reason),
        _ => ("", words.as_str()),
    };
    let error: FieldError = reason::field_error(path, reason);
    Problem::invalid(vec![error])
}
