// SPDX-License-Identifier: GPL-2.0

//! Attaching to a virtual machine of QEMU.

use std::os::unix::net::UnixStream;

use anyhow::{Context, Result};
use usbredir::{Session, check};

use crate::options::{DeviceOptions, UsbredirOptions};
use crate::pump::{self, Ended};
use crate::shutdown;

/// Connects to QEMU and serves the device.
pub(crate) fn serve(options: &DeviceOptions, usbredir: &UsbredirOptions) -> Result<Ended> {
    let device = options.device()?;
    for fault in &options.faults {
        check(fault).context("this --fault is not possible with usbredir")?;
    }
    let stop = shutdown::on_signal()?;
    let path = &usbredir.socket;
    let socket = UnixStream::connect(path).with_context(|| {
        format!(
            "cannot connect to {}: does QEMU run, with this socket as a server?",
            path.display()
        )
    })?;
    let mut session = Session::new(device, options.tracer()).faults(options.faults());
    pump::run(&socket, &stop, &mut session, &path.display().to_string())
}
