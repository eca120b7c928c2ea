// SPDX-License-Identifier: GPL-2.0

//! Moves bytes between a socket and a protocol session.

use std::io::{IoSlice, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use refdev::link::{Output, Session};
use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};

/// Bytes that one read asks for; larger transfers enlarge the buffer.
const READ_SIZE: usize = 256 * 1024;
/// Pieces that one write may have (IOV_MAX is 1024).
const MAX_PIECES: usize = 256;

/// Why serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The host closed the connection.
    ByHost,
    /// SIGTERM or SIGINT.
    BySignal,
}

/// Serves until the host hangs up, a signal comes, or something goes wrong.
///
/// As soon as the host knows of the device, `attached PLACE` goes to standard output.
pub(crate) fn run<S: Session>(
    socket: &UnixStream,
    stop: &UnixStream,
    session: &mut S,
    place: &str,
) -> Result<Ended> {
    socket
        .set_nonblocking(true)
        .context("cannot make the connection non-blocking")?;
    let clock = Instant::now();
    let mut announced = false;
    let mut input = Input::default();
    loop {
        if !flush(socket.as_fd(), session.output())? {
            return Ok(Ended::ByHost);
        }
        if !announced && session.attached() {
            announce(place)?;
            announced = true;
        }
        let more_to_write = !session.output().is_empty();
        let left = session
            .deadline()
            .map(|deadline| deadline.saturating_sub(clock.elapsed()));
        let event = wait(socket, stop, more_to_write, left)?;
        session.elapse(clock.elapsed());
        match event {
            Event::Stop => return Ok(Ended::BySignal),
            Event::Writable | Event::Deadline => continue,
            Event::Readable => {}
        }
        if !input.read(socket.as_fd())? {
            return Ok(Ended::ByHost);
        }
        let consumed = session.input(input.pending())?;
        input.consume(consumed.used, consumed.needed);
    }
}

fn announce(place: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "attached {place}")
        .and_then(|()| out.flush())
        .context("cannot say on standard output that the device is attached")
}

enum Event {
    Stop,
    Readable,
    Writable,
    Deadline,
}

fn wait(
    socket: &UnixStream,
    stop: &UnixStream,
    more_to_write: bool,
    left: Option<Duration>,
) -> Result<Event> {
    let writable = if more_to_write {
        PollFlags::OUT
    } else {
        PollFlags::empty()
    };
    let mut fds = [
        PollFd::new(stop, PollFlags::IN),
        PollFd::new(socket, PollFlags::IN | writable),
    ];
    let left = left.map(|left| Timespec::try_from(left).unwrap_or_default());
    match poll(&mut fds, left.as_ref()) {
        Ok(0) | Err(Errno::INTR) => return Ok(Event::Deadline),
        Ok(_) => {}
        Err(error) => return Err(error).context("cannot wait for the connection"),
    }
    if !fds[0].revents().is_empty() {
        return Ok(Event::Stop);
    }
    // A hang-up shows in the read.
    let only_writable = fds[1].revents() == PollFlags::OUT;
    Ok(if only_writable {
        Event::Writable
    } else {
        Event::Readable
    })
}

/// Sends as much as the socket takes; `false` if the host has hung up.
fn flush(socket: BorrowedFd<'_>, output: &mut Output) -> Result<bool> {
    while !output.is_empty() {
        let pieces: Vec<_> = output.pieces().take(MAX_PIECES).map(IoSlice::new).collect();
        let mut no_fds = SendAncillaryBuffer::default();
        match sendmsg(socket, &pieces, &mut no_fds, SendFlags::NOSIGNAL) {
            Ok(count) => output.advance(count),
            Err(Errno::AGAIN) => break,
            Err(Errno::INTR) => {}
            Err(Errno::PIPE | Errno::CONNRESET) => return Ok(false),
            Err(error) => return Err(error).context("cannot send to the host"),
        }
    }
    Ok(true)
}

/// Bytes that arrived and are not used up.
#[derive(Default)]
struct Input {
    buffer: Vec<u8>,
    used: usize,
}

impl Input {
    fn pending(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// Reads once; `false` at the end of the connection.
    fn read(&mut self, socket: BorrowedFd<'_>) -> Result<bool> {
        self.make_room(READ_SIZE);
        match rustix::io::read(socket, spare_capacity(&mut self.buffer)) {
            Ok(0) | Err(Errno::CONNRESET) => Ok(false),
            Ok(_) | Err(Errno::AGAIN | Errno::INTR) => Ok(true),
            Err(error) => Err(error).context("cannot receive from the host"),
        }
    }

    /// Drops what was used up, and makes room for a whole message.
    fn consume(&mut self, used: usize, needed: usize) {
        self.used += used;
        let missing = needed.saturating_sub(self.pending().len());
        self.make_room(missing);
    }

    fn make_room(&mut self, wanted: usize) {
        if self.used == self.buffer.len() {
            self.buffer.clear();
            self.used = 0;
        }
        if self.buffer.capacity() - self.buffer.len() >= wanted {
            return;
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        self.buffer.reserve(wanted);
    }
}

#[cfg(test)]
mod tests;
