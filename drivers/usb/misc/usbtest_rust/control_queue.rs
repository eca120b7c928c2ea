// SPDX-License-Identifier: GPL-2.0

//! Case 10: a queue of control requests, some of which fail, that are resubmitted by their handler.
//!
//! Failures must not disturb what is behind them, and requests must be carried out in their order.
//! So that there is an order, submissions are made with a lock held that the handler takes too.

use crate::{
    bench::Bench,
    memory::{
        self,
        Address, //
    },
    subcase::{
        kind,
        length,
        Expected,
        Facts,
        Setup,
        COUNT, //
    },
    tally::{
        Progress,
        Tally, //
    }, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    usb::{
        Buffer,
        Canceller,
        CoherentBuffer,
        Completed,
        Control,
        Direction,
        Handler,
        In,
        Out,
        Part,
        ShortNotOk,
        SubmitError,
        Urb, //
    }, //
};

type Memory = Part<CoherentBuffer>;

/// How it goes.
struct Queue {
    /// Requests that are still to be started by handlers.
    left: u32,
    in_flight: usize,
    ended: u64,
    /// The last request that has ended.
    last: Option<usize>,
    /// The first that was not as it should be, and how it ended.
    failure: Option<(usize, Error)>,
    /// Of all URBs, for the handler that finds that.
    cancellers: KVec<Canceller>,
}

impl Progress for Queue {
    fn is_over(&self) -> bool {
        self.in_flight == 0
    }

    fn ended(&self) -> u64 {
        self.ended
    }
}

impl Queue {
    /// Judges a request that has ended.
    ///
    /// # Errors
    ///
    /// - `EDOM`: it was not its turn.
    /// - How it ended, if not as it should.
    fn judge(&mut self, number: usize, expected: Expected, result: Result) -> Result {
        self.ended += 1;
        let last = self.last.replace(number);
        // The first one of all follows on any other: queues need not hold all of them.
        let is_its_turn = number == 0 || last.is_some_and(|last| last + 1 == number);
        match (is_its_turn, expected.allows(result)) {
            (false, _) => Err(EDOM),
            (true, true) => Ok(()),
            // That it ended well is no error in itself.
            (true, false) => result.and(Err(EINVAL)),
        }
    }

    /// Takes a failure down. Returns what is to be cancelled: all others, if it is the first one.
    fn fail(&mut self, position: usize, error: Error) -> KVec<Canceller> {
        if self.failure.is_some() {
            return KVec::new();
        }
        self.failure = Some((position, error));
        core::mem::take(&mut self.cancellers)
    }
}

/// The handler of one request.
struct Entry {
    tally: Arc<Tally<Queue>>,
    position: usize,
    expected: Expected,
}

impl<D: Direction> Handler<Control, D, Memory> for Entry {
    fn complete(done: Completed<'_, Control, D, Self, Memory>) {
        let result = done.result().map_err(Error::from);
        let (position, expected) = (done.handler().position, done.handler().expected);
        let tally = done.handler().tally.clone();
        let mut queue = tally.state.lock();
        let judgement = queue.judge(position % COUNT, expected, result);
        if judgement.is_ok() && queue.left > 0 && queue.failure.is_none() {
            queue.left -= 1;
            // With the lock held: others are to resubmit theirs behind this one.
            match done.resubmit() {
                Ok(()) => return,
                Err(SubmitError { error, .. }) => {
                    queue.failure = Some((position, error.into()));
                }
            }
        }
        let doomed = match judgement {
            Err(error) => queue.fail(position, error),
            Ok(()) => KVec::new(),
        };
        drop(queue);
        // Handlers that run before this returns take the lock.
        unlink(&doomed, position);
        tally.update(|queue| queue.in_flight -= 1);
    }
}

/// Cancels all others, the one behind `position` first.
fn unlink(cancellers: &[Canceller], position: usize) {
    let (before, behind) = cancellers.split_at(position.min(cancellers.len()));
    for half in [behind.get(1..).unwrap_or(&[]), before] {
        for canceller in half {
            canceller.unlink();
        }
    }
}

/// A URB in either direction.
enum Either {
    In(Urb<Control, In, Entry, Memory>),
    Out(Urb<Control, Out, Entry, Memory>),
}

