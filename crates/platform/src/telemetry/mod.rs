//! What the process tells its operator: logs without personal data, and metrics.

mod line;
mod log;
mod metrics;
mod personal;
mod redacted;
#[cfg(test)]
mod tests;

pub use log::{LogLayer, TelemetryError, install};
pub use metrics::Metrics;
pub use personal::is_personal;
pub use redacted::Redacted;
