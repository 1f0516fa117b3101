//! The hash of an X.509 certificate's subject, as `openssl x509 -subject_hash` prints it.
//!
//! It is the start of the SHA-1 of the name in OpenSSL's canonical form (`x509_name_canon` and `asn1_string_canon` in
//! `crypto/x509/x_name.c`): texts become UTF-8 in lower case with single blanks, so that spellings of one name meet.
//! This is no check of a certificate; only as much of DER is read as leads to the subject.

use sha1::{Digest, Sha1};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const UTF8_STRING: u8 = 0x0c;

/// The DER of the certificate in a PEM text; none unless there is exactly one, because `openssl rehash` passes over
/// other files.
pub(super) fn only_certificate(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, rest) = rest.split_once("-----END CERTIFICATE-----")?;
    if rest.contains("-----BEGIN ") {
        return None;
    }
    base64(body)
}

/// The hash of the subject of a certificate in DER; none when the bytes are no certificate.
pub(super) fn hash(der: &[u8]) -> Option<u32> {
    let (certificate, _) = expect(der, SEQUENCE)?;
    let (mut fields, _) = expect(certificate, SEQUENCE)?;
    if let Some((_, rest)) = expect(fields, VERSION) {
        fields = rest;
    }
    // Before the subject: serial number, signature algorithm, issuer, validity.
    for _ in 0..4 {
        (_, _, fields) = element(fields)?;
    }
    let (subject, _) = expect(fields, SEQUENCE)?;
    let digest = Sha1::digest(canonical(subject)?);
    digest.first_chunk().map(|&start| u32::from_le_bytes(start))
}

/// The canonical form of the content of a Name: its relative distinguished names without the sequence around them.
fn canonical(mut name: &[u8]) -> Option<Vec<u8>> {
    let mut result = Vec::new();
    while !name.is_empty() {
        let (mut set, rest) = expect(name, SET)?;
        name = rest;
        let mut attributes = Vec::new();
        while !set.is_empty() {
            let (attribute, rest) = expect(set, SEQUENCE)?;
            set = rest;
            let (_, _, value) = element(attribute)?;
            let kind = &attribute[..attribute.len() - value.len()];
            let mut content = kind.to_vec();
            match canonical_text(value)? {
                Some(text) => content.extend(encode(UTF8_STRING, &text)),
                None => content.extend_from_slice(value),
            }
            attributes.push(encode(SEQUENCE, &content));
        }
        // DER wants the members of a set in the order of their encodings.
        attributes.sort();
        result.extend(encode(SET, &attributes.concat()));
    }
    Some(result)
}

/// The canonical text of a string value; none for types that stay as they are.
fn canonical_text(value: &[u8]) -> Option<Option<Vec<u8>>> {
    let (tag, content, _) = element(value)?;
    let text = match tag {
        // UTF8String, PrintableString, IA5String, VisibleString
        UTF8_STRING | 0x13 | 0x16 | 0x1a => content.to_vec(),
        // T61String, which OpenSSL reads as Latin-1
        0x14 => content.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes(),
        // UniversalString: four bytes a character
        0x1c => {
            let units =
                content.chunks_exact(4).map(|unit| unit.iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte)));
            units.map(char::from_u32).collect::<Option<String>>()?.into_bytes()
        }
        // BMPString: two bytes a character
        0x1e => {
            let units = content.chunks_exact(2).map(|unit| u32::from(unit[0]) << 8 | u32::from(unit[1]));
            units.map(char::from_u32).collect::<Option<String>>()?.into_bytes()
        }
        _ => return Some(None),
    };
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    let words: Vec<&[u8]> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    Some(Some(words.join(&b' ').to_ascii_lowercase()))
}

/// The tag, content and rest of the first element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The content and rest, when the first element has this tag.
fn expect(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|&(found, _, _)| found == tag).map(|(_, content, rest)| (content, rest))
}

fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length @ 0..=0x7f) => der.push(length),
        _ => {
            let length = content.len().to_be_bytes();
            let start = length.iter().position(|&byte| byte != 0).unwrap_or(0);
            // At most eight bytes of length, so this never wraps.
            der.push(u8::try_from(length.len() - start).map_or(0x88, |count| 0x80 | count));
            der.extend_from_slice(&length[start..]);
        }
    }
    der.extend_from_slice(content);
    der
}

/// The bytes of a base64 text; blanks mean nothing.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// A sample for tests: ISRG Root X2, from ca-certificates 20250419.
#[cfg(test)]
pub(super) const ISRG: &str = "\
-----BEGIN CERTIFICATE-----
MIICGzCCAaGgAwIBAgIQQdKd0XLq7qeAwSxs6S+HUjAKBggqhkjOPQQDAzBPMQsw
CQYDVQQGEwJVUzEpMCcGA1UEChMgSW50ZXJuZXQgU2VjdXJpdHkgUmVzZWFyY2gg
R3JvdXAxFTATBgNVBAMTDElTUkcgUm9vdCBYMjAeFw0yMDA5MDQwMDAwMDBaFw00
MDA5MTcxNjAwMDBaME8xCzAJBgNVBAYTAlVTMSkwJwYDVQQKEyBJbnRlcm5ldCBT
ZWN1cml0eSBSZXNlYXJjaCBHcm91cDEVMBMGA1UEAxMMSVNSRyBSb290IFgyMHYw
EAYHKoZIzj0CAQYFK4EEACIDYgAEzZvVn4CDCuwJSvMWSj5cz3es3mcFDR0HttwW
+1qLFNvicWDEukWVEYmO6gbf9yoWHKS5xcUy4APgHoIYOIvXRdgKam7mAHf7AlF9
ItgKbppbd9/w+kHsOdx1ymgHDB/qo0IwQDAOBgNVHQ8BAf8EBAMCAQYwDwYDVR0T
AQH/BAUwAwEB/zAdBgNVHQ4EFgQUfEKWrt5LSDv6kviejM9ti6lyN5UwCgYIKoZI
zj0EAwMDaAAwZQIwe3lORlCEwkSHRhtFcP9Ymd70/aTSVaYgLXTWNLxBo1BfASdW
tL4ndQavEi51mI38AjEAi/V3bNTIZargCyzuFJ0nN6T5U6VR5CmD1/iQMVtCnwr1
/q4AaOeMSQ+2b1tbFfLn
-----END CERTIFICATE-----
";

