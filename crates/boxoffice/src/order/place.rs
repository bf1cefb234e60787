//! Turning a hold into an order. A free order is paid in the same transaction.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::events::{OrderPaid, OrderPlaced};
use kernel::{HoldId, Money, OrderId, OrganisationId, PaymentId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Created, Json, MaybeSigned, Path, Problem};

use super::model::{self, Buyer, CODE_ALPHABET, CODE_CHARACTERS, Order, OrderState};
use super::present::{OrderView, view_of};
use super::{pay, store};
use crate::hold::model::{Hold, HoldEnded};
use crate::hold::{show::locate, store as holds};
use crate::pool;
use crate::ticket::{issue, model as tickets};

/// The purpose of the secret that owns an order.
pub(crate) const ORDER_SECRET: &str = "order-secret";

/// Order what a hold holds.
#[derive(Debug, Clone)]
pub struct Place {
    /// The tenant.
    pub organisation: OrganisationId,
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

/// What came of it.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The order.
    pub order: Order,
    /// The payment to open, when there is something to pay.
    pub payment: Option<PaymentId>,
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
}

impl Refusal for PlaceRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Ended(ended) => ended.code(),
            Self::TooManyAttendees => "too_many_attendees",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Ended(ended) => ended.kind(),
            Self::TooManyAttendees => RefusalKind::Invalid,
        }
    }
}

/// Places an order. A hold becomes one order at most: asked again, the same order is the answer.
pub async fn place(tx: &mut Tx, command: Place) -> Result<Placed, Failure<PlaceRefusal>> {
    let hold = holds::lock(tx, command.organisation, command.hold).await?.ok_or(PlaceRefusal::NotFound)?;
    if let Some(order) = store::find_by_hold(tx, command.organisation, hold.id).await? {
        return Ok(Placed { order, payment: None });
    }
    hold.live_until(tx.now()).map_err(PlaceRefusal::Ended)?;
    let tickets: i32 = hold.lines.iter().map(|line| line.quantity).sum();
    if command.attendees.len() > usize::try_from(tickets).unwrap_or(0) {
        return Err(PlaceRefusal::TooManyAttendees.into());
    }
    let total = hold.total().ok_or_else(|| Fault::corrupt("a hold without a total"))?;
    if total.is_zero() {
        place_free(tx, command, hold, total).await
    } else {
        place_paid(tx, command, hold, total).await
    }
}

fn new_order(tx: &Tx, command: &Place, hold: &Hold, total: Money, state: OrderState) -> Order {
    let code = (0..CODE_CHARACTERS)
        .filter_map(|_| CODE_ALPHABET.get(usize::try_from(tx.random().below(32)).unwrap_or(0)).copied())
        .map(char::from)
        .collect();
    Order {
        id: tx.new_id::<OrderId>(),
        event: hold.event,
        hold: hold.id,
        code,
        state,
        buyer: command.buyer.clone(),
        total,
        created_at: tx.now(),
        version: 1,
    }
}

async fn place_free(tx: &mut Tx, command: Place, hold: Hold, total: Money) -> Result<Placed, Failure<PlaceRefusal>> {
    let organisation = command.organisation;
    let order = new_order(tx, &command, &hold, total, OrderState::Paid { paid_at: tx.now(), payment: None });
    let lines = model::lines_of(&hold.lines);
    let pools: Vec<_> = hold.places().into_iter().map(|(pool, _)| pool).collect();
    let mut stock = pool::store::lock(tx, organisation, &pools).await?;
    model::convert(order.id, &hold, &mut stock).map_err(Fault::corrupt)?;
    pool::store::save(tx, organisation, &stock).await?;
    holds::end(tx, organisation, &[hold.id], "converted").await?;
    store::insert(tx, organisation, &order, &lines, tx.now()).await?;
    let plans = tickets::plan(&lines, &command.attendees, command.buyer.name.as_str());
    let issued = issue::issue(tx, organisation, order.event, order.id, &plans).await?;
    tx.record(Some(organisation), &OrderPlaced { order: order.id, event: order.event, hold: hold.id, total }).await?;
    tx.record(Some(organisation), &OrderPaid { order: order.id, event: order.event, tickets: issued }).await?;
    Ok(Placed { order, payment: None })
}

async fn place_paid(tx: &mut Tx, command: Place, hold: Hold, total: Money) -> Result<Placed, Failure<PlaceRefusal>> {
    let organisation = command.organisation;
    let expires_at = tx.now().checked_add(command.payment_ttl).map_err(Fault::corrupt)?;
    let order = new_order(tx, &command, &hold, total, OrderState::AwaitingPayment { expires_at });
    store::insert(tx, organisation, &order, &model::lines_of(&hold.lines), expires_at).await?;
    store::keep_attendees(tx, organisation, order.id, &command.attendees).await?;
    holds::extend(tx, organisation, hold.id, expires_at, i16::MAX).await?;
    tx.record(Some(organisation), &OrderPlaced { order: order.id, event: order.event, hold: hold.id, total }).await?;
    let payment = payments::api::create(
        tx,
        payments::api::NewPayment {
            organisation,
            order: order.id,
            amount: total,
            description: command.description,
            expires_at,
        },
    )
    .await?;
    Ok(Placed { order, payment: Some(payment) })
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

/// Someone who comes.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttendee {
    /// Their name.
    name: kernel::PersonName,
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
/// When the provider does not answer the order stands and waits; `pay` asks again.
pub async fn check_out(
    platform: &Platform,
    checkout: Checkout,
) -> Result<(OrganisationId, OrderId), Failure<PlaceRefusal>> {
    let organisation = locate(platform, checkout.hold, &checkout.secret)
        .await
        .map_err(|failure| failure.map(|_| PlaceRefusal::NotFound))?;
    let payment_ttl = SignedDuration::try_from(platform.config.holds.payment_ttl).map_err(Fault::corrupt)?;
    let command = Place {
        organisation,
        hold: checkout.hold,
        buyer: checkout.buyer,
        attendees: checkout.attendees,
        payment_ttl,
        description: "Tickets".to_owned(),
    };
    let placed = platform.db.write(Scope::Tenant(organisation), "place_order", command, place).await?;
    if let Some(payment) = placed.payment
        && let Err(failure) = pay::open(platform, organisation, &placed.order, payment).await
    {
        tracing::warn!(%failure, order = %placed.order.id, "the provider gave no checkout page; the buyer can ask again");
    }
    Ok((organisation, placed.order.id))
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
    let buyer =
        Buyer { name: body.buyer.name, email: body.buyer.email, account: signed.0.map(|signed| signed.account) };
    let attendees = body.attendees.into_iter().map(|attendee| attendee.name.to_string()).collect();
    let (organisation, order) =
        check_out(&app.platform, Checkout { hold, secret: body.secret, buyer, attendees }).await?;
    let view = view_of(&app.platform, organisation, order).await?;
    Ok(Created { location: format!("/api/v1/orders/{}", view.code), body: view })
}
