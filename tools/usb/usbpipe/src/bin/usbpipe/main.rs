// SPDX-License-Identifier: GPL-2.0
//! The command `usbpipe`: finds, describes and uses /dev/usbpipeN.

mod cli;
mod control;
mod exit;
mod hex;
mod info;
mod list;
mod manual;
mod pipe;
mod progress;
mod read;
mod signals;
mod size;
mod write;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let common = &cli.common;
    let result = match &cli.command {
        Command::List(args) => list::run(args),
        Command::Info(args) => info::run(args),
        Command::Read(args) => read::run(args, common),
        Command::Write(args) => write::run(args, common),
        Command::Pipe(args) => pipe::run(args, common),
        Command::Control(args) => control::run(args),
        Command::Man(args) => manual::man(args),
        Command::Completions(args) => manual::completions(args),
    };
    result.map_or_else(|exit| exit.report(), |()| ExitCode::SUCCESS)
}
