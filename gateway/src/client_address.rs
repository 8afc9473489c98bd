//! Who is really calling, through proxies that the operator trusts and no others (contract §5).

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use clap::ValueEnum;
use ipnet::IpNet;

/// Which header says who the client is. Proxies append to the one that they were told to, and pass the other through as
/// the client sent it: so only one can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ForwardedHeader {
    /// What most proxies append to
    XForwardedFor,
    /// RFC 7239
    Forwarded,
}

/// Whether this is a proxy that the operator trusts.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address.to_canonical()))
}

/// The client's address: the peer's, or, if the peer is a trusted proxy, the last address in the header that is not a
/// trusted proxy itself.
pub(crate) fn client_address(
    peer: SocketAddr,
    headers: &HeaderMap,
    trusted: &[IpNet],
    believed: ForwardedHeader,
) -> IpAddr {
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client, trusted) {
        return client;
    }
    for hop in hops(headers, believed).into_iter().rev() {
        let Some(address) = hop else { break };
        client = address;
        if !is_trusted(address, trusted) {
            break;
        }
    }
    client
}

/// The addresses that proxies noted, nearest last; `None` where one is not an address.
fn hops(headers: &HeaderMap, believed: ForwardedHeader) -> Vec<Option<IpAddr>> {
    let elements = |name| {
        headers
            .get_all(name)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
    };
    match believed {
        ForwardedHeader::XForwardedFor => elements("x-forwarded-for").map(parse).collect(),
        ForwardedHeader::Forwarded => elements("forwarded")
            .filter_map(|element| {
                element.split(';').find_map(|pair| {
                    let (name, value) = pair.trim().split_once('=')?;
                    name.eq_ignore_ascii_case("for").then(|| parse(value.trim_matches('"')))
                })
            })
            .collect(),
    }
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

    use ForwardedHeader::{Forwarded, XForwardedFor};

    fn address(
        peer: &str,
        headers: &[(&'static str, &str)],
        trusted: &[&str],
        believed: ForwardedHeader,
    ) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &map, &trusted, believed).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        let spoofed = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
        for believed in [XForwardedFor, Forwarded] {
            assert_eq!(address("198.51.100.1:5", &spoofed, &[], believed), "198.51.100.1");
            assert_eq!(address("198.51.100.1:5", &spoofed, &["10.0.0.0/8"], believed), "198.51.100.1");
        }
    }

    #[test]
    fn the_last_untrusted_hop_is_the_client() {
        let proxies = ["10.0.0.0/8"];
        let chain = [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.7")];
        assert_eq!(address("10.0.0.1:5", &chain, &proxies, XForwardedFor), "203.0.113.9");
        let split = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(address("10.0.0.1:5", &split, &proxies, XForwardedFor), "203.0.113.9");
        let rfc7239 = [("forwarded", "for=1.1.1.1, For=\"[2001:db8::7]:80\";proto=https")];
        assert_eq!(address("10.0.0.1:5", &rfc7239, &proxies, Forwarded), "2001:db8::7");
        let junk = [("x-forwarded-for", "junk")];
        assert_eq!(address("10.0.0.1:5", &junk, &proxies, XForwardedFor), "10.0.0.1");
        assert_eq!(address("[::ffff:10.0.0.1]:5", &chain, &proxies, XForwardedFor), "203.0.113.9");
    }

    #[test]
    fn what_the_proxy_passes_through_is_the_clients_own_word() {
        let both = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=198.51.100.7")];
        assert_eq!(address("10.0.0.1:5", &both, &["10.0.0.0/8"], XForwardedFor), "203.0.113.9");
        assert_eq!(address("10.0.0.1:5", &both, &["10.0.0.0/8"], Forwarded), "198.51.100.7");
    }
}
