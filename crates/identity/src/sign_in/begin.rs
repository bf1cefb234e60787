//! Begins a sign-in: a code and a link go out by mail, and the browser gets a secret that they are good with.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use kernel::mail::MailRequest;
use kernel::{Email, SignInId};
use platform::jobs::When;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{AppState, Json, Problem};

use super::model::{Code, ReturnTo, SIGN_IN_TTL_MINUTES, expiry};
use super::store;
use crate::secret::Secret;

/// How long an attempt is kept after its end.
const KEPT_HOURS: i64 = 24;

/// How long a browser keeps its secret: as long as the mail is good.
pub const COOKIE_TTL: Duration = Duration::from_secs(SIGN_IN_TTL_MINUTES.unsigned_abs() * 60);

/// The secret that a browser has from an earlier request for a code.
pub fn browser_secret(headers: &HeaderMap, platform: &Platform) -> Option<Secret> {
    Secret::parse(&web::cookie::sign_in_of(headers, platform)?)
}

/// Someone wants to sign in.
#[derive(Debug, Clone)]
pub struct Begin {
    /// Who they say they are.
    pub email: Email,
    /// Where to afterwards.
    pub return_to: ReturnTo,
    /// The secret that the browser has from an earlier attempt; it is used on, so that the earlier mail stays good.
    pub browser: Option<Secret>,
}

/// The attempt that began.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Which.
    pub id: SignInId,
    /// Until when the code and the link are good.
    pub expires_at: Timestamp,
    /// The secret for the browser.
    pub browser: Secret,
}

#[derive(Debug, Clone)]
struct Ask {
    begin: Begin,
    mails_per_hour_max: u32,
    link_base: String,
}

/// Begins a sign-in. The answer is the same whether or not the address has an account, and whether or not its hourly limit is used
/// up: then no mail goes out, and neither code nor link of this attempt can be guessed.
pub async fn begin(platform: &Platform, command: Begin) -> Result<Begun, Fault> {
    let ask = Ask {
        begin: command,
        mails_per_hour_max: platform.config.limits.sign_in_per_email_per_hour.get(),
        link_base: platform.url("/login/link/"),
    };
    platform.db.write(Scope::Nobody, "begin_sign_in", ask, open).await.map_err(Failure::into_fault)
}

async fn open(tx: &mut Tx, ask: Ask) -> Result<Begun, Failure<Never>> {
    let now = tx.now();
    let Begin { email, return_to, browser } = ask.begin;
    store::forget_before(tx, before(now, KEPT_HOURS)).await?;
    store::lock_address(tx, &email).await?;
    let mailed = store::count_mailed_since(tx, &email, before(now, 1)).await?;
    let is_mailed = mailed < i64::from(ask.mails_per_hour_max);

    let id: SignInId = tx.new_id();
    let browser = browser.unwrap_or_else(|| Secret::new(tx.random()));
    let code = Code::new(tx.random());
    let link = Secret::new(tx.random());
    // Without this a guesser could go on beyond the limit, ten unmailed attempts a minute, five codes each.
    let code_hash = if is_mailed { code.mac(tx.vault(), id) } else { Secret::new(tx.random()).hash() };
    let expires_at = expiry(now);
    store::insert(
        tx,
        store::NewSignIn {
            id,
            email: &email,
            code_hash,
            link_hash: link.hash(),
            browser_hash: browser.hash(),
            return_to: &return_to,
            is_mailed,
            expires_at,
        },
    )
    .await?;
    if is_mailed {
        let link = format!("{}{}", ask.link_base, link.as_str());
        tx.enqueue(&mail(id, email, &code, &link), When::Now).await?;
    }
    Ok(Begun { id, expires_at, browser })
}

fn before(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
}

fn mail(id: SignInId, to: Email, code: &Code, link: &str) -> MailRequest {
    MailRequest {
        organisation: None,
        dedupe_key: format!("sign_in:{id}"),
        template: "sign_in".to_owned(),
        to,
        data: json!({ "code": code.as_str(), "link": link, "minutes": SIGN_IN_TTL_MINUTES }),
        attachments: Vec::new(),
    }
}

/// Who wants to sign in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRequest {
    /// The address that the code goes to.
    email: Email,
    /// The path to go to afterwards.
    return_to: Option<ReturnTo>,
}

/// A sign-in that waits for its code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SignInView {
    /// Which.
    id: SignInId,
    /// Until when the code is good.
    expires_at: Timestamp,
    /// Send this with the code. Browsers have it as a cookie as well.
    browser_secret: String,
}

/// Ask for a sign-in code
///
/// A 6-digit code and a link go to the address. The answer is the same whether or not there is an account; the account is made when
/// the code is verified.
#[utoipa::path(
    post, path = "/api/v1/auth/sign-ins", tag = "sign-in",
    request_body = SignInRequest,
    responses((status = 202, description = "A code was sent, if it may be", body = SignInView)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    headers: HeaderMap,
    Json(body): Json<SignInRequest>,
) -> Result<Response, Problem> {
    let browser = browser_secret(&headers, &app.platform);
    let command = Begin { email: body.email, return_to: body.return_to.unwrap_or_default(), browser };
    let begun = begin(&app.platform, command).await?;
    let cookie = web::cookie::sign_in_cookie(&app.platform, begun.browser.as_str(), COOKIE_TTL);
    let view =
        SignInView { id: begun.id, expires_at: begun.expires_at, browser_secret: begun.browser.as_str().to_owned() };
    Ok((StatusCode::ACCEPTED, cookie, Json(view)).into_response())
}
