// SPDX-License-Identifier: GPL-2.0
//! How the command ends.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use usbpipe::{Error, Failure, Named, Node};

use crate::size::amount;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const GONE: u8 = 3;
const INTERRUPTED: u8 = 130;

/// An end that is no success: its status, and what to say about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    code: u8,
    message: String,
}

impl Exit {
    /// Something does not hold, or an operation outside of the node failed.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Exit {
            code: FAILED,
            message: message.into(),
        }
    }

    /// The arguments do not make sense together.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Exit {
            code: USAGE,
            message: message.into(),
        }
    }

    /// A file of the user could not be used.
    pub(crate) fn file(path: impl Display, error: &io::Error) -> Self {
        let text = match rustix::io::Errno::from_io_error(error) {
            Some(errno) => Named(errno).to_string(),
            None => error.to_string(),
        };
        Exit::failed(format!("{path}: {text}"))
    }

    /// A transfer ended early. It says how far each direction came, of what is known to be all.
    pub(crate) fn transfer(node: &Node, failure: &Failure, counts: &[Count]) -> Self {
        let code = match failure {
            _ if failure.is_gone() => GONE,
            _ if failure.is_stopped() => INTERRUPTED,
            _ => FAILED,
        };
        let lines: String = counts.iter().map(|count| count.line(failure)).collect();
        let message = format!("{node}: {failure}{lines}");
        Exit { code, message }
    }

    pub(crate) fn report(self) -> ExitCode {
        eprintln!("usbpipe: {}", self.message);
        ExitCode::from(self.code)
    }
}

/// A direction of a transfer, with what it was to move where that is known.
#[derive(Clone, Copy)]
pub(crate) enum Count {
    Sent(Option<u64>),
    Received(Option<u64>),
}

impl Count {
    fn line(self, failure: &Failure) -> String {
        let (name, bytes, total) = match self {
            Count::Sent(total) => ("sent", failure.sent, total),
            Count::Received(total) => ("received", failure.received, total),
        };
        let of = total.map_or(String::new(), |all| format!(" of {}", amount(all)));
        format!("\n  {name:<8}  {}{of}", amount(bytes))
    }
}

impl From<Error> for Exit {
    fn from(error: Error) -> Self {
        let code = if error.is_gone() { GONE } else { FAILED };
        let hint = match Named(error.errno()).name() {
            Some("ENOENT") => "\n  `usbpipe list` shows the nodes there are",
            Some("EACCES") => {
                "\n  run it as root, or see \"Permissions\" in Documentation/usb/usbpipe.rst"
            }
            _ => "",
        };
        Exit {
            code,
            message: format!("{error}{hint}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;
    use usbpipe::{Cause, Place};

    use super::*;

    fn exit(cause: Cause) -> Exit {
        let failure = Failure {
            place: Place::Read,
            cause,
            sent: 3 << 20,
            received: 1 << 20,
        };
        Exit::transfer(
            &"0".parse().unwrap(),
            &failure,
            &[Count::Sent(Some(64 << 20)), Count::Received(None)],
        )
    }

    #[test]
    fn a_lost_device_says_how_far_it_came() {
        let exit = exit(Cause::Errno(Errno::NODEV));
        assert_eq!(exit.code, 3);
        assert_eq!(
            exit.message,
            "/dev/usbpipe0: read: ENODEV: the device is gone (unplugged, or its driver was unbound)\n\
             \x20 sent      3145728 bytes (3.00 MiB) of 67108864 bytes (64.00 MiB)\n\
             \x20 received  1048576 bytes (1.00 MiB)"
        );
    }

    #[test]
    fn codes() {
        assert_eq!(exit(Cause::Errno(Errno::PIPE)).code, 1);
        assert_eq!(exit(Cause::Timeout).code, 1);
        assert_eq!(exit(Cause::Stopped).code, 130);
    }

    #[test]
    fn a_file_that_is_missing_is_no_missing_device() {
        let error = io::Error::from(Errno::NOENT);
        let exit = Exit::file("data.bin", &error);
        assert_eq!(
            (exit.code, exit.message.as_str()),
            (1, "data.bin: ENOENT: no such file")
        );
    }
}
