//! Where the proxy listens and where it connects to: TCP or a Unix socket.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// An address of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `127.0.0.1:5432`
    Tcp(SocketAddr),
    /// The path of a socket: `/run/postgresql/.s.PGSQL.5432`
    Unix(PathBuf),
}

impl Address {
    /// Any free port of this machine.
    pub fn free_port() -> Self {
        Self::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// The address and port; none for a Unix socket.
    pub fn socket_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }

    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(address) => Ok(Stream::tcp(TcpStream::connect(address).await?)),
            Self::Unix(path) => Ok(Stream::Unix(UnixStream::connect(path).await?)),
        }
    }
}

impl std::str::FromStr for Address {
    type Err = std::net::AddrParseError;

    /// What begins with a slash is a path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('/') { Ok(Self::Unix(PathBuf::from(text))) } else { text.parse().map(Self::Tcp) }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    pub(crate) async fn bind(address: &Address) -> io::Result<(Self, Address)> {
        match address {
            Address::Tcp(wanted) => {
                let listener = TcpListener::bind(wanted).await?;
                let bound = listener.local_addr()?;
                Ok((Self::Tcp(listener), Address::Tcp(bound)))
            }
            Address::Unix(path) => Ok((Self::Unix(UnixListener::bind(path)?), address.clone())),
        }
    }

    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => Ok(Stream::tcp(listener.accept().await?.0)),
            Self::Unix(listener) => Ok(Stream::Unix(listener.accept().await?.0)),
        }
    }
}

pub(crate) type Reader<'a> = Box<dyn AsyncRead + Send + Unpin + 'a>;
pub(crate) type Writer<'a> = Box<dyn AsyncWrite + Send + Unpin + 'a>;

pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn tcp(stream: TcpStream) -> Self {
        // A proxy that waits to fill packets would be a delay that nobody asked for; where it cannot be switched off, it stays.
        let _ = stream.set_nodelay(true);
        Self::Tcp(stream)
    }

    /// Makes dropping the stream a reset instead of an orderly end. Unix sockets know no reset.
    pub(crate) fn reset_when_dropped(&self) {
        if let Self::Tcp(stream) = self {
            // Fails only on a socket that is gone already.
            let _ = stream.set_zero_linger();
        }
    }

    pub(crate) fn split(&mut self) -> (Reader<'_>, Writer<'_>) {
        match self {
            Self::Tcp(stream) => {
                let (reader, writer) = stream.split();
                (Box::new(reader), Box::new(writer))
            }
            Self::Unix(stream) => {
                let (reader, writer) = stream.split();
                (Box::new(reader), Box::new(writer))
            }
        }
    }
}
