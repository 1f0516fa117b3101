//! The kernel's command line, as far as the first process must understand it.
//!
//! Words and quoting as in the kernel's `Documentation/admin-guide/kernel-parameters.rst`: words are split at blanks,
//! double quotes keep blanks, a later word wins, and what follows `--` belongs to init.

use std::time::Duration;

/// How long to wait for the root device when the command line does not say: a slow card on a slow board is there
/// within ten seconds; a minute leaves room for an emulator on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause before a restart after a failure: long enough to read the message.
const PAUSE: Duration = Duration::from_secs(10);

/// What follows a failure, from `panic=` with the kernel's own meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterFailure {
    /// Restart after this pause (`panic=N`; a negative N is no pause).
    Restart(Duration),
    /// Stay where the message can be read (`panic=0`).
    Stay,
}

/// The parameters this program heeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cmdline {
    /// `root=`, as written.
    pub(crate) root: Option<String>,
    /// `rootfstype=`: the file systems to try, in order.
    pub(crate) file_systems: Vec<String>,
    /// `rootflags=`: mount options, comma-separated.
    pub(crate) flags: String,
    /// `rw` or `ro`, the last one; the kernel's default is `ro`.
    pub(crate) writable: bool,
    /// `rootdelay=`: pause before the first look for the device.
    pub(crate) delay: Duration,
    /// `rootwait=N`: how long to wait for the device. A bare `rootwait` keeps the default: waiting for ever would hide
    /// a card that only needs the restart.
    pub(crate) patience: Duration,
    /// `init=`: the program to hand over to.
    pub(crate) init: String,
    /// `panic=`.
    pub(crate) after_failure: AfterFailure,
    /// Every `module.parameter=value`, with the module's name in its `_` form.
    pub(crate) module_parameters: Vec<(String, String)>,
}

impl Default for Cmdline {
    fn default() -> Cmdline {
        Cmdline {
            root: None,
            file_systems: vec!["ext4".to_owned()],
            flags: String::new(),
            writable: false,
            delay: Duration::ZERO,
            patience: PATIENCE,
            init: "/sbin/init".to_owned(),
            after_failure: AfterFailure::Restart(PAUSE),
            module_parameters: Vec::new(),
        }
    }
}

impl Cmdline {
    /// Reads the text of `/proc/cmdline`. A number that is none is ignored, as the kernel does.
    pub(crate) fn parse(text: &str) -> Cmdline {
        let mut cmdline = Cmdline::default();
        for word in words(text) {
            if word == "--" {
                break;
            }
            match word.split_once('=') {
                None => cmdline.switch(&word),
                Some((key, value)) => cmdline.set(key, value),
            }
        }
        cmdline
    }

    /// The parameters of one module as the kernel takes them: `key=value` separated by blanks.
    pub(crate) fn parameters_of(&self, module: &str) -> String {
        let of_module = self.module_parameters.iter().filter(|(name, _)| name == module);
        of_module.map(|(_, parameter)| parameter.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn switch(&mut self, word: &str) {
        match word {
            "rw" => self.writable = true,
            "ro" => self.writable = false,
            _ => {}
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        match key {
            "root" => self.root = Some(value.to_owned()),
            "rootfstype" if !value.is_empty() => self.file_systems = value.split(',').map(str::to_owned).collect(),
            "rootflags" => value.clone_into(&mut self.flags),
            "init" if !value.is_empty() => value.clone_into(&mut self.init),
            "rootdelay" => self.delay = seconds(value).unwrap_or(self.delay),
            "rootwait" => self.patience = seconds(value).unwrap_or(self.patience),
            "panic" => match value.parse::<i64>() {
                Ok(0) => self.after_failure = AfterFailure::Stay,
                Ok(pause) => {
                    self.after_failure = AfterFailure::Restart(Duration::from_secs(u64::try_from(pause).unwrap_or(0)));
                }
                Err(_) => {}
            },
            _ => {
                if let Some((module, parameter)) = key.split_once('.') {
                    self.module_parameters.push((module.replace('-', "_"), format!("{parameter}={value}")));
                }
            }
        }
    }
}

fn seconds(value: &str) -> Option<Duration> {
    value.parse().ok().map(Duration::from_secs)
}

/// Splits at blanks outside double quotes and drops the quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_ascii_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_line_of_a_node() {
        let cmdline = Cmdline::parse(
            "console=ttyAMA0,115200 root=PARTUUID=1a2b3c4d-02 rootfstype=ext4 rootflags=noatime,data=ordered rw rootwait \
             net.ifnames=0 panic=5\n",
        );
        assert_eq!(cmdline.root.as_deref(), Some("PARTUUID=1a2b3c4d-02"));
        assert_eq!(cmdline.file_systems, ["ext4"]);
        assert_eq!(cmdline.flags, "noatime,data=ordered");
        assert!(cmdline.writable);
        assert_eq!(cmdline.patience, PATIENCE);
        assert_eq!(cmdline.after_failure, AfterFailure::Restart(Duration::from_secs(5)));
        assert_eq!(cmdline.init, "/sbin/init");
    }

    #[test]
    fn later_words_win_and_words_after_two_dashes_are_init_s() {
        let cmdline = Cmdline::parse("rw root=/dev/vda ro root=/dev/vdb -- root=/dev/vdc rw");
        assert_eq!(cmdline.root.as_deref(), Some("/dev/vdb"));
        assert!(!cmdline.writable);
    }

    #[test]
    fn quotes_keep_blanks() {
        let cmdline = Cmdline::parse("init=\"/opt/my init\" \"dwc-otg.name=a b\" rootdelay=3 rootwait=7");
        assert_eq!(cmdline.init, "/opt/my init");
        assert_eq!(cmdline.parameters_of("dwc_otg"), "name=a b");
        assert_eq!(cmdline.delay, Duration::from_secs(3));
        assert_eq!(cmdline.patience, Duration::from_secs(7));
    }

    #[test]
    fn module_parameters_are_collected_by_module() {
        let cmdline = Cmdline::parse("usbcore.autosuspend=-1 smsc95xx.turbo_mode=N usbcore.nousb=0");
        assert_eq!(cmdline.parameters_of("usbcore"), "autosuspend=-1 nousb=0");
        assert_eq!(cmdline.parameters_of("smsc95xx"), "turbo_mode=N");
        assert_eq!(cmdline.parameters_of("ext4"), "");
    }

    #[test]
    fn panic_has_the_kernel_s_meaning() {
        let after = |text| Cmdline::parse(text).after_failure;
        assert_eq!(after(""), AfterFailure::Restart(PAUSE));
        assert_eq!(after("panic=0"), AfterFailure::Stay);
        assert_eq!(after("panic=-1"), AfterFailure::Restart(Duration::ZERO));
        assert_eq!(after("panic=soon"), AfterFailure::Restart(PAUSE));
    }
}
