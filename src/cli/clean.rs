//! `bramble clean`: the bases that lie ready go.

use std::path::PathBuf;

use super::args::Clean;
use crate::assemble::{self, Workspace};

pub(super) fn run(arguments: &Clean) -> anyhow::Result<()> {
    let workspace = Workspace { project: PathBuf::new(), out: arguments.out.clone(), payload: PathBuf::new() };
    match assemble::clean(&workspace)? {
        0 => println!("no base lies ready in `{}`", arguments.out.display()),
        1 => println!("1 base taken away; the next image builds it anew"),
        gone => println!("{gone} bases taken away; the next images build them anew"),
    }
    Ok(())
}
