// SPDX-License-Identifier: GPL-2.0

//! The rings of a node, whichever files they belong to.

use super::recovery::Operations;
use crate::{
    budget::Budget,
    lane::Lanes,
    stats::Stats, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    },
    usb, //
};

/// What the rings of a node share, and a list of them.
#[pin_data]
pub(crate) struct Table {
    pub(crate) lanes: Arc<Lanes>,
    pub(super) budget: Arc<Budget>,
    pub(super) stats: Arc<Stats>,
    pub(super) events: Arc<usb::Events>,
    #[pin]
    rings: Mutex<KVec<Arc<dyn Operations>>>,
}

impl Table {
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn new(
        lanes: Arc<Lanes>,
        budget: Arc<Budget>,
        stats: Arc<Stats>,
        events: Arc<usb::Events>,
    ) -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                lanes,
                budget,
                stats,
                events,
                rings <- new_mutex!(KVec::new(), "usbpipe::ring::Table::rings"),
            }),
            GFP_KERNEL,
        )
    }

    /// Has all of them tell the counters of the node what they have moved.
    pub(crate) fn tell_stats(&self) {
        for ring in self.rings.lock().iter() {
            ring.tell_stats();
        }
    }

    /// Lets those go on that a suspend or a reset of the device has paused: for the callbacks that
    /// come afterwards.
    pub(crate) fn resume(&self) {
        for ring in self.rings.lock().iter() {
            ring.resume();
        }
    }

    /// Tells programs that the device was reset: for the callbacks that come after one.
    pub(crate) fn reset(&self) {
        for ring in self.rings.lock().iter() {
            ring.reset();
        }
    }

    /// Tells programs that the device is gone, in the memory that they have mapped: for the
    /// callback that ends the binding.
    pub(crate) fn lose(&self) {
        for ring in self.rings.lock().iter() {
            ring.lose();
        }
    }

    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn add(&self, ring: Arc<dyn Operations>) -> Result {
        Ok(self.rings.lock().push(ring, GFP_KERNEL)?)
    }

    /// There is at most one of each endpoint.
    pub(super) fn remove(&self, address: u8) {
        self.rings.lock().retain(|ring| ring.address() != address);
    }
}
