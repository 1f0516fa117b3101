//! How a node means to reach the network, by whatever program's files the image has: systemd-networkd, ifupdown,
//! dhcpcd or NetworkManager. Out of scope: what is made up at boot (cloud-init, netplan), and wireless passwords.

use std::fmt;

use serde::Serialize;

use super::Volume;
use super::ini::sections;
use super::units::Units;

/// A program that sets up interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    SystemdNetworkd,
    Ifupdown,
    Dhcpcd,
    NetworkManager,
}

/// One interface as one file sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// The file, without a leading slash.
    pub file: String,
    pub manager: Manager,
    /// Whether the program is started at boot.
    pub enabled: bool,
    /// The interface's name or pattern.
    pub name: String,
    pub dhcp: bool,
    /// With their prefix lengths, where these are written down.
    pub addresses: Vec<String>,
    pub gateways: Vec<String>,
    pub dns: Vec<String>,
}

impl Manager {
    const fn unit(self) -> &'static str {
        match self {
            Self::SystemdNetworkd => "systemd-networkd.service",
            Self::Ifupdown => "networking.service",
            Self::Dhcpcd => "dhcpcd.service",
            Self::NetworkManager => "NetworkManager.service",
        }
    }
}

/// The interfaces of every file that there is, in the order of the files.
pub(super) fn interfaces(volume: &Volume) -> Vec<Interface> {
    let mut found = Vec::new();
    let units = Units::of(volume, None);
    let ends = |folder: &str, ending: &str| -> Vec<String> {
        let names = volume.names(folder).into_iter().filter(|name| name.ends_with(ending));
        names.map(|name| format!("{folder}/{name}")).collect()
    };
    let files = [
        (Manager::SystemdNetworkd, ends("etc/systemd/network", ".network")),
        (Manager::Ifupdown, [vec!["etc/network/interfaces".into()], ends("etc/network/interfaces.d", "")].concat()),
        (Manager::Dhcpcd, vec!["etc/dhcpcd.conf".into()]),
        (Manager::NetworkManager, ends("etc/NetworkManager/system-connections", ".nmconnection")),
    ];
    for (manager, files) in files {
        for file in files {
            let Some(text) = volume.text(&file) else { continue };
            let read = match manager {
                Manager::SystemdNetworkd => vec![networkd(&text)],
                Manager::Ifupdown => ifupdown(&text),
                Manager::Dhcpcd => dhcpcd(&text),
                Manager::NetworkManager => vec![network_manager(&text)],
            };
            let enabled = units.is_enabled(manager.unit());
            found.extend(read.into_iter().map(|read| Interface { file: file.clone(), enabled, ..read }));
        }
    }
    found
}

fn new(manager: Manager, name: &str) -> Interface {
    Interface {
        file: String::new(),
        manager,
        enabled: false,
        name: name.to_owned(),
        dhcp: false,
        addresses: vec![],
        gateways: vec![],
        dns: vec![],
    }
}

/// `systemd.network(5)`
fn networkd(text: &str) -> Interface {
    let mut interface = new(Manager::SystemdNetworkd, "every interface");
    for section in sections(text) {
        let words = |key: &str| section.values(key).flat_map(str::split_whitespace).map(str::to_owned).collect();
        let mut words_of = |key: &str, into: fn(&mut Interface) -> &mut Vec<String>| {
            let found: Vec<String> = words(key);
            into(&mut interface).extend(found);
        };
        match section.name {
            "Match" => {
                if let Some(name) = section.values("Name").last() {
                    interface.name = name.to_owned();
                }
            }
            "Network" => {
                words_of("Address", |interface| &mut interface.addresses);
                words_of("Gateway", |interface| &mut interface.gateways);
                words_of("DNS", |interface| &mut interface.dns);
                interface.dhcp |= section.values("DHCP").last().is_some_and(|value| !matches!(value, "no" | "false"));
            }
            "Address" => words_of("Address", |interface| &mut interface.addresses),
            "Route" => words_of("Gateway", |interface| &mut interface.gateways),
            _ => {}
        }
    }
    interface
}