#[cfg(test)]
mod tests {
    use super::*;

    /// NetLock Arany: UTF-8 with letters beyond ASCII, brackets and a full stop in its subject.
    const NETLOCK: &str = "\
-----BEGIN CERTIFICATE-----
MIIEFTCCAv2gAwIBAgIGSUEs5AAQMA0GCSqGSIb3DQEBCwUAMIGnMQswCQYDVQQG
EwJIVTERMA8GA1UEBwwIQnVkYXBlc3QxFTATBgNVBAoMDE5ldExvY2sgS2Z0LjE3
MDUGA1UECwwuVGFuw7pzw610dsOhbnlraWFkw7NrIChDZXJ0aWZpY2F0aW9uIFNl
cnZpY2VzKTE1MDMGA1UEAwwsTmV0TG9jayBBcmFueSAoQ2xhc3MgR29sZCkgRsWR
dGFuw7pzw610dsOhbnkwHhcNMDgxMjExMTUwODIxWhcNMjgxMjA2MTUwODIxWjCB
pzELMAkGA1UEBhMCSFUxETAPBgNVBAcMCEJ1ZGFwZXN0MRUwEwYDVQQKDAxOZXRM
b2NrIEtmdC4xNzA1BgNVBAsMLlRhbsO6c8OtdHbDoW55a2lhZMOzayAoQ2VydGlm
aWNhdGlvbiBTZXJ2aWNlcykxNTAzBgNVBAMMLE5ldExvY2sgQXJhbnkgKENsYXNz
IEdvbGQpIEbFkXRhbsO6c8OtdHbDoW55MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAxCRec75LbRTDofTjl5Bu0jBFHjzuZ9lk4BqKf8owyoPjIMHj9DrT
lF8afFttvzBPhCf2nx9JvMaZCpDyD/V/Q4Q3Y1GLeqVw/HpYzY6b7cNGbIRwXdrz
AZAj/E4wqX7hJ2Pn7WQ8oLjJM2P+FpD/sLj916jAwJRDC7bVWaaeVtAkH3B5r9s5
VA1lddkVQZQBr17s9o3x/61k/iCa11zr/qYfCGSji3ZVrR47KGAuhyXoqq8fxmRG
ILdwfzzeSNuWU7c5d+Qa4scWhHaXWy+7GRWF+GmF9ZmnqfI0p6m2pgP8b4Y9VHx2
BJtr+UBdADTHLpl1neWIA6pN+APSQnbAGwIDAKiLo0UwQzASBgNVHRMBAf8ECDAG
AQH/AgEEMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUzPpnk/C2uNClwB7zU/2M
U9+D15YwDQYJKoZIhvcNAQELBQADggEBAKt/7hwWqZw8UQCgwBEIBaeZ5m8BiFRh
bvG5GK1Krf6BQCOUL/t1fC8oS2IkgYIL9WHxHG64YTjrgfpioTtaYtOUZcTh5m2C
+C8lcLIhJsFyUR+MLMOEkMNaj7rP9KdlpeuY0fsFskZ1FSNqb4VjMIDw1Z4fKRzC
bLBQWV2QWzuoDTDPv31/zvGdg73JRm4gpvlhUbohL3u+pRVjodSVh/GeufOJ8z2F
uLjbvrW5KfnaNwUASZQDhETnv0Mxz3WLJdH0pmT1kvarBes96aULNmLazAZfNou2
XjG4Kvte9nHfRCaexOYNkbQudZWAUWpLMKawYqGT8ZvYzsRjdT9ZR7E=
-----END CERTIFICATE-----
";

    #[test]
    fn hashes_are_those_of_openssl() {
        let hash_of = |pem: &str| only_certificate(pem.as_bytes()).and_then(|der| hash(&der));
        assert_eq!(hash_of(ISRG), Some(0x0b9b_c432));
        assert_eq!(hash_of(NETLOCK), Some(0x988a_38cb));
    }

    #[test]
    fn spellings_of_one_text_are_equal() {
        let canonical = |der: &[u8]| canonical_text(der).flatten();
        assert_eq!(canonical(b"\x13\x0b  Root \tCA  "), Some(b"root ca".to_vec()));
        assert_eq!(canonical(b"\x1e\x06\x00R\x01\x51\x00T"), Some("r\u{151}t".as_bytes().to_vec()));
        assert_eq!(canonical(b"\x14\x02\xc9t"), Some("\u{c9}t".as_bytes().to_vec()));
        assert_eq!(canonical(b"\x03\x02\x00\x01"), None, "a bit string stays as it is");
    }

    #[test]
    fn what_is_no_single_certificate_has_no_hash() {
        assert_eq!(only_certificate(format!("{ISRG}{NETLOCK}").as_bytes()), None);
        assert_eq!(only_certificate(b"no PEM"), None);
        let der = only_certificate(ISRG.as_bytes()).expect("a certificate");
        for length in 0..der.len() {
            assert_eq!(hash(&der[..length]), None, "cut after {length} bytes");
        }
    }
}
