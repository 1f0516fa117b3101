//! `[network]`: the subnet, and whether everything said about it fits.

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_spanned::Spanned;

use super::Network;
use super::cluster::NetworkTable;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::hostname::check_label;
use super::source::{Place, SourceFile};

/// resolv.conf(5), MAXNS: glibc asks the first three servers and ignores the others.
const MOST_DNS: usize = 3;

/// The network, if its subnet is one; mistakes in the rest are noted and left out.
pub(super) fn check(source: &Arc<SourceFile>, typed: &NetworkTable, found: &mut Diagnostics) -> Option<Network> {
    let subnet = subnet(source, &typed.subnet, found);
    let gateway = typed.gateway.as_ref().and_then(|gateway| address(source, gateway, "gateway", found));
    if let (Some(subnet), Some(gateway), Some(place)) = (subnet, gateway, &typed.gateway) {
        let place = Place::of(source, place);
        if let Some(diagnostic) = outside(subnet, gateway, &place, "the gateway", &Place::of(source, &typed.subnet)) {
            found.push(diagnostic);
        }
    }
    let dns = typed.dns.iter().filter_map(|server| address(source, server, "DNS server", found)).collect();
    if let Some(fourth) = typed.dns.get(MOST_DNS) {
        found.push(
            Diagnostic::new(format!("{} DNS servers, but a resolver asks {MOST_DNS} at most", typed.dns.len()))
                .at(&Place::of(source, fourth), "this one would never be asked")
                .help(format!("keep the {MOST_DNS} best")),
        );
    }
    if let Some(domain) = &typed.domain {
        self::domain(source, domain, found);
    }
    let domain = typed.domain.as_ref().map(|domain| domain.get_ref().clone());
    Some(Network { subnet: subnet?, gateway, dns, domain })
}

/// The message for an address that no machine of this subnet can have, if it is one.
pub(super) fn outside(
    subnet: Ipv4Net,
    address: Ipv4Addr,
    place: &Place,
    whose: &str,
    subnet_place: &Place,
) -> Option<Diagnostic> {
    let title = if !subnet.contains(&address) {
        format!("{whose} has the address {address}, which is outside the subnet {subnet}")
    } else if address == subnet.network() {
        format!("{whose} has the address {address}, which is the subnet's own")
    } else if address == subnet.broadcast() {
        format!("{whose} has the address {address}, which is the subnet's broadcast address")
    } else {
        return None;
    };
    let (first, last) = (u32::from(subnet.network()) + 1, u32::from(subnet.broadcast()) - 1);
    let (first, last) = (Ipv4Addr::from(first), Ipv4Addr::from(last));
    Some(
        Diagnostic::new(title)
            .at(place, "")
            .at(subnet_place, "the subnet")
            .help(format!("{first} to {last} may be used")),
    )
}

fn subnet(source: &Arc<SourceFile>, typed: &Spanned<String>, found: &mut Diagnostics) -> Option<Ipv4Net> {
    let place = Place::of(source, typed);
    let text = typed.get_ref();
    let Ok(subnet) = text.parse::<Ipv4Net>() else {
        found.push(
            Diagnostic::new(format!("`{text}` is not an IPv4 network"))
                .at(&place, "")
                .help("write the network's address and the length of its prefix, like `192.168.1.0/24`"),
        );
        return None;
    };
    if subnet.addr() != subnet.network() {
        found.push(
            Diagnostic::new(format!("`{text}` is an address in a network, not the network"))
                .at(&place, "")
                .help(format!("write `{}`", subnet.trunc())),
        );
        return None;
    }
    // Below /30 there is no room for network, broadcast, a gateway and a node.
    if subnet.prefix_len() > 30 || subnet.prefix_len() < 8 {
        found.push(
            Diagnostic::new(format!("a network with the prefix length {} cannot hold a cluster", subnet.prefix_len()))
                .at(&place, "")
                .help("8 to 30 is possible; a home network mostly has 24"),
        );
        return None;
    }
    let network = subnet.network();
    if !is_a_machines(network) || network.is_loopback() {
        found.push(
            Diagnostic::new(format!("machines cannot have addresses in {subnet}"))
                .at(&place, "")
                .help("take the network of your router, mostly `192.168.1.0/24` or `192.168.0.0/24`"),
        );
        return None;
    }
    Some(subnet)
}

/// Whether a single machine can have an address of this kind (RFC 6890): not one of "this network" (0.0.0.0/8), of a group
/// (224.0.0.0/4), of a use that was never found (240.0.0.0/4) or of everybody.
fn is_a_machines(address: Ipv4Addr) -> bool {
    (1..224).contains(&address.octets()[0])
}

fn address(source: &Arc<SourceFile>, typed: &Spanned<String>, what: &str, found: &mut Diagnostics) -> Option<Ipv4Addr> {
    let text = typed.get_ref();
    let parsed = text.parse().ok().filter(|address| is_a_machines(*address));
    if parsed.is_none() {
        found.push(
            Diagnostic::new(format!("`{text}` is not the IPv4 address of a {what}"))
                .at(&Place::of(source, typed), "")
                .help("write an address of one machine, like `192.168.1.1`"),
        );
    }
    parsed
}

fn domain(source: &Arc<SourceFile>, typed: &Spanned<String>, found: &mut Diagnostics) {
    let place = Place::of(source, typed);
    let text = typed.get_ref();
    let mut start = 0;
    for label in text.split('.') {
        if let Err(bad) = check_label(label) {
            let part = start + bad.part.start..start + bad.part.end;
            found.push(
                Diagnostic::new(format!("`{text}` is not a domain"))
                    .at(&place.inside(text, part), bad.reason)
                    .help("write labels with dots between them, like `lan` or `cluster.example.org`"),
            );
            return;
        }
        start += label.len() + 1;
    }
    // RFC 1035, section 2.3.4: 253 letters for the whole name, of which hostname and dot may take 64.
    if text.len() > 189 {
        found.push(Diagnostic::new("this domain is too long: with a hostname it passes 253 letters").at(&place, ""));
    }
}
