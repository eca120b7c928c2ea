// SPDX-License-Identifier: GPL-2.0
//! The error of every operation on a node.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::errno::Named;

/// The operation whose errors have meanings of their own.
pub(crate) const CONTROL: &str = "control";

/// What was tried, on which node, and what the kernel said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    operation: &'static str,
    path: PathBuf,
    errno: Errno,
    actual: usize,
}

impl Error {
    pub(crate) fn new(operation: &'static str, path: &Path, errno: Errno) -> Self {
        Error {
            operation,
            path: path.to_owned(),
            errno,
            actual: 0,
        }
    }

    pub(crate) fn with_actual(self, actual: usize) -> Self {
        Error { actual, ..self }
    }

    /// The error number.
    pub fn errno(&self) -> Errno {
        self.errno
    }

    /// Bytes that were moved before the error.
    pub fn actual(&self) -> usize {
        self.actual
    }

    /// Whether there is no device behind the node: it never was there or has been unplugged.
    pub fn is_gone(&self) -> bool {
        is_gone(self.errno)
    }
}

/// What the driver does not carry, see [`RequestType`](crate::RequestType).
const NOT_LET_THROUGH: &str = "EPERM: a standard request that changes something, a class request \
                               to the device, or a request to another interface";

/// Whether an error number says that there is no device.
pub(crate) fn is_gone(errno: Errno) -> bool {
    matches!(errno, Errno::NODEV | Errno::NXIO | Errno::NOENT)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.path.display(), self.operation)?;
        match (self.operation, self.errno) {
            (CONTROL, Errno::PIPE) => f.write_str("EPIPE: the device does not know this request"),
            (CONTROL, Errno::PERM) => f.write_str(NOT_LET_THROUGH),
            (_, errno) => Named(errno).fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        error.errno.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_request_is_no_stalled_endpoint() {
        let text =
            |operation| Error::new(operation, Path::new("/dev/usbpipe0"), Errno::PIPE).to_string();
        assert_eq!(
            text("fsync"),
            "/dev/usbpipe0: fsync: EPIPE: the endpoint stalled"
        );
        assert_eq!(
            text(CONTROL),
            "/dev/usbpipe0: control: EPIPE: the device does not know this request"
        );
    }

    #[test]
    fn a_request_that_is_not_let_through_says_why() {
        let text =
            |operation| Error::new(operation, Path::new("/dev/usbpipe0"), Errno::PERM).to_string();
        assert_eq!(text("open"), "/dev/usbpipe0: open: EPERM: not permitted");
        assert!(
            text(CONTROL).contains("EPERM: a standard request that changes something, a class")
        );
    }
}
