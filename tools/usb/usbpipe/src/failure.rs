// SPDX-License-Identifier: GPL-2.0
//! How a transfer can fail.

use std::fmt;
use std::io;

use rustix::io::Errno;

use crate::errno::Named;
use crate::error::is_gone;

/// Which step of a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Reading from the node.
    Read,
    /// Writing to the node.
    Write,
    /// Waiting until what was written is on the wire.
    Fsync,
    /// Reading the data to send.
    Input,
    /// Storing the data received.
    Output,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Read => "read",
            Place::Write => "write",
            Place::Fsync => "fsync",
            Place::Input => "input",
            Place::Output => "output",
        })
    }
}

/// Why a step failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A system call failed.
    Errno(Errno),
    /// The standard library failed without a system call.
    Other(io::ErrorKind),
    /// Somebody raised the [`Stop`](crate::Stop).
    Stopped,
    /// The thread for the other direction ended.
    Peer,
    /// Nothing moved for the time given.
    Timeout,
    /// The node came to an end, which a usbpipe node never does.
    End,
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        match Errno::from_io_error(&error) {
            Some(errno) => Cause::Errno(errno),
            None => Cause::Other(error.kind()),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Errno(errno) => Named(*errno).fmt(f),
            Cause::Other(kind) => kind.fmt(f),
            Cause::Stopped => f.write_str("interrupted"),
            Cause::Peer => f.write_str("the other direction ended"),
            Cause::Timeout => f.write_str("nothing moved within the time limit"),
            Cause::End => f.write_str("end of file, which a usbpipe node does not have"),
        }
    }
}

/// The end of a transfer that did not succeed. Nothing is lost: it says how far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub place: Place,
    /// The reason.
    pub cause: Cause,
    /// Bytes that the kernel had taken over.
    pub sent: u64,
    /// Bytes that had come from the device.
    pub received: u64,
}

impl Failure {
    /// Whether the device is gone.
    pub fn is_gone(&self) -> bool {
        let of_node = matches!(self.place, Place::Read | Place::Write | Place::Fsync);
        of_node && matches!(self.cause, Cause::Errno(errno) if is_gone(errno))
    }

    /// Whether somebody asked the transfer to stop.
    pub fn is_stopped(&self) -> bool {
        self.cause == Cause::Stopped
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.cause)
    }
}

impl std::error::Error for Failure {}
