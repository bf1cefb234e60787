//! What the server puts around a page: assets, theme, nonce, who is signed in.

use axum::extract::FromRequestParts;
use http::request::Parts;
use platform::config::TestProvider;

use crate::assets::manifest;
use crate::extract::MaybeSigned;
use crate::{AppState, Exchange, Problem, Signed};

/// The frame of a server-rendered page. Addresses are absolute paths.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The style sheet of the public pages.
    pub css: String,
    /// The script of the public pages.
    pub js: String,
    /// The icon sprite; `{icons}#calendar`.
    pub icons: String,
    /// What a person chose: `light`, `dark`, or nothing, which leaves it to their system.
    pub theme: &'static str,
    /// For `<style nonce>` and `<script nonce>`.
    pub nonce: String,
    /// Who is signed in.
    pub account: Option<Signed>,
    /// Whether the built-in test provider plays the payment provider.
    pub is_test_mode: bool,
    /// The path asked for.
    pub path: String,
    /// The id of this request, for the small print of error pages.
    pub trace_id: String,
    /// The origin of this server, for absolute addresses.
    pub public_url: String,
    /// What the page of the app loads.
    pub app_shell: AppShell,
}

/// The files of the app under `/app`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppShell {
    /// Its style sheets.
    pub css: Vec<String>,
    /// Its script.
    pub js: String,
    /// Modules it will ask for, for `<link rel="modulepreload">`.
    pub preloads: Vec<String>,
}

impl Frame {
    /// The frame of the given exchange.
    pub(crate) fn of(app: &AppState, exchange: Option<&Exchange>, account: Option<Signed>) -> Self {
        let files = manifest::files();
        Self {
            css: files.site_css.clone(),
            js: files.site_js.clone(),
            icons: files.icons.clone(),
            theme: exchange.map_or("", Exchange::theme),
            nonce: exchange.map(|exchange| exchange.nonce().to_owned()).unwrap_or_default(),
            account,
            is_test_mode: app.platform.config.payments.test_provider != TestProvider::Off,
            path: exchange.map(|exchange| exchange.path().to_owned()).unwrap_or_default(),
            trace_id: exchange.map(|exchange| exchange.trace_id().to_owned()).unwrap_or_default(),
            public_url: app.platform.public_url.to_string(),
            app_shell: files.app_shell.clone(),
        }
    }
}

impl FromRequestParts<AppState> for Frame {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let MaybeSigned(account) = MaybeSigned::from_request_parts(parts, app).await?;
        Ok(Self::of(app, parts.extensions.get::<Exchange>(), account))
    }
}
