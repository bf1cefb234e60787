//! The OpenAPI document: generated from the handlers, completed with what the shell adds to every operation, shown as a page.

mod access;
mod completion;
mod page;
mod schema;
mod style;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::{AppState, Frame, Html};

pub use access::operations_without_access;
pub(crate) use completion::finish;

/// The document and its page.
pub(crate) fn routes(document: Value) -> Router<AppState> {
    let text: Arc<str> = document.to_string().into();
    let main: Arc<str> = page::main(&document).into();
    Router::new()
        .route("/api/v1/openapi.json", get(move || std::future::ready(json(&text))))
        .route("/docs/api", get(move |frame: Frame| std::future::ready(page(&frame, &main))))
}

fn json(text: &Arc<str>) -> Response {
    ([(CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

fn page(frame: &Frame, main: &str) -> Html {
    Html::new(crate::problem::document(frame, "API", main))
}

/// The methods that an OpenAPI path item can have, in reading order.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every operation of a document: path, method, operation.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Map<String, Value>)> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| Some((path.as_str(), method, item.get(method)?.as_object()?)))
    })
}
