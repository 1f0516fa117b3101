//! What must be unique to a node and yet known beforehand: ssh host key and machine id, derived from a cluster's secret.
//!
//! HKDF with SHA-256 (RFC 5869) makes both of the secret and the hostname. Whoever has the secret can make them again;
//! nobody can make one node's of another's. The private key is in OpenSSH's own format (`PROTOCOL.key` in its source),
//! without a passphrase and with an empty comment, so that its length is the same for every node.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::Sha256;

use crate::config::Secret;

/// Bytes of the files, always the same.
pub(super) const PRIVATE_LENGTH: usize = 387;
pub(super) const PUBLIC_LENGTH: usize = 81;

const KEY_TYPE: &[u8] = b"ssh-ed25519";

/// Columns of the private key's text.
const LINE: usize = 70;

/// The keys of one node.
#[derive(Clone, PartialEq, Eq)]
pub struct HostKeys {
    /// 32 hexadecimal digits (machine-id(5)).
    pub machine_id: String,
    /// The file that sshd reads.
    pub private: String,
    /// `ssh-ed25519 AAAA…`, as it stands in `known_hosts` behind the names.
    pub public: String,
}

impl std::fmt::Debug for HostKeys {
    /// Without what is secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HostKeys").field("public", &self.public).finish_non_exhaustive()
    }
}

impl HostKeys {
    /// The keys of the node `hostname`.
    pub fn derive(secret: &Secret, hostname: &str) -> Self {
        let key = SigningKey::from_bytes(&expand(secret, "ssh host key ed25519", hostname));
        let public = blob(key.verifying_key().as_bytes());
        let check = expand(secret, "ssh host key check", hostname);
        Self {
            machine_id: machine_id(expand(secret, "machine id", hostname)),
            private: private_file(&key, &public, check),
            public: format!("ssh-ed25519 {}", BASE64_STANDARD.encode(&public)),
        }
    }

    /// Tells one secret from another, in hexadecimal digits, and says no more about it than the public keys do.
    pub fn fingerprint(secret: &Secret) -> String {
        hex::encode(expand::<16>(secret, "fingerprint", ""))
    }
}

/// Bytes for one purpose of one node.
fn expand<const N: usize>(secret: &Secret, purpose: &str, hostname: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let info = [b"bramble ", purpose.as_bytes(), b"\0", hostname.as_bytes()];
    let expanded = Hkdf::<Sha256>::new(None, secret.bytes()).expand_multi_info(&info, &mut bytes);
    debug_assert!(expanded.is_ok(), "HKDF gives up to 255 × 32 bytes");
    bytes
}

/// With the bits of a random UUID (version 4), as systemd makes them.
fn machine_id(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    hex::encode(bytes)
}

/// The public key as RFC 8709, section 4, has it.
fn blob(public: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    string(&mut blob, KEY_TYPE);
    string(&mut blob, public);
    blob
}

fn private_file(key: &SigningKey, public: &[u8], check: [u8; 4]) -> String {
    let mut secret = [check, check].concat();
    string(&mut secret, KEY_TYPE);
    string(&mut secret, key.verifying_key().as_bytes());
    string(&mut secret, &key.to_keypair_bytes());
    string(&mut secret, b""); // comment
    secret.extend((1..=7).take(secret.len().next_multiple_of(8) - secret.len()));

    let mut file = b"openssh-key-v1\0".to_vec();
    for text in ["none", "none", ""] {
        string(&mut file, text.as_bytes()); // cipher, key derivation, its options
    }
    file.extend(1_u32.to_be_bytes()); // keys
    string(&mut file, public);
    string(&mut file, &secret);

    let digits = BASE64_STANDARD.encode(file);
    let mut text = String::from("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, later) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = later;
    }
    text + "-----END OPENSSH PRIVATE KEY-----\n"
}

/// A length-prefixed string (RFC 4251, section 5).
fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::disk::judge;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec(), "secret".into())
    }

    #[test]
    fn keys_follow_secret_and_hostname_and_nothing_else() {
        let keys = HostKeys::derive(&secret("one"), "node3");
        assert_eq!(keys, HostKeys::derive(&secret("one"), "node3"));
        for other in [HostKeys::derive(&secret("one"), "node4"), HostKeys::derive(&secret("two"), "node3")] {
            assert_ne!(keys.public, other.public);
            assert_ne!(keys.machine_id, other.machine_id);
        }
        assert_eq!((keys.private.len(), keys.public.len() + 1), (PRIVATE_LENGTH, PUBLIC_LENGTH));
        assert_eq!((keys.machine_id.len(), &keys.machine_id[12..13]), (32, "4"));
    }

    #[test]
    fn keys_stay_what_they_were_when_known_hosts_was_first_written() {
        let keys = HostKeys::derive(&secret("a secret of more than thirty-two bytes"), "node3");
        // Computed with Python's hmac and OpenSSL.
        assert_eq!(keys.machine_id, "6bdd2a4dd5f24f2eb228f7d98c66eee9");
        assert_eq!(keys.public, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKjzhBKpv+CQgGjg8LF/w56LELyvkHpV2VAov/0IWUea");
    }

    #[test]
    fn ssh_keygen_finds_the_public_key_in_the_private_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let keys = HostKeys::derive(&secret("one"), "node3");
        std::fs::write(&path, &keys.private).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        let printed = judge::run("ssh-keygen", &["-y".as_ref(), "-f".as_ref(), path.as_os_str()]);
        assert_eq!(printed.trim_end(), keys.public);
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?} {:?}", secret("one"), HostKeys::derive(&secret("one"), "node3"));
        assert!(!shown.contains("PRIVATE") && !shown.contains("one"), "{shown}");
    }
}
