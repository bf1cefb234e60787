//! Payments: what providers are asked for, what they say, and what is given back.

pub mod api;
pub mod payment;
pub mod provider;
pub mod refund;
pub mod test_provider;
pub mod webhook;

use platform::jobs::JobHandler;
use utoipa_axum::routes;
use web::{Module, OpenApiRouter};

use payment::poll::{Poll, poll};
use refund::send::{SendRefund, send};
use test_provider::{TestCallback, call_back};
use webhook::process::{ProcessWebhook, process};

/// What this context brings to the server.
pub fn module() -> Module {
    Module {
        name: "payments",
        routes: OpenApiRouter::new().routes(routes!(webhook::receive::receive_webhook)).merge(test_provider::routes()),
        jobs: vec![
            JobHandler::new::<Poll, _, _>(poll),
            JobHandler::new::<SendRefund, _, _>(send),
            JobHandler::new::<ProcessWebhook, _, _>(process),
            JobHandler::new::<TestCallback, _, _>(call_back),
        ],
        subscribers: Vec::new(),
    }
}
