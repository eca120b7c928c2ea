// SPDX-License-Identifier: GPL-2.0
//! Streams of bytes into a node, out of it, and both at once, with bounded memory.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;

use crate::count::{Counts, Sum};
use crate::failure::{Cause, Failure, Place};
use crate::stop::{Stop, Stops, Woken, wait};

/// Size of one read() or write().
const CHUNK: usize = 256 * 1024;

/// How long a failed transfer waits for its other thread, to know its final count.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long to leave an error alone that is not for us.
const PAUSE: Duration = Duration::from_millis(10);

/// A device that says nothing for this long has no old data.
const SILENCE: Duration = Duration::from_millis(100);

/// A device that says more than this unasked never ends.
const MOST_STALE: u64 = 64 << 20;

/// Called after each step of a transfer.
pub type Progress<'a> = &'a dyn Fn(&Counts);

/// When [`Channel::receive`] is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// After this many bytes.
    Bytes(u64),
    /// Never: it ends with an error.
    Forever,
}

/// A node that was opened with [`Blocking::Fail`](crate::Blocking::Fail), and what may end a wait
/// for it. Anything else that polls will do as well.
#[derive(Clone, Debug)]
pub struct Channel {
    fd: Arc<OwnedFd>,
    stop: Arc<Stop>,
    counts: Arc<Counts>,
    timeout: Option<Duration>,
}

impl Channel {
    /// A channel whose transfers fail when `stop` is raised, or when nothing moves for the time
    /// given.
    pub fn new(fd: impl Into<OwnedFd>, stop: Arc<Stop>, timeout: Option<Duration>) -> Self {
        Channel {
            fd: Arc::new(fd.into()),
            stop,
            counts: Arc::default(),
            timeout,
        }
    }

    /// Bytes sent and received so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Sends all of `input` and waits until it is on the wire.
    ///
    /// # Errors
    ///
    /// What failed, where, and after how many bytes.
    pub fn send(&self, input: impl Read, progress: Progress<'_>) -> Result<Sum, Failure> {
        let sum = self.send_unless(input, self.alone(), progress)?;
        self.sync()?;
        Ok(sum)
    }

    /// Receives into `output`.
    ///
    /// # Errors
    ///
    /// What failed, where, and after how many bytes.
    pub fn receive(
        &self,
        mut output: impl Write,
        until: Until,
        progress: Progress<'_>,
    ) -> Result<Sum, Failure> {
        let mut sum = Sum::default();
        let mut buffer = vec![0; CHUNK];
        while let Some(room) = until.room(sum.bytes) {
            let count = self.read(&mut buffer[..room], self.alone())?;
            self.deliver(&mut output, &buffer[..count], &mut sum)?;
            progress(&self.counts);
        }
        output
            .flush()
            .map_err(|error| self.failure(Place::Output, error.into()))?;
        Ok(sum)
    }

    /// Throws away what the device has to say, until it is silent for a moment.
    ///
    /// # Errors
    ///
    /// What failed; a device that goes on and on fails with a timeout.
    pub fn drain(&self) -> Result<(), Failure> {
        let quiet = Channel {
            timeout: Some(SILENCE),
            counts: Arc::default(),
            ..self.clone()
        };
        let until = Until::Bytes(MOST_STALE);
        match quiet.receive(io::sink(), until, &|_| ()) {
            Err(Failure {
                cause: Cause::Timeout,
                ..
            }) => Ok(()),
            Err(failure) => Err(failure),
            Ok(_) => Err(self.failure(Place::Read, Cause::Timeout)),
        }
    }

    /// Sends all of `input` while receiving as many bytes into `output`; returns both sums.
    ///
    /// The device must send back what it gets. More than that is kept too, up to what was there
    /// when the last byte was sent: the sums then differ.
    ///
    /// # Errors
    ///
    /// The first thing that failed. The thread that sends may outlive a failure, if the kernel
    /// or `input` holds it; it ends with its next step.
    pub fn exchange(
        &self,
        input: impl Read + Send + 'static,
        output: impl Write,
        progress: Progress<'_>,
    ) -> Result<(Sum, Sum), Failure> {
        let sender = Sender::start(self.clone(), input)
            .map_err(|error| self.failure(Place::Input, error.into()))?;
        let result = self.receive_while(&sender, output, progress);
        result.map_err(|failure| {
            sender.end.raise();
            // The answer itself does not matter any more, only that counting is over.
            let _ = sender.result.recv_timeout(FAREWELL);
            Failure {
                sent: self.counts.sent(),
                received: self.counts.received(),
                ..failure
            }
        })
    }

