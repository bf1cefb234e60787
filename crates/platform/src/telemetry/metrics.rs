//! Metrics in the Prometheus text format.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Upper bounds of the histograms of durations, `..._seconds`. From one millisecond to the longest request.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// How often histograms are drained; without it they grow until someone reads the metrics.
const UPKEEP: Duration = Duration::from_secs(5);

/// The metrics of this process, as `/metrics` shows them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// The recorder behind the `metrics` macros; the first call of the process installs it, later ones give the same.
    ///
    /// # Errors
    /// When another recorder is in place.
    pub fn install() -> Result<Self, BuildError> {
        static INSTALLED: OnceLock<Metrics> = OnceLock::new();
        static INSTALLING: Mutex<()> = Mutex::new(());
        let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(installed) = INSTALLED.get() {
            return Ok(installed.clone());
        }
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
        let installed = Self(builder.install_recorder()?);
        Ok(INSTALLED.get_or_init(|| installed).clone())
    }

    /// Drains the histograms every few seconds until `stopping`.
    pub fn upkeep(&self, stopping: CancellationToken) -> JoinHandle<()> {
        let handle = self.0.clone();
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(UPKEEP);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    _ = tick.tick() => handle.run_upkeep(),
                }
            }
        })
    }

    /// The text of `/metrics`, `text/plain; version=0.0.4`.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }
}
