//! The PROXY protocol: what a balancer says about the client before the first request, version 1 and 2.
//!
//! The text is HAProxy's `doc/proxy-protocol.txt`. A receiver must not guess whether a header comes: it is due on every
//! connection from a configured balancer and never looked for on another.

use std::net::IpAddr;

/// The longest header of version 1, with its line end.
const LONGEST_LINE: usize = 107;

/// How each header of version 2 begins.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The most bytes of addresses and extras taken in version 2.
const LONGEST_BLOCK: usize = 2048;

/// What the bytes received so far are.
#[derive(Debug, PartialEq, Eq)]
pub enum Header {
    /// The beginning of a header.
    Incomplete,
    /// A header.
    Complete {
        /// Its length in bytes.
        length: usize,
        /// The client, unless the balancer speaks for itself.
        client: Option<IpAddr>,
    },
    /// Something else; the connection cannot go on.
    Wrong,
}

/// Reads a header from the start of `input`.
pub fn parse(input: &[u8]) -> Header {
    let known = input.len().min(SIGNATURE.len());
    if input[..known] == SIGNATURE[..known] {
        return if known < SIGNATURE.len() { Header::Incomplete } else { second(input) };
    }
    match input.windows(2).position(|end| end == b"\r\n") {
        Some(end) if end + 2 <= LONGEST_LINE => first(&input[..end]).unwrap_or(Header::Wrong),
        None if input.len() < LONGEST_LINE && b"PROXY ".iter().zip(input).all(|(known, byte)| known == byte) => {
            Header::Incomplete
        }
        _ => Header::Wrong,
    }
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 1234 80`
fn first(line: &[u8]) -> Option<Header> {
    let length = line.len() + 2;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    if words.next()? != "PROXY" {
        return None;
    }
    let kind = words.next()?;
    if kind == "UNKNOWN" {
        return Some(Header::Complete { length, client: None });
    }
    let client: IpAddr = words.next()?.parse().ok()?;
    let server: IpAddr = words.next()?.parse().ok()?;
    let ports = [words.next()?, words.next()?];
    let right = match kind {
        "TCP4" => client.is_ipv4() && server.is_ipv4(),
        "TCP6" => client.is_ipv6() && server.is_ipv6(),
        _ => false,
    };
    let right = right && ports.iter().all(|port| port.parse::<u16>().is_ok()) && words.next().is_none();
    right.then_some(Header::Complete { length, client: Some(client) })
}

fn second(input: &[u8]) -> Header {
    let Some([command, family, high, low]) = input.get(12..16).and_then(|fixed| <[u8; 4]>::try_from(fixed).ok()) else {
        return Header::Incomplete;
    };
    let block = usize::from(u16::from_be_bytes([high, low]));
    if block > LONGEST_BLOCK {
        return Header::Wrong;
    }
    let length = 16 + block;
    let Some(addresses) = input.get(16..length) else { return Header::Incomplete };
    let client = match (command, family) {
        // LOCAL: the balancer asks for itself, whatever addresses it gives.
        (0x20, _) => None,
        (0x21, 0x11) if block >= 12 => addresses.first_chunk::<4>().map(|address| IpAddr::from(*address)),
        (0x21, 0x21) if block >= 36 => addresses.first_chunk::<16>().map(|address| IpAddr::from(*address)),
        // Families that have no address for us.
        (0x21, 0x00 | 0x12 | 0x22 | 0x31 | 0x32) => None,
        _ => return Header::Wrong,
    };
    Header::Complete { length, client }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(length: usize, client: Option<&str>) -> Header {
        Header::Complete { length, client: client.map(|client| client.parse().expect("an address")) }
    }

    fn binary(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
        let length = u16::try_from(block.len()).expect("a short block").to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, block].concat()
    }

    #[test]
    fn lines_are_read() {
        assert_eq!(parse(b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\nGET /"), complete(40, Some("192.0.2.1")));
        assert_eq!(parse(b"PROXY TCP6 fd00::1 fd00::2 1234 80\r\n"), complete(36, Some("fd00::1")));
        assert_eq!(parse(b"PROXY UNKNOWN\r\n"), complete(15, None));
        assert_eq!(parse(b"PROXY UNKNOWN ::1 ::1 a b\r\n"), complete(27, None));
        for line in [
            "PROXY TCP4 fd00::1 fd00::2 1234 80\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1234\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1234 80 1\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 123456 80\r\n",
            "PROXY UDP4 192.0.2.1 192.0.2.2 1234 80\r\n",
            "PROXY  TCP4 192.0.2.1 192.0.2.2 1234 80\r\n",
            "GET / HTTP/1.1\r\n",
            "G",
            "proxy",
        ] {
            assert_eq!(parse(line.as_bytes()), Header::Wrong, "{line:?}");
        }
        assert_eq!(parse(format!("PROXY UNKNOWN {}\r\n", "a".repeat(100)).as_bytes()), Header::Wrong);
    }

    #[test]
    fn blocks_are_read() {
        let v4 = [192, 0, 2, 1, 192, 0, 2, 2, 4, 210, 0, 80];
        assert_eq!(parse(&binary(0x21, 0x11, &v4)), complete(28, Some("192.0.2.1")));
        assert_eq!(parse(&binary(0x21, 0x11, &[&v4[..], b"extras"].concat())), complete(34, Some("192.0.2.1")));
        let mut v6 = [0; 36];
        v6[15] = 1;
        assert_eq!(parse(&binary(0x21, 0x21, &v6)), complete(52, Some("::1")));
        assert_eq!(parse(&binary(0x20, 0x00, b"")), complete(16, None));
        for (command, family, length) in
            [(0x11, 0x11, 12), (0x22, 0x11, 12), (0x21, 0x11, 11), (0x21, 0x41, 36), (0x20, 0, 3000)]
        {
            assert_eq!(parse(&binary(command, family, &vec![0; length])), Header::Wrong, "{command:x} {family:x}");
        }
    }

    #[test]
    fn every_beginning_is_incomplete() {
        for whole in [&b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n"[..], &binary(0x21, 0x11, &[0; 12])] {
            for end in 0..whole.len() {
                assert_eq!(parse(&whole[..end]), Header::Incomplete, "{end}");
            }
        }
    }
}
