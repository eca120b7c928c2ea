// SPDX-License-Identifier: GPL-2.0

//! Which replies are still awaited, and whose turn it is.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Full,
        Relaxed,
        Release, //
    },
    usb, //
};

/// The number of an endpoint is in bits 3:0 of its address (USB 2.0, table 9-13).
const NUMBER_MASK: u8 = 0xf;

pub(crate) struct Replies {
    /// A bit for each IN endpoint: a command was sent whose reply has not come.
    awaited: Atomic<u32>,
    /// Somebody is at it.
    taken: Atomic<bool>,
    /// The number of the last command.
    sequence: Atomic<u64>,
}

impl Replies {
    pub(crate) fn new() -> Self {
        Self {
            awaited: Atomic::new(0),
            taken: Atomic::new(false),
            sequence: Atomic::new(0),
        }
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn is_awaited(&self, address: u8) -> bool {
        self.awaited.load(Relaxed) & bit(address) != 0
    }

    /// Who calls it has the [`Turn`].
    pub(crate) fn set_awaited(&self, address: u8, awaited: bool) {
        let before = self.awaited.load(Relaxed);
        let after = match awaited {
            true => before | bit(address),
            false => before & !bit(address),
        };
        self.awaited.store(after, Relaxed);
    }

    pub(crate) fn forget(&self) {
        self.awaited.store(0, Relaxed);
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

fn bit(address: u8) -> u32 {
    1 << (address & NUMBER_MASK)
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
