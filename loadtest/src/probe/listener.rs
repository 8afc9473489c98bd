//! Which process listens on an address of this machine.

use std::{
    collections::HashSet,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use super::stat::{self, Stat};

/// The state of a listening socket, in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// The process that listens on `address`: of several that share the socket, the one that the others descend from.
/// `None` if nobody does, or if that process may not be looked at.
pub fn listener_of(address: SocketAddr) -> Option<u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let listening: Vec<(SocketAddr, u64)> =
        tables.iter().flat_map(|table| table.lines().filter_map(listening)).collect();
    let on = |accepts: &dyn Fn(IpAddr) -> bool| -> HashSet<u64> {
        let serving = |at: &SocketAddr| at.port() == address.port() && accepts(at.ip());
        listening.iter().filter(|(at, _)| serving(at)).map(|(_, inode)| *inode).collect()
    };
    // Who listens on that very address goes before who listens on all.
    let inodes = Some(on(&|ip| ip == address.ip()))
        .filter(|inodes| !inodes.is_empty())
        .unwrap_or_else(|| on(&|ip| ip.is_unspecified() && (ip.is_ipv6() || address.is_ipv4())));
    if inodes.is_empty() {
        return None;
    }
    let all = stat::all();
    let holders: HashSet<u32> = all.keys().copied().filter(|pid| holds(*pid, &inodes)).collect();
    let is_top = |pid: &&u32| !all.get(pid).is_some_and(|Stat { parent, .. }| holders.contains(parent));
    holders.iter().filter(is_top).min().copied()
}

/// A line of `/proc/net/tcp` or `tcp6`, if its socket listens.
fn listening(line: &str) -> Option<(SocketAddr, u64)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    if *state != LISTEN {
        return None;
    }
    let (ip, port) = local.split_once(':')?;
    Some((SocketAddr::new(address(ip)?, u16::from_str_radix(port, 16).ok()?), inode.parse().ok()?))
}

/// Words of 32 bits, each as the machine has it in memory.
fn address(hex: &str) -> Option<IpAddr> {
    let mut bytes = Vec::with_capacity(16);
    for at in (0..hex.len()).step_by(8) {
        bytes.extend(u32::from_str_radix(hex.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    }
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some(Ipv4Addr::from(four).into());
    }
    Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical())
}

/// Whether one of these sockets is among the open files of a process.
fn holds(pid: u32, inodes: &HashSet<u64>) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|link| is_one_of(&link, inodes)))
}

fn is_one_of(link: &Path, inodes: &HashSet<u64>) -> bool {
    let inode = link.to_str().and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
    inode.is_some_and(|inode| inodes.contains(&inode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_kernel_writes_them() {
        let line = " 0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1 x";
        if cfg!(target_endian = "little") {
            assert_eq!(listening(line), Some(("127.0.0.1:8080".parse().unwrap(), 4711)));
        }
        assert_eq!(listening(&line.replace(" 0A ", " 01 ")), None);
        assert_eq!(listening("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when"), None);
    }

    #[test]
    fn sixteen_bytes_are_an_address_too() {
        assert_eq!(address("00000000000000000000000000000000"), Some(Ipv6Addr::UNSPECIFIED.into()));
        assert_eq!(address("0100"), None);
    }
}
