// SPDX-License-Identifier: GPL-2.0
//! For packagers: manual pages and shell completions, made from the arguments themselves.

use std::io;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;

/// Write manual pages into a directory
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct ManArgs {
    /// An existing directory
    directory: PathBuf,
}

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn man(args: &ManArgs) -> Result<(), Exit> {
    clap_mangen::generate_to(Cli::command(), &args.directory)
        .map_err(|error| Exit::file(args.directory.display(), &error))
}

pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Exit> {
    clap_complete::generate(
        args.shell,
        &mut Cli::command(),
        "usbpipe",
        &mut io::stdout(),
    );
    Ok(())
}
