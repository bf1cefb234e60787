//! The far side's checkouts, for programs that know the secret.

use axum::extract::State;
use http::HeaderMap;
use kernel::Money;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Created, Json, Path, Problem, Query, RawBearer};

use super::far::{FarRefusal, idempotency_key, new_name, require_key};
use super::model::{TestCheckout, TestState};
use super::store;
use super::wire::{NewCheckout, WireCheckout, WireCheckouts};

#[derive(Clone)]
struct Open {
    key: String,
    new: NewCheckout,
}

/// The checkout as programs see it at this moment.
pub(super) fn wire(platform: &Platform, checkout: &TestCheckout) -> WireCheckout {
    WireCheckout {
        id: checkout.id.clone(),
        state: checkout.standing(platform.clock.now()),
        amount: checkout.amount.amount,
        currency: checkout.amount.currency,
        payment: checkout.payment,
        url: platform.url(&format!("/pay/test/{}", checkout.id)),
        expires_at: checkout.expires_at,
    }
}

/// `POST /pay/test/api/checkouts`
pub(super) async fn open(
    State(app): State<AppState>,
    RawBearer(bearer): RawBearer,
    headers: HeaderMap,
    Json(new): Json<NewCheckout>,
) -> Result<Created<WireCheckout>, Problem> {
    require_key(&app.platform, bearer.as_deref())?;
    let command = Open { key: idempotency_key(&headers)?, new };
    let checkout = app.platform.db.write(Scope::Nobody, "open_test_checkout", command, insert).await?;
    let body = wire(&app.platform, &checkout);
    Ok(Created { location: format!("/pay/test/api/checkouts/{}", body.id), body })
}

async fn insert(tx: &mut Tx, Open { key, new }: Open) -> Result<TestCheckout, Failure<FarRefusal>> {
    if new.amount <= 0 {
        return Err(FarRefusal::Amount.into());
    }
    if ![&new.return_url, &new.webhook_url]
        .into_iter()
        .all(|url| url.starts_with("http://") || url.starts_with("https://"))
    {
        return Err(FarRefusal::Address.into());
    }
    let checkout = TestCheckout {
        id: new_name(tx, "tco"),
        idempotency_key: key,
        amount: Money::new(new.amount, new.currency),
        description: new.description,
        payment: new.payment,
        return_url: new.return_url,
        webhook_url: new.webhook_url,
        created_at: tx.now(),
        expires_at: new.expires_at,
        state: TestState::Open,
    };
    store::insert(tx, &checkout).await?;
    // The one of the first request with this key, which may be another than the one just made.
    let kept = store::find_by_key(tx, &checkout.idempotency_key)
        .await?
        .ok_or_else(|| Fault::corrupt("a test checkout went away"))?;
    if kept.amount != checkout.amount || kept.payment != checkout.payment {
        return Err(FarRefusal::KeyReused.into());
    }
    Ok(kept)
}

/// `GET /pay/test/api/checkouts/{checkout}`
pub(super) async fn show(
    State(app): State<AppState>,
    RawBearer(bearer): RawBearer,
    Path(id): Path<String>,
) -> Result<Json<WireCheckout>, Problem> {
    require_key(&app.platform, bearer.as_deref())?;
    let checkout = load(&app.platform, id).await?.ok_or_else(|| Problem::refused(&FarRefusal::Missing))?;
    Ok(Json(wire(&app.platform, &checkout)))
}

/// Finds a checkout in a transaction of its own.
pub(super) async fn load(platform: &Platform, id: String) -> Result<Option<TestCheckout>, Fault> {
    platform.db.read(Scope::Nobody, "load_test_checkout", id, find_one).await.map_err(Failure::into_fault)
}

async fn find_one(tx: &mut Tx, id: String) -> Result<Option<TestCheckout>, Failure<Never>> {
    Ok(store::find(tx, &id).await?)
}

/// Which checkouts are looked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByKey {
    idempotency_key: String,
}

/// `GET /pay/test/api/checkouts?idempotency_key=`
pub(super) async fn find(
    State(app): State<AppState>,
    RawBearer(bearer): RawBearer,
    Query(query): Query<ByKey>,
) -> Result<Json<WireCheckouts>, Problem> {
    require_key(&app.platform, bearer.as_deref())?;
    let found = app.platform.db.read(Scope::Nobody, "find_test_checkout", query.idempotency_key, find_by_key).await?;
    Ok(Json(WireCheckouts { items: found.iter().map(|checkout| wire(&app.platform, checkout)).collect() }))
}

async fn find_by_key(tx: &mut Tx, key: String) -> Result<Option<TestCheckout>, Failure<Never>> {
    Ok(store::find_by_key(tx, &key).await?)
}
