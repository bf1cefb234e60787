//! Shows a person themselves and the organisations they belong to.

use axum::extract::State;
use kernel::{AccountId, Email};
use platform::{Failure, NotFound, Scope, Tx};
use serde::Serialize;
use web::{AppState, Json, Problem, Signed};

use super::model::{Account, Locale, name_or_null};
use super::store;
use crate::member::model::Membership;

/// Gets an account.
pub async fn account(tx: &mut Tx, id: AccountId) -> Result<Account, Failure<NotFound>> {
    Ok(store::find(tx, id).await?.ok_or(NotFound)?)
}

/// Gets an account and its memberships; run it in the scope of the account.
pub(super) async fn me(tx: &mut Tx, id: AccountId) -> Result<(Account, Vec<Membership>), Failure<NotFound>> {
    let account = account(tx, id).await?;
    let memberships = crate::member::store::memberships(tx, id).await?;
    Ok((account, memberships))
}

/// A person as they see themselves, with the organisations they belong to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MeView {
    /// Which.
    id: AccountId,
    /// The address that proves who they are.
    email: Email,
    /// What they want to be called; null until they say.
    name: Option<String>,
    /// The language they read.
    locale: Locale,
    /// Where they are a member.
    organisations: Vec<Membership>,
}

impl MeView {
    pub(super) fn new((account, organisations): (Account, Vec<Membership>)) -> Self {
        Self {
            id: account.id,
            email: account.email,
            name: name_or_null(account.name),
            locale: account.locale,
            organisations,
        }
    }
}

/// Who am I
#[utoipa::path(
    get, path = "/api/v1/me", tag = "me",
    responses((status = 200, description = "The person signed in", body = MeView)),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn get(State(app): State<AppState>, signed: Signed) -> Result<Json<MeView>, Problem> {
    let scope = Scope::Account(signed.account);
    let found = app.platform.db.read(scope, "show_me", signed.account, me).await?;
    Ok(Json(MeView::new(found)))
}
