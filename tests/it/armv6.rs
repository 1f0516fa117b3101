//! What travels on 32-bit cards.

use crate::cluster::project;
use crate::judge::ask;

/// An ARM1176 dies of the first instruction that came with ARMv7. One binary of each program serves all 32-bit boards.
#[test]
fn what_travels_on_32_bit_cards_is_for_armv6() {
    for program in ["bramble-worker", "bramble-init"] {
        let path = project().join("target/payload/arm-unknown-linux-musleabihf").join(program);
        let attributes = ask("readelf", &["-A", &path.display().to_string()]);
        let architecture = attributes.lines().find_map(|line| line.trim().strip_prefix("Tag_CPU_arch: "));
        assert!(matches!(architecture, Some("v6" | "v6K" | "v6KZ")), "{program}: {attributes}");
        assert!(attributes.contains("Tag_FP_arch: VFPv2"), "{program}: {attributes}");
    }
}
