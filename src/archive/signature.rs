//! OpenPGP signatures of `InRelease`: text signed in the clear, against the certificates of a keyring.
//!
//! The crate `pgp` does the mathematics; which keys may sign is decided here. A key counts when it or its primary is
//! bound by a verified self-signature, may sign, is not revoked and had not expired when the signature was made. One
//! good signature suffices, as for apt: Debian's files carry several while keys change. No clock is read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use pgp::composed::{CleartextSignedMessage, Deserializable, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{Duration, KeyDetails, Tag, Timestamp, VerifyingKey};

/// Certificates that may sign.
#[derive(Debug)]
pub struct Keyring {
    certificates: Vec<SignedPublicKey>,
}

#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    #[error("keyring {}: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("keyring {} holds no OpenPGP certificates: {reason}", .path.display())]
    NoKeyring { path: PathBuf, reason: String },
    #[error("is no text signed in the clear: {reason}")]
    NotSigned { reason: String },
    #[error("is signed by {}, but the keyring has only {}; name a newer keyring in the system file", list(.signers), list(.known))]
    NoKey { signers: BTreeSet<String>, known: BTreeSet<String> },
    #[error("signature of key {key} does not fit the text; it was changed after it was signed")]
    Bad { key: String },
    #[error("signature of key {key} does not count: {reason}")]
    Unusable { key: String, reason: &'static str },
}

fn list(keys: &BTreeSet<String>) -> String {
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    match keys.as_slice() {
        [] => "no key".to_owned(),
        [key] => format!("key {key}"),
        [keys @ .., last] => format!("keys {} and {last}", keys.join(", ")),
    }
}

impl Keyring {
    /// Reads a keyring file, binary or armored.
    pub fn read(path: &Path) -> Result<Self, SignatureError> {
        let bytes = fs::read(path).map_err(|source| SignatureError::Read { path: path.to_owned(), source })?;
        Self::parse(&bytes).map_err(|reason| SignatureError::NoKeyring { path: path.to_owned(), reason })
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (certificates, _) = SignedPublicKey::from_reader_many(bytes).map_err(|error| error.to_string())?;
        let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        if certificates.is_empty() { Err("it is empty".to_owned()) } else { Ok(Self { certificates }) }
    }

    /// The signed text, with newlines as line ends, if at least one signature on it is good.
    pub fn verify(&self, message: &[u8]) -> Result<String, SignatureError> {
        let (message, _) = CleartextSignedMessage::from_armor(message)
            .map_err(|error| SignatureError::NotSigned { reason: error.to_string() })?;
        // Only what the signatures cover is given away, not what else stood in the file.
        let text = message.signed_text();
        let mut worst = None;
        for signature in message.signatures() {
            match self.check(signature, text.as_bytes()) {
                Some(Ok(())) => return Ok(text.replace("\r\n", "\n")),
                Some(Err(bad @ SignatureError::Bad { .. })) => worst = Some(bad),
                Some(Err(unusable)) => worst = worst.or(Some(unusable)),
                None => {}
            }
        }
        Err(worst.unwrap_or_else(|| SignatureError::NoKey {
            signers: message.signatures().iter().flat_map(signers).collect(),
            known: self.certificates.iter().map(|certificate| name(&certificate.primary_key)).collect(),
        }))
    }

    /// `None` when no certificate has the key.
    fn check(&self, signature: &Signature, text: &[u8]) -> Option<Result<(), SignatureError>> {
        self.certificates.iter().find_map(|certificate| {
            let subkey = certificate.public_subkeys.iter().find(|subkey| made_by(signature, &subkey.key));
            match subkey {
                Some(subkey) => {
                    Some(check_with(signature, text, &subkey.key, |at| subkey_may_sign(certificate, subkey, at)))
                }
                None if made_by(signature, &certificate.primary_key) => {
                    let key = &certificate.primary_key;
                    Some(check_with(signature, text, key, |at| primary_is_valid(certificate, at, true)))
                }
                None => None,
            }
        })
    }
}

fn check_with(
    signature: &Signature,
    text: &[u8],
    key: &impl VerifyingKey,
    may_sign: impl Fn(u32) -> Result<(), &'static str>,
) -> Result<(), SignatureError> {
    let unusable = |reason| SignatureError::Unusable { key: name(key), reason };
    if !matches!(signature.typ(), Some(SignatureType::Text | SignatureType::Binary)) {
        return Err(unusable("it is not a signature of a document"));
    }
    if weak(signature) {
        return Err(unusable("its hash is MD5 or SHA-1"));
    }
    signature.verify(key, text).map_err(|_| SignatureError::Bad { key: name(key) })?;
    let made = signature.created().ok_or_else(|| unusable("it does not say when it was made"))?;
    may_sign(made.as_secs()).map_err(unusable)
}

