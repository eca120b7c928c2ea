// SPDX-License-Identifier: GPL-2.0
//! `usbpipe read`

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Instant;

use usbpipe::{Blocking, Channel, Device, Node, Until};

use crate::cli::{Common, limit};
use crate::exit::{Count, Exit};
use crate::{progress, signals, size};

/// Read from the device into a file, or to stdout
///
/// Without --bytes it goes on until it is interrupted or the device is gone.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The node: /dev/usbpipe0, usbpipe0 or 0
    node: Node,

    /// Stop after this many bytes (K, M and G are powers of 1024)
    #[arg(short = 'n', long, value_name = "BYTES", value_parser = size::parse)]
    bytes: Option<u64>,

    /// Write to this file; - is stdout
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,

    /// Give up when nothing comes for this long; 0 waits for ever
    #[arg(short, long, value_name = "SECONDS", default_value_t = 0)]
    timeout: u32,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<(), Exit> {
    let device = Device::open(&args.node, Blocking::Fail)?;
    let output = create(&args.output)?;
    let channel = Channel::new(device, signals::stop()?, limit(args.timeout));
    let bar = progress::bar(common, "read", args.bytes);
    let start = Instant::now();
    let until = args.bytes.map_or(Until::Forever, Until::Bytes);
    let result = channel.receive(output, until, &|counts| bar.set_position(counts.received()));
    bar.finish_and_clear();
    let sum = result
        .map_err(|failure| Exit::transfer(&args.node, &failure, &[Count::Received(args.bytes)]))?;
    if !common.quiet {
        // Stdout may be the data.
        eprintln!("received  {}", crate::write::summary(&sum, start.elapsed()));
    }
    Ok(())
}

/// Opens a file to write to, `-` for stdout, which gets each piece at once.
pub(crate) fn create(path: &Path) -> Result<File, Exit> {
    let file = match path.as_os_str() == "-" {
        true => io::stdout().as_fd().try_clone_to_owned().map(File::from),
        false => File::create(path),
    };
    file.map_err(|error| Exit::file(path.display(), &error))
}
