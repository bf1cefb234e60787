//! Changes what a person is called and the language they read.

use axum::extract::State;
use kernel::{AccountId, PersonName};
use platform::{Failure, NotFound, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Json, Problem, Signed};

use super::model::{Account, Locale};
use super::show::{MeView, me};
use super::store;
use crate::events::AccountEdited;
use crate::member::model::Membership;

/// A person changes what is said of them; what is `None` stays.
#[derive(Debug, Clone)]
pub struct EditAccount {
    /// Who.
    pub account: AccountId,
    /// What they want to be called.
    pub name: Option<PersonName>,
    /// The language they read.
    pub locale: Option<Locale>,
}

/// Changes an account; run it in the scope of the account.
pub async fn edit_account(tx: &mut Tx, command: EditAccount) -> Result<(Account, Vec<Membership>), Failure<NotFound>> {
    if command.name.is_some() || command.locale.is_some() {
        let name = command.name.as_ref().map(PersonName::as_str);
        store::update(tx, command.account, name, command.locale.as_ref()).await?;
        tx.record(None, &AccountEdited { account: command.account }).await?;
    }
    me(tx, command.account).await
}

/// What to change; a field left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MePatch {
    /// What I want to be called.
    name: Option<PersonName>,
    /// The language I read.
    locale: Option<Locale>,
}

/// Change my name or language
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "me",
    request_body = MePatch,
    responses((status = 200, description = "The person signed in", body = MeView)),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn patch(
    State(app): State<AppState>,
    signed: Signed,
    Json(body): Json<MePatch>,
) -> Result<Json<MeView>, Problem> {
    let command = EditAccount { account: signed.account, name: body.name, locale: body.locale };
    let scope = Scope::Account(signed.account);
    let edited = app.platform.db.write(scope, "edit_account", command, edit_account).await?;
    Ok(Json(MeView::new(edited)))
}
