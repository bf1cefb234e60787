//! Looking at an order: by its code and secret, or as the organiser.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::{EventId, OrderId, OrganisationId, TicketId};
use platform::{Failure, Never, NotFound, Platform, Scope, Tx};
use serde::Deserialize;
use web::rights::ViewOrders;
use web::{AppState, Json, Member, Path, Problem, Query};

use super::model::is_code;
use super::place::ORDER_SECRET;
use super::present::{OrderView, OrganiserOrderView, TICKET_SECRET, organiser_view_of, view_of};
use super::{deliver, store};
use crate::ticket::model::parse_human_code;
use crate::ticket::store as tickets;

/// The proof of owning an order.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OrderSecret {
    /// The order's secret, as its address has it.
    pub secret: String,
}

/// Finds an order for someone who has its secret: wrong secrets and missing orders answer the same.
pub async fn locate(
    platform: &Platform,
    code: String,
    secret: &str,
) -> Result<(OrganisationId, OrderId), Failure<NotFound>> {
    match find_by_code(platform, code.to_ascii_uppercase()).await? {
        Some((organisation, order)) if platform.vault.is_secret_of(ORDER_SECRET, order.uuid(), secret) => {
            Ok((organisation, order))
        }
        _ => Err(NotFound.into()),
    }
}

/// Finds a ticket by what people call it and its own secret, for whoever carries just this ticket.
pub async fn locate_ticket(
    platform: &Platform,
    code: String,
    secret: &str,
) -> Result<(OrganisationId, OrderId, TicketId), Failure<NotFound>> {
    let (order_code, number) = parse_human_code(&code).ok_or(NotFound)?;
    let (organisation, order) = find_by_code(platform, order_code.clone()).await?.ok_or(NotFound)?;
    let ticket = platform
        .db
        .read(Scope::Tenant(organisation), "find_ticket", (organisation, order_code, number), by_number)
        .await
        .map_err(Failure::widen)?;
    match ticket {
        Some(ticket) if platform.vault.is_secret_of(TICKET_SECRET, ticket.uuid(), secret) => {
            Ok((organisation, order, ticket))
        }
        _ => Err(NotFound.into()),
    }
}

async fn by_number(
    tx: &mut Tx,
    (organisation, order_code, number): (OrganisationId, String, i32),
) -> Result<Option<TicketId>, Failure<Never>> {
    Ok(tickets::find_by_code(tx, organisation, &order_code, number).await?.map(|(_, ticket)| ticket))
}

async fn find_by_code(
    platform: &Platform,
    code: String,
) -> Result<Option<(OrganisationId, OrderId)>, Failure<NotFound>> {
    if !is_code(&code) {
        return Ok(None);
    }
    platform.db.read(Scope::Public, "locate_order", code, by_code).await.map_err(Failure::widen)
}

async fn by_code(tx: &mut Tx, code: String) -> Result<Option<(OrganisationId, OrderId)>, Failure<Never>> {
    Ok(store::locate(tx, &code).await?)
}

/// Show an order
#[utoipa::path(get, path = "/api/v1/orders/{code}", tag = "Orders", params(("code" = String, Path), OrderSecret),
    responses((status = 200, body = OrderView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn show_http(
    State(app): State<AppState>,
    Path(code): Path<String>,
    Query(query): Query<OrderSecret>,
) -> Result<Json<OrderView>, Problem> {
    let (organisation, order) = locate(&app.platform, code, &query.secret).await?;
    Ok(Json(view_of(&app.platform, organisation, order).await?))
}

/// Download the tickets of an order (PDF)
#[utoipa::path(get, path = "/api/v1/orders/{code}/tickets.pdf", tag = "Orders", params(("code" = String, Path), OrderSecret),
    responses((status = 200, content_type = "application/pdf")), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn pdf_http(
    State(app): State<AppState>,
    Path(code): Path<String>,
    Query(query): Query<OrderSecret>,
) -> Result<Response, Problem> {
    let (organisation, order) = locate(&app.platform, code.clone(), &query.secret).await?;
    let files = deliver::files_of(&app.platform, organisation, order).await?;
    let pdf = files.pdf.ok_or_else(Problem::not_found)?;
    Ok(download("application/pdf", &format!("tickets-{}.pdf", code.to_ascii_uppercase()), pdf))
}

/// Download the event of an order (iCalendar)
#[utoipa::path(get, path = "/api/v1/orders/{code}/event.ics", tag = "Orders", params(("code" = String, Path), OrderSecret),
    responses((status = 200, content_type = "text/calendar")), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn calendar_http(
    State(app): State<AppState>,
    Path(code): Path<String>,
    Query(query): Query<OrderSecret>,
) -> Result<Response, Problem> {
    let (organisation, order) = locate(&app.platform, code, &query.secret).await?;
    let files = deliver::files_of(&app.platform, organisation, order).await?;
    Ok(download("text/calendar; charset=utf-8", "event.ics", files.calendar.into_bytes()))
}

fn download(content_type: &'static str, filename: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", filename.replace(['"', '\\', '\r', '\n'], "_")),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// Show an order to its organiser
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/orders/{order}", tag = "Orders",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("order" = OrderId, Path)),
    responses((status = 200, body = OrganiserOrderView)), extensions(("x-access" = json!("view_orders"))))]
pub(crate) async fn organiser_http(
    State(app): State<AppState>,
    member: Member<ViewOrders>,
    path: Path<(OrganisationId, EventId, OrderId)>,
) -> Result<Json<OrganiserOrderView>, Problem> {
    let Path((_, event, order)) = path;
    Ok(Json(organiser_view_of(&app.platform, member.organisation, event, order).await?))
}
