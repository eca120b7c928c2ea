// SPDX-License-Identifier: GPL-2.0
//! Transfers against devices made of a socket and a thread.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail with the test")]

use std::io::{self, Cursor, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::io::Errno;
use usbpipe::{Cause, Channel, Counts, Failure, Place, Stop, Until};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

/// A channel to a device that does what `behave` says with its end.
fn device(
    timeout: Duration,
    behave: impl FnOnce(UnixStream) + Send + 'static,
) -> (Channel, Arc<Stop>, JoinHandle<()>) {
    let (host, other) = UnixStream::pair().unwrap();
    host.set_nonblocking(true).unwrap();
    let stop = Arc::new(Stop::new().unwrap());
    let thread = thread::spawn(move || behave(other));
    (
        Channel::new(host, stop.clone(), Some(timeout)),
        stop,
        thread,
    )
}

/// Sends back what comes, changed by `change`, until the host is gone.
fn echo(mut end: UnixStream, mut change: impl FnMut(&mut Vec<u8>)) {
    let mut room = vec![0; 10_007];
    while let Ok(count @ 1..) = end.read(&mut room) {
        let mut bytes = room[..count].to_vec();
        change(&mut bytes);
        if end.write_all(&bytes).is_err() {
            break;
        }
    }
}

fn data(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

fn silent(_: &Counts) {}

#[test]
fn what_goes_out_comes_back() {
    for length in [0, 1, 511, 262_144, 262_145, 5_000_000] {
        let (channel, _stop, thread) = device(LONG, |end| echo(end, |_| ()));
        let (input, mut output) = (data(length), Vec::new());
        let (sent, received) = channel
            .exchange(Cursor::new(input.clone()), &mut output, &silent)
            .unwrap();
        assert_eq!(sent, received, "{length}");
        assert_eq!(sent.bytes, length as u64);
        assert_eq!(sent.crc32c, crc32c::crc32c(&input));
        assert_eq!(output, input);
        drop(channel);
        thread.join().unwrap();
    }
}

#[test]
fn one_wrong_byte_is_seen() {
    let mut left = 70_000_usize;
    let spoil = move |bytes: &mut Vec<u8>| {
        if left < bytes.len() {
            bytes[left] ^= 0x10;
        }
        left = left.saturating_sub(bytes.len()).max(1);
    };
    let (channel, ..) = device(LONG, move |end| echo(end, spoil));
    let (sent, received) = channel
        .exchange(Cursor::new(data(100_000)), io::sink(), &silent)
        .unwrap();
    assert_eq!(sent.bytes, received.bytes);
    assert_ne!(sent.crc32c, received.crc32c);
}

#[test]
fn more_than_was_sent_is_seen() {
    let twice = |bytes: &mut Vec<u8>| bytes.extend_from_within(..);
    let (channel, ..) = device(LONG, move |end| echo(end, twice));
    let (sent, received) = channel
        .exchange(Cursor::new(data(100_000)), io::sink(), &silent)
        .unwrap();
    assert!(received.bytes > sent.bytes, "{sent:?} {received:?}");
}

#[test]
fn a_device_that_goes_away_leaves_counts() {
    let behave = |mut end: UnixStream| {
        let mut room = vec![0; 40_000];
        end.read_exact(&mut room).unwrap();
        end.write_all(&room[..30_000]).unwrap();
    };
    let (channel, _stop, thread) = device(LONG, behave);
    let mut output = Vec::new();
    let failure = channel
        .exchange(Cursor::new(data(9_000_000)), &mut output, &silent)
        .unwrap_err();
    thread.join().unwrap();
    assert!(
        matches!(failure.place, Place::Read | Place::Write),
        "{failure:?}"
    );
    assert!(failure.sent >= 40_000, "{failure:?}");
    assert_eq!(failure.received, output.len() as u64);
    assert!(!failure.is_stopped());
}

#[test]
fn a_device_that_keeps_everything_runs_into_the_time_limit() {
    let swallow = |mut end: UnixStream| drop(io::copy(&mut end, &mut io::sink()));
    let (channel, ..) = device(SHORT, swallow);
    let failure = channel
        .exchange(Cursor::new(data(1000)), io::sink(), &silent)
        .unwrap_err();
    let expected = Failure {
        place: Place::Read,
        cause: Cause::Timeout,
        sent: 1000,
        received: 0,
    };
    assert_eq!(failure, expected);
}

#[test]
fn a_raised_flag_stops_both_directions() {
    let (channel, stop, _thread) = device(LONG, |end| echo(end, |_| ()));
    let progress = |counts: &Counts| {
        if counts.received() > 1_000_000 {
            stop.raise();
        }
    };
    let failure = channel
        .exchange(io::repeat(7), io::sink(), &progress)
        .unwrap_err();
    assert!(failure.is_stopped(), "{failure:?}");
    assert!(failure.sent >= failure.received && failure.received > 1_000_000);
}

/// Gives some bytes and then an error.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.0.min(room.len());
        self.0 -= count;
        if count == 0 {
            return Err(Errno::IO.into());
        }
        room[..count].fill(1);
        Ok(count)
    }
}

