// SPDX-License-Identifier: GPL-2.0
//! Waiting for a node, and being called back from that wait.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};

/// A flag that wakes whoever waits for a node. Once raised it stays raised.
///
/// It is a pipe, because a signal handler can raise one by writing a byte to it.
#[derive(Debug)]
pub struct Stop {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Stop {
    /// A flag that is not raised.
    ///
    /// # Errors
    ///
    /// No file descriptors are left.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Stop { reader, writer })
    }

    /// Raises the flag.
    pub fn raise(&self) {
        // A pipe whose reader exists takes one byte, or is full, and then it is raised already.
        let _ = (&self.writer).write(&[1]);
    }

    /// The end to write a byte to, for a signal handler.
    ///
    /// # Errors
    ///
    /// No file descriptors are left.
    pub fn raising_end(&self) -> io::Result<OwnedFd> {
        self.writer.as_fd().try_clone_to_owned()
    }
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// The file is ready: the flags say for what.
    File(PollFlags),
    /// The first flag was raised.
    Stop,
    /// The second flag was raised.
    Peer,
    /// Neither happened in time.
    Timeout,
}

/// The flags that end a wait: one that somebody outside holds, and one of the thread that moves
/// bytes in the other direction.
#[derive(Clone, Copy)]
pub(crate) struct Stops<'a> {
    pub(crate) stop: &'a Stop,
    pub(crate) peer: Option<&'a Stop>,
}

/// Waits for `events` of a file, or a flag. A raised flag comes before a ready file.
pub(crate) fn wait(
    file: BorrowedFd<'_>,
    events: PollFlags,
    stops: Stops<'_>,
    timeout: Option<Duration>,
) -> Result<Woken, Errno> {
    let flags = [Some(stops.stop), stops.peer].into_iter().flatten();
    let mut fds = vec![PollFd::from_borrowed_fd(file, events)];
    fds.extend(flags.map(|flag| PollFd::new(&flag.reader, PollFlags::IN)));
    let timeout = timeout.map(|time| Timespec::try_from(time).unwrap_or_default());
    let count = retry_on_intr(|| poll(&mut fds, timeout.as_ref()))?;
    let raised = fds[1..].iter().position(|fd| !fd.revents().is_empty());
    Ok(match raised {
        Some(0) => Woken::Stop,
        Some(_) => Woken::Peer,
        None if count == 0 => Woken::Timeout,
        None => Woken::File(fds[0].revents()),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    const SOON: Option<Duration> = Some(Duration::ZERO);

    #[test]
    fn a_quiet_file_times_out() {
        let (quiet, _other) = UnixStream::pair().unwrap();
        let stop = Stop::new().unwrap();
        let stops = Stops {
            stop: &stop,
            peer: None,
        };
        let woken = wait(quiet.as_fd(), PollFlags::IN, stops, SOON).unwrap();
        assert_eq!(woken, Woken::Timeout);
    }

    #[test]
    fn a_raised_flag_is_told_by_its_place_and_stays() {
        let (busy, mut other) = UnixStream::pair().unwrap();
        other.write_all(b"x").unwrap();
        let (stop, peer) = (Stop::new().unwrap(), Stop::new().unwrap());
        let stops = Stops {
            stop: &stop,
            peer: Some(&peer),
        };
        let woken = || wait(busy.as_fd(), PollFlags::IN, stops, None).unwrap();
        assert_eq!(woken(), Woken::File(PollFlags::IN));
        peer.raise();
        assert_eq!(woken(), Woken::Peer);
        assert_eq!(woken(), Woken::Peer);
        stop.raise();
        assert_eq!(woken(), Woken::Stop);
    }
}
