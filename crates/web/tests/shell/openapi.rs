//! The document, and the page that shows it.

use axum::Router;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::routes;
use web::{Created, Json, Module, OpenApiRouter};

use crate::support::{fetch, state};

#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct NewCart {
    /// Whose `name` it is.
    name: String,
    lines: Vec<CartLine>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct CartLine {
    ticket_type_id: kernel::TicketTypeId,
    quantity: u32,
}

/// Fill a cart
///
/// Every line, or <none>.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/carts", tag = "carts", request_body = NewCart,
    params(("organisation" = kernel::OrganisationId, Path)), responses((status = 201, body = NewCart, description = "Made.")),
    extensions(("x-access" = json!("edit_events"))))]
async fn fill(Json(body): Json<NewCart>) -> Created<NewCart> {
    Created { location: String::new(), body }
}

/// Look around
#[utoipa::path(get, path = "/api/v1/carts", tag = "carts", responses((status = 200, body = NewCart)))]
async fn look() -> &'static str {
    ""
}

fn modules() -> Vec<Module> {
    let routes = OpenApiRouter::new().routes(routes!(fill)).routes(routes!(look));
    vec![Module { name: "tiny", routes, jobs: Vec::new(), subscribers: Vec::new() }]
}

#[tokio::test]
async fn every_operation_says_who_may_call_it_and_which_problems_come() {
    let app = web::router(state(&[]), modules(), Router::new());
    let document = fetch(&app, "/api/v1/openapi.json", &[]).await.json();
    assert_eq!(
        (&document["openapi"], &document["servers"][0]["url"]),
        (&json!("3.1.0"), &json!("http://localhost:3000"))
    );
    let operation = &document["paths"]["/api/v1/organisations/{organisation}/carts"]["post"];
    assert_eq!(operation["security"], json!([{"access_token": []}, {"api_key": []}, {"session": []}]));
    let statuses: Vec<&str> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
    for status in ["201", "400", "401", "403", "404", "413", "415", "422", "429", "default"] {
        assert!(statuses.contains(&status), "{status} in {statuses:?}");
    }
    assert!(operation["parameters"].as_array().unwrap().iter().any(|parameter| parameter["name"] == "Idempotency-Key"));
    assert!(
        document["components"]["schemas"]["Problem"].is_object()
            && document["components"]["securitySchemes"]["api_key"].is_object()
    );
}

#[test]
fn operations_that_are_silent_about_access_are_found() {
    assert_eq!(web::openapi::operations_without_access(&web::documented(modules())), ["GET /api/v1/carts"]);
}

#[tokio::test]
async fn the_page_shows_every_operation_without_scripts() {
    let app = web::router(state(&[]), modules(), Router::new());
    let answer = fetch(&app, "/docs/api", &[("cookie", "theme=dark")]).await;
    let page = answer.text();
    assert_eq!(answer.status, StatusCode::OK);
    for part in [
        "data-theme=\"dark\"",
        "id=\"post-api-v1-organisations-organisation-carts\"",
        "Right edit_events",
        "lines[].quantity",
        "Whose <code class=\"mono\">name</code> it is.",
        "Every line, or &lt;none&gt;.",
        "-H &#39;Authorization: Bearer TOKEN&#39;",
        "typ_01h455vb4pex5vsknk084sn02q",
        "Not stated",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("http://cdn") && !page.contains("style=") && page.matches("<script").count() == 1);
}
