//! What can be typed: one subcommand for each thing a person wants done.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// One cluster.toml in, one SD-card image for each node of a Raspberry Pi cluster out.
#[derive(Debug, Parser)]
#[command(name = "bramble", version, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Say more of what is done (-v), or everything (-vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check cluster.toml and everything it names, and fetch nothing
    Check(Project),
    /// Tell what a board file says: models, processor, console, and every setting with its range and meaning
    Explain(Explain),
    /// Write the SD-card images of nodes
    Image(Image),
    /// Boot a node's image on the emulated board, its console in this terminal
    Run(Run),
    /// Look the packages up in the archive and write the lock of each architecture in use
    Lock(Lock),
    /// Tell what is on an image or card: partitions, settings, identity, packages
    Inspect(Inspect),
    /// Tell in what two images, or a card and an image, differ (exit status 0: same, 1: different, 2: trouble)
    Diff(Diff),
    /// Build an image anew from the inputs that its manifest names, and compare the bytes
    Verify(Verify),
    /// Take away the base images that lie ready for the next nodes; the nodes' own images stay
    Clean(Clean),
}

/// Where the cluster and its data are.
#[derive(Debug, Args)]
pub(super) struct Project {
    /// The cluster file
    #[arg(long, value_name = "FILE", default_value = "cluster.toml")]
    pub(super) cluster: PathBuf,

    /// The folder that holds board-configs, rootfs and overlays [default: the one that holds the cluster file]
    #[arg(long, value_name = "DIR")]
    pub(super) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(subcommand)]
    pub(super) topic: Topic,
}

/// What can be explained.
#[derive(Debug, Subcommand)]
pub(super) enum Topic {
    /// One board, or without a name all of them in a line each
    #[command(visible_alias = "boards")]
    Board {
        /// A file of board-configs, without .toml
        #[arg(value_name = "NAME")]
        name: Option<String>,

        #[command(flatten)]
        project: Project,
    },
}

/// Where packages come from.
#[derive(Debug, Args)]
pub(super) struct Archive {
    /// The Debian mirror, as `http://HOST/debian` [default: $BRAMBLE_MIRROR, else this Debian machine's own, else the
    /// system file's]
    #[arg(long, value_name = "URL")]
    pub(super) mirror: Option<String>,

    /// The folder that keeps downloads [default: $XDG_CACHE_HOME/bramble, else ~/.cache/bramble]
    #[arg(long, value_name = "DIR", env = "BRAMBLE_CACHE")]
    pub(super) cache: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Image {
    /// Hostnames, or the numbers they end in, or ranges of either (2-4, node[2-4])
    #[arg(value_name = "NODE", required_unless_present_any = ["all", "from"])]
    pub(super) nodes: Vec<String>,

    /// Every node of the cluster
    #[arg(long, conflicts_with = "nodes")]
    pub(super) all: bool,

    /// Write patches, and of each base one image, instead of an image for each node
    #[arg(long)]
    pub(super) delta: bool,

    /// Say one JSON object for each node: image, sha256, size, mapped, base, hostname, address
    #[arg(long)]
    pub(super) json: bool,

    /// Make the plain image of a base image and a patch, without cluster file
    #[arg(long, value_name = "BASE+PATCH", conflicts_with_all = ["nodes", "all", "delta"], requires = "output_file")]
    pub(super) from: Option<PathBuf>,

    /// The image that --from makes
    #[arg(long = "output", value_name = "FILE", requires = "from")]
    pub(super) output_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) project: Project,

    #[command(flatten)]
    pub(super) archive: Archive,

    /// The folder for images
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,

    /// The folder with the compiled worker and init [default: target/payload in the project]
    #[arg(long, value_name = "DIR")]
    pub(super) payload: Option<PathBuf>,

    /// Refuse to build with other packages than the lock names, even when the mirror dropped some of them
    #[arg(long)]
    pub(super) locked: bool,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// Hostname, or the number it ends in; or the node's image as BASE.img+NODE.patch
    #[arg(value_name = "NODE")]
    pub(super) node: String,

    #[command(flatten)]
    pub(super) project: Project,

    /// The folder with the images
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,

    /// The port of this machine that leads to the node's web server [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub(super) http_port: Option<u16>,

    /// The port of this machine that leads to the node's ssh server [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub(super) ssh_port: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct Lock {
    #[command(flatten)]
    pub(super) project: Project,

    #[command(flatten)]
    pub(super) archive: Archive,

    /// Lock this architecture only (may be said several times) [default: all that the cluster uses]
    #[arg(long, value_name = "ARCH")]
    pub(super) architecture: Vec<String>,

    /// Go on without this suite (may be said several times)
    #[arg(long, value_name = "SUITE")]
    pub(super) without_suite: Vec<String>,

    /// Take a state of the archive that is older than the lock's
    #[arg(long)]
    pub(super) allow_older: bool,
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// An image, as a file or as BASE.img+NODE.patch, or a card's device (/dev/sdX)
    #[arg(value_name = "IMAGE")]
    pub(super) image: PathBuf,

    /// Read config.txt as this model does (`pi3`, or the name of a device tree) [default: all that the image has a
    /// device tree for]
    #[arg(long, value_name = "MODEL")]
    pub(super) board: Option<String>,

    /// Print everything as JSON
    #[arg(long)]
    pub(super) json: bool,

    /// Print a bill of materials instead
    #[arg(long, value_name = "FORM", conflicts_with = "json")]
    pub(super) sbom: Option<Sbom>,
}

/// Forms of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Sbom {
    /// SPDX 2.3, as JSON
    Spdx,
    /// CycloneDX 1.6, as JSON
    Cyclonedx,
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// An image, as a file or as BASE.img+NODE.patch, or a card's device (/dev/sdX)
    #[arg(value_name = "A")]
    pub(super) a: PathBuf,

    /// Another one
    #[arg(value_name = "B")]
    pub(super) b: PathBuf,

    /// Pass over bytes that belong to nobody, and the length; always so when one of the two is a card
    #[arg(long)]
    pub(super) ignore_free_space: bool,

    /// Print the differences as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The image, whose manifest lies beside it; or BASE.img+NODE.patch
    #[arg(value_name = "IMAGE")]
    pub(super) image: PathBuf,

    #[command(flatten)]
    pub(super) project: Project,

    #[command(flatten)]
    pub(super) archive: Archive,

    /// The folder with the compiled worker and init [default: target/payload in the project]
    #[arg(long, value_name = "DIR")]
    pub(super) payload: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Clean {
    /// The folder for images
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
}
