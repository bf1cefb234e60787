//! The far side's refunds, for programs that know the secret.

use axum::extract::State;
use http::HeaderMap;
use platform::{Failure, Never, Scope, Tx};
use web::{AppState, Created, Json, Path, Problem, RawBearer};

use super::far::{FarRefusal, idempotency_key, new_name, require_key};
use super::store::{self, TestRefund};
use super::wire::{NewRefund, WireRefund, WireRefundState, WireState};

#[derive(Clone)]
struct Create {
    key: String,
    new: NewRefund,
}

fn wire(refund: TestRefund) -> WireRefund {
    WireRefund { id: refund.id, checkout: refund.checkout, amount: refund.amount, state: WireRefundState::Succeeded }
}

/// `POST /pay/test/api/refunds`
pub(super) async fn create(
    State(app): State<AppState>,
    RawBearer(bearer): RawBearer,
    headers: HeaderMap,
    Json(new): Json<NewRefund>,
) -> Result<Created<WireRefund>, Problem> {
    require_key(&app.platform, bearer.as_deref())?;
    let command = Create { key: idempotency_key(&headers)?, new };
    let body = wire(app.platform.db.write(Scope::Nobody, "create_test_refund", command, insert).await?);
    Ok(Created { location: format!("/pay/test/api/refunds/{}", body.id), body })
}

/// The checkout's row lock makes requests with one key, and requests for the same money, wait for each other.
async fn insert(tx: &mut Tx, Create { key, new }: Create) -> Result<TestRefund, Failure<FarRefusal>> {
    let checkout = store::lock(tx, &new.checkout).await?.ok_or(FarRefusal::Missing)?;
    if let Some(kept) = store::find_refund_by_key(tx, &key).await? {
        return if kept.checkout == new.checkout && kept.amount == new.amount {
            Ok(kept)
        } else {
            Err(FarRefusal::KeyReused.into())
        };
    }
    if new.amount <= 0 {
        return Err(FarRefusal::Amount.into());
    }
    if checkout.standing(tx.now()) != WireState::Paid {
        return Err(FarRefusal::NotPaid.into());
    }
    let given_back = store::sum_refunds(tx, &checkout.id).await?;
    if given_back.saturating_add(new.amount) > checkout.amount.amount {
        return Err(FarRefusal::RefundTooLarge.into());
    }
    let refund = TestRefund { id: new_name(tx, "trf"), checkout: checkout.id, amount: new.amount };
    store::insert_refund(tx, &refund, &key).await?;
    Ok(refund)
}

/// `GET /pay/test/api/refunds/{refund}`
pub(super) async fn show(
    State(app): State<AppState>,
    RawBearer(bearer): RawBearer,
    Path(id): Path<String>,
) -> Result<Json<WireRefund>, Problem> {
    require_key(&app.platform, bearer.as_deref())?;
    let found = app.platform.db.read(Scope::Nobody, "load_test_refund", id, find).await?;
    Ok(Json(wire(found.ok_or_else(|| Problem::refused(&FarRefusal::Missing))?)))
}

async fn find(tx: &mut Tx, id: String) -> Result<Option<TestRefund>, Failure<Never>> {
    Ok(store::find_refund(tx, &id).await?)
}
