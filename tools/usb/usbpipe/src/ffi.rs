// SPDX-License-Identifier: GPL-2.0
//! The ioctls: the only `unsafe` of the crate.

use std::os::fd::BorrowedFd;

use rustix::io::{Errno, Result};
use rustix::ioctl::{Getter, Updater, ioctl};

use crate::uapi;

/// The data stage of a control request, from the host's point of view.
pub(crate) enum Data<'a> {
    Out(&'a [u8]),
    In(&'a mut [u8]),
}

impl Data<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Data::Out(bytes) => bytes.len(),
            Data::In(room) => room.len(),
        }
    }

    fn address(&mut self) -> u64 {
        let pointer = match self {
            Data::Out(bytes) => bytes.as_ptr(),
            Data::In(room) => room.as_mut_ptr().cast_const(),
        };
        pointer as usize as u64
    }

    /// Bit 7 of bmRequestType.
    fn direction(&self) -> u8 {
        match self {
            Data::Out(_) => 0,
            Data::In(_) => 0x80,
        }
    }
}

/// `USBPIPE_IOC_INFO`.
pub(crate) fn info(fd: BorrowedFd<'_>) -> Result<uapi::usbpipe_info> {
    // SAFETY: the header defines the command as one that fills a `struct usbpipe_info`, which is
    // plain integers. `Getter` gives it room for exactly that.
    unsafe {
        let getter = Getter::<{ uapi::USBPIPE_IOC_INFO }, uapi::usbpipe_info>::new();
        ioctl(fd, getter)
    }
}

/// `USBPIPE_IOC_CONTROL`. Sets direction, length and data of `request` from `data`, so that the
/// kernel is never told of more memory than there is, or of read-only memory to write to.
pub(crate) fn control(
    fd: BorrowedFd<'_>,
    request: &mut uapi::usbpipe_control,
    mut data: Data<'_>,
) -> Result<()> {
    request.length = u16::try_from(data.len()).map_err(|_| Errno::MSGSIZE)?;
    request.request_type = (request.request_type & 0x7f) | data.direction();
    request.data = data.address();
    // SAFETY: the command reads and writes a `struct usbpipe_control`, which `request` is, and
    // moves at most `length` bytes from or to `data`, in the direction of bit 7 of the request
    // type. All three were just set from a borrow that lasts until the call is over.
    unsafe {
        let updater = Updater::<{ uapi::USBPIPE_IOC_CONTROL }, uapi::usbpipe_control>::new(request);
        ioctl(fd, updater)
    }
}