/// `interfaces(5)`; a stanza for each address family.
fn ifupdown(text: &str) -> Vec<Interface> {
    let mut found: Vec<Interface> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["iface", name, _, method, ..] => {
                inside = *method != "loopback";
                if inside {
                    found.push(Interface { dhcp: *method == "dhcp", ..new(Manager::Ifupdown, name) });
                }
            }
            ["auto" | "mapping" | "source" | "source-directory", ..] => inside = false,
            [key, values @ ..] if inside => {
                let Some(interface) = found.last_mut() else { continue };
                let values = values.iter().map(|value| (*value).to_owned());
                match *key {
                    "address" => interface.addresses.extend(values),
                    "gateway" => interface.gateways.extend(values),
                    "dns-nameservers" | "dns-nameserver" => interface.dns.extend(values),
                    "netmask" => {
                        for (address, mask) in interface.addresses.iter_mut().zip(values) {
                            *address = format!("{address}/{mask}");
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// `dhcpcd.conf(5)`: DHCP everywhere, but where an interface has a `static` address.
fn dhcpcd(text: &str) -> Vec<Interface> {
    let mut found = vec![Interface { dhcp: true, ..new(Manager::Dhcpcd, "every interface") }];
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["interface", name] => found.push(Interface { dhcp: true, ..new(Manager::Dhcpcd, name) }),
            ["static", setting, more @ ..] => {
                let (Some(interface), Some((key, first))) = (found.last_mut(), setting.split_once('=')) else {
                    continue;
                };
                let values = [first].into_iter().chain(more.iter().copied()).map(str::to_owned);
                match key {
                    "ip_address" => {
                        interface.dhcp = false;
                        interface.addresses.extend(values);
                    }
                    "routers" => interface.gateways.extend(values),
                    "domain_name_servers" => interface.dns.extend(values),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// `nm-settings-keyfile(5)`: `address1=192.168.1.5/24,192.168.1.1`, the gateway behind the address.
fn network_manager(text: &str) -> Interface {
    let mut interface = new(Manager::NetworkManager, "every interface");
    for section in sections(text) {
        for (key, value) in section.entries {
            let numbered = key.trim_end_matches(|c: char| c.is_ascii_digit());
            match (section.name, numbered) {
                ("connection", "interface-name") => interface.name = value.to_owned(),
                ("ipv4", "method") => interface.dhcp = value == "auto",
                ("ipv4" | "ipv6", "address" | "addresses") => {
                    let mut parts = value.split(',').map(str::to_owned);
                    interface.addresses.extend(parts.next());
                    interface.gateways.extend(parts.next());
                }
                ("ipv4" | "ipv6", "gateway") => interface.gateways.push(value.to_owned()),
                ("ipv4" | "ipv6", "dns") => {
                    interface.dns.extend(value.split([';', ',']).filter(|part| !part.is_empty()).map(str::to_owned));
                }
                _ => {}
            }
        }
    }
    interface
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut says: Vec<String> = self.addresses.clone();
        if self.dhcp {
            says.push("DHCP".to_owned());
        }
        if says.is_empty() {
            says.push("no address".to_owned());
        }
        for (what, values) in [("gateway", &self.gateways), ("DNS", &self.dns)] {
            if !values.is_empty() {
                says.push(format!("{what} {}", values.join(" ")));
            }
        }
        let unit = self.manager.unit();
        let state = if self.enabled { "enabled" } else { "not enabled" };
        write!(f, "{}: {} (/{}, {unit} {state})", self.name, says.join(", "), self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(interfaces: &[Interface]) -> Vec<String> {
        interfaces.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn networkd_has_addresses_in_two_kinds_of_section() {
        let text = "[Match]\nName=eth0\n[Network]\nDHCP=no\nAddress=10.0.0.2/8\nDNS=10.0.0.1 1.1.1.1\n\
                    [Address]\nAddress=10.0.0.3/8\n[Route]\nGateway=10.0.0.1\n";
        assert_eq!(
            shown(&[networkd(text)]),
            ["eth0: 10.0.0.2/8, 10.0.0.3/8, gateway 10.0.0.1, DNS 10.0.0.1 1.1.1.1 (/, systemd-networkd.service not \
              enabled)"]
        );
    }

    #[test]
    fn ifupdown_has_stanzas() {
        let text = "auto lo\niface lo inet loopback\n\nallow-hotplug eth0\niface eth0 inet static\n  address 10.0.0.2\n  \
                    netmask 255.0.0.0\n  gateway 10.0.0.1\nauto wlan0\niface wlan0 inet dhcp\n";
        assert_eq!(
            shown(&ifupdown(text)),
            [
                "eth0: 10.0.0.2/255.0.0.0, gateway 10.0.0.1 (/, networking.service not enabled)",
                "wlan0: DHCP (/, networking.service not enabled)"
            ]
        );
    }

    #[test]
    fn dhcpcd_asks_where_nothing_is_static() {
        let text = "hostname\ninterface eth0\nstatic ip_address=10.0.0.2/8\nstatic routers=10.0.0.1\n\
                    static domain_name_servers=10.0.0.1 1.1.1.1\n";
        assert_eq!(
            shown(&dhcpcd(text)),
            [
                "every interface: DHCP (/, dhcpcd.service not enabled)",
                "eth0: 10.0.0.2/8, gateway 10.0.0.1, DNS 10.0.0.1 1.1.1.1 (/, dhcpcd.service not enabled)"
            ]
        );
    }

    #[test]
    fn network_manager_writes_the_gateway_behind_the_address() {
        let text = "[connection]\nid=wired\ninterface-name=eth0\n[ipv4]\nmethod=manual\n\
                    address1=10.0.0.2/8,10.0.0.1\ndns=1.1.1.1;\n";
        assert_eq!(
            shown(&[network_manager(text)]),
            ["eth0: 10.0.0.2/8, gateway 10.0.0.1, DNS 1.1.1.1 (/, NetworkManager.service not enabled)"]
        );
    }
}
