//! One request and its answer: what every layer, extractor and problem knows of it.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::HeaderMap;
use http::header::ACCEPT;
use platform::random::Random;

use crate::principal::Principal;

const NONCE_BYTES: usize = 16;

/// Facts about the running request; cheap to clone.
#[derive(Debug, Clone)]
pub struct Exchange(Arc<Facts>);

#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    pub(crate) client: IpAddr,
    pub(crate) path: String,
    pub(crate) wants_html: bool,
    pub(crate) theme: &'static str,
    pub(crate) random: Random,
    pub(crate) found: Found,
}

/// What is found out, or made, when somebody asks for it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    principal: OnceLock<Option<Principal>>,
    nonce: OnceLock<String>,
}

tokio::task_local! {
    static CURRENT: Exchange;
}

impl Exchange {
    pub(crate) fn new(facts: Facts) -> Self {
        Self(Arc::new(facts))
    }

    /// The exchange of the running task; none in jobs.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    pub(crate) async fn run<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The id that the answer, the log and the journal share.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The W3C trace id, 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.0.trace_id
    }

    /// The address of the client, behind trusted proxies only.
    pub fn client(&self) -> IpAddr {
        self.0.client
    }

    /// The nonce of this answer's content security policy.
    pub fn nonce(&self) -> &str {
        self.0.found.nonce.get_or_init(|| STANDARD_NO_PAD.encode(self.0.random.bytes::<NONCE_BYTES>()))
    }

    /// The path asked for, without the query.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The theme a person chose: `light`, `dark`, or nothing.
    pub fn theme(&self) -> &'static str {
        self.0.theme
    }

    /// Who sent the request, once that was found out.
    pub fn principal(&self) -> Option<&Principal> {
        self.0.found.principal.get().and_then(Option::as_ref)
    }

    pub(crate) fn set_principal(&self, principal: Option<Principal>) {
        // The first answer stands: a request has one author.
        drop(self.0.found.principal.set(principal));
    }

    /// Whether a person's browser waits for a page, not a program for data.
    pub fn wants_html(&self) -> bool {
        self.0.wants_html
    }
}

/// Whether the client prefers a page: it names `text/html`, and the path is not of the API.
pub(crate) fn wants_html(path: &str, headers: &HeaderMap) -> bool {
    !is_api(path)
        && headers.get_all(ACCEPT).iter().any(|value| value.to_str().is_ok_and(|value| value.contains("text/html")))
}

/// Whether the path belongs to the API.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}
