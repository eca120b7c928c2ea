// SPDX-License-Identifier: GPL-2.0

//! Something that programs wait for, in all the ways that there are.

use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        Arc, //
    },
    usb::{
        Events,
        PollEvents, //
    }, //
};

/// Ticks that nobody has read yet.
pub(crate) struct Ticks {
    count: Atomic<u32>,
    events: Arc<Events>,
}

impl Ticks {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            count: Atomic::new(0),
            events: Events::new()?,
        })
    }

    /// Those of the node.
    pub(crate) fn events(&self) -> &Arc<Events> {
        &self.events
    }

    pub(crate) fn add(&self) {
        self.count.fetch_add(1, Full);
        self.events.notify_of(PollEvents::READABLE);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&self) -> Option<()> {
        let mut count = self.count.load(Relaxed);
        while count > 0 {
            match self.count.cmpxchg(count, count - 1, Full) {
                Ok(_) => return Some(()),
                Err(current) => count = current,
            }
        }
        None
    }
}
