// SPDX-License-Identifier: GPL-2.0
//! An open node.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::control::Setup;
use crate::error::{CONTROL, Error};
use crate::ffi::{self, Data};
use crate::info::Info;
use crate::node::Node;
use crate::uapi;

/// What a call does when it cannot be carried out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// It waits.
    Wait,
    /// It fails with `EAGAIN` (`O_NONBLOCK`).
    Fail,
}

/// An open usbpipe node. Reads and writes go through its bulk endpoints.
#[derive(Debug)]
pub struct Device {
    path: PathBuf,
    fd: OwnedFd,
}

impl Device {
    /// Opens a node for reading and writing.
    ///
    /// # Errors
    ///
    /// Whatever open(2) says; `ENODEV`, `ENXIO` and `ENOENT` mean that there is no device
    /// ([`Error::is_gone`]).
    pub fn open(node: &Node, blocking: Blocking) -> Result<Self, Error> {
        let mut flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY;
        flags.set(OFlags::NONBLOCK, blocking == Blocking::Fail);
        let path = node.path();
        let fd = retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()))
            .map_err(|errno| Error::new("open", path, errno))?;
        Ok(Device {
            path: path.to_owned(),
            fd,
        })
    }

    /// Describes the device and the interface behind the node.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the device is gone, `ENOTTY` if this is not a usbpipe node.
    pub fn info(&self) -> Result<Info, Error> {
        let raw = ffi::info(self.as_fd()).map_err(|errno| self.error("info", errno))?;
        Ok(Info::from_raw(&raw))
    }

    /// Carries out a request that brings data from the device; returns how many bytes came.
    ///
    /// # Errors
    ///
    /// See `USBPIPE_IOC_CONTROL` in the header; [`Error::actual`] tells how much came before.
    pub fn control_in(&self, setup: Setup, room: &mut [u8]) -> Result<usize, Error> {
        self.control(setup, Data::In(room))
    }

    /// Carries out a request that takes data to the device; returns how many bytes went.
    ///
    /// # Errors
    ///
    /// See `USBPIPE_IOC_CONTROL` in the header; [`Error::actual`] tells how much went before.
    pub fn control_out(&self, setup: Setup, bytes: &[u8]) -> Result<usize, Error> {
        self.control(setup, Data::Out(bytes))
    }

    /// Waits until everything written is on the wire, and reports what went wrong there.
    ///
    /// # Errors
    ///
    /// The first error of a write that had already returned, for example `EPIPE`.
    pub fn sync(&self) -> Result<(), Error> {
        retry_on_intr(|| rustix::fs::fsync(self)).map_err(|errno| self.error("fsync", errno))
    }

    fn control(&self, setup: Setup, data: Data<'_>) -> Result<usize, Error> {
        let error = |errno| self.error(CONTROL, errno);
        if data.len() > uapi::USBPIPE_CONTROL_MAX_LENGTH as usize {
            return Err(error(Errno::MSGSIZE));
        }
        let mut raw = setup.to_uapi().map_err(error)?;
        let result = ffi::control(self.as_fd(), &mut raw, data);
        let actual = raw.actual as usize;
        match result {
            Ok(()) => Ok(actual),
            Err(errno) => Err(error(errno).with_actual(actual)),
        }
    }

    fn error(&self, operation: &'static str, errno: Errno) -> Error {
        Error::new(operation, &self.path, errno)
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl From<Device> for OwnedFd {
    fn from(device: Device) -> Self {
        device.fd
    }
}

impl Read for &Device {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(self.as_fd(), buffer)?)
    }
}

impl Write for &Device {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(self.as_fd(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Device {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl Write for Device {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &str) -> Result<Device, Error> {
        Device::open(&path.parse().unwrap(), Blocking::Wait)
    }

    #[test]
    fn a_missing_node_is_a_missing_device() {
        let error = open("/dev/usbpipe-that-is-not-there").unwrap_err();
        assert!(error.is_gone());
        assert_eq!(
            error.to_string(),
            "/dev/usbpipe-that-is-not-there: open: ENOENT: no such file"
        );
    }

    #[test]
    fn another_kind_of_node_is_told_apart() {
        let device = open("/dev/null").unwrap();
        assert_eq!(device.info().unwrap_err().errno(), Errno::NOTTY);
        let error = device
            .control_in(Setup::vendor(2), &mut [0; 8])
            .unwrap_err();
        assert_eq!((error.errno(), error.actual()), (Errno::NOTTY, 0));
    }

    #[test]
    fn too_long_a_data_stage_does_not_reach_the_kernel() {
        let device = open("/dev/null").unwrap();
        let error = device
            .control_out(Setup::vendor(4), &[0; 4097])
            .unwrap_err();
        assert_eq!(error.errno(), Errno::MSGSIZE);
        let error = device
            .control_out(Setup::vendor(4), &[0; 4096])
            .unwrap_err();
        assert_eq!(error.errno(), Errno::NOTTY);
    }

    #[test]
    fn reads_and_writes_go_to_the_node() {
        let mut device = open("/dev/zero").unwrap();
        let mut bytes = [1; 4];
        assert_eq!(device.write(b"ab").unwrap(), 2);
        assert_eq!(device.read(&mut bytes).unwrap(), 4);
        assert_eq!(bytes, [0; 4]);
    }
}
