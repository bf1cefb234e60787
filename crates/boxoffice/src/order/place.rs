//! Turning a hold into an order. A free order is paid in the same transaction.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::{AccountId, EventId, HoldId, OrderId, OrganisationId, PaymentId, PoolId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind};
use serde::Deserialize;
use web::{AppState, Created, Json, MaybeSigned, Path, Problem};

use super::model::{Buyer, Order, OrderLine};
use super::pay;
use super::present::{OrderView, view_of_placed};
use crate::hold::model::HoldEnded;
use crate::hold::secret::{HoldPlace, locate};
use crate::lane::model::PersonLimit;
use crate::lane::{self, Answered};
use crate::ticket::model::Ticket;

/// The purpose of the secret that owns an order.
pub(crate) const ORDER_SECRET: &str = "order-secret";

/// Order what a hold holds.
#[derive(Debug, Clone)]
pub struct Place {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which hold.
    pub hold: HoldId,
    /// Who buys.
    pub buyer: Buyer,
    /// Who comes, one name a ticket; the buyer's name where there is none.
    pub attendees: Vec<String>,
    /// How long the places are kept once payment starts.
    pub payment_ttl: SignedDuration,
    /// What the provider shows the buyer.
    pub description: String,
}

/// An order that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The order.
    pub order: Order,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// Its tickets; none while there is something to pay.
    pub tickets: Vec<Ticket>,
    /// The pools that changed, each with the version that this made.
    pub pools: Vec<(PoolId, i64)>,
    /// The payment to open, when there is something to pay.
    pub payment: Option<PaymentId>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// The order.
    Now(Confirmed),
    /// The hold became this order before.
    Before(OrderId),
}

/// Why a hold does not become an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceRefusal {
    /// No such hold, or not with that secret.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// The hold has ended.
    #[error(transparent)]
    Ended(#[from] HoldEnded),
    /// More names than tickets.
    #[error("There are more attendees than tickets.")]
    TooManyAttendees,
    /// The person has as many as one person may have.
    #[error(transparent)]
    Person(#[from] PersonLimit),
}

impl Refusal for PlaceRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Ended(ended) => ended.code(),
            Self::TooManyAttendees => "too_many_attendees",
            Self::Person(refusal) => refusal.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Ended(ended) => ended.kind(),
            Self::TooManyAttendees => RefusalKind::Invalid,
            Self::Person(refusal) => refusal.kind(),
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Person(refusal) => refusal.details(),
            _ => None,
        }
    }
}

/// Someone who buys, as the API and the checkout form give them.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBuyer {
    /// Their name.
    name: kernel::PersonName,
    /// Where the tickets go.
    email: kernel::Email,
}

impl NewBuyer {
    /// The buyer, with the account they are signed in to.
    pub(crate) fn buyer(self, account: Option<AccountId>) -> Buyer {
        Buyer { name: self.name, email: self.email, account }
    }
}

/// Someone who comes.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttendee {
    /// Their name.
    name: kernel::PersonName,
}

impl NewAttendee {
    /// Their name.
    pub(crate) fn name(self) -> String {
        self.name.to_string()
    }
}

/// An order for what a hold holds.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// The hold's secret.
    secret: String,
    /// Who buys.
    buyer: NewBuyer,
    /// Who comes, in the order of the tickets; the buyer's name is used where there is none.
    #[serde(default)]
    attendees: Vec<NewAttendee>,
}

/// A checkout, as both doors bring it.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// Which hold.
    pub hold: HoldId,
    /// Its secret.
    pub secret: String,
    /// Who buys.
    pub buyer: Buyer,
    /// Who comes.
    pub attendees: Vec<String>,
}

/// Places the order of a hold and, when there is something to pay, asks the provider for a checkout page. Both the API and the pages call it.
///
/// A hold becomes one order at most: asked again, the same order is the answer. When the provider does not answer the order stands and waits;
/// `pay` asks again.
pub async fn check_out(
    platform: &Platform,
    checkout: Checkout,
) -> Result<(OrganisationId, Answered<Placed>), Failure<PlaceRefusal>> {
    let HoldPlace { organisation, event } =
        locate(&platform.vault, checkout.hold, &checkout.secret).map_err(|_| PlaceRefusal::NotFound)?;
    let command = Place {
        organisation,
        event,
        hold: checkout.hold,
        buyer: checkout.buyer,
        attendees: checkout.attendees,
        payment_ttl: SignedDuration::try_from(platform.config.holds.payment_ttl).map_err(Fault::corrupt)?,
        description: "Tickets".to_owned(),
    };
    let placed = lane::ask(platform, command).await?;
    if let Placed::Now(Confirmed { order, payment: Some(payment), .. }) = &placed.answer {
        pay::open_or_wait(platform, organisation, order, *payment).await;
    }
    Ok((organisation, placed))
}

/// Order what a hold holds
///
/// A free order is paid at once and has its tickets in the answer. A paid one waits for its payment at `payment.checkout_url`.
#[utoipa::path(post, path = "/api/v1/holds/{hold}/order", tag = "Orders", request_body = NewOrder, params(("hold" = HoldId, Path)),
    responses((status = 201, body = OrderView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn place_http(
    State(app): State<AppState>,
    signed: MaybeSigned,
    Path(hold): Path<HoldId>,
    Json(body): Json<NewOrder>,
) -> Result<Created<OrderView>, Problem> {
    let buyer = body.buyer.buyer(signed.0.map(|signed| signed.account));
    let attendees = body.attendees.into_iter().map(NewAttendee::name).collect();
    let (organisation, placed) =
        check_out(&app.platform, Checkout { hold, secret: body.secret, buyer, attendees }).await?;
    let view = view_of_placed(&app.platform, organisation, placed).await?;
    Ok(Created { location: format!("/api/v1/orders/{}", view.code), body: view })
}