/// The name people know a key by: the last 16 digits of its fingerprint.
fn name(key: &impl KeyDetails) -> String {
    key.legacy_key_id().to_string().to_uppercase()
}

fn signers(signature: &Signature) -> Vec<String> {
    signature.issuer_key_id().into_iter().map(|id| id.to_string().to_uppercase()).collect()
}

fn made_by(signature: &Signature, key: &impl KeyDetails) -> bool {
    let fingerprints = signature.issuer_fingerprint();
    if fingerprints.is_empty() {
        return signature.issuer_key_id().contains(&&key.legacy_key_id());
    }
    fingerprints.contains(&&key.fingerprint())
}

fn weak(signature: &Signature) -> bool {
    matches!(signature.hash_alg(), None | Some(HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160))
}

/// Whether the primary key was valid at a time (seconds since 1970) and, if asked, may sign documents itself.
fn primary_is_valid(certificate: &SignedPublicKey, at: u32, signs: bool) -> Result<(), &'static str> {
    let key = &certificate.primary_key;
    let details = &certificate.details;
    if details.revocation_signatures.iter().any(|revocation| revocation.verify_key(key).is_ok()) {
        return Err("the key is revoked");
    }
    let direct = details.direct_signatures.iter().filter(|signature| signature.verify_key(key).is_ok());
    let of_users = details.users.iter().flat_map(|user| {
        let own = move |signature: &&Signature| signature.verify_certification(key, Tag::UserId, &user.id).is_ok();
        user.signatures.iter().filter(own)
    });
    let of_users = of_users.filter(|signature| signature.typ() != Some(SignatureType::CertRevocation));
    let newest = newest(direct.chain(of_users), at).ok_or("no self-signature of that time binds the key")?;
    if signs && !newest.key_flags().sign() {
        return Err("the key is not meant for signing");
    }
    not_expired(key, newest, at)
}

/// Whether a subkey was validly bound for signing at a time (seconds since 1970).
fn subkey_may_sign(certificate: &SignedPublicKey, subkey: &SignedPublicSubKey, at: u32) -> Result<(), &'static str> {
    primary_is_valid(certificate, at, false)?;
    let primary = &certificate.primary_key;
    let bound = |signature: &&Signature| signature.verify_subkey_binding(primary, &subkey.key).is_ok();
    let verified = || subkey.signatures.iter().filter(bound);
    if verified().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
        return Err("the subkey is revoked");
    }
    let bindings = verified().filter(|signature| signature.typ() == Some(SignatureType::SubkeyBinding));
    let newest = newest(bindings, at).ok_or("no signature of that time binds the subkey")?;
    if !newest.key_flags().sign() {
        return Err("the subkey is not meant for signing");
    }
    // Without the subkey's own consent anybody could adopt a foreign signing key.
    let consent = newest.embedded_signature().ok_or("the subkey does not confirm its primary key")?;
    consent
        .verify_primary_key_binding(&subkey.key, primary)
        .map_err(|_| "the subkey does not confirm its primary key")?;
    not_expired(&subkey.key, newest, at)
}

/// The newest strong signature that was already made at `at`: later ones replace earlier ones.
fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>, at: u32) -> Option<&'a Signature> {
    let made = |signature: &Signature| signature.created().map(Timestamp::as_secs);
    signatures
        .filter(|signature| !weak(signature) && made(signature).is_some_and(|made| made <= at))
        .max_by_key(|signature| made(signature))
}

