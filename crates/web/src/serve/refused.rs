//! Refusals that hyper writes before any handler is called (a head too large, a request that is none), as problems.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::StatusCode;
use platform::random::Random;
use tokio::io::AsyncWrite;

use crate::problem::{PROBLEM_JSON, for_status};

/// A problem on its way in place of the answer that hyper wrote.
pub(super) struct Substitute {
    rest: Bytes,
}

impl Substitute {
    /// The substitute for bytes that begin an answer of hyper's own; none for anything else.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let line = bytes.strip_prefix(b"HTTP/1.1 ").or_else(|| bytes.strip_prefix(b"HTTP/1.0 "))?;
        let status = std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()?;
        let status =
            StatusCode::from_u16(status).ok().filter(|status| status.is_client_error() || status.is_server_error())?;
        let body = document(status);
        let text = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {PROBLEM_JSON}\r\ncontent-length: {}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{body}",
            status.as_str(),
            status.canonical_reason().unwrap_or_default(),
            body.len(),
        );
        Some(Self { rest: text.into() })
    }

    /// Writes the substitute; says that all of the original is written once all of the substitute is.
    pub(super) fn poll_write<W: AsyncWrite>(
        &mut self,
        mut stream: Pin<&mut W>,
        context: &mut Context<'_>,
        original: usize,
    ) -> Poll<io::Result<usize>> {
        while self.rest.has_remaining() {
            let written = std::task::ready!(stream.as_mut().poll_write(context, &self.rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.rest.advance(written);
        }
        Poll::Ready(Ok(original))
    }
}

/// No layer has seen this request, so it gets its trace id here.
fn document(status: StatusCode) -> String {
    let trace_id = format!("{:032x}", u128::from_be_bytes(Random::system().bytes()).max(1));
    tracing::info!(trace_id, status = status.as_u16(), "a request could not be read");
    let mut document = for_status(status).document();
    if let Some(members) = document.as_object_mut() {
        members.insert("trace_id".to_owned(), trace_id.into());
    }
    document.to_string()
}
