// SPDX-License-Identifier: GPL-2.0

//! The pump over a real socket pair, with a session that echoes.

use std::io::Read;
use std::thread::{self, JoinHandle};

use refdev::link::Consumed;

use super::*;

/// Messages are a length of four bytes and so much data; each comes back as it is.
#[derive(Default)]
struct Echo {
    output: Output,
}

#[derive(Debug)]
struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too long")
    }
}

impl std::error::Error for TooLong {}

impl Session for Echo {
    type Error = TooLong;

    fn input(&mut self, bytes: &[u8]) -> Result<Consumed, TooLong> {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            let Some((length, rest)) = rest.split_first_chunk() else {
                return Ok(Consumed { used, needed: 4 });
            };
            let size = u32::from_le_bytes(*length) as usize;
            if size > 1 << 26 {
                return Err(TooLong);
            }
            let Some(data) = rest.get(..size) else {
                return Ok(Consumed {
                    used,
                    needed: 4 + size,
                });
            };
            self.output.push(length);
            self.output.push_payload(data.to_vec());
            used += 4 + size;
        }
    }

    fn output(&mut self) -> &mut Output {
        &mut self.output
    }
}

struct Served {
    host: UnixStream,
    stop: UnixStream,
    server: JoinHandle<Result<Ended>>,
}

fn serve() -> Served {
    let (host, ours) = UnixStream::pair().unwrap();
    let (stop, watched) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || run(&ours, &watched, &mut Echo::default(), "test"));
    Served { host, stop, server }
}

fn message(size: usize) -> Vec<u8> {
    let mut raw = (size as u32).to_le_bytes().to_vec();
    raw.extend((0..size).map(|at| (at * 31 / 8) as u8));
    raw
}

#[test]
fn messages_of_all_sizes_go_round() {
    let mut served = serve();
    for size in [
        0,
        1,
        4095,
        4096,
        READ_SIZE - 5,
        READ_SIZE,
        3 * READ_SIZE + 1,
        1,
        5_000_000,
    ] {
        let sent = message(size);
        let mut writer = served.host.try_clone().unwrap();
        let copy = sent.clone();
        let writing = thread::spawn(move || writer.write_all(&copy));
        let mut received = vec![0; sent.len()];
        served.host.read_exact(&mut received).unwrap();
        writing.join().unwrap().unwrap();
        assert!(received == sent, "size {size}");
    }
    drop(served.host);
    assert_eq!(served.server.join().unwrap().unwrap(), Ended::ByHost);
}

#[test]
fn a_host_that_reads_late_gets_everything() {
    let mut served = serve();
    let sent: Vec<u8> = (0..300).flat_map(|index| message(index * 100)).collect();
    // More than the socket holds: the pump has to keep reading while it cannot write.
    served.host.write_all(&sent).unwrap();
    let mut received = vec![0; sent.len()];
    served.host.read_exact(&mut received).unwrap();
    assert!(received == sent);
    drop(served.host);
    assert_eq!(served.server.join().unwrap().unwrap(), Ended::ByHost);
}

#[test]
fn a_signal_ends_it_while_nothing_happens() {
    let mut served = serve();
    served.stop.write_all(b"x").unwrap();
    assert_eq!(served.server.join().unwrap().unwrap(), Ended::BySignal);
    let mut rest = Vec::new();
    served.host.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn a_signal_ends_it_while_output_is_stuck() {
    let mut served = serve();
    // Far more than the socket takes, and nobody reads.
    served.host.write_all(&message(8 << 20)).unwrap();
    served.stop.write_all(b"x").unwrap();
    assert_eq!(served.server.join().unwrap().unwrap(), Ended::BySignal);
}

#[test]
fn half_a_message_and_the_end_is_the_end() {
    let mut served = serve();
    served.host.write_all(&message(100)[..50]).unwrap();
    drop(served.host);
    assert_eq!(served.server.join().unwrap().unwrap(), Ended::ByHost);
}

#[test]
fn nonsense_is_an_error() {
    let mut served = serve();
    served.host.write_all(&[0xff; 8]).unwrap();
    let error = served.server.join().unwrap().unwrap_err();
    assert_eq!(format!("{error:#}"), "too long");
}

/// Says the time at its deadlines, unasked, and every three milliseconds.
#[derive(Default)]
struct Ticker {
    output: Output,
    ticks: u32,
}

impl Session for Ticker {
    type Error = TooLong;

    fn input(&mut self, _bytes: &[u8]) -> Result<Consumed, TooLong> {
        Ok(Consumed { used: 0, needed: 1 })
    }

    fn elapse(&mut self, now: Duration) {
        while self.deadline().is_some_and(|deadline| deadline <= now) {
            self.ticks += 1;
            self.output.push(&[self.ticks as u8]);
        }
    }

    fn deadline(&self) -> Option<Duration> {
        (self.ticks < 3).then(|| Duration::from_millis(3) * (self.ticks + 1))
    }

    fn output(&mut self) -> &mut Output {
        &mut self.output
    }
}

#[test]
fn a_deadline_is_kept_though_nothing_arrives() {
    let (mut host, ours) = UnixStream::pair().unwrap();
    let (_stop, watched) = UnixStream::pair().unwrap();
    let begin = Instant::now();
    let server = thread::spawn(move || run(&ours, &watched, &mut Ticker::default(), "test"));
    let mut ticks = [0; 3];
    host.read_exact(&mut ticks).unwrap();
    assert_eq!(ticks, [1, 2, 3]);
    assert!(begin.elapsed() >= Duration::from_millis(9));
    drop(host);
    assert_eq!(server.join().unwrap().unwrap(), Ended::ByHost);
}
