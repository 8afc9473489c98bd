//! Who is really calling, through proxies that the operator trusts and no others (contract §5).

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The client's address: the peer's, or, if the peer is a trusted proxy, the last address of
/// `Forwarded` (RFC 7239) or `X-Forwarded-For` that is not a trusted proxy itself.
pub(crate) fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted =
        |address: IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    for hop in hops(headers).into_iter().rev() {
        let Some(address) = hop else { break };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    client
}

/// The addresses that proxies noted, nearest last; `None` where one is not an address.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let values = |name| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let forwarded: Vec<_> = values("forwarded")
        .flat_map(|value| value.split(','))
        .filter_map(|element| {
            element.split(';').find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                name.eq_ignore_ascii_case("for").then(|| parse(value.trim_matches('"')))
            })
        })
        .collect();
    if !forwarded.is_empty() {
        return forwarded;
    }
    values("x-forwarded-for").flat_map(|value| value.split(',')).map(parse).collect()
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, headers: &[(&'static str, &str)], trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        let spoofed = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
        assert_eq!(address("198.51.100.1:5", &spoofed, &[]), "198.51.100.1");
        assert_eq!(address("198.51.100.1:5", &spoofed, &["10.0.0.0/8"]), "198.51.100.1");
    }

    #[test]
    fn the_last_untrusted_hop_is_the_client() {
        let proxies = ["10.0.0.0/8"];
        let chain = [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.7")];
        assert_eq!(address("10.0.0.1:5", &chain, &proxies), "203.0.113.9");
        let split = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(address("10.0.0.1:5", &split, &proxies), "203.0.113.9");
        let rfc7239 = [("forwarded", "for=1.1.1.1, For=\"[2001:db8::7]:80\";proto=https")];
        assert_eq!(address("10.0.0.1:5", &rfc7239, &proxies), "2001:db8::7");
        assert_eq!(address("10.0.0.1:5", &[("x-forwarded-for", "junk")], &proxies), "10.0.0.1");
        assert_eq!(address("[::ffff:10.0.0.1]:5", &chain, &proxies), "203.0.113.9");
    }
}