    fn receive_while(
        &self,
        sender: &Sender,
        mut output: impl Write,
        progress: Progress<'_>,
    ) -> Result<(Sum, Sum), Failure> {
        let mut sum = Sum::default();
        let mut buffer = vec![0; CHUNK];
        let mut sent = None;
        while sent.is_none_or(|all: Sum| sum.bytes < all.bytes) {
            // Its flag stays raised, so it must not be waited for again.
            let peer = sent.is_none().then_some(&*sender.done);
            let stops = Stops {
                stop: &self.stop,
                peer,
            };
            match self.read(&mut buffer, stops) {
                Ok(count) => self.deliver(&mut output, &buffer[..count], &mut sum)?,
                Err(failure) if failure.cause == Cause::Peer => (),
                Err(failure) => return Err(failure),
            }
            progress(&self.counts);
            if sent.is_none() {
                sent = self.outcome_of(sender)?;
            }
        }
        output
            .flush()
            .map_err(|error| self.failure(Place::Output, error.into()))?;
        Ok((sent.unwrap_or_default(), sum))
    }

    /// What the thread came to, `None` while it is at work.
    fn outcome_of(&self, sender: &Sender) -> Result<Option<Sum>, Failure> {
        match sender.result.try_recv() {
            Ok(outcome) => outcome.map(Some),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(self.failure(Place::Write, Cause::Peer)),
        }
    }

    fn send_unless(
        &self,
        mut input: impl Read,
        stops: Stops<'_>,
        progress: Progress<'_>,
    ) -> Result<Sum, Failure> {
        let mut sum = Sum::default();
        let mut buffer = vec![0; CHUNK];
        loop {
            let count = match input.read(&mut buffer) {
                Ok(0) => return Ok(sum),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failure(Place::Input, error.into())),
            };
            self.write_all(&buffer[..count], stops, progress)?;
            sum.add(&buffer[..count]);
        }
    }

    fn write_all(
        &self,
        mut bytes: &[u8],
        stops: Stops<'_>,
        progress: Progress<'_>,
    ) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let count = self.write(bytes, stops)?;
            bytes = &bytes[count..];
            self.counts.add_sent(count);
            progress(&self.counts);
        }
        Ok(())
    }

    fn deliver(&self, output: &mut impl Write, bytes: &[u8], sum: &mut Sum) -> Result<(), Failure> {
        sum.add(bytes);
        self.counts.add_received(bytes.len());
        output
            .write_all(bytes)
            .map_err(|error| self.failure(Place::Output, error.into()))
    }

    fn sync(&self) -> Result<(), Failure> {
        match rustix::io::retry_on_intr(|| rustix::fs::fsync(&*self.fd)) {
            // Not a usbpipe node: a pipe or socket has nothing to wait for.
            Ok(()) | Err(Errno::INVAL) => Ok(()),
            Err(errno) => Err(self.failure(Place::Fsync, Cause::Errno(errno))),
        }
    }

    fn read(&self, room: &mut [u8], stops: Stops<'_>) -> Result<usize, Failure> {
        let read = || rustix::io::read(&*self.fd, &mut *room);
        match self.attempt(PollFlags::IN, stops, read) {
            Ok(0) => Err(self.failure(Place::Read, Cause::End)),
            Ok(count) => Ok(count),
            Err(cause) => Err(self.failure(Place::Read, cause)),
        }
    }

    fn write(&self, bytes: &[u8], stops: Stops<'_>) -> Result<usize, Failure> {
        self.attempt(PollFlags::OUT, stops, || {
            rustix::io::write(&*self.fd, bytes)
        })
        .map_err(|cause| self.failure(Place::Write, cause))
    }

    /// Tries a system call, and again each time the file is ready for it.
    fn attempt(
        &self,
        events: PollFlags,
        stops: Stops<'_>,
        mut call: impl FnMut() -> Result<usize, Errno>,
    ) -> Result<usize, Cause> {
        let end = self.timeout.map(|time| Instant::now() + time);
        let mut flags = PollFlags::empty();
        loop {
            match call() {
                Err(Errno::AGAIN | Errno::INTR) => not_yet(flags, end)?,
                Err(errno) => return Err(Cause::Errno(errno)),
                Ok(count) => return Ok(count),
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            flags = match wait(self.fd.as_fd(), events, stops, left).map_err(Cause::Errno)? {
                Woken::File(flags) => flags,
                Woken::Stop => return Err(Cause::Stopped),
                Woken::Peer => return Err(Cause::Peer),
                Woken::Timeout => return Err(Cause::Timeout),
            };
        }
    }

    fn alone(&self) -> Stops<'_> {
        Stops {
            stop: &self.stop,
            peer: None,
        }
    }

    fn failure(&self, place: Place, cause: Cause) -> Failure {
        Failure {
            place,
            cause,
            sent: self.counts.sent(),
            received: self.counts.received(),
        }
    }
}

