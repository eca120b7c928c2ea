// SPDX-License-Identifier: GPL-2.0

//! Attaching to the machine's own vhci_hcd controller.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use refdev::Speed;
use usbip::{Seen, Session};

use crate::options::{DeviceOptions, VhciOptions};
use crate::pump::{self, Ended};
use crate::shutdown;

const CONTROLLER: &str = "/sys/devices/platform/vhci_hcd.0";
/// State of a port that nothing is attached to, in the controller's status file.
const PORT_FREE: &str = "004";

/// Attaches the device and serves it.
pub(crate) fn serve(options: &DeviceOptions, vhci: &VhciOptions) -> Result<Ended> {
    let speed = options.speed();
    let device = options.device()?;
    let stop = shutdown::on_signal()?;
    let (port, socket) = match vhci.port {
        Some(port) => (port, attach(port, speed)?),
        None => attach_anywhere(&free_ports(&read_status()?, speed)?, speed)?,
    };
    let mut session = Session::new(device, options.tracer()).faults(options.faults());
    let ended = pump::run(&socket, &stop, &mut session, &format!("port {port}"));
    if options.lies() {
        report(session.seen());
    }
    ended
}

/// For tests that let a device lie. Nobody who reads it is no reason to fail.
fn report(seen: Seen) {
    let Seen {
        answers,
        lies,
        bytes,
        not_zero,
    } = seen;
    let mut out = std::io::stderr().lock();
    drop(writeln!(
        out,
        "seen answers={answers} lies={lies} bytes={bytes} not-zero={not_zero}"
    ));
}

fn read_status() -> Result<String> {
    let path = Path::new(CONTROLLER).join("status");
    fs::read_to_string(&path).with_context(|| {
        format!(
            "cannot read {}: is the module vhci-hcd loaded and sysfs mounted?",
            path.display()
        )
    })
}

/// Lines look like `hs  0000 004 000 00000000 000000 0-0`: hub, port, state and more.
fn free_ports(status: &str, speed: Speed) -> Result<Vec<u32>> {
    let hub = if speed == Speed::Super { "ss" } else { "hs" };
    let mut ports = Vec::new();
    for line in status.lines() {
        let fields: Vec<_> = line.split_whitespace().collect();
        if let [found, port, PORT_FREE, ..] = fields[..] {
            if found == hub {
                let port = port.parse();
                ports.push(port.with_context(|| format!("odd port in the status line {line:?}"))?);
            }
        }
    }
    if ports.is_empty() {
        bail!(
            "no free {hub} port on vhci_hcd: detach a device or raise CONFIG_USBIP_VHCI_HC_PORTS"
        );
    }
    Ok(ports)
}

/// Somebody else may have been faster at the first port.
fn attach_anywhere(ports: &[u32], speed: Speed) -> Result<(u32, UnixStream)> {
    let mut last = None;
    for &port in ports {
        match attach(port, speed) {
            Ok(socket) => return Ok((port, socket)),
            Err(error) if is_busy(&error) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| anyhow!("no port of vhci_hcd to attach to")))
}

fn is_busy(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::ResourceBusy)
}

/// The number of a speed in the kernel (`enum usb_device_speed`).
fn kernel_speed(speed: Speed) -> u32 {
    match speed {
        Speed::Full => 2,
        Speed::High => 3,
        Speed::Super => 5,
    }
}

/// Gives one end of a socket pair to the kernel.
fn attach(port: u32, speed: Speed) -> Result<UnixStream> {
    let (ours, kernels) = UnixStream::pair().context("cannot make a socket pair")?;
    // The kernel keeps a reference of its own, so our number for its end may go afterwards.
    let (fd, speed) = (kernels.as_raw_fd(), kernel_speed(speed));
    let device = 1;
    let path = Path::new(CONTROLLER).join("attach");
    fs::write(&path, format!("{port} {fd} {device} {speed}")).with_context(|| {
        format!(
            "cannot attach to port {port} through {}: is it free, and of that speed?",
            path.display()
        )
    })?;
    Ok(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "hub port sta spd dev      sockfd local_busid\n\
        hs  0000 006 003 00010001 000005 1-1\n\
        hs  0001 004 000 00000000 000000 0-0\n\
        hs  0002 005 000 00000000 000000 0-0\n\
        hs  0003 004 000 00000000 000000 0-0\n\
        ss  0008 004 000 00000000 000000 0-0\n";

    #[test]
    fn free_ports_are_those_of_the_right_hub() {
        assert_eq!(free_ports(STATUS, Speed::High).unwrap(), [1, 3]);
        assert_eq!(free_ports(STATUS, Speed::Full).unwrap(), [1, 3]);
        assert_eq!(free_ports(STATUS, Speed::Super).unwrap(), [8]);
    }

    #[test]
    fn without_a_free_port_there_is_advice() {
        let status = STATUS.replace(" 004 ", " 006 ");
        let error = free_ports(&status, Speed::Super).unwrap_err().to_string();
        assert!(error.contains("no free ss port"), "{error}");
        assert!(free_ports("", Speed::High).is_err());
    }

    #[test]
    fn a_busy_port_is_told_from_other_errors() {
        let error = |number| {
            let cause = std::io::Error::from_raw_os_error(number);
            anyhow::Error::new(cause).context("cannot attach")
        };
        assert!(is_busy(&error(16)), "EBUSY");
        assert!(!is_busy(&error(22)), "EINVAL");
    }
}
