// SPDX-License-Identifier: GPL-2.0

//! What each endpoint is being used for: one thing at a time.
//!
//! Two readers of a stream share it; a single transfer in the middle of one would take what was
//! meant for them. So whoever wants to use an endpoint enters its lane, and has a [`LaneGuard`] for
//! as long as transfers of his may be in flight.

use kernel::{
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        SpinLockIrq, //
    }, //
};

/// bEndpointAddress (USB 2.0, table 9-13): a direction bit and a number.
const DIRECTION_IN: u8 = 0x80;
const NUMBERS: usize = 16;

/// What somebody wants to do with an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Read or write ahead; any number of files do so together.
    Stream,
    /// Single transfers, one behind the other.
    Transfer,
    /// Commands, and the replies that belong to them.
    Command,
    /// A ring, alone.
    Ring,
}

#[derive(Clone, Copy)]
struct Lane {
    purpose: Purpose,
    users: usize,
}

struct State {
    lanes: [Lane; 2 * NUMBERS],
    /// Nobody enters: the altsetting is being changed.
    closed: bool,
}

#[pin_data]
pub(crate) struct Lanes {
    #[pin]
    state: SpinLockIrq<State>,
}

impl Lanes {
    pub(crate) fn new() -> Result<Arc<Self>> {
        const FREE: Lane = Lane {
            purpose: Purpose::Stream,
            users: 0,
        };
        let state = State {
            lanes: [FREE; 2 * NUMBERS],
            closed: false,
        };
        Arc::pin_init(
            try_pin_init!(Self {
                state <- new_spinlock_irq!(state, "usbpipe::Lanes::state"),
            }),
            GFP_KERNEL,
        )
    }

    /// Begins to use the endpoint of that address.
    ///
    /// # Errors
    ///
    /// `EBUSY`: it is being used for something else, or by a ring.
    pub(crate) fn enter(self: &Arc<Self>, address: u8, purpose: Purpose) -> Result<LaneGuard> {
        let mut state = self.state.lock();
        let closed = state.closed;
        let lane = &mut state.lanes[index(address)];
        let shared = lane.purpose == purpose && purpose != Purpose::Ring;
        if closed || (lane.users > 0 && !shared) {
            return Err(EBUSY);
        }
        lane.purpose = purpose;
        lane.users += 1;
        Ok(LaneGuard {
            lanes: self.clone(),
            address,
        })
    }

    /// # Errors
    ///
    /// `EBUSY`: an endpoint is being used for something else than a stream.
    pub(crate) fn check_streams_only(&self) -> Result {
        let state = self.state.lock();
        let is_other = |lane: &Lane| lane.users > 0 && lane.purpose != Purpose::Stream;
        match state.lanes.iter().any(is_other) {
            true => Err(EBUSY),
            false => Ok(()),
        }
    }

    /// Keeps everybody out while `change` is carried out.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: an endpoint is being used, or somebody else is changing something.
    /// - Those of `change`.
    pub(crate) fn while_idle(&self, change: impl FnOnce() -> Result) -> Result {
        let mut state = self.state.lock();
        if state.closed || state.lanes.iter().any(|lane| lane.users > 0) {
            return Err(EBUSY);
        }
        state.closed = true;
        drop(state);
        let result = change();
        self.state.lock().closed = false;
        result
    }
}

/// The use of an endpoint; it ends when this is dropped.
pub(crate) struct LaneGuard {
    lanes: Arc<Lanes>,
    address: u8,
}

impl Drop for LaneGuard {
    fn drop(&mut self) {
        self.lanes.state.lock().lanes[index(self.address)].users -= 1;
    }
}

/// Bits 6:4 of an address are zero, or nobody has an endpoint of that address.
fn index(address: u8) -> usize {
    let number = usize::from(address) % NUMBERS;
    match address & DIRECTION_IN {
        0 => number,
        _ => NUMBERS + number,
    }
}