fn not_expired(key: &impl KeyDetails, binding: &Signature, at: u32) -> Result<(), &'static str> {
    let created = key.created_at().as_secs();
    let lifetime = binding.key_expiration_time().map_or(0, Duration::as_secs);
    // A lifetime of nought means without end.
    if at < created {
        return Err("it is older than the key");
    }
    if lifetime != 0 && u64::from(at) > u64::from(created) + u64::from(lifetime) {
        return Err("the key had expired by then");
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use pgp::composed::SignedSecretKey;
    use pgp::packet::{SignatureConfig, Subpacket, SubpacketData};
    use pgp::types::{Password, SigningKey};

    use super::*;

    pub(in super::super) const PUBLIC: &str = include_str!("testdata/archive.asc");
    pub(in super::super) const SECRET: &str = include_str!("testdata/archive.secret.asc");
    const EXPIRED: &str = include_str!("testdata/expired.asc");
    const EXPIRED_SECRET: &str = include_str!("testdata/expired.secret.asc");
    const OTHER_SECRET: &str = include_str!("testdata/other.secret.asc");
    const REVOKED: &str = include_str!("testdata/revoked.asc");
    const REVOKED_SECRET: &str = include_str!("testdata/revoked.secret.asc");

    const IN_2025: u32 = 1_750_000_000;

    fn sign_with(text: &str, at: u32, key: &impl SigningKey, hash: HashAlgorithm) -> String {
        let mut config = SignatureConfig::v4(SignatureType::Text, key.algorithm(), hash);
        let subpacket = |data| Subpacket::regular(data).expect("small");
        config.hashed_subpackets = vec![
            subpacket(SubpacketData::SignatureCreationTime(Timestamp::from_secs(at))),
            subpacket(SubpacketData::IssuerFingerprint(key.fingerprint())),
        ];
        config.unhashed_subpackets = vec![subpacket(SubpacketData::IssuerKeyId(key.legacy_key_id()))];
        let message = CleartextSignedMessage::new(text, config, key, &Password::empty()).expect("test key signs");
        message.to_armored_string(Default::default()).expect("text")
    }

    /// `text` signed in the clear by the primary key of a secret key file.
    pub(in super::super) fn sign(text: &str, secret: &str, at: u32) -> String {
        let (key, _) = SignedSecretKey::from_string(secret).expect("test key");
        sign_with(text, at, &key.primary_key, HashAlgorithm::Sha256)
    }

    fn keyring(armored: &str) -> Keyring {
        Keyring::parse(armored.as_bytes()).expect("test key")
    }

    fn refusal(keyring: &Keyring, message: &str) -> String {
        keyring.verify(message.as_bytes()).expect_err("must not pass").to_string()
    }

    #[test]
    fn a_good_signature_gives_the_text() {
        let text = "Suite: test\n- dashed\nSHA256:\n line\n";
        let signed = sign(text, SECRET, IN_2025);
        assert_eq!(keyring(PUBLIC).verify(signed.as_bytes()).expect("good"), text);
        let (key, _) = SignedSecretKey::from_string(SECRET).expect("test key");
        let by_subkey = sign_with(text, IN_2025, &key.secret_subkeys[0].key, HashAlgorithm::Sha512);
        assert_eq!(keyring(PUBLIC).verify(by_subkey.as_bytes()).expect("good"), text);
    }

    #[test]
    fn changed_texts_and_strangers_are_refused() {
        let signed = sign("Suite: test\n", SECRET, IN_2025);
        let ring = keyring(PUBLIC);
        let key = name(&ring.certificates[0].primary_key);
        assert_eq!(
            refusal(&ring, &signed.replace("test", "best")),
            format!("signature of key {key} does not fit the text; it was changed after it was signed")
        );
        let (other, _) = SignedSecretKey::from_string(OTHER_SECRET).expect("test key");
        assert_eq!(
            refusal(&ring, &sign("Suite: test\n", OTHER_SECRET, IN_2025)),
            format!(
                "is signed by key {}, but the keyring has only key {key}; name a newer keyring in the system file",
                name(&other.primary_key)
            )
        );
        assert!(refusal(&ring, "Suite: test\n").starts_with("is no text signed in the clear: "));
        assert!(refusal(&ring, &format!("smuggled\n{signed}")).starts_with("is no text signed in the clear: "));
        assert!(refusal(&ring, &format!("{signed}smuggled\n")).starts_with("is no text signed in the clear: "));
    }

    #[test]
    fn expiry_is_judged_when_the_signature_was_made() {
        let ring = keyring(EXPIRED);
        let in_2020 = 1_590_000_000;
        ring.verify(sign("a\n", EXPIRED_SECRET, in_2020).as_bytes()).expect("valid then");
        let late = refusal(&ring, &sign("a\n", EXPIRED_SECRET, IN_2025));
        assert!(late.ends_with(" does not count: the key had expired by then"), "{late}");
        let early = refusal(&ring, &sign("a\n", EXPIRED_SECRET, 1_500_000_000));
        assert!(early.ends_with(" does not count: no self-signature of that time binds the key"), "{early}");
    }

    #[test]
    fn revoked_keys_do_not_count() {
        let revoked = refusal(&keyring(REVOKED), &sign("a\n", REVOKED_SECRET, IN_2025));
        assert!(revoked.ends_with(" does not count: the key is revoked"), "{revoked}");
    }

    #[test]
    fn debians_keyring_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rootfs/keyrings/debian-archive.pgp");
        let ring = Keyring::read(&path).expect("in the repository");
        let known: Vec<_> = ring.certificates.iter().map(|certificate| name(&certificate.primary_key)).collect();
        // "Debian Stable Release Key (13/trixie)"
        assert!(known.contains(&"762F67A0B2C39DE4".to_owned()), "{known:?}");
    }
}
