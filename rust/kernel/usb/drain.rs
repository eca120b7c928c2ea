// SPDX-License-Identifier: GPL-2.0

//! A door that can be shut: counts who is inside and lets the one who shuts it wait for them.

use crate::{
    bindings,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Full,
        Relaxed, //
    },
    types::Opaque, //
};

/// Set in the state while nobody may enter.
const SHUT: u32 = 1 << 31;

/// Counts the users of something that will be taken away.
///
/// While the door is open, [`enter`] and [`leave`] count in any context without a lock. [`shut`]
/// turns newcomers away; [`wait_empty`] then sleeps until the last one inside has left.
///
/// # Invariants
///
/// - `state` is the number of entries without their leave, plus [`SHUT`] where the door is shut.
/// - `empty` is signalled once for each time that the door is shut with somebody inside, by the
///   last one to leave.
///
/// [`enter`]: Drain::enter
/// [`leave`]: Drain::leave
/// [`shut`]: Drain::shut
/// [`wait_empty`]: Drain::wait_empty
#[pin_data]
pub(super) struct Drain {
    state: Atomic<u32>,
    /// Whether somebody was inside when the door was shut: only then `empty` will be signalled.
    awaited: Atomic<bool>,
    #[pin]
    empty: Opaque<bindings::completion>,
}

// SAFETY: A `struct completion` may be used from any thread.
unsafe impl Send for Drain {}

// SAFETY: All access is through atomics and through the completion, which has its own lock.
unsafe impl Sync for Drain {}

impl Drain {
    /// An open door with nobody inside.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            state: Atomic::new(0),
            awaited: Atomic::new(false),
            empty <- Opaque::ffi_init(|slot: *mut bindings::completion| {
                // SAFETY: `slot` is valid, pinned memory for a `struct completion`.
                unsafe { bindings::init_completion(slot) }
            }),
        })
    }

    /// Counts the caller in, unless the door is shut.
    ///
    /// # Context
    ///
    /// Any.
    #[must_use]
    pub(super) fn enter(&self) -> bool {
        let mut state = self.state.load(Relaxed);
        // `SHUT - 1` entries are never reached: each stands for an object in memory.
        while state < SHUT - 1 {
            match self.state.cmpxchg(state, state + 1, Acquire) {
                Ok(_) => return true,
                Err(current) => state = current,
            }
        }
        false
    }

    /// Counts the caller out. Pairs with an [`enter`](Drain::enter) that returned `true`.
    ///
    /// `self` may be gone when this returns, if the door is being shut; the one who waits may
    /// free it as soon as it was woken.
    ///
    /// # Context
    ///
    /// Any.
    pub(super) fn leave(&self) {
        if self.state.fetch_sub(1, Full) == SHUT + 1 {
            // SAFETY: The completion is initialised and pinned. The one who shut the door frees
            // it only after `wait_for_completion()` has taken the completion's lock after us.
            unsafe { bindings::complete(self.empty.get()) };
        }
    }

    /// Turns newcomers away from now on. Returns whether the door was open.
    ///
    /// Calls of `shut` and [`wait_empty`](Drain::wait_empty) must not overlap; the callers hold the
    /// device lock.
    pub(super) fn shut(&self) -> bool {
        if self.is_shut() {
            return false;
        }
        let inside = self.state.fetch_add(SHUT, Full);
        self.awaited.store(inside != 0, Relaxed);
        true
    }

    /// Sleeps until everybody has left through the shut door.
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) fn wait_empty(&self) {
        if self.awaited.load(Relaxed) {
            // SAFETY: The completion is initialised; by the type invariants it is signalled by
            // the last one to leave.
            unsafe { bindings::wait_for_completion(self.empty.get()) };
            self.awaited.store(false, Relaxed);
        }
    }

    /// Lets newcomers in again. The door must be shut, and nobody inside:
    /// [`wait_empty`](Drain::wait_empty) has returned.
    ///
    /// # Context
    ///
    /// Any; as for [`shut`](Drain::shut), calls must not overlap.
    pub(super) fn open(&self) {
        self.state.fetch_sub(SHUT, Full);
    }

    /// Whether newcomers are turned away.
    pub(super) fn is_shut(&self) -> bool {
        self.state.load(Acquire) & SHUT != 0
    }
}

/// Somebody who is counted in, until this is dropped.
pub(super) struct Inside<'a>(&'a Drain);

impl<'a> Inside<'a> {
    pub(super) fn new(door: &'a Drain) -> Option<Self> {
        // Not `then_some`, which would make a guard, and drop it, also where the door is shut.
        door.enter().then(|| Self(door))
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
