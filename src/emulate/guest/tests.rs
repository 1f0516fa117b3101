//! The whole way from an image to a talking machine, with a kernel of thirty words.

use std::os::unix::fs::FileExt;
use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::config::Board;
use crate::disk::mbr::{Mbr, PartitionRecord};

/// A zImage for the Pi 2's processor: says "ready> " on the first serial port, then says what it hears.
///
/// ```text
/// _start: b start             2: ldr r3, [r0, #0x18]  @ flags
///         .fill 8, 4                tst r3, #0x10     @ nothing to read
///         .word 0x016f2818          bne 2b
///         .word 0, 0                ldr r2, [r0]
/// start:  ldr r0, =0x3f201000       str r2, [r0]
///         adr r1, msg               b 2b
/// 1:      ldrb r2, [r1], #1         .ltorg
///         cmp r2, #0          msg:  .asciz "ready> "
///         beq 2f
///         str r2, [r0]
///         b 1b
/// ```
const KERNEL: [u32; 28] = [
    0xea00_000a,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0x016f_2818,
    0,
    0,
    0xe59f_002c,
    0xe28f_102c,
    0xe4d1_2001,
    0xe352_0000,
    0x0a00_0001,
    0xe580_2000,
    0xeaff_fffa,
    0xe590_3018,
    0xe313_0010,
    0x1aff_fffc,
    0xe590_2000,
    0xe580_2000,
    0xeaff_fff9,
    0x3f20_1000,
    0x6461_6572,
    0x0020_3e79,
];

const CONFIG: &str = "kernel=talker\nupstream_kernel=1\n[pi4]\nkernel=none\n";

const LIMIT: Duration = Duration::from_secs(60);

fn board(arguments: &[&str]) -> Board {
    let text = format!(
        r#"
        description = "Raspberry Pi 2 Model B"
        cpu = "armv7"
        memory = [1024]
        partitions = "mbr"
        kernels = {{ armhf = "linux-image-armmp" }}
        firmware = {{ files = [], kernel = "talker", device_trees = [] }}
        serial = {{ device = "ttyAMA0", baud = 115200 }}
        modules = {{ init = [] }}
        [emulation]
        program = "qemu-system-arm"
        machine = "raspi2b"
        device_tree = "bcm2836-rpi-2-b.dtb"
        arguments = {arguments:?}
        network_device = "usb-net"
        boot_seconds = 1
        "#
    );
    toml::from_str(&text).expect("a board")
}

/// An image as mkfs.fat and mtools make it, with everything the firmware looks for.
fn image() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.img");
    let image = File::create_new(&path).expect("a new file");
    image.set_len(21 << 20).expect("a sparse file");
    let partition = PartitionRecord { active: true, kind: 0x0e, start: 2048, sectors: 20 << 11 };
    let table = Mbr { signature: 1, partitions: [Some(partition), None, None, None] };
    image.write_all_at(&table.encode().expect("a sound table"), 0).expect("the table");
    let files: [(&str, Vec<u8>); 7] = [
        ("bootcode.bin", vec![]),
        ("start.elf", vec![]),
        ("fixup.dat", vec![]),
        ("config.txt", CONFIG.into()),
        ("cmdline.txt", b"console=ttyAMA0".to_vec()),
        ("talker", KERNEL.iter().flat_map(|word| word.to_le_bytes()).collect()),
        ("bcm2836-rpi-2-b.dtb", DEVICE_TREE.iter().flat_map(|word| word.to_be_bytes()).collect()),
    ];
    let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
        let mut command = Command::new(program);
        let output = command.args(arguments).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install dosfstools and mtools"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(
        "mkfs.fat",
        &["-F".as_ref(), "16".as_ref(), "--offset".as_ref(), "2048".as_ref(), path.as_ref(), "20480".as_ref()],
    );
    let at = format!("{}@@1M", path.display());
    for (name, content) in files {
        let file = folder.path().join(name);
        std::fs::write(&file, content).expect("a file");
        run("mcopy", &["-i".as_ref(), at.as_ref(), file.as_ref(), "::".as_ref()]);
    }
    (folder, path)
}

/// The least that is a flattened device tree: a root node with `#address-cells` and `#size-cells` of 1, which QEMU
/// asks for.
const DEVICE_TREE: [u32; 33] = [
    0xd00d_feed,
    132,
    56,
    104,
    40,
    17,
    16,
    0,
    27,
    48,
    0,
    0,
    0,
    0, // header, then an empty list of reservations
    1,
    0,
    3,
    4,
    0,
    1,
    3,
    4,
    15,
    1,
    2,
    9, // the root node with its two properties
    0x2361_6464,
    0x7265_7373,
    0x2d63_656c,
    0x6c73_0023,
    0x7369_7a65,
    0x2d63_656c,
    0x6c73_0000, // their names
];

fn boot(image: &Path, arguments: &[&str]) -> Result<Guest, EmulateError> {
    let gateway = Ipv4Addr::new(192, 168, 1, 1);
    let network = Network {
        subnet: "192.168.1.0/24".parse().expect("a network"),
        gateway: Some(gateway),
        dns: vec![gateway],
        domain: None,
    };
    let transcript = Some(image.with_extension("log"));
    let options = GuestOptions { isolated: true, transcript, ..GuestOptions::default() };
    Guest::boot(image, &board(arguments), Ipv4Addr::new(192, 168, 1, 13), &network, &options)
}

#[test]
fn an_image_boots_talks_and_stays_as_it_is() {
    let (_folder, image) = image();
    let before = std::fs::read(&image).expect("the image");
    let mut guest = boot(&image, &[]).unwrap_or_else(|error| panic!("{error}; install qemu-system-arm"));
    assert_eq!(guest.warnings(), ["config.txt:4: what is below `[pi4]` is not for this board"]);
    guest.console().wait_for("ready> ", LIMIT).expect("the kernel runs");
    guest.console().send("hello").expect("QEMU listens");
    guest.console().wait_for("hello\n", LIMIT).expect("the kernel answers");
    let error = guest.wait_http(Duration::from_millis(1)).expect_err("nothing serves there").to_string();
    assert!(error.ends_with("last lines of the console:\nready> hello"), "{error}");
    assert!(guest.wait_exit(Duration::ZERO).expect("QEMU can be asked").is_none());
    drop(guest);
    assert_eq!(std::fs::read(image.with_extension("log")).expect("a transcript"), b"ready> hello\n");
    assert!(std::fs::read(&image).expect("the image") == before, "the image has changed");
}

#[test]
fn qemus_own_words_are_passed_on() {
    let (_folder, image) = image();
    let error = boot(&image, &["-accel", "none-such"]).expect_err("QEMU refuses").to_string();
    assert!(error.starts_with("QEMU ended at once: ") && error.contains("none-such"), "{error}");
}
