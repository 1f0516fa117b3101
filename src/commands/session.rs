//! The system that a maintainer script finds itself in: the tree, its programs, and what dpkg and debconf know.

use std::collections::{BTreeMap, BTreeSet};

use crate::configure::Context;
use crate::shell::{self, Call, Invocation, Limits, Outcome, Status, Stop, Text, World, WorldError};
use crate::tree::Kind;
use crate::unpack::Package;

use super::answer::{failed, refused, shown};
use super::debconf::CONFMODULE;
use super::{dialect, table};

/// Where programs are looked for, as dpkg sets it for scripts.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A system whose packages are being configured.
#[derive(Debug)]
pub struct Session<'c, 'a> {
    pub(super) context: &'c mut Context<'a>,
    /// The package whose script runs.
    pub(super) package: &'a Package,
    /// Whether the package is being unpacked yet: its `preinst` runs.
    pub(super) unpacks: bool,
    /// The names of the packages that are configured by now.
    pub(super) configured: BTreeSet<String>,
    /// Triggers that scripts activated, in their order.
    pub(super) activated: Vec<String>,
    /// Questions that debconf was told to ask, and that are yet to be.
    pub(super) asked: Vec<String>,
    /// How many temporary files were made.
    pub(super) temporary: u64,
}

/// Which script of a package runs, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// The name of the control file: `postinst`.
    pub name: &'a str,
    pub text: &'a [u8],
    pub arguments: &'a [&'a str],
}

impl<'c, 'a> Session<'c, 'a> {
    /// A system in which no package is configured yet; `package` is the first whose scripts run.
    pub fn new(context: &'c mut Context<'a>, package: &'a Package) -> Self {
        Self {
            context,
            package,
            unpacks: false,
            configured: BTreeSet::new(),
            activated: Vec::new(),
            asked: Vec::new(),
            temporary: 0,
        }
    }

    /// What the session works on.
    pub fn context(&mut self) -> &mut Context<'a> {
        self.context
    }

    /// Runs a script of a package with the surroundings that dpkg gives it.
    ///
    /// # Errors
    ///
    /// [`Stop`] where nobody can say what the script would do.
    pub fn run_script(&mut self, package: &'a Package, script: Script<'_>) -> Result<Outcome, Stop> {
        self.package = package;
        self.unpacks = script.name == "preinst";
        let variables = [
            ("PATH", PATH),
            ("HOME", "/root"),
            ("DEBIAN_FRONTEND", "noninteractive"),
            ("DPKG_ADMINDIR", "/var/lib/dpkg"),
            ("DPKG_MAINTSCRIPT_ARCH", package.architecture()),
            ("DPKG_MAINTSCRIPT_NAME", script.name),
            ("DPKG_MAINTSCRIPT_PACKAGE", package.name()),
            ("DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", "1"),
            ("DPKG_ROOT", ""),
            ("DPKG_RUNNING_VERSION", "1.22.0"),
        ];
        let environment = variables.map(|(name, value)| (name.into(), value.into())).into();
        let invocation = Invocation {
            script: dialect::with_options(script.text).unwrap_or_else(|| script.text.to_vec()),
            name: format!("/var/lib/dpkg/info/{}.{}", package.info_name(), script.name).into_bytes(),
            arguments: script.arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect(),
            environment,
            input: Text::new(),
            limits: Limits::default(),
            depth: 0,
        };
        shell::run(self, invocation)
    }

    /// Notes that a package is configured from now on.
    pub fn is_configured(&mut self, package: &Package) {
        self.configured.insert(package.name().to_owned());
    }

    /// The triggers that were activated since this was asked for last.
    pub fn take_activated(&mut self) -> Vec<String> {
        std::mem::take(&mut self.activated)
    }

    /// Runs a file of the tree that is a script for a shell.
    pub(super) fn run_file(&mut self, path: &[u8], call: &mut Call<'_>) -> Result<Outcome, WorldError> {
        let script = self.bytes(path)?;
        let Some(first) = script.strip_prefix(b"#!") else {
            return refused(format!("`{}` is a program that this build has nothing in the stead of", shown(path)));
        };
        let Some(script) = dialect::with_options(&script) else {
            let interpreter = shown(first.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii());
            return refused(format!("`{}` is a script for `{interpreter}`, which no build runs", shown(path)));
        };
        self.run_text(script, path, call.arguments.to_vec(), call)
    }

    /// Runs a text as a shell of its own.
    pub(super) fn run_text(
        &mut self,
        script: Text,
        name: &[u8],
        arguments: Vec<Text>,
        call: &mut Call<'_>,
    ) -> Result<Outcome, WorldError> {
        let invocation = Invocation {
            script,
            name: name.to_vec(),
            arguments,
            environment: call.environment.clone(),
            input: (call.input)(),
            limits: Limits::default(),
            depth: call.depth,
        };
        let stopped = |stop: Stop| WorldError::Refused(format!("{}, {stop}", shown(name)));
        shell::run(self, invocation).map_err(stopped)
    }

    /// Runs another program in the stead of the one that calls it, with the same input.
    pub(super) fn call(
        &mut self,
        name: &[u8],
        arguments: &[Text],
        environment: BTreeMap<Text, Text>,
        call: &mut Call<'_>,
    ) -> Result<Outcome, WorldError> {
        let Call { folder, umask, line, depth, .. } = *call;
        // A program may start itself over and over, as `env env …` does.
        let depth = depth + 1;
        if depth > Limits::default().depth {
            return refused("programs that start each other never come to an end");
        }
        let input = &mut *call.input;
        match self.run(Call { name, arguments, environment, folder, umask, input, line, depth }) {
            Err(WorldError::Failed(reason)) => {
                let errors = format!("{}: {}: {reason}\n", shown(call.name), shown(name)).into_bytes();
                Ok(Outcome { status: 127, errors, ..Outcome::default() })
            }
            other => other,
        }
    }

    /// The path of the program that a name stands for, looked for in the folders of [`PATH`].
    pub(super) fn find_program(&self, name: &[u8], folder: &[u8]) -> Option<Text> {
        if name.contains(&b'/') {
            let path = Self::absolute(folder, name);
            return self.is_executable(&path).then_some(path);
        }
        let mut paths = PATH.split(':').map(|folder| [folder.as_bytes(), b"/", name].concat());
        paths.find(|path| self.is_executable(path))
    }

    fn is_executable(&self, path: &[u8]) -> bool {
        let place = self.context.tree.lookup(path, true).ok().filter(|found| found.there);
        let node = place.and_then(|found| self.context.tree.get(&found.path));
        node.is_some_and(|node| matches!(node.kind, Kind::File(_)) && node.meta.mode & 0o111 != 0)
    }
}

