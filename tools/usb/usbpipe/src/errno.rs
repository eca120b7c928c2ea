// SPDX-License-Identifier: GPL-2.0
//! Names of error numbers, and what they mean here.

use std::fmt;
use std::io;

use rustix::io::Errno;

/// Errno, its name, and what it means for a usbpipe node. See the table in
/// Documentation/usb/usbpipe.rst.
const TABLE: &[(Errno, &str, &str)] = &[
    (
        Errno::NODEV,
        "ENODEV",
        "the device is gone (unplugged, or its driver was unbound)",
    ),
    (Errno::NOENT, "ENOENT", "no such file"),
    (Errno::NXIO, "ENXIO", "no device behind this node"),
    (Errno::ACCESS, "EACCES", "permission denied"),
    (Errno::PERM, "EPERM", "not permitted"),
    (
        Errno::AGAIN,
        "EAGAIN",
        "nothing to read, or no room to write, right now",
    ),
    (Errno::PIPE, "EPIPE", "the endpoint stalled"),
    (Errno::TIMEDOUT, "ETIMEDOUT", "no answer in time"),
    (
        Errno::OVERFLOW,
        "EOVERFLOW",
        "the device sent more than was asked for",
    ),
    (Errno::PROTO, "EPROTO", "protocol error on the bus"),
    (Errno::ILSEQ, "EILSEQ", "checksum error on the bus"),
    (Errno::IO, "EIO", "input or output error"),
    (Errno::INTR, "EINTR", "interrupted by a signal"),
    (Errno::INVAL, "EINVAL", "invalid argument"),
    (Errno::MSGSIZE, "EMSGSIZE", "data stage too long"),
    (Errno::FAULT, "EFAULT", "bad address"),
    (Errno::NOMEM, "ENOMEM", "out of memory"),
    (
        Errno::NOTTY,
        "ENOTTY",
        "not a usbpipe node, or a driver without this command",
    ),
    (
        Errno::OPNOTSUPP,
        "EOPNOTSUPP",
        "the interface has no bulk endpoint for this direction",
    ),
    (Errno::BUSY, "EBUSY", "in use"),
    (Errno::NOSPC, "ENOSPC", "no space left"),
    (
        Errno::SHUTDOWN,
        "ESHUTDOWN",
        "the host controller was shut down",
    ),
    (Errno::ISDIR, "EISDIR", "is a directory"),
    (Errno::BADF, "EBADF", "not open for this direction"),
];

/// An error number with its name: displays as `EPIPE: the endpoint stalled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named(pub Errno);

impl Named {
    /// The C name, `None` for a number this table does not have.
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|(_, name, _)| *name)
    }

    fn entry(self) -> Option<&'static (Errno, &'static str, &'static str)> {
        TABLE.iter().find(|(errno, ..)| *errno == self.0)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry() {
            Some((_, name, meaning)) => write!(f, "{name}: {meaning}"),
            None => write!(
                f,
                "errno {}: {}",
                self.0.raw_os_error(),
                io::Error::from(self.0)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_number_has_name_and_meaning() {
        assert_eq!(
            Named(Errno::PIPE).to_string(),
            "EPIPE: the endpoint stalled"
        );
        assert_eq!(Named(Errno::NODEV).name(), Some("ENODEV"));
    }

    #[test]
    fn unknown_number_is_shown_as_number() {
        let named = Named(Errno::XDEV);
        assert_eq!(named.name(), None);
        assert!(named.to_string().starts_with("errno 18: "), "{named}");
    }

    #[test]
    fn every_number_is_listed_once() {
        for (index, (errno, name, _)) in TABLE.iter().enumerate() {
            let later = &TABLE[index + 1..];
            assert!(
                later.iter().all(|(e, n, _)| e != errno && n != name),
                "{name} twice"
            );
        }
    }
}
