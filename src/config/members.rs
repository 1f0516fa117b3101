//! The nodes one by one: ranges spelled out, every hostname and address valid, in the subnet and there once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_spanned::Spanned;

use super::Network;
use super::cluster::Cluster;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::hostname::check_hostname;
use super::network::outside;
use super::range::expand;
use super::source::{Place, SourceFile};

/// A node before it has a base.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) hostname: String,
    pub(super) address: Ipv4Addr,
    /// Index into the entries of `[[nodes]]`.
    pub(super) entry: usize,
    /// Where the entry's name and address were typed.
    name_place: Place,
    address_place: Place,
}

/// All nodes in the order of the file. Entries that are wrong in themselves give none.
pub(super) fn members(
    source: &Arc<SourceFile>,
    cluster: &Cluster,
    network: Option<&Network>,
    found: &mut Diagnostics,
) -> Vec<Member> {
    let mut members = Vec::new();
    for (index, entry) in cluster.nodes.iter().enumerate() {
        let entry = entry.get_ref();
        let names = entry.name.as_ref().and_then(|typed| hostnames(source, typed, found));
        let addresses = entry.address.as_ref().and_then(|typed| addresses(source, typed, found));
        let (Some(names), Some(addresses)) = (names, addresses) else { continue };
        let place = |typed: &Option<Spanned<String>>| typed.as_ref().map(|typed| Place::of(source, typed));
        let (Some(name_place), Some(address_place)) = (place(&entry.name), place(&entry.address)) else { continue };
        if names.len() != addresses.len() {
            found.push(uneven((names.len(), &name_place), (addresses.len(), &address_place)));
            continue;
        }
        members.extend(names.into_iter().zip(addresses).map(|(hostname, address)| Member {
            hostname,
            address,
            entry: index,
            name_place: name_place.clone(),
            address_place: address_place.clone(),
        }));
    }
    if let Some(network) = network {
        check_places(source, cluster, network, &members, found);
    }
    check_unique(&members, found);
    members
}

