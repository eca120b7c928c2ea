// SPDX-License-Identifier: GPL-2.0
//! `usbpipe write`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use usbpipe::{Blocking, Channel, Device, Node, Sum};

use crate::cli::{Common, limit};
use crate::exit::{Count, Exit};
use crate::{progress, signals, size};

/// Write a file, or stdin, to the device, and wait until it is on the wire
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The node: /dev/usbpipe0, usbpipe0 or 0
    node: Node,

    /// What to send; - is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    input: PathBuf,

    /// Give up when the device takes nothing for this long; 0 waits for ever
    #[arg(short, long, value_name = "SECONDS", default_value_t = 0)]
    timeout: u32,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<(), Exit> {
    let (input, total) = open(&args.input)?;
    let device = Device::open(&args.node, Blocking::Fail)?;
    let channel = Channel::new(device, signals::stop()?, limit(args.timeout));
    let bar = progress::bar(common, "write", total);
    let start = Instant::now();
    let result = channel.send(input, &|counts| bar.set_position(counts.sent()));
    bar.finish_and_clear();
    let sum =
        result.map_err(|failure| Exit::transfer(&args.node, &failure, &[Count::Sent(total)]))?;
    if !common.quiet {
        println!("sent      {}", summary(&sum, start.elapsed()));
    }
    Ok(())
}

/// Opens a file to read from, `-` for stdin, and tells its size where it has one.
pub(crate) fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), Exit> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(io::stdin()), None));
    }
    let failed = |error| Exit::file(path.display(), &error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let size = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(file), size))
}

/// One direction of a transfer that is over.
pub(crate) fn summary(sum: &Sum, time: Duration) -> String {
    format!(
        "{}, CRC-32C {:08x}, {}",
        size::amount(sum.bytes),
        sum.crc32c,
        size::rate(sum.bytes, time)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_of_one_direction() {
        let sum = Sum {
            bytes: 3 << 20,
            crc32c: 0x00ab_cdef,
        };
        assert_eq!(
            summary(&sum, Duration::from_millis(100)),
            "3145728 bytes (3.00 MiB), CRC-32C 00abcdef, 31.5 MB/s"
        );
    }
}