impl World for Session<'_, '_> {
    fn program(&self, name: &[u8]) -> Option<Text> {
        self.find_program(name, b"/")
    }

    fn run(&mut self, mut call: Call<'_>) -> Result<Outcome, WorldError> {
        let Some(path) = self.find_program(call.name, call.folder) else { return failed("not found") };
        let real = self.context.tree.lookup(&path, true).map(|found| format!("/{}", found.path)).unwrap_or_default();
        let Some(run) = table::find(&path).or_else(|| table::find(real.as_bytes())) else {
            return self.run_file(&path, &mut call);
        };
        match run(self, &mut call) {
            Err(WorldError::Failed(reason)) => Ok(Outcome {
                status: 1,
                errors: format!("{}: {reason}\n", shown(call.name)).into_bytes(),
                ..Outcome::default()
            }),
            other => other,
        }
    }

    fn read(&mut self, path: &[u8]) -> Result<Text, WorldError> {
        if matches!(path, b"/usr/share/debconf/confmodule" | b"/usr/share/debconf/confmodule.sh") {
            // The one of the package hands the script over to a program that talks with a person.
            return Ok(CONFMODULE.to_vec());
        }
        self.bytes(path)
    }

    fn write(&mut self, path: &[u8], content: &[u8], append: bool, umask: u16) -> Result<(), WorldError> {
        if super::places::is_empty_device(path) {
            return Ok(());
        }
        let there = self.place_if_there(path, true)?.is_some();
        let mut whole = if append && there { self.bytes(path)? } else { Text::new() };
        whole.extend_from_slice(content);
        self.put(path, whole, 0o666 & !umask)
    }

    fn status(&mut self, path: &[u8], follow: bool) -> Result<Option<Status>, WorldError> {
        self.tells(path, follow)
    }

    fn names(&mut self, folder: &[u8]) -> Result<Vec<Text>, WorldError> {
        self.names_in(folder)
    }
}