impl Until {
    /// Room for the next read, `None` when all is there.
    fn room(self, received: u64) -> Option<usize> {
        match self {
            Until::Forever => Some(CHUNK),
            Until::Bytes(all) if received >= all => None,
            Until::Bytes(all) => Some(CHUNK.min(usize::try_from(all - received).unwrap_or(CHUNK))),
        }
    }
}

/// Judges what poll() said of a file that then was not ready.
fn not_yet(flags: PollFlags, end: Option<Instant>) -> Result<(), Cause> {
    if flags.contains(PollFlags::HUP) {
        return Err(Cause::Errno(Errno::NODEV));
    }
    // An error of the other direction, which poll() repeats until somebody was told of it.
    if flags.contains(PollFlags::ERR) {
        if end.is_some_and(|end| end <= Instant::now()) {
            return Err(Cause::Timeout);
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// The thread that sends while its maker receives.
struct Sender {
    /// Raised by the maker: give up.
    end: Arc<Stop>,
    /// Raised by the thread: its result is there.
    done: Arc<Stop>,
    result: Receiver<Result<Sum, Failure>>,
}

impl Sender {
    fn start(channel: Channel, input: impl Read + Send + 'static) -> io::Result<Self> {
        let (end, done) = (Arc::new(Stop::new()?), Arc::new(Stop::new()?));
        let (give, result) = self::channel();
        let sender = Sender {
            end: end.clone(),
            done: done.clone(),
            result,
        };
        thread::Builder::new().name("send".into()).spawn(move || {
            let stops = Stops {
                stop: &channel.stop,
                peer: Some(&end),
            };
            let outcome = channel.send_unless(input, stops, &|_| ());
            let outcome = outcome.and_then(|sum| channel.sync().map(|()| sum));
            // The maker may have left after a failure of its own.
            let _ = give.send(outcome);
            done.raise();
        })?;
        Ok(sender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_ready_is_judged_by_its_flags() {
        let past = Some(Instant::now());
        let gone = Err(Cause::Errno(Errno::NODEV));
        let (hup, err) = (PollFlags::HUP, PollFlags::ERR);
        assert_eq!(not_yet(PollFlags::empty(), past), Ok(()));
        assert_eq!(not_yet(PollFlags::IN, past), Ok(()));
        assert_eq!(not_yet(hup | err, None), gone);
        assert_eq!(not_yet(hup, None), gone);
        assert_eq!(not_yet(err, None), Ok(()));
        assert_eq!(not_yet(err, past), Err(Cause::Timeout));
    }

    #[test]
    fn room_is_never_more_than_is_wanted() {
        assert_eq!(Until::Forever.room(u64::MAX), Some(CHUNK));
        assert_eq!(Until::Bytes(0).room(0), None);
        assert_eq!(Until::Bytes(5).room(3), Some(2));
        assert_eq!(Until::Bytes(5).room(6), None);
        assert_eq!(Until::Bytes(u64::MAX).room(0), Some(CHUNK));
    }
}
