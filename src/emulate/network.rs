//! The network of one emulated board: QEMU's user network, laid out as the node expects its own.
//!
//! The node has a fixed address, so QEMU takes the node's network for its own, answers as the gateway and forwards two
//! ports of the host's loopback to the node. No privilege, no bridge.

use std::net::{Ipv4Addr, TcpListener};

use crate::config::Network;

use super::EmulateError;

/// Ports of the host's loopback that lead to the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    pub http: u16,
    pub ssh: u16,
}

impl Ports {
    /// The ports that were asked for, and free ones for those that were not. Somebody else may take a free one before QEMU
    /// does; then QEMU says so and ends.
    pub(super) fn choose(http: Option<u16>, ssh: Option<u16>) -> Result<Self, EmulateError> {
        // Both are held until both are known, so that they differ.
        let bind = |asked: Option<u16>| match asked {
            Some(_) => Ok(None),
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(Some).map_err(EmulateError::NoPort),
        };
        let (free_http, free_ssh) = (bind(http)?, bind(ssh)?);
        let port = |asked: Option<u16>, free: Option<TcpListener>| match free {
            Some(listener) => listener.local_addr().map(|address| address.port()).map_err(EmulateError::NoPort),
            None => Ok(asked.unwrap_or_default()),
        };
        Ok(Self { http: port(http, free_http)?, ssh: port(ssh, free_ssh)? })
    }
}

/// The hardware address of the node with this address, for QEMU, which gives the same one to all machines: of its own
/// prefix (52:54:00), then what tells nodes of one network apart.
pub(super) fn hardware_address(address: Ipv4Addr) -> String {
    let [_, b, c, d] = address.octets();
    format!("52:54:00:{b:02x}:{c:02x}:{d:02x}")
}

/// The value of QEMU's `-netdev user,…` or `-nic user,…` behind `user`.
///
/// QEMU needs three addresses in the network for itself, different from the node's: the gateway, a name server and the
/// first one it would lease.
pub(super) fn user_network(
    address: Ipv4Addr,
    network: &Network,
    ports: Ports,
    isolated: bool,
) -> Result<String, EmulateError> {
    let subnet = network.subnet;
    let mut free = subnet.hosts().filter(|&host| host != address && Some(host) != network.gateway);
    let mut next = || free.next().ok_or(EmulateError::SmallNetwork { subnet });
    let gateway = network.gateway.map_or_else(&mut next, Ok)?;
    let named = network.dns.iter().copied().find(|&dns| subnet.contains(&dns) && dns != gateway && dns != address);
    let dns = named.map_or_else(&mut next, Ok)?;
    let mut lease = next()?;
    if lease == dns {
        lease = next()?;
    }
    let restrict = if isolated { ",restrict=on" } else { "" };
    Ok(format!(
        ",net={}/{},host={gateway},dns={dns},dhcpstart={lease}{restrict},hostfwd=tcp:127.0.0.1:{}-{address}:80,\
         hostfwd=tcp:127.0.0.1:{}-{address}:22",
        subnet.network(),
        subnet.prefix_len(),
        ports.http,
        ports.ssh
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: Ports = Ports { http: 8080, ssh: 2222 };

    fn network(subnet: &str, gateway: Option<Ipv4Addr>, dns: &[Ipv4Addr]) -> Network {
        Network { subnet: subnet.parse().expect("a network"), gateway, dns: dns.to_vec(), domain: None }
    }

    #[test]
    fn qemu_stands_where_the_gateway_stands() {
        let gateway = Ipv4Addr::new(192, 168, 1, 1);
        let network = network("192.168.1.0/24", Some(gateway), &[gateway, Ipv4Addr::new(9, 9, 9, 9)]);
        assert_eq!(
            user_network(Ipv4Addr::new(192, 168, 1, 13), &network, PORTS, true).expect("room enough"),
            ",net=192.168.1.0/24,host=192.168.1.1,dns=192.168.1.2,dhcpstart=192.168.1.3,restrict=on,\
             hostfwd=tcp:127.0.0.1:8080-192.168.1.13:80,hostfwd=tcp:127.0.0.1:2222-192.168.1.13:22"
        );
    }

    #[test]
    fn the_nodes_address_is_left_to_it() {
        let network = network("10.0.0.0/29", None, &[Ipv4Addr::new(10, 0, 0, 4)]);
        assert_eq!(
            user_network(Ipv4Addr::new(10, 0, 0, 2), &network, PORTS, false).expect("room enough"),
            ",net=10.0.0.0/29,host=10.0.0.1,dns=10.0.0.4,dhcpstart=10.0.0.3,\
             hostfwd=tcp:127.0.0.1:8080-10.0.0.2:80,hostfwd=tcp:127.0.0.1:2222-10.0.0.2:22"
        );
    }

    #[test]
    fn a_network_without_room_is_refused() {
        let network = network("10.0.0.0/30", None, &[]);
        let error = user_network(Ipv4Addr::new(10, 0, 0, 1), &network, PORTS, false).expect_err("two hosts only");
        assert_eq!(
            error.to_string(),
            "network 10.0.0.0/30 has no three addresses left for the emulated gateway, name server and leases; \
             emulation needs at least a /29"
        );
    }

    #[test]
    fn free_ports_differ() {
        let ports = Ports::choose(None, None).expect("loopback has free ports");
        assert_ne!(ports.http, ports.ssh);
    }
}
