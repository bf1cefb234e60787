//! Buying in one step: choice and buyer come together, and a free order is done in one call.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::{EventId, OrganisationId, Slug};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind};
use serde::Deserialize;
use web::{AppState, Created, Json, MaybeSigned, Path, Problem};

use super::model::Buyer;
use super::place::{Confirmed, NewAttendee, NewBuyer};
use super::present::OrderView;
use super::{pay, present};
use crate::event::address::ask_by_slug;
use crate::hold::model::{TakeRefusal, Wanted};
use crate::hold::take::{NewHoldLine, wanted_of};
use crate::lane::Answered;
use crate::lane::model::PersonLimit;

/// Buy in one step.
#[derive(Debug, Clone)]
pub struct Buy {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// The name the buyer knows the event by, which must still be its own.
    pub slug: Slug,
    /// What the buyer wants.
    pub wanted: Vec<Wanted>,
    /// Who buys.
    pub buyer: Buyer,
    /// Who comes, one name a ticket; the buyer's name where there is none.
    pub attendees: Vec<String>,
    /// How long the places are kept when there is something to pay.
    pub payment_ttl: SignedDuration,
    /// What the provider shows the buyer.
    pub description: String,
}

/// Why nothing is bought.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuyRefusal {
    /// The places cannot be had.
    #[error(transparent)]
    Take(#[from] TakeRefusal),
    /// More names than tickets.
    #[error("There are more attendees than tickets.")]
    TooManyAttendees,
    /// The person has as many as one person may have.
    #[error(transparent)]
    Person(#[from] PersonLimit),
}

impl Refusal for BuyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Take(refusal) => refusal.code(),
            Self::TooManyAttendees => "too_many_attendees",
            Self::Person(refusal) => refusal.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::Take(refusal) => refusal.kind(),
            Self::TooManyAttendees => RefusalKind::Invalid,
            Self::Person(refusal) => refusal.kind(),
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Take(refusal) => refusal.details(),
            Self::TooManyAttendees => None,
            Self::Person(refusal) => refusal.details(),
        }
    }
}

/// An order that is made without a hold.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectOrder {
    /// One line for each ticket type.
    lines: Vec<NewHoldLine>,
    /// Who buys.
    buyer: NewBuyer,
    /// Who comes, in the order of the tickets; the buyer's name is used where there is none.
    #[serde(default)]
    attendees: Vec<NewAttendee>,
}

/// Buys at the public event of a name.
async fn buy(
    platform: &Platform,
    slug: &str,
    (wanted, buyer, attendees): (Vec<Wanted>, Buyer, Vec<String>),
) -> Result<(OrganisationId, Answered<Confirmed>), Failure<BuyRefusal>> {
    let payment_ttl = SignedDuration::try_from(platform.config.holds.payment_ttl).map_err(Fault::corrupt)?;
    let missing = BuyRefusal::Take(TakeRefusal::NotFound);
    ask_by_slug(platform, slug, missing, |organisation, event, slug| Buy {
        organisation,
        event,
        slug,
        wanted: wanted.clone(),
        buyer: buyer.clone(),
        attendees: attendees.clone(),
        payment_ttl,
        description: "Tickets".to_owned(),
    })
    .await
}

/// Order in one call
///
/// Places are taken and the order is made at once: a free one is paid and has its tickets in the answer, any other waits for its payment at
/// `payment.checkout_url`. All lines or none; what holds are refused for, this is refused for too.
#[utoipa::path(post, path = "/api/v1/events/{slug}/orders", tag = "Orders", request_body = DirectOrder, params(("slug" = String, Path)),
    responses((status = 201, body = OrderView)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn buy_http(
    State(app): State<AppState>,
    signed: MaybeSigned,
    Path(slug): Path<String>,
    Json(body): Json<DirectOrder>,
) -> Result<Created<OrderView>, Problem> {
    let wanted = wanted_of(body.lines).map_err(|refusal| Problem::refused(&refusal))?;
    let buyer = body.buyer.buyer(signed.0.map(|signed| signed.account));
    let attendees = body.attendees.into_iter().map(|attendee| attendee.name()).collect();
    let (organisation, bought) = buy(&app.platform, &slug, (wanted, buyer, attendees)).await?;
    if let Some(payment) = bought.answer.payment {
        pay::open_or_wait(&app.platform, organisation, &bought.answer.order, payment).await;
    }
    let body = present::view_of_confirmed(&app.platform, organisation, bought).await?;
    Ok(Created { location: format!("/api/v1/orders/{}", body.code), body })
}
