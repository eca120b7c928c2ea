// SPDX-License-Identifier: GPL-2.0

//! The command line.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use refdev::link::Tracer;
use refdev::{Fault, Faults, Function, Machine, Personality, Speed};

/// What --help says of faults.
const FAULTS: &str = "\
Faults:
  A FAULT is words separated by commas: which transfers, and what to answer. The device performs
  them as always. The first fault whose turn it is gets the transfer; all of them count it.

  ep=ADDRESS                        to this endpoint; 0 is the control endpoint
  type=, request=, value=, index=N  control, with this in the setup packet
  nth=N                             only the Nth of them, from 1
  from=N, every=N, count=N          the first, the distance to the next, how many at most

  status=N                          this status: vhci -ERRNO, usbredir 0 to 255
  actual=AMOUNT                     so many bytes moved
  reply=HEX                         this IN data
  patch=OFFSET:HEX                  IN data with these bytes in it
  fill=N                            byte that makes IN data longer (0xa5)
  data=AMOUNT                       so many bytes behind the header, in step or not
  never | twice | stray             no answer, two, or one to a transfer that there is not
  unlink-never, unlink-status=N     vhci: no answer, or this one, to the host that takes it back
  mix=, iso-mix=, wreck=SEED        random ones; the last one's end the connection

  packets=AMOUNT, errors=AMOUNT     vhci: of an isochronous transfer
  packet=N                          only this packet, from 0
  packet-offset=, packet-length=, packet-actual=AMOUNT, packet-status=N

  An AMOUNT is a number, asked, true, asked+N, true-N, ...; +N is short for asked+N, and -1 is
  0xffffffff. Example: --fault ep=0x81,actual=+1,every=3";

/// Serves the usbpipe reference device, 1209:0001, or another one, until SIGTERM or until the host hangs up.
///
/// As soon as the host knows of the device, the line `attached PLACE` goes to standard output.
/// SIGTERM is the surprise removal of the device: transfers in flight are dropped. Exit status: 0
/// after SIGTERM, SIGINT or the host's end of the connection, 1 on an error, 2 on wrong usage.
#[derive(Debug, Parser)]
#[command(version, after_long_help = FAULTS)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) device: DeviceOptions,
    #[command(subcommand)]
    pub(crate) frontend: Frontend,
}

/// What the frontends have in common.
#[derive(Debug, Args)]
pub(crate) struct DeviceOptions {
    /// The device
    #[arg(long, global = true, value_enum, default_value_t = DeviceOption::Reference, value_name = "NAME")]
    device: DeviceOption,
    /// Serial number that the device shows
    #[arg(long, global = true, default_value = "0001", value_name = "TEXT")]
    serial: String,
    /// Speed of the device
    #[arg(long, global = true, value_enum, default_value_t = SpeedOption::High)]
    speed: SpeedOption,
    /// Print one line per message on standard error
    #[arg(long, global = true)]
    trace: bool,
    /// Lie to the host about some transfers; may be given again (see below)
    #[arg(long = "fault", global = true, value_name = "FAULT")]
    pub(crate) faults: Vec<Fault>,
}

/// Whom the device is attached to.
#[derive(Debug, Subcommand)]
pub(crate) enum Frontend {
    /// This machine's own vhci_hcd controller (USB/IP over a socket pair)
    Vhci(VhciOptions),
    /// A virtual machine of QEMU, through the socket of a usb-redir device
    Usbredir(UsbredirOptions),
}

/// Attaching to vhci_hcd.
#[derive(Debug, Args)]
pub(crate) struct VhciOptions {
    /// Port to take, as in the controller's status file [default: the first free one]
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u32>,
}

/// Attaching to QEMU.
#[derive(Debug, Args)]
pub(crate) struct UsbredirOptions {
    /// Socket of the character device: -chardev socket,path=PATH,server=on,wait=off
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: PathBuf,
}

/// How fast the device is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SpeedOption {
    /// 12 Mbit/s
    Full,
    /// 480 Mbit/s
    High,
    /// 5 Gbit/s
    Super,
}

/// Which device.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DeviceOption {
    /// 1209:0001: loopback, source and sink; isochronous in alternate setting 1
    Reference,
    /// 1209:0002: the same, over two interfaces
    TwoInterfaces,
    /// 1209:0004: the reference device with bulk streams
    Streams,
    /// 1209:0003: odd strings
    Strings,
    /// 0525:a4a0: for the kernel's usbtest driver
    GadgetZero,
    /// 0fc5:1227: a display of digits, for the usbsevseg driver
    Sevseg,
    /// 10d2:0001: a display for text, for the usblcd driver
    Lcd,
}

impl From<DeviceOption> for Personality {
    fn from(device: DeviceOption) -> Self {
        match device {
            DeviceOption::Reference => Self::Reference,
            DeviceOption::TwoInterfaces => Self::TwoInterfaces,
            DeviceOption::Streams => Self::Streams,
            DeviceOption::Strings => Self::Strings,
            DeviceOption::GadgetZero => Self::GadgetZero,
            DeviceOption::Sevseg => Self::SevSeg,
            DeviceOption::Lcd => Self::Lcd,
        }
    }
}

impl From<SpeedOption> for Speed {
    fn from(speed: SpeedOption) -> Self {
        match speed {
            SpeedOption::Full => Self::Full,
            SpeedOption::High => Self::High,
            SpeedOption::Super => Self::Super,
        }
    }
}

impl DeviceOptions {
    /// The device.
    pub(crate) fn device(&self) -> Result<Machine<Box<dyn Function>>> {
        let function = Personality::from(self.device).function(&self.serial);
        let function = function.context("this --serial is not possible")?;
        Ok(Machine::new(function, self.speed()))
    }

    /// How fast it is.
    pub(crate) fn speed(&self) -> Speed {
        self.speed.into()
    }

    /// What to lie about.
    pub(crate) fn faults(&self) -> Faults {
        Faults::new(self.faults.iter().cloned())
    }

    /// Whether to lie at all.
    pub(crate) fn lies(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Where messages are shown, if at all.
    pub(crate) fn tracer(&self) -> Tracer {
        if !self.trace {
            return Tracer::default();
        }
        // Nobody who reads the trace is no reason to stop.
        Tracer::new(|line| drop(writeln!(std::io::stderr(), "{line}")))
    }
}
