//! One connection that is kept alive: writes a request, reads its response.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::response::{Response, parse};

/// What a response is read into at first; it grows when one is longer.
const BUFFER_BYTES: usize = 16 * 1024;

/// A connection with its buffers.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    received: Vec<u8>,
    /// The request to send; filled by the caller, emptied by [`Connection::exchange`].
    pub request: Vec<u8>,
    /// The last response.
    last: Option<Response>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (received, request) = (Vec::with_capacity(BUFFER_BYTES), Vec::with_capacity(1024));
        Ok(Self { address, stream, received, request, last: None })
    }

    /// Connects anew after the connection broke.
    pub async fn reopen(&mut self) -> io::Result<()> {
        *self = Self::open(self.address).await?;
        Ok(())
    }

    /// Sends the request and waits for its whole response; answers its status and length.
    ///
    /// # Errors
    /// When the connection broke; it has to be opened anew.
    pub async fn exchange(&mut self) -> io::Result<(u16, usize)> {
        self.received.clear();
        self.stream.write_all(&self.request).await?;
        self.request.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let parsed = parse(&self.received).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            let Some(response) = parsed else { continue };
            let answer = (response.status, response.end);
            if response.closes {
                let last = response.clone();
                let received = std::mem::take(&mut self.received);
                self.reopen().await?;
                (self.received, self.last) = (received, Some(last));
            } else {
                self.last = Some(response);
            }
            return Ok(answer);
        }
    }

    /// The body of the last response.
    pub fn body(&self) -> &[u8] {
        self.last.as_ref().and_then(|last| self.received.get(last.body.clone())).unwrap_or_default()
    }
}