impl Either {
    fn new(bench: &Bench<'_>, facts: &Facts, tally: Arc<Tally<Queue>>, at: usize) -> Result<Self> {
        let subcase = facts.subcase(at);
        let memory = memory::allocate(bench.interface, subcase.length.into(), Address::Aligned)?;
        let entry = Entry {
            tally,
            position: at,
            expected: subcase.expected,
        };
        Ok(match subcase.setup {
            Setup::In(request) => {
                let mut urb =
                    Urb::<Control, In, _, _>::control(bench.interface, &request, memory, entry)?;
                urb.set_flag(ShortNotOk);
                Self::In(urb)
            }
            Setup::Out(request) => Self::Out(Urb::<Control, Out, _, _>::control(
                bench.interface,
                &request,
                memory,
                entry,
            )?),
        })
    }

    fn canceller(&self) -> Canceller {
        match self {
            Self::In(urb) => urb.canceller(),
            Self::Out(urb) => urb.canceller(),
        }
    }

    fn submit(self) -> Result {
        match self {
            Self::In(urb) => urb.submit_atomic()?,
            Self::Out(urb) => urb.submit_atomic()?,
        }
        Ok(())
    }
}

/// Keeps as many requests in the queue as was asked for.
///
/// # Errors
///
/// - `EOPNOTSUPP`: that is none, or they are more than can be counted.
/// - `EDOM`: requests have changed their order.
/// - `EINVAL`: a request ended well that should have failed.
/// - `ETIMEDOUT`: nothing has ended for as long as one transfer may take.
/// - `EINTR`: there is a signal.
/// - `ENOMEM`, those of [`Urb::submit_atomic`], and how a request ended that should have ended
///   otherwise.
pub(crate) fn queue(bench: &Bench<'_>) -> Result<i32> {
    let request = &bench.request;
    let total = request.transfers().ok_or(EOPNOTSUPP)?;
    if total == 0 {
        return Err(EOPNOTSUPP);
    }
    let facts = facts(bench)?;
    let tally = Tally::new(Queue {
        left: total - request.depth,
        in_flight: request.width(),
        ended: 0,
        last: None,
        failure: None,
        cancellers: KVec::new(),
    })?;
    let mut urbs = KVec::with_capacity(request.width(), GFP_KERNEL)?;
    for position in 0..request.width() {
        let urb = Either::new(bench, &facts, tally.clone(), position)?;
        urbs.push_within_capacity(urb)?;
    }
    let cancellers = cancellers(&urbs)?;
    tally.state.lock().cancellers = self::cancellers(&urbs)?;
    submit(&tally, urbs);
    if let Err(error) = tally.wait() {
        for canceller in cancellers {
            canceller.poison(bench.interface)?;
        }
        return Err(error);
    }
    let failure = tally.state.lock().failure;
    match failure {
        None => Ok(0),
        Some((position, error)) => {
            bench.complain(fmt!("{:?} of request {} in the queue", error, position));
            Err(error)
        }
    }
}

fn cancellers(urbs: &[Either]) -> Result<KVec<Canceller>> {
    let mut cancellers = KVec::with_capacity(urbs.len(), GFP_KERNEL)?;
    for urb in urbs {
        cancellers.push_within_capacity(urb.canceller())?;
    }
    Ok(cancellers)
}

/// Submits all of them before any handler goes on, unless one is refused: then what is there
/// is to end.
fn submit(tally: &Tally<Queue>, urbs: KVec<Either>) {
    let depth = urbs.len();
    let mut state = tally.state.lock();
    for (position, urb) in urbs.into_iter().enumerate() {
        if let Err(error) = urb.submit() {
            state.left = 0;
            state.in_flight -= depth - position;
            state.failure = Some((position, error));
            break;
        }
    }
}

/// Asks the device for what the requests depend on.
fn facts(bench: &Bench<'_>) -> Result<Facts> {
    let device = bench.interface.device();
    let mut facts = Facts {
        speed: bench.speed(),
        packet: device.max_packet_0(),
        usb_release: device.usb_release(),
        bos_length: None,
    };
    if facts.usb_release >= 0x0201 {
        facts.bos_length = bos_length(bench)?;
    }
    Ok(facts)
}

/// What the first of the descriptors says; [`None`] if there is none.
fn bos_length(bench: &Bench<'_>) -> Result<Option<u16>> {
    let buffer = Buffer::new(length::BOS.into(), GFP_KERNEL)?;
    let device = bench.interface.bound_device();
    let answer = device.descriptor(kind::BOS, 0, buffer)?;
    Ok(match (answer.result, answer.data()) {
        (Ok(()), &[_, _, low, high, _]) => Some(u16::from_le_bytes([low, high])),
        _ => None,
    })
}
