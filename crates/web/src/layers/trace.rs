//! Request ids and trace ids: `X-Request-Id`, and `traceparent` of W3C Trace Context.

use http::{HeaderMap, HeaderName};
use platform::random::Random;

/// The header that carries a request's id, in and out.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const REQUEST_ID_CHARACTERS_MAX: usize = 64;

/// The ids of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ids {
    pub(super) request_id: String,
    pub(super) trace_id: String,
    /// The caller's span, when it sent one.
    pub(super) parent_span: Option<String>,
}

/// Continues the caller's trace or begins one; takes over the caller's request id when it is a plain word.
pub(super) fn ids(headers: &HeaderMap, random: &Random) -> Ids {
    let parent = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(parse_traceparent);
    let (trace_id, parent_span) = match parent {
        Some((trace, span)) => (trace.to_owned(), Some(span.to_owned())),
        None => (format!("{:032x}", u128::from_be_bytes(random.bytes()).max(1)), None),
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_plain(id));
    let request_id = given.map_or_else(|| trace_id.clone(), str::to_owned);
    Ids { request_id, trace_id, parent_span }
}

fn is_plain(id: &str) -> bool {
    (1..=REQUEST_ID_CHARACTERS_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Trace id and span id of `00-{32 hex}-{16 hex}-{2 hex}`. Later versions may append fields; version `ff` is forbidden.
fn parse_traceparent(value: &str) -> Option<(&str, &str)> {
    let mut fields = value.split('-');
    let (version, trace, span, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_known =
        version == "00" && fields.next().is_none() || version != "00" && version != "ff" && is_hex(version, 2);
    let is_sound = is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2) && has_digit(trace) && has_digit(span);
    (is_known && is_sound).then_some((trace, span))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_sound_traceparent_is_continued() {
        assert_eq!(parse_traceparent(&format!("00-{TRACE}-{SPAN}-01")), Some((TRACE, SPAN)));
        assert_eq!(parse_traceparent(&format!("cc-{TRACE}-{SPAN}-01-later")), Some((TRACE, SPAN)));
    }

    #[test]
    fn a_broken_traceparent_is_ignored() {
        for value in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
        ] {
            assert_eq!(parse_traceparent(&value), None, "{value}");
        }
    }

    #[test]
    fn only_plain_request_ids_are_taken_over() {
        assert!(is_plain("job-7.a_B"));
        for id in ["", "a b", "a\u{e9}", "x;y", &"a".repeat(65)] {
            assert!(!is_plain(id), "{id}");
        }
    }
}
