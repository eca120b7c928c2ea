// SPDX-License-Identifier: GPL-2.0

//! Cases 15, 16, 22, 23, 27 and 28: several transfers in flight, each resubmitted by its handler.

use crate::{
    bench::Bench,
    memory::{
        self,
        Address, //
    },
    pattern::Pattern,
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
        CoherentBuffer,
        Completed,
        Direction,
        Endpoint,
        Handler,
        Isochronous,
        Part,
        SubmitError,
        TransferType,
        Urb, //
    }, //
};

type Memory = Part<CoherentBuffer>;

/// How it goes.
struct Count {
    /// Transfers that are still to be started by handlers.
    left: u32,
    in_flight: usize,
    ended: u64,
    packets: u64,
    errors: u64,
    /// A submission failed.
    refused: bool,
}

impl Progress for Count {
    fn is_over(&self) -> bool {
        self.in_flight == 0
    }

    fn ended(&self) -> u64 {
        self.ended
    }
}

/// What became of one transfer.
struct Lap {
    packets: usize,
    errors: usize,
    is_well: bool,
}

impl Count {
    /// Counts a transfer. Returns whether its URB is to be submitted again.
    fn add(&mut self, lap: Lap) -> bool {
        self.ended += 1;
        // CAST: A few at a time.
        self.packets += lap.packets as u64;
        self.errors += lap.errors as u64;
        let again = lap.is_well && self.left > 0 && !self.refused;
        match again {
            true => self.left -= 1,
            false => self.in_flight -= 1,
        }
        again
    }

    fn refuse(&mut self, count: usize) {
        self.refused = true;
        self.in_flight -= count;
    }
}

/// What came of a transfer, and all there is to do about it.
fn go_on<T, D, H>(tally: &Tally<Count>, lap: Lap, done: Completed<'_, T, D, H, Memory>)
where
    T: TransferType,
    D: Direction,
    H: Handler<T, D, Memory>,
{
    if !tally.update(|count| count.add(lap)) {
        return;
    }
    if done.resubmit().is_err() {
        tally.update(|count| count.refuse(1));
    }
}

/// Whether somebody has written in front of the memory. It is gone when the driver is unbound.
fn is_guarded(memory: &Memory) -> bool {
    memory::is_guarded(memory).unwrap_or(true)
}

/// The handler of a bulk transfer.
struct Plain(Arc<Tally<Count>>);

impl<T: BulkOrInterrupt, D: Direction> Handler<T, D, Memory> for Plain {
    fn complete(done: Completed<'_, T, D, Self, Memory>) {
        let is_well = done.result().is_ok();
        let is_whole = done.actual_length() == done.memory().range().len();
        let lap = Lap {
            packets: 0,
            errors: usize::from(!is_well || !is_whole || !is_guarded(done.memory())),
            is_well,
        };
        let tally = done.handler().0.clone();
        go_on(&tally, lap, done);
    }
}

/// The handler of an isochronous transfer.
struct Timed {
    tally: Arc<Tally<Count>>,
    /// Bytes in all packets.
    length: usize,
}

impl<D: Direction> Handler<Isochronous, D, Memory> for Timed {
    fn complete(done: Completed<'_, Isochronous, D, Self, Memory>) {
        let is_well = done.result().is_ok();
        let packets = done.packets().count();
        let moved: usize = done.packets().map(|packet| packet.actual_length).sum();
        let is_whole = moved == done.handler().length;
        let errors = match done.error_count() {
            0 if !is_well => packets,
            0 => usize::from(!is_whole || !is_guarded(done.memory())),
            count => count,
        };
        let lap = Lap {
            packets,
            errors,
            is_well,
        };
        let tally = done.handler().tally.clone();
        go_on(&tally, lap, done);
    }
}

/// Keeps as many bulk transfers in flight as was asked for.
///
/// # Errors
///
/// - `EOPNOTSUPP`: nothing is to be in flight, or there is a pattern, which nobody would look at.
/// - `EACCES`: a transfer could not be started again.
/// - `EIO`: a transfer failed.
/// - Those of [`fly`].
pub(crate) fn bulk<T: BulkOrInterrupt, D: Way<T>>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, T, D>,
) -> Result<i32> {
    if bench.pattern != Pattern::Zeros {
        return Err(EOPNOTSUPP);
    }
    let tally = new_tally(bench)?;
    let mut urbs = KVec::with_capacity(bench.request.width(), GFP_KERNEL)?;
    for _ in 0..bench.request.depth {
        let memory = allocate(bench, bench.request.size(), Address::Aligned)?;
        let mut urb = Urb::new(endpoint, memory, Plain(tally.clone()))?;
        D::want_all(&mut urb);
        urbs.push_within_capacity(urb)?;
    }
    fly(bench, &tally, urbs)?;
    judge(bench, &tally, |_packets| 0)
}