fn hostnames(source: &Arc<SourceFile>, typed: &Spanned<String>, found: &mut Diagnostics) -> Option<Vec<String>> {
    let names = expanded(source, typed, found)?;
    for name in &names {
        if let Err(bad) = check_hostname(name) {
            let place = Place::of(source, typed);
            // Up to the bracket of a range the letters stand as they were typed.
            let as_typed = typed.get_ref().find('[').unwrap_or(name.len());
            let place = if bad.part.end <= as_typed { place.inside(typed.get_ref(), bad.part) } else { place };
            let diagnostic = Diagnostic::new(format!("`{name}` is not a hostname")).at(&place, bad.reason);
            found.push(match bad.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
            return None;
        }
    }
    Some(names)
}

fn addresses(source: &Arc<SourceFile>, typed: &Spanned<String>, found: &mut Diagnostics) -> Option<Vec<Ipv4Addr>> {
    let texts = expanded(source, typed, found)?;
    let mut addresses = Vec::with_capacity(texts.len());
    for text in texts {
        let Ok(address) = text.parse() else {
            let diagnostic =
                Diagnostic::new(format!("`{text}` is not an IPv4 address")).at(&Place::of(source, typed), "");
            found.push(match address_help(typed.get_ref(), &text) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
            return None;
        };
        addresses.push(address);
    }
    Some(addresses)
}

/// The slips that are likely enough to have their own advice; `text` is the first of the addresses that `typed` means.
fn address_help(typed: &str, text: &str) -> Option<String> {
    let is_address = |text: &str| text.parse::<Ipv4Addr>().is_ok();
    if matches!(text.to_lowercase().as_str(), "dhcp" | "auto" | "dynamic") {
        return Some(
            "each node has an address of its own that stays: write one that the router's DHCP server does not give out"
                .to_owned(),
        );
    }
    if let Some((start, last)) = text.rsplit_once('-') {
        let (net, first) = start.rsplit_once('.')?;
        let last = last.rsplit('.').next()?;
        return Some(format!("write a range as `{net}.[{first}-{last}]`"));
    }
    if let Some((address, _)) = text.split_once('/').filter(|(address, _)| is_address(address)) {
        return Some(format!("write `{address}`; the prefix length comes from `subnet` of `[network]`"));
    }
    // Of some programs, not of all, a number with a zero before it is read as an octal one.
    if is_address(&without_zeros(text)) {
        return Some(format!("write `{}`: in an address no number begins with a zero", without_zeros(typed)));
    }
    None
}

/// The same with no zeros before any number.
fn without_zeros(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let inside = kept.ends_with(|before: char| before.is_ascii_digit());
        let more = letters.peek().is_some_and(char::is_ascii_digit);
        if letter != '0' || inside || !more {
            kept.push(letter);
        }
    }
    kept
}

fn expanded(source: &Arc<SourceFile>, typed: &Spanned<String>, found: &mut Diagnostics) -> Option<Vec<String>> {
    match expand(typed.get_ref()) {
        Ok(texts) => Some(texts),
        Err(bad) => {
            let place = Place::of(source, typed).inside(typed.get_ref(), bad.part);
            found.push(Diagnostic::new(format!("`{}` is not a range", typed.get_ref())).at(&place, bad.reason));
            None
        }
    }
}

fn uneven((names, name_place): (usize, &Place), (addresses, address_place): (usize, &Place)) -> Diagnostic {
    let count = |number: usize, one: &str, many: &str| {
        if number == 1 { format!("this is one {one}") } else { format!("these are {number} {many}") }
    };
    Diagnostic::new("a different number of names and addresses")
        .at(address_place, count(addresses, "address", "addresses"))
        .at(name_place, count(names, "name", "names"))
}

/// Every address is one that a machine of the subnet can have, and not the gateway's.
fn check_places(
    source: &Arc<SourceFile>,
    cluster: &Cluster,
    network: &Network,
    members: &[Member],
    found: &mut Diagnostics,
) {
    let subnet_place = Place::of(source, &cluster.network.subnet);
    // The first wrong address of a range stands for the others.
    let mut told = BTreeSet::new();
    for member in members {
        let place = &member.address_place;
        let whose = format!("`{}`", member.hostname);
        if let Some(diagnostic) = outside(network.subnet, member.address, place, &whose, &subnet_place)
            && told.insert(member.entry)
        {
            found.push(diagnostic);
        }
        if let (Some(gateway), Some(typed)) = (network.gateway, &cluster.network.gateway)
            && gateway == member.address
        {
            found.push(
                Diagnostic::new(format!("`{}` has the gateway's address {gateway}", member.hostname))
                    .at(place, "")
                    .at(&Place::of(source, typed), "the gateway")
                    .help(
                        "`gateway` is the router through which nodes reach other networks, and none of the nodes: name \
                         that, or take `gateway` out where there is none; or give the node another address",
                    ),
            );
        }
    }
}

/// No hostname and no address is there twice. One message for each pair of entries and kind.
fn check_unique(members: &[Member], found: &mut Diagnostics) {
    let mut hostnames: BTreeMap<&str, &Member> = BTreeMap::new();
    let mut addresses: BTreeMap<Ipv4Addr, &Member> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for member in members {
        let earlier = *hostnames.entry(&member.hostname).or_insert(member);
        if earlier.entry != member.entry && told.insert(("hostname", earlier.entry, member.entry)) {
            found.push(
                Diagnostic::new(format!("the hostname `{}` is given twice", member.hostname))
                    .at(&member.name_place, "a second time")
                    .at(&earlier.name_place, "first here"),
            );
        }
        let earlier = *addresses.entry(member.address).or_insert(member);
        if earlier.entry != member.entry && told.insert(("address", earlier.entry, member.entry)) {
            let title =
                format!("`{}` and `{}` have the same address {}", earlier.hostname, member.hostname, member.address);
            found.push(
                Diagnostic::new(title)
                    .at(&member.address_place, format!("`{}`", member.hostname))
                    .at(&earlier.address_place, format!("`{}`", earlier.hostname)),
            );
        }
    }
}
