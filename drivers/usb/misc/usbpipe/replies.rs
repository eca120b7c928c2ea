// SPDX-License-Identifier: GPL-2.0

//! Which replies are still awaited, and whose turn it is.

use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed,
            Release, //
        },
        SpinLock, //
    },
    usb, //
};

/// The number of an endpoint is in bits 3:0 of its address (USB 2.0, table 9-13).
const NUMBERS: usize = 16;

/// Replies that have not come, from one endpoint.
#[derive(Clone, Copy)]
struct Awaited {
    count: u32,
    /// Bytes that the longest of them may have.
    room: u32,
}

impl Awaited {
    const NONE: Self = Self { count: 0, room: 0 };
}

#[pin_data]
pub(crate) struct Replies {
    #[pin]
    awaited: SpinLock<[Awaited; NUMBERS]>,
    /// Somebody is at it.
    taken: Atomic<bool>,
    /// The number of the last command.
    sequence: Atomic<u64>,
}

impl Replies {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            awaited <- new_spinlock!([Awaited::NONE; NUMBERS], "usbpipe::Replies::awaited"),
            taken: Atomic::new(false),
            sequence: Atomic::new(0),
        })
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Relaxed) + 1
    }

    /// How long a reply may be that is still awaited; [`None`] if there is none.
    pub(crate) fn awaited(&self, address: u8) -> Option<u32> {
        let awaited = self.awaited.lock()[index(address)];
        (awaited.count > 0).then_some(awaited.room)
    }

    /// A command was sent that is answered with up to `room` bytes.
    pub(crate) fn begin(&self, address: u8, room: u32) {
        let awaited = &mut self.awaited.lock()[index(address)];
        awaited.count = awaited.count.saturating_add(1);
        awaited.room = awaited.room.max(room);
    }

    /// A reply has come.
    pub(crate) fn end(&self, address: u8) {
        let awaited = &mut self.awaited.lock()[index(address)];
        awaited.count = awaited.count.saturating_sub(1);
        if awaited.count == 0 {
            *awaited = Awaited::NONE;
        }
    }

    /// None will come from there.
    pub(crate) fn give_up(&self, address: u8) {
        self.awaited.lock()[index(address)] = Awaited::NONE;
    }

    pub(crate) fn forget(&self) {
        *self.awaited.lock() = [Awaited::NONE; NUMBERS];
    }

    /// Waits until nobody else exchanges commands and replies.
    ///
    /// # Errors
    ///
    /// Those of [`usb::Operation::wait`].
    pub(crate) fn take_turn<'a>(
        &'a self,
        operation: &usb::Operation<'_>,
        changed: &'a usb::Events,
    ) -> Result<Turn<'a>> {
        operation.wait(|| (!self.taken.xchg(true, Full)).then_some(()))?;
        Ok(Turn {
            replies: self,
            changed,
        })
    }
}

fn index(address: u8) -> usize {
    usize::from(address) % NUMBERS
}

/// Commands are exchanged by who has this, alone.
pub(crate) struct Turn<'a> {
    replies: &'a Replies,
    changed: &'a usb::Events,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.replies.taken.store(false, Release);
        self.changed.notify();
    }
}
