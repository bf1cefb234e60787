//! Rate limits: how much one caller may ask for in a while, told in the headers of draft-ietf-httpapi-ratelimit-headers.

mod bucket;
mod class;

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use platform::config::Limits;

use crate::principal::{DEVICE_TOKEN_PREFIX, bearer};
use crate::problem::for_status;
use crate::{AppState, Exchange, Principal};
use bucket::{Bucket, Standing};
use class::Class;

const MINUTE_SECONDS: u32 = 60;
const HOUR_SECONDS: u32 = 3600;
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The limits of one process.
pub struct RateLimits(Option<Buckets>);

struct Buckets {
    api: Bucket,
    sign_in: Bucket,
    holds: Bucket,
}

impl RateLimits {
    /// The limits of the configuration.
    pub fn of(limits: &Limits) -> Self {
        Self(Some(Buckets {
            api: Bucket::new("api", limits.requests_per_caller_per_minute, MINUTE_SECONDS),
            sign_in: Bucket::new("sign-in", limits.sign_in_per_address_per_hour, HOUR_SECONDS),
            holds: Bucket::new("holds", limits.holds_per_address_per_minute, MINUTE_SECONDS),
        }))
    }

    /// No limits, for tests and load generators on this machine.
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// Forgets callers that have been quiet long enough to have everything back.
    pub fn forget_the_quiet(&self) {
        if let Some(buckets) = &self.0 {
            for bucket in [&buckets.api, &buckets.sign_in, &buckets.holds] {
                bucket.forget_the_quiet();
            }
        }
    }

    /// Takes one request from every bucket that it draws from; stops at the first that is empty.
    fn take(&self, class: Class, caller: &str, address: &str) -> Vec<Standing> {
        let Some(buckets) = &self.0 else { return Vec::new() };
        let own = match class {
            Class::Unlimited => return Vec::new(),
            Class::General => None,
            Class::SignIn => Some(&buckets.sign_in),
            Class::Holds => Some(&buckets.holds),
        };
        let mut standings = vec![buckets.api.take(caller)];
        if let (Some(own), true) = (own, standings.iter().all(Standing::is_allowed)) {
            standings.push(own.take(address));
        }
        standings
    }
}

/// How a caller stands after a request.
pub(crate) struct Standings {
    class: Class,
    standings: Vec<Standing>,
}

/// Counts the request.
pub(crate) fn take(app: &AppState, exchange: &Exchange, request: &Request) -> Standings {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let class = Class::of(request.method(), route.unwrap_or_else(|| request.uri().path()));
    let standings = if app.limits.0.is_some() {
        app.limits.take(class, &caller(exchange, request.headers()), &network_of(exchange))
    } else {
        Vec::new()
    };
    Standings { class, standings }
}

impl Standings {
    /// 429 for a caller over a limit.
    pub(crate) fn refusal(&self) -> Option<Response> {
        let seconds = self.standings.iter().find_map(Standing::retry_after_seconds)?;
        metrics::counter!("http_requests_limited_total", "class" => self.class.name()).increment(1);
        Some(for_status(StatusCode::TOO_MANY_REQUESTS).with_retry_after(seconds).into_response())
    }

    /// Tells everyone how they stand.
    pub(crate) fn tell(&self, mut response: Response) -> Response {
        let list = |write: fn(&Standing) -> String| {
            HeaderValue::try_from(self.standings.iter().map(write).collect::<Vec<_>>().join(", "))
        };
        if !self.standings.is_empty()
            && let (Ok(limit), Ok(policy)) = (list(Standing::limit), list(Standing::policy))
        {
            response.headers_mut().insert(RATE_LIMIT, limit);
            response.headers_mut().insert(RATE_LIMIT_POLICY, policy);
        }
        response
    }
}

/// Who a request is counted for: the person, the key, the device, else the address.
pub(crate) fn caller(exchange: &Exchange, headers: &HeaderMap) -> String {
    match exchange.principal() {
        Some(Principal::Account { account, .. }) => account.to_string(),
        Some(Principal::ApiKey { key, .. }) => key.to_string(),
        None => match bearer(headers).filter(|token| token.starts_with(DEVICE_TOKEN_PREFIX)) {
            Some(token) => format!("device:{:032x}", short_hash(token)),
            None => network_of(exchange),
        },
    }
}

fn short_hash(text: &str) -> u128 {
    platform::vault::sha256(text.as_bytes()).iter().take(16).fold(0, |hash, byte| (hash << 8) | u128::from(*byte))
}

/// The client's address; of IPv6 the /64, which is what one household is given.
fn network_of(exchange: &Exchange) -> String {
    match exchange.client() {
        std::net::IpAddr::V4(address) => format!("address:{address}"),
        std::net::IpAddr::V6(address) => format!("address:{:016x}", address.to_bits() >> 64),
    }
}
