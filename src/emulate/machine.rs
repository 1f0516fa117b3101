//! QEMU's command line for a board: pure data in, arguments out.

use std::ffi::OsString;
use std::path::Path;

use crate::config::Emulation;

/// Where the console goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Terminal {
    /// To a person: QEMU's monitor is on the same terminal, Ctrl-A C changes over and Ctrl-A X ends.
    Person,
    /// To a program, through pipes.
    Program,
}

/// What a machine is started with.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    pub(super) emulation: &'a Emulation,
    /// What the played firmware starts. None: the machine boots the card by itself.
    pub(super) started: Option<Started<'a>>,
    /// A qcow2 file.
    pub(super) card: &'a Path,
    /// Where writes to the card are recorded.
    pub(super) write_log: Option<&'a Path>,
    /// Another card, and whether the guest finds it first; for a machine whose card is a device.
    pub(super) beside: Option<(&'a Path, bool)>,
    /// What goes behind `user`, from [`user_network`](super::network::user_network).
    pub(super) network: &'a str,
    /// Of the node's network card: "52:54:00:a8:01:0b".
    pub(super) hardware_address: &'a str,
    pub(super) terminal: Terminal,
    /// Whether the machine goes on when the guest restarts; else that is its end.
    pub(super) restarts: bool,
}

/// What firmware hands over to.
#[derive(Debug)]
pub(super) struct Started<'a> {
    pub(super) kernel: &'a Path,
    pub(super) initramfs: Option<&'a Path>,
    /// None: the machine makes its own.
    pub(super) device_tree: Option<&'a Path>,
    pub(super) cmdline: &'a str,
}

