//! Verifies the code of the mail and begins a session.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use kernel::SignInId;
use platform::{Failure, Never, Platform, Tx};
use serde::Deserialize;
use web::{AppState, Json, Path, Problem};

use super::begin::browser_secret;
use super::model::{Code, VerifyRefusal};
pub use super::redeem::{Client, SignedIn};
use super::redeem::{VERIFY_SCOPE, redeem};
use super::store;
use crate::secret::Secret;
use crate::session::model::SessionKind;
use crate::session::user_agent::user_agent;
use crate::token::issue::{TokenView, issue};
use crate::token::keys::Keys;

/// Someone typed a code.
#[derive(Debug, Clone)]
pub struct VerifyCode {
    /// For which attempt.
    pub sign_in: SignInId,
    /// The digits.
    pub code: Code,
    /// The secret that the browser got when it asked.
    pub browser: Option<Secret>,
    /// How the session will be carried.
    pub client: Client,
}

/// Verifies a code. A wrong one is counted even though it is refused.
pub async fn verify_code(platform: &Platform, command: VerifyCode) -> Result<SignedIn, Failure<VerifyRefusal>> {
    let verdict = platform.db.write(VERIFY_SCOPE, "verify_sign_in_code", command, try_code).await;
    verdict.map_err(Failure::widen)?.map_err(Failure::Refused)
}

/// The refusal is a result here, not an error: the transaction that counts a wrong code must commit.
async fn try_code(tx: &mut Tx, command: VerifyCode) -> Result<Result<SignedIn, VerifyRefusal>, Failure<Never>> {
    let Some(attempt) = store::find_for_update(tx, command.sign_in).await? else {
        return Ok(Err(VerifyRefusal::Unknown));
    };
    if let Err(refusal) = attempt.check_open(command.browser.as_ref(), tx.now()) {
        return Ok(Err(refusal));
    }
    if !attempt.is_code(tx.vault(), &command.code) {
        store::count_wrong_code(tx, attempt.id).await?;
        return Ok(Err(attempt.after_wrong_code()));
    }
    Ok(Ok(redeem(tx, attempt, command.client).await?))
}

/// The code of the mail.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyRequest {
    /// Six digits.
    code: Code,
    /// What the answer to the request for the code said; a browser may leave it to its cookie.
    browser_secret: Option<String>,
}

/// Sign in with the code
///
/// Answers with a short-lived access token and a refresh token. The account is made on first use.
#[utoipa::path(
    post, path = "/api/v1/auth/sign-ins/{sign_in}/verify", tag = "sign-in",
    params(("sign_in" = SignInId, Path, description = "The sign-in")),
    request_body = VerifyRequest,
    responses((status = 200, description = "Signed in", body = TokenView)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    Extension(keys): Extension<Keys>,
    Path(sign_in): Path<SignInId>,
    headers: HeaderMap,
    Json(body): Json<VerifyRequest>,
) -> Result<Json<TokenView>, Problem> {
    let browser = match body.browser_secret {
        Some(text) => Secret::parse(&text),
        None => browser_secret(&headers, &app.platform),
    };
    // The key first: when it cannot be had, the code is not used up.
    let key = keys.signing(&app.platform).await?;
    let client = Client { kind: SessionKind::Api, user_agent: user_agent(&headers) };
    let signed_in = verify_code(&app.platform, VerifyCode { sign_in, code: body.code, browser, client }).await?;
    Ok(Json(issue(&app.platform, &key, signed_in.account, signed_in.session, &signed_in.secret)?))
}
