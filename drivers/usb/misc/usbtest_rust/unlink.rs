// SPDX-License-Identifier: GPL-2.0

//! Cases 11 and 12: a transfer that is started again and again, until it is cancelled.

use crate::{
    bench::{
        modulus,
        Bench,
        LIMIT_MS, //
    },
    memory::{
        self,
        Address, //
    },
    tally::{
        Progress,
        Tally, //
    },
    way::Way, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    },
    usb::{
        BulkOrInterrupt,
        Canceller,
        CoherentBuffer,
        Completed,
        Direction,
        Endpoint,
        Handler,
        Part,
        SubmitError,
        Urb, //
    }, //
};

type Memory = Part<CoherentBuffer>;

/// Why the handler did not go on.
struct End(Option<Error>);

impl Progress for End {
    fn is_over(&self) -> bool {
        self.0.is_some()
    }

    /// However often it went on: it is to end.
    fn ended(&self) -> u64 {
        0
    }
}

/// A handler that goes on until it cannot.
struct Ring(Arc<Tally<End>>);

impl<T: BulkOrInterrupt, D: Direction> Handler<T, D, Memory> for Ring {
    fn complete(done: Completed<'_, T, D, Self, Memory>) {
        let tally = done.handler().0.clone();
        let error = match done.result() {
            Err(error) => error.into(),
            Ok(()) => match done.resubmit() {
                Ok(()) => return,
                Err(SubmitError { error, .. }) => error.into(),
            },
        };
        tally.update(|end| end.0 = Some(error));
    }
}

/// How a transfer is cancelled.
#[derive(Clone, Copy)]
enum Means {
    /// Whoever does it does not wait for the end.
    Unlink,
    /// Whoever does it waits, and the handler cannot go on meanwhile.
    Kill,
}

/// Cancels transfers in both ways, as often as was asked for.
///
/// # Errors
///
/// - `EOPNOTSUPP`: transfers are to be empty.
/// - `ETIMEDOUT`: it was cancelled and has not ended.
/// - `EINTR`: there is a signal.
/// - 1000 more than the errno of a transfer that did not end as one that was unlinked, and 2000
///   more than that of one that did not end as one that was killed.
/// - Those of [`Urb::submit`].
pub(crate) fn cancellations<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
) -> Result<i32> {
    if bench.request.length == 0 {
        return Err(EOPNOTSUPP);
    }
    let mut count = 0;
    bench.repeat(|| {
        count += 1;
        cancel(bench, endpoint, Means::Unlink, pause(count))?;
        cancel(bench, endpoint, Means::Kill, pause(count))
    })
}

/// How long a transfer goes on: not always the same time, for controllers to be in all states that
/// there are.
fn pause(count: u32) -> Delta {
    Delta::from_micros(i64::from(count.wrapping_mul(617) % 2000))
}

fn cancel<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
    means: Means,
    pause: Delta,
) -> Result {
    let tally = Tally::new(End(None))?;
    let length = bench.request.size();
    let memory = memory::allocate(bench.interface, length, Address::Aligned)?;
    let mut urb = Urb::new(endpoint, memory, Ring(tally.clone()))?;
    D::want_all(&mut urb);
    D::mark_end(&mut urb);
    let packet = modulus(endpoint.descriptor());
    memory::change(urb.memory_mut(), length, |bytes| {
        D::prepare(bench.pattern, bytes, 0, packet);
    })?;
    let canceller = urb.canceller();
    urb.submit(bench.interface)?;
    fsleep(pause);
    let result = match means {
        Means::Unlink => unlink(&canceller, &tally),
        Means::Kill => canceller.kill(bench.interface),
    };
    if let Err(error) = result.and_then(|()| tally.wait()) {
        canceller.kill(bench.interface)?;
        return Err(error);
    }
    let end = tally.state.lock().0;
    means.judge(end.ok_or(EIO)?)
}

/// Unlinks the transfer, also if it has just ended and its handler goes on.
fn unlink(canceller: &Canceller, tally: &Tally<End>) -> Result {
    let start = Instant::<Monotonic>::now();
    while !canceller.unlink() && !tally.state.lock().is_over() {
        if start.elapsed().as_millis() > i64::from(LIMIT_MS) {
            return Err(ETIMEDOUT);
        }
        fsleep(Delta::from_micros(10));
    }
    Ok(())
}

impl Means {
    fn judge(self, end: Error) -> Result {
        let surplus = match (self, end) {
            (Self::Unlink, ECONNRESET) => return Ok(()),
            // Not even that may be: the handler was about to go on.
            (Self::Kill, ENOENT | EPERM) => return Ok(()),
            (Self::Unlink, _) => 1000,
            (Self::Kill, _) => 2000,
        };
        Err(Error::from_errno(end.to_errno() - surplus))
    }
}

#[kunit_tests(rust_usbtest_unlink)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_cancelled_has_ended_well() {
        for (means, end, result) in [
            (Means::Unlink, ECONNRESET, Ok(())),
            (Means::Kill, ENOENT, Ok(())),
            (Means::Kill, EPERM, Ok(())),
            (Means::Unlink, ENOENT, Err(-1002)),
            (Means::Unlink, EPERM, Err(-1001)),
            (Means::Kill, ECONNRESET, Err(-2104)),
            (Means::Kill, EPIPE, Err(-2032)),
        ] {
            assert_eq!(means.judge(end).map_err(|error| error.to_errno()), result);
        }
    }

    #[test]
    fn pauses_are_short_and_differ() {
        for count in [0, 1, 1000, u32::MAX] {
            assert!((0..2000).contains(&(pause(count).as_nanos() / 1000)));
            assert_ne!(pause(count), pause(count.wrapping_add(1)));
        }
    }
}
