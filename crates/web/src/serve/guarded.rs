//! The socket of a connection: reports to the watch, holds the connection's slot, and gives hyper's own refusals their shape.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Slot;
use super::refused::Substitute;
use super::watch::Watch;

/// A socket under watch. When it is dropped (after an upgrade that is later than the end of HTTP) its place is free again.
pub(super) struct Guarded {
    stream: TcpStream,
    watch: Watch,
    substitute: Option<Substitute>,
    is_http2: bool,
    _slot: Slot,
}

impl Guarded {
    pub(super) fn new(stream: TcpStream, watch: Watch, is_http2: bool, slot: Slot) -> Self {
        Self { stream, watch, substitute: None, is_http2, _slot: slot }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.watch.has_read();
        }
        polled
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.substitute.is_none() && !this.is_http2 && this.watch.is_idle() {
            this.substitute = Substitute::of(bytes);
        }
        let polled = match &mut this.substitute {
            None => Pin::new(&mut this.stream).poll_write(context, bytes),
            Some(substitute) => substitute.poll_write(Pin::new(&mut this.stream), context, bytes.len()),
        };
        this.watch.has_written(polled.is_pending());
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        // hyper flushes the socket only when its own buffer is empty.
        if polled.is_ready() {
            self.watch.has_flushed();
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        // Heads that hyper writes on its own have no body, so they come in one piece.
        if this.substitute.is_some() || (!this.is_http2 && this.watch.is_idle()) {
            let first = buffers.iter().find(|buffer| !buffer.is_empty()).map_or(&[][..], |buffer| buffer);
            return self.poll_write(context, first);
        }
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, buffers);
        this.watch.has_written(polled.is_pending());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
