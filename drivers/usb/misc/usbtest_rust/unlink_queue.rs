// SPDX-License-Identifier: GPL-2.0

//! Case 24: two transfers are taken out of the middle of a queue, and the others go on.

use crate::{
    bench::{
        modulus,
        Bench, //
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
    usb::{
        Anchor,
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

struct Count {
    in_flight: usize,
    ended: u64,
    /// The first error that is one.
    result: Result,
}

impl Progress for Count {
    fn is_over(&self) -> bool {
        self.in_flight == 0
    }

    fn ended(&self) -> u64 {
        self.ended
    }
}

impl Count {
    fn add(&mut self, result: Result) {
        self.ended += 1;
        self.in_flight -= 1;
        self.result = self.result.and(result);
    }
}

struct Member {
    tally: Arc<Tally<Count>>,
    /// It is one of those to be taken out, and may be late for that.
    is_victim: bool,
}

impl<T: BulkOrInterrupt, D: Direction> Handler<T, D, Memory> for Member {
    fn complete(done: Completed<'_, T, D, Self, Memory>) {
        let result = match done.result().map_err(Error::from) {
            Err(ECONNRESET) if done.handler().is_victim => Ok(()),
            result => result,
        };
        let tally = done.handler().tally.clone();
        drop(done);
        tally.update(|count| count.add(result));
    }
}

/// The shortest queue that has a middle with two transfers that have neighbours.
const MIN_DEPTH: usize = 4;

/// Takes transfers out of queues, as often as was asked for.
///
/// # Errors
///
/// - `EOPNOTSUPP`: queues are to be too short, or transfers empty.
/// - `ETIMEDOUT`: nothing has ended for as long as one transfer may take.
/// - `EINTR`: there is a signal.
/// - Those of [`Urb::submit`], and of a transfer that was not taken out.
pub(crate) fn queues<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
) -> Result<i32> {
    if bench.request.length == 0 || bench.request.width() < MIN_DEPTH {
        return Err(EOPNOTSUPP);
    }
    bench.repeat(|| queue(bench, endpoint))
}

fn queue<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
) -> Result {
    let depth = bench.request.width();
    let anchor = Anchor::new()?;
    let tally = Tally::new(Count {
        in_flight: depth,
        ended: 0,
        result: Ok(()),
    })?;
    let mut urbs = KVec::with_capacity(depth, GFP_KERNEL)?;
    let mut victims = KVec::<Canceller>::with_capacity(2, GFP_KERNEL)?;
    for index in 0..depth {
        let is_victim = [depth - 4, depth - 2].contains(&index);
        let mut urb = prepare(bench, endpoint, &tally, is_victim)?;
        urb.set_anchor(&anchor);
        if is_victim {
            victims.push_within_capacity(urb.canceller())?;
        }
        urbs.push_within_capacity(urb)?;
    }
    match submit(bench, urbs, &tally) {
        Ok(()) => victims.iter().for_each(|victim| _ = victim.unlink()),
        Err(_) => anchor.unlink(),
    }
    tally
        .wait()
        .inspect_err(|_| anchor.poison(bench.interface))?;
    let result = tally.state.lock().result;
    result
}

fn prepare<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
    tally: &Arc<Tally<Count>>,
    is_victim: bool,
) -> Result<Urb<T, D, Member, Memory>> {
    let length = bench.request.size();
    let memory = memory::allocate(bench.interface, length, Address::Aligned)?;
    let tally = tally.clone();
    let mut urb = Urb::new(endpoint, memory, Member { tally, is_victim })?;
    D::mark_end(&mut urb);
    let packet = modulus(endpoint.descriptor());
    memory::change(urb.memory_mut(), length, |bytes| {
        D::prepare(bench.pattern, bytes, 0, packet);
    })?;
    Ok(urb)
}

/// Submits all of them. The first refusal is the result of all.
fn submit<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    urbs: KVec<Urb<T, D, Member, Memory>>,
    tally: &Tally<Count>,
) -> Result {
    let depth = urbs.len();
    for (index, urb) in urbs.into_iter().enumerate() {
        if let Err(SubmitError { error, .. }) = urb.submit(bench.interface) {
            let error = Error::from(error);
            tally.update(|count| {
                count.in_flight -= depth - index;
                count.result = Err(error);
            });
            return Err(error);
        }
    }
    Ok(())
}
