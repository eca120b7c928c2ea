// SPDX-License-Identifier: GPL-2.0

//! Serves the usbpipe reference device.

#![forbid(unsafe_code)]

mod options;
mod pump;
mod shutdown;
mod usbredir;
mod vhci;

use std::process::ExitCode;

use clap::Parser;

use crate::options::{Frontend, Options};
use crate::pump::Ended;

/// Exit status when something went wrong; clap uses 2 for a wrong command line.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match &options.frontend {
        Frontend::Vhci(vhci) => vhci::serve(&options.device, vhci),
        Frontend::Usbredir(usbredir) => usbredir::serve(&options.device, usbredir),
    };
    match result {
        Ok(Ended::ByHost | Ended::BySignal) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("refdevd: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}
