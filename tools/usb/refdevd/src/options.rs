// SPDX-License-Identifier: GPL-2.0

//! The command line.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use refdev::link::Tracer;
use refdev::reference::Reference;
use refdev::{Machine, Speed};

/// Serves the usbpipe reference device, 1209:0001, until SIGTERM or until the host hangs up.
///
/// As soon as the host knows of the device, the line `attached PLACE` goes to standard output.
/// SIGTERM is the surprise removal of the device: transfers in flight are dropped. Exit status: 0
/// after SIGTERM, SIGINT or the host's end of the connection, 1 on an error, 2 on wrong usage.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) device: DeviceOptions,
    #[command(subcommand)]
    pub(crate) frontend: Frontend,
}

/// What the frontends have in common.
#[derive(Debug, Args)]
pub(crate) struct DeviceOptions {
    /// Serial number that the device shows
    #[arg(long, global = true, default_value = "0001", value_name = "TEXT")]
    serial: String,
    /// Speed of the device
    #[arg(long, global = true, value_enum, default_value_t = SpeedOption::High)]
    speed: SpeedOption,
    /// Print one line per message on standard error
    #[arg(long, global = true)]
    trace: bool,
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
    pub(crate) fn device(&self) -> Result<Machine<Reference>> {
        let reference = Reference::new(&self.serial).context("this --serial is not possible")?;
        Ok(Machine::new(reference, self.speed()))
    }

    /// How fast it is.
    pub(crate) fn speed(&self) -> Speed {
        self.speed.into()
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