#[test]
fn a_broken_input_ends_the_exchange() {
    let (channel, ..) = device(LONG, |end| echo(end, |_| ()));
    let failure = channel
        .exchange(Broken(5000), io::sink(), &silent)
        .unwrap_err();
    assert_eq!(
        (failure.place, failure.cause),
        (Place::Input, Cause::Errno(Errno::IO))
    );
    assert_eq!(failure.sent, 5000);
    assert!(!failure.is_gone());
}

#[test]
fn a_full_output_ends_the_exchange() {
    let (channel, ..) = device(LONG, |end| echo(end, |_| ()));
    let mut room = [0; 100];
    let failure = channel
        .exchange(Cursor::new(data(5000)), &mut room[..], &silent)
        .unwrap_err();
    assert_eq!(
        (failure.place, failure.cause),
        (Place::Output, Cause::Other(io::ErrorKind::WriteZero))
    );
}

#[test]
fn receive_takes_no_more_than_asked() {
    let (channel, ..) = device(SHORT, |mut end| {
        end.write_all(&data(5000)).unwrap();
        // Stays open until the host is gone.
        let _ = end.read(&mut [0]);
    });
    let mut output = Vec::new();
    let sum = channel
        .receive(&mut output, Until::Bytes(1234), &silent)
        .unwrap();
    assert_eq!((sum.bytes, output), (1234, data(1234)));
    let failure = channel
        .receive(io::sink(), Until::Forever, &silent)
        .unwrap_err();
    assert_eq!((failure.cause, failure.received), (Cause::Timeout, 5000));
}

#[test]
fn send_reports_what_the_other_side_left() {
    let (channel, _stop, thread) = device(LONG, |mut end| {
        let mut room = vec![0; 100_000];
        end.read_exact(&mut room).unwrap();
        assert_eq!(room, data(100_000));
    });
    let sum = channel.send(Cursor::new(data(100_000)), &silent).unwrap();
    assert_eq!(sum.crc32c, crc32c::crc32c(&data(100_000)));
    thread.join().unwrap();
    let failure = channel.send(Cursor::new(data(10)), &silent).unwrap_err();
    assert_eq!(
        (failure.place, failure.cause),
        (Place::Write, Cause::Errno(Errno::PIPE))
    );
    assert_eq!(failure.sent, 100_000);
}

#[test]
fn drain_takes_old_data_and_counts_none() {
    let (channel, ..) = device(LONG, |mut end| {
        end.write_all(&data(300_000)).unwrap();
        echo(end, |_| ());
    });
    channel.drain().unwrap();
    assert_eq!(channel.counts().received(), 0);
    let (sent, received) = channel
        .exchange(Cursor::new(data(77)), io::sink(), &silent)
        .unwrap();
    assert_eq!(sent, received);
}
