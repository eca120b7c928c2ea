// SPDX-License-Identifier: GPL-2.0
//! `usbpipe pipe`

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use usbpipe::{Blocking, Channel, Device, Node, Sum};

use crate::cli::{Common, limit};
use crate::exit::{Count, Exit};
use crate::{progress, read, signals, size, write};

/// Send a file through the device and back, and compare checksums
///
/// For a device that sends back what it gets. Both directions run at the same time, with a few
/// hundred kilobytes of memory whatever the size of the file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The node: /dev/usbpipe0, usbpipe0 or 0
    node: Node,

    /// What to send; - is stdin
    #[arg(value_name = "FILE")]
    input: PathBuf,

    /// Keep what comes back in this file; - is stdout
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,

    /// First throw away what the device still has to say
    #[arg(long)]
    drain: bool,

    /// Give up when nothing moves for this long; 0 waits for ever
    #[arg(short, long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u32,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<(), Exit> {
    let (input, total) = write::open(&args.input)?;
    refuse_same_file(args)?;
    let device = Device::open(&args.node, Blocking::Fail)?;
    let output = create(args)?;
    let channel = Channel::new(device, signals::stop()?, limit(args.timeout));
    let failed = |failure| {
        Exit::transfer(
            &args.node,
            &failure,
            &[Count::Sent(total), Count::Received(None)],
        )
    };
    if args.drain {
        channel.drain().map_err(failed)?;
    }
    let bar = progress::bar(common, "pipe", total);
    let start = Instant::now();
    let result = channel.exchange(input, output, &|counts| bar.set_position(counts.received()));
    bar.finish_and_clear();
    let (sent, received) = result.map_err(failed)?;
    if !common.quiet {
        show(args, &report(&sent, &received, start.elapsed()));
    }
    verdict(&sent, &received)
}

fn create(args: &Args) -> Result<Box<dyn Write>, Exit> {
    match &args.output {
        Some(path) => Ok(Box::new(read::create(path)?)),
        None => Ok(Box::new(io::sink())),
    }
}

/// Creating the output would empty the input.
fn refuse_same_file(args: &Args) -> Result<(), Exit> {
    let identity = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    match args.output.as_deref().and_then(identity) {
        Some(output) if identity(&args.input) == Some(output) => Err(Exit::usage(format!(
            "{} is both input and output",
            args.input.display()
        ))),
        _ => Ok(()),
    }
}

fn show(args: &Args, text: &str) {
    match args.output.as_deref() {
        Some(path) if path.as_os_str() == "-" => eprint!("{text}"),
        _ => print!("{text}"),
    }
}

fn report(sent: &Sum, received: &Sum, time: Duration) -> String {
    let line = |name: &str, sum: &Sum| {
        let bytes = size::amount(sum.bytes);
        format!("{name:<9} {bytes}, CRC-32C {:08x}\n", sum.crc32c)
    };
    let last = match sent == received {
        true => format!(
            "identical {} each way in {:.2} s\n",
            size::rate(sent.bytes, time),
            time.as_secs_f64()
        ),
        false => String::new(),
    };
    line("sent", sent) + &line("received", received) + &last
}

fn verdict(sent: &Sum, received: &Sum) -> Result<(), Exit> {
    match (sent.bytes == received.bytes, sent.crc32c == received.crc32c) {
        (true, true) => Ok(()),
        (true, false) => Err(Exit::failed("the checksums differ: other bytes came back")),
        (false, _) => Err(Exit::failed(format!(
            "the lengths differ: {} bytes sent, {} received (old data in the device? see --drain)",
            sent.bytes, received.bytes
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: Sum = Sum {
        bytes: 64 << 20,
        crc32c: 0x1234_abcd,
    };

    #[test]
    fn report_of_a_success() {
        assert_eq!(
            report(&SUM, &SUM, Duration::from_millis(500)),
            "sent      67108864 bytes (64.00 MiB), CRC-32C 1234abcd\n\
             received  67108864 bytes (64.00 MiB), CRC-32C 1234abcd\n\
             identical 134.2 MB/s each way in 0.50 s\n"
        );
        assert_eq!(verdict(&SUM, &SUM), Ok(()));
    }

    #[test]
    fn a_difference_is_a_failure() {
        let other = Sum { crc32c: 1, ..SUM };
        assert!(!report(&SUM, &other, Duration::from_secs(1)).contains("identical"));
        assert!(verdict(&SUM, &other).is_err());
        assert!(verdict(&SUM, &Sum { bytes: 1, ..SUM }).is_err());
    }
}