impl Machine<'_> {
    /// The arguments, without the program.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        // A comma in a value is doubled.
        let file = |path: &Path| path.as_os_str().to_string_lossy().replace(',', ",,");

        // The user's own configuration of QEMU must not change what is tested.
        option("-machine", self.emulation.machine.clone().into());
        if let Some(started) = &self.started {
            option("-kernel", started.kernel.into());
            let files = [("-initrd", started.initramfs), ("-dtb", started.device_tree)];
            for (name, path) in files.into_iter().filter_map(|(name, path)| Some((name, path?))) {
                option(name, path.into());
            }
            option("-append", started.cmdline.into());
        }
        // What the guest writes need not outlive it.
        let drive = |interface: &str| format!("file={},format=qcow2,if={interface},cache=unsafe", file(self.card));
        let another = self.beside.zip(self.emulation.card_device.as_ref()).map(|((card, first), device)| {
            let drive = format!("file={},format=qcow2,if=none,cache=unsafe,id=beside", file(card));
            (first, [("-drive", drive), ("-device", format!("{device},drive=beside"))])
        });
        // QEMU fills its slots from the last on, and Linux looks at the first one first.
        let (before, after) = match another {
            Some((true, words)) => (None, Some(words)),
            Some((false, words)) => (Some(words), None),
            None => (None, None),
        };
        before.into_iter().flatten().for_each(|(name, value)| option(name, value.into()));
        match (&self.emulation.card_device, self.write_log) {
            (Some(device), None) => {
                option("-drive", format!("{},id=card", drive("none")).into());
                option("-device", format!("{device},drive=card").into());
            }
            // The filter of QEMU that writes down what passes.
            (Some(device), Some(log)) => {
                let store = format!("driver=qcow2,node-name=store,file.driver=file,file.filename={}", file(self.card));
                option("-blockdev", store.into());
                option("-blockdev", format!("driver=file,node-name=log,filename={}", file(log)).into());
                option("-blockdev", "driver=blklogwrites,node-name=card,file=store,log=log".into());
                option("-device", format!("{device},drive=card").into());
            }
            (None, None) => option("-drive", drive("sd").into()),
            (None, Some(log)) => {
                let store = format!("file.driver=qcow2,file.file.driver=file,file.file.filename={}", file(self.card));
                let log = format!("log.driver=file,log.filename={}", file(log));
                option("-drive", format!("if=sd,driver=blklogwrites,{store},{log},cache=unsafe").into());
            }
        }
        after.into_iter().flatten().for_each(|(name, value)| option(name, value.into()));
        match &self.emulation.network_device {
            Some(device) => {
                option("-netdev", format!("user,id=n0{}", self.network).into());
                option("-device", format!("{device},netdev=n0,mac={}", self.hardware_address).into());
            }
            None => option("-nic", format!("user,mac={}{}", self.hardware_address, self.network).into()),
        }
        option("-display", "none".into());
        for _ in 0..self.emulation.console {
            option("-serial", "null".into());
        }
        match self.terminal {
            Terminal::Person => option("-serial", "mon:stdio".into()),
            Terminal::Program => {
                option("-serial", "stdio".into());
                option("-monitor", "none".into());
            }
        }
        if !self.restarts {
            arguments.push("-no-reboot".into());
        }
        arguments.push("-no-user-config".into());
        arguments.extend(self.emulation.arguments.iter().map(OsString::from));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emulation() -> Emulation {
        Emulation {
            program: "qemu-system-aarch64".into(),
            machine: "raspi3b".into(),
            device_tree: Some("bcm2837-rpi-3-b.dtb".into()),
            stands_in: false,
            missing: vec![],
            boots_card: false,
            card_device: None,
            console: 1,
            arguments: vec!["-accel".into(), "tcg,thread=single".into()],
            cmdline: vec![],
            network_device: Some("usb-net".into()),
            watchdog: false,
            stays_on: false,
            boot_seconds: 41,
        }
    }

    fn arguments(emulation: &Emulation, terminal: Terminal) -> String {
        let machine = Machine {
            emulation,
            started: (!emulation.boots_card).then_some(Started {
                kernel: Path::new("/t/kernel"),
                initramfs: Some(Path::new("/t/initramfs")),
                device_tree: emulation.device_tree.as_ref().map(|_| Path::new("/t/board.dtb")),
                cmdline: "console=ttyS1 rw",
            }),
            card: Path::new("/t,1/card.qcow2"),
            write_log: None,
            beside: None,
            network: ",net=10.0.0.0/8",
            hardware_address: "52:54:00:00:00:0b",
            terminal,
            restarts: false,
        };
        let arguments = machine.arguments();
        arguments.iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_board_with_network_on_usb_and_its_console_on_the_second_port() {
        assert_eq!(
            arguments(&emulation(), Terminal::Program),
            "-machine|raspi3b|-kernel|/t/kernel|-initrd|/t/initramfs|-dtb|/t/board.dtb|-append|console=ttyS1 rw|\
             -drive|file=/t,,1/card.qcow2,format=qcow2,if=sd,cache=unsafe|\
             -netdev|user,id=n0,net=10.0.0.0/8|-device|usb-net,netdev=n0,mac=52:54:00:00:00:0b|-display|none|\
             -serial|null|-serial|stdio|-monitor|none|-no-reboot|-no-user-config|-accel|tcg,thread=single"
        );
    }

    #[test]
    fn a_board_with_its_own_network_card_in_a_terminal() {
        let emulation = Emulation { console: 0, network_device: None, arguments: vec![], ..emulation() };
        let shown = arguments(&emulation, Terminal::Person);
        assert!(shown.ends_with(
            "|-nic|user,mac=52:54:00:00:00:0b,net=10.0.0.0/8|-display|none|-serial|mon:stdio|-no-reboot|-no-user-config"
        ));
    }

    #[test]
    fn a_machine_without_a_slot_for_cards_and_with_its_own_device_tree() {
        let card_device = Some("virtio-blk-device".into());
        let network_device = Some("virtio-net-device".into());
        let machine = "virt".into();
        let emulation = Emulation {
            machine,
            console: 0,
            device_tree: None,
            card_device,
            network_device,
            arguments: vec![],
            ..emulation()
        };
        assert_eq!(
            arguments(&emulation, Terminal::Program),
            "-machine|virt|-kernel|/t/kernel|-initrd|/t/initramfs|-append|console=ttyS1 rw|\
             -drive|file=/t,,1/card.qcow2,format=qcow2,if=none,cache=unsafe,id=card|\
             -device|virtio-blk-device,drive=card|\
             -netdev|user,id=n0,net=10.0.0.0/8|-device|virtio-net-device,netdev=n0,mac=52:54:00:00:00:0b|-display|none|\
             -serial|stdio|-monitor|none|-no-reboot|-no-user-config"
        );
    }

    #[test]
    fn a_machine_that_boots_the_card_by_itself() {
        let emulation = Emulation { machine: "bpim2u".into(), boots_card: true, ..emulation() };
        let shown = arguments(&emulation, Terminal::Program);
        assert!(shown.starts_with("-machine|bpim2u|-drive|file=/t,,1/card.qcow2,format=qcow2,if=sd,cache=unsafe|"));
    }
}
