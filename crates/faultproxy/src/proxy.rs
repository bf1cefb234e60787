//! The listener: a task that takes connections until the proxy is dropped.

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::address::{Address, Listener};
use crate::connection;
use crate::control::Control;

/// The pause after the system refused a connection, so that the loop does not spin.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// What the proxy understands of what it passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Bytes, and that an answer follows a request.
    Tcp,
    /// PostgreSQL without encryption: a client that asks for TLS is told that there is none.
    Postgres,
}

/// A running proxy. Dropped, it stops listening and closes its connections.
#[derive(Debug)]
pub struct Proxy {
    address: Address,
    control: Control,
    stop: CancellationToken,
}

impl Proxy {
    /// Listens at one address and passes on to another, without any fault yet. A Unix socket's path must not exist.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(listen: &Address, peer: Address, protocol: Protocol, seed: u64) -> io::Result<Self> {
        let (listener, address) = Listener::bind(listen).await?;
        let (control, stop) = (Control::new(seed), CancellationToken::new());
        let (taking, stopped) = (control.clone(), stop.clone());
        tokio::spawn(
            async move { stopped.run_until_cancelled(take(listener, peer, protocol, taking, &stopped)).await },
        );
        Ok(Self { address, control, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The handle that changes what it does.
    pub fn control(&self) -> &Control {
        &self.control
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Address::Unix(path) = &self.address {
            // Somebody who removed it before has done our work.
            let _ = std::fs::remove_file(path);
        }
    }
}

async fn take(listener: Listener, peer: Address, protocol: Protocol, control: Control, stop: &CancellationToken) {
    loop {
        let Ok(client) = listener.accept().await else {
            tokio::time::sleep(REFUSED_PAUSE).await;
            continue;
        };
        let connection = connection::run(client, peer.clone(), protocol, control.clone());
        let stop = stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(connection).await });
    }
}
