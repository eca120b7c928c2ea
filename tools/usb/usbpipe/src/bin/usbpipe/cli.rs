// SPDX-License-Identifier: GPL-2.0
//! Arguments that all subcommands share.

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{control, info, list, manual, pipe, read, write};

const AFTER_HELP: &str = "\
NODE is /dev/usbpipe0, usbpipe0 or 0.

Exit status:
  0    done
  1    the data differ, or an input or output error
  2    wrong arguments
  3    no such device, or it went away (ENODEV)
  130  interrupted by SIGINT or SIGTERM";

/// Find, describe and use USB devices behind /dev/usbpipeN
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Debug)]
pub(crate) struct Common {
    /// Print errors only: no progress, no summary
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Whether to draw a progress bar on stderr; auto: if it is a terminal
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(env = "USBPIPE_PROGRESS", hide_env_values = true)]
    pub(crate) progress: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(list::Args),
    Info(info::Args),
    Read(read::Args),
    Write(write::Args),
    Pipe(pipe::Args),
    Control(control::Args),
    Man(manual::ManArgs),
    Completions(manual::CompletionsArgs),
}

/// How long nothing may move: `--timeout SECONDS`, 0 for ever.
pub(crate) fn limit(seconds: u32) -> Option<Duration> {
    (seconds != 0).then(|| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn zero_seconds_is_no_limit() {
        assert_eq!(limit(0), None);
        assert_eq!(limit(2), Some(Duration::from_secs(2)));
    }
}