/// As [`bulk`], for isochronous transfers, of whose packets every tenth may be lost.
pub(crate) fn isochronous<D: Direction>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, Isochronous, D>,
    address: Address,
) -> Result<i32> {
    let tally = new_tally(bench)?;
    let mut urbs = KVec::with_capacity(bench.request.width(), GFP_KERNEL)?;
    for _ in 0..bench.request.depth {
        let urb = isochronous_urb(bench, endpoint, address, &tally)?;
        urbs.push_within_capacity(urb)?;
    }
    fly(bench, &tally, urbs)?;
    judge(bench, &tally, |packets| packets / 10)
}

/// A URB whose packets have the size that the endpoint can move at once, all but the last.
fn isochronous_urb<D: Direction>(
    bench: &Bench<'_>,
    endpoint: &Endpoint<'_, Isochronous, D>,
    address: Address,
    tally: &Arc<Tally<Count>>,
) -> Result<Urb<Isochronous, D, Timed, Memory>> {
    let length = bench.request.size();
    let packet = endpoint.descriptor().bytes_per_interval(bench.speed());
    // CAST: No kernel has fewer than 32 bits.
    let packet = packet as usize;
    let whole = length.checked_div(packet).ok_or(EINVAL)?;
    let rest = length - whole * packet;
    let count = whole + usize::from(rest != 0);
    if count == 0 {
        return Err(match address {
            Address::Aligned => ENOMEM,
            Address::Odd => EINVAL,
        });
    }
    let memory = allocate(bench, count.checked_mul(packet).ok_or(ENOMEM)?, address)?;
    let handler = Timed {
        tally: tally.clone(),
        length,
    };
    let mut urb = Urb::isochronous(endpoint, memory, count, packet, handler)?;
    if rest != 0 {
        urb.set_packet_length(whole, rest)?;
    }
    Ok(urb)
}

fn new_tally(bench: &Bench<'_>) -> Result<Arc<Tally<Count>>> {
    let request = &bench.request;
    if request.depth == 0 {
        return Err(EOPNOTSUPP);
    }
    Tally::new(Count {
        left: request.transfers().ok_or(EINVAL)? - request.depth,
        in_flight: request.width(),
        ended: 0,
        packets: 0,
        errors: 0,
        refused: false,
    })
}

/// What goes out are zeros, whatever the pattern; what comes in is not looked at.
fn allocate(bench: &Bench<'_>, length: usize, address: Address) -> Result<Memory> {
    memory::allocate::<CoherentBuffer>(bench.interface, length, address)
}

/// Starts all of them, and waits until the last one has ended.
///
/// # Errors
///
/// - `ETIMEDOUT`: nothing has ended for as long as one transfer may take.
/// - `EINTR`: there is a signal.
/// - Those of [`Urb::submit`].
fn fly<T, D, H>(bench: &Bench<'_>, tally: &Tally<Count>, urbs: KVec<Urb<T, D, H, Memory>>) -> Result
where
    T: TransferType,
    D: Direction,
    H: Handler<T, D, Memory>,
{
    let anchor = Anchor::new()?;
    let depth = urbs.len();
    let mut result = Ok(());
    for (index, mut urb) in urbs.into_iter().enumerate() {
        urb.set_anchor(&anchor);
        if let Err(SubmitError { error, .. }) = urb.submit(bench.interface) {
            tally.update(|count| count.refuse(depth - index));
            result = Err(error.into());
            break;
        }
    }
    tally
        .wait()
        .inspect_err(|_| anchor.poison(bench.interface))?;
    result
}

fn judge(bench: &Bench<'_>, tally: &Tally<Count>, allowed: impl Fn(u64) -> u64) -> Result<i32> {
    let count = tally.state.lock();
    let (packets, errors, refused) = (count.packets, count.errors, count.refused);
    drop(count);
    if errors > 0 {
        bench.complain(fmt!("{} errors, {} packets", errors, packets));
    }
    match (refused, errors > allowed(packets)) {
        (true, _) => Err(EACCES),
        (false, true) => Err(EIO),
        (false, false) => Ok(0),
    }
}
