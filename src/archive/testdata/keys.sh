#!/bin/sh
# Makes the OpenPGP keys of the archive's tests. They sign nothing else; the secret halves are test data.
#   archive  signs; a subkey signs too
#   other    signs, but is in no keyring
#   expired  valid from 2020-01-01 for one year
#   revoked  as archive, with its revocation
set -eu
cd "$(dirname "$0")"
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
gpg() { command gpg --batch --quiet --passphrase '' --pinentry-mode loopback "$@"; }

for name in archive other revoked; do
    gpg --faked-system-time 20250101T000000! --quick-generate-key "bramble test: $name" ed25519 cert,sign never
done
gpg --faked-system-time 20200101T000000! --quick-generate-key "bramble test: expired" ed25519 cert,sign 1y
fingerprint=$(gpg --with-colons --list-keys "bramble test: archive" | awk -F: '$1 == "fpr" { print $10; exit }')
gpg --faked-system-time 20250102T000000! --quick-add-key "$fingerprint" ed25519 sign never
for name in archive other revoked expired; do
    gpg --armor --export-secret-keys "bramble test: $name" > "$name.secret.asc"
done
revoked=$(gpg --with-colons --list-keys "bramble test: revoked" | awk -F: '$1 == "fpr" { print $10; exit }')
sed 's/^:-----BEGIN/-----BEGIN/' "$GNUPGHOME/openpgp-revocs.d/$revoked.rev" | gpg --import
for name in archive expired revoked; do
    gpg --armor --export "bramble test: $name" > "$name.asc"
done
