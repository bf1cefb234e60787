//! Writes events as log lines. Own layer, because the redaction has to stand before any formatting.

use std::io::{IsTerminal, Write};

use jiff::Timestamp;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::line::{Fields, Line};
use crate::config::{Log, LogFormat};

/// Levels of libraries that say too much, unless `log.level` names them.
const QUIET: &str = "sqlx=warn,hyper=warn,h2=warn,rustls=warn,reqwest=warn,graphile_worker=warn";

/// Why logging cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log.level` is no list of directives.
    #[error("`log.level` cannot be read: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// The process logs already.
    #[error("logging is already set up: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends all events of this process to standard error. Call once, first thing.
///
/// # Errors
/// [`TelemetryError`], when the level cannot be read or another subscriber is in place.
pub fn install(settings: &Log) -> Result<(), TelemetryError> {
    let is_coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let layer = LogLayer::new(settings.format, is_coloured, std::io::stderr);
    let filter = EnvFilter::builder().parse(format!("{QUIET},{}", settings.level))?;
    tracing_subscriber::registry().with(filter).with(layer).try_init()?;
    Ok(())
}

/// The layer that writes lines, for tests with a writer of their own.
#[derive(Debug)]
pub struct LogLayer<W> {
    format: LogFormat,
    is_coloured: bool,
    writer: W,
}

impl<W> LogLayer<W> {
    /// A layer of this look that writes there.
    pub fn new(format: LogFormat, is_coloured: bool, writer: W) -> Self {
        Self { format, is_coloured, writer }
    }
}

impl<S, W> Layer<S> for LogLayer<W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let around = context.event_scope(event).into_iter().flat_map(|scope| scope.from_root());
        let spans = around.map(|span| (span.metadata().name(), span.extensions().get().cloned().unwrap_or_default()));
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        let line = Line { time: now(), level, target, fields, spans: spans.collect() };
        // A log that cannot be written has nowhere to say so.
        let _ = self
            .writer
            .make_writer_for(event.metadata())
            .write_all(line.render(self.format, self.is_coloured).as_bytes());
    }
}

#[expect(clippy::disallowed_methods, reason = "the stamp of a log line is never an input to a decision")]
fn now() -> Timestamp {
    Timestamp::now()
}
