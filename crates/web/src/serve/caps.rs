//! How many connections one address may hold open.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

type Open = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Counts open connections for each address; of IPv6 for each /64, which is what one household is given.
#[derive(Clone)]
pub(super) struct AddressCaps {
    open: Open,
    max: usize,
}

/// One counted connection; uncounted when it is dropped.
pub(super) struct Seat(Option<(Open, IpAddr)>);

impl AddressCaps {
    pub(super) fn new(max: usize) -> Self {
        Self { open: Arc::default(), max }
    }

    /// A seat for one more connection; none when the address has all it may have. Proxies are not counted.
    pub(super) fn admit(&self, address: IpAddr, is_proxy: bool) -> Option<Seat> {
        if is_proxy {
            return Some(Seat(None));
        }
        let address = network(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(Seat(Some((Arc::clone(&self.open), address))))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((open, address)) = &self.0 else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                open.remove(address);
            }
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_its_seats_and_no_more() {
        let caps = AddressCaps::new(1);
        let (here, neighbour, elsewhere): (IpAddr, IpAddr, IpAddr) =
            ("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let seat = caps.admit(here, false).unwrap();
        assert!(caps.admit(neighbour, false).is_none());
        assert!(caps.admit(elsewhere, false).is_some());
        assert!(caps.admit(here, true).is_some());
        drop(seat);
        assert!(caps.admit(neighbour, false).is_some());
        assert!(caps.open.lock().unwrap().is_empty());
    }
}
