//! The address of the client, as far as proxies can be believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName};
use platform::config::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer's address; behind trusted proxies the last address in `X-Forwarded-For` that is not one of theirs.
pub(super) fn address(peer: Option<&ConnectInfo<SocketAddr>>, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut client = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip()).to_canonical();
    let lists: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        if !trusted.iter().any(|network| network.contains(client)) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let peer = ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1));
        let headers = forwarded.iter().map(|value| (FORWARDED_FOR, value.parse().unwrap())).collect();
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        address(Some(&peer), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn the_last_address_that_no_trusted_proxy_has_is_the_client() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"];
        assert_eq!(client("127.0.0.1", &["203.0.113.9, 198.51.100.7", "10.1.1.1"], &trusted), "198.51.100.7");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.7"], &trusted), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["nonsense, 10.0.0.2"], &trusted), "10.0.0.2");
    }
}
