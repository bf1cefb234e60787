use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::config::LogFormat;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn logged(format: LogFormat, act: impl FnOnce()) -> String {
    let captured = Captured::default();
    let layer = LogLayer::new(format, false, captured.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
    let bytes = captured.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn say_everything_personal() {
    let span = tracing::info_span!(
        "request",
        route = "/o/{code}",
        authorization = "Bearer hunter2",
        user = tracing::field::Empty
    );
    span.record("user", "acc_1");
    let _inside = span.enter();
    let inner = tracing::info_span!("inner", buyer.name = "Ada Lovelace", "set-cookie" = "hunter2");
    let _deeper = inner.enter();
    tracing::warn!(
        email = "ada@example.org",
        holder_name = %"Ada Lovelace",
        token = ?Some("hunter2"),
        code = 123_456,
        Secret = "hunter2",
        database_url = "postgres://ada:hunter2@db",
        wrapped = %Redacted::new("ada@example.org"),
        debugged = ?Some(Redacted::new("ada@example.org")),
        status_code = 409,
        "sold out"
    );
}

#[test]
fn no_format_writes_a_personal_field_of_an_event_or_a_span() {
    for format in [LogFormat::Json, LogFormat::Pretty] {
        let line = logged(format, say_everything_personal);
        for personal in ["ada@example.org", "Ada Lovelace", "hunter2", "123456"] {
            assert!(!line.contains(personal), "{personal} in {line}");
        }
        assert!(
            line.contains("[redacted]") && line.contains("sold out") && line.contains("409") && line.contains("acc_1")
        );
    }
}

#[test]
fn json_is_one_object_a_line_with_the_fields_of_the_spans_around() {
    let line = logged(LogFormat::Json, || {
        let _span = tracing::info_span!("request", request_id = "r1", level = "tricky").entered();
        tracing::error!(attempt = 3_u64, is_last = true, "first\nsecond");
    });
    assert_eq!(line.lines().count(), 1);
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((object["level"].as_str(), object["message"].as_str()), (Some("error"), Some("first\nsecond")));
    assert_eq!((object["request_id"].as_str(), object["attempt"].as_u64()), (Some("r1"), Some(3)));
    assert_eq!((object["is_last"].as_bool(), object["field_level"].as_str()), (Some(true), Some("tricky")));
    assert_eq!(object["spans"], serde_json::json!(["request"]));
}

#[test]
fn a_value_cannot_forge_a_line_or_colour_the_terminal() {
    let line = logged(LogFormat::Pretty, || tracing::info!(reason = "a\nb \u{1b}[31m", "begun"));
    assert_eq!(line.lines().count(), 1);
    assert!(!line.contains('\u{1b}') && line.contains(r#"reason="a\nb \u{1b}[31m""#), "{line}");
}

#[test]
fn a_very_long_value_is_cut() {
    let line = logged(LogFormat::Json, || tracing::info!(error = "ü".repeat(100_000), "long"));
    assert!(line.len() < 10_000 && line.contains("(200000 bytes)"));
}

#[test]
fn names_are_judged_by_their_last_word() {
    for personal in
        ["email", "buyer_email", "buyer.name", "e_mail", "X-Api-Key", "set-cookie", "Authorization", "user_agent"]
    {
        assert!(is_personal(personal), "{personal}");
    }
    for harmless in ["status_code", "error", "emails_sent", "names", "tokens_left", "took_ms", "order_id", "public_url"]
    {
        assert!(!is_personal(harmless), "{harmless}");
    }
}

#[test]
fn a_redacted_value_prints_as_redacted_and_compares_as_itself() {
    let value = Redacted::new("ada@example.org".to_owned());
    assert_eq!(format!("{value} {value:?} {:#?}", Some(&value)), "[redacted] [redacted] Some(\n    [redacted],\n)");
    assert_eq!(value, Redacted::from("ada@example.org".to_owned()));
    assert_eq!(value.expose().len() + value.into_inner().len(), 30);
}

#[tokio::test]
async fn metrics_are_rendered_with_buckets_for_durations() {
    let metrics = Metrics::install().unwrap();
    assert_eq!(format!("{:?}", Metrics::install().is_ok()), "true");
    let stopping = tokio_util::sync::CancellationToken::new();
    let upkeep = metrics.upkeep(stopping.clone());
    ::metrics::counter!("test_things_total", "kind" => "a").increment(2);
    ::metrics::histogram!("test_wait_seconds").record(0.003);
    let text = metrics.render();
    assert!(text.contains("test_things_total{kind=\"a\"} 2"), "{text}");
    assert!(text.contains("test_wait_seconds_bucket{le=\"0.005\"} 1") && text.contains("le=\"+Inf\""), "{text}");
    stopping.cancel();
    upkeep.await.unwrap();
}
