// SPDX-License-Identifier: GPL-2.0
//! `usbpipe info`

use serde::Serialize;
use usbpipe::{Blocking, Device, Node};

use crate::exit::Exit;

/// Describe the device and the endpoints behind a node
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The node: /dev/usbpipe0, usbpipe0 or 0
    node: Node,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Exit> {
    let info = Device::open(&args.node, Blocking::Fail)?.info()?;
    if args.json {
        return print_json(&info);
    }
    print!("{}\n{info}", args.node);
    Ok(())
}

pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Exit> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Exit::failed(e.to_string()))?;
    println!("{text}");
    Ok(())
}
