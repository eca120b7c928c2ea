// SPDX-License-Identifier: GPL-2.0

//! What went through a node: `USBPIPE_IOC_STATS`, and the same in sysfs.

use crate::budget::Budget;
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    uapi,
    usb, //
};

/// A number that only grows.
pub(crate) struct Counter(Atomic<u64>);

impl Counter {
    fn new() -> Self {
        Self(Atomic::new(0))
    }

    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    /// Makes it at least `value`.
    pub(crate) fn raise(&self, value: u64) {
        let mut before = self.0.load(Relaxed);
        while before < value {
            match self.0.cmpxchg(before, value, Relaxed) {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

macro_rules! counters {
    ($($name:ident),* $(,)?) => {
        /// The counters of a node, named as in `struct usbpipe_stats`.
        pub(crate) struct Stats {
            $(pub(crate) $name: Counter,)*
        }

        impl Stats {
            pub(crate) fn new() -> Result<Arc<Self>> {
                let stats = Self { $($name: Counter::new(),)* };
                Ok(Arc::new(stats, GFP_KERNEL)?)
            }

            /// All of them at once. They go on counting meanwhile.
            pub(crate) fn describe(&self, budget: &Budget) -> uapi::usbpipe_stats {
                uapi::usbpipe_stats {
                    $($name: self.$name.value(),)*
                    memory: budget.used(),
                    memory_high_water: budget.high_water(),
                    ..Zeroable::zeroed()
                }
            }
        }
    };
}

counters!(
    read_transfers,
    read_bytes,
    write_transfers,
    write_bytes,
    control_requests,
    transactions,
    stale_replies,
    errors_stall,
    errors_timeout,
    errors_overflow,
    errors_bus,
    errors_other,
    cancelled,
    late_packets,
    resets,
    suspends,
    ring_high_water,
);

impl Stats {
    /// A transfer in direction `D` has ended.
    pub(crate) fn count<D: usb::Direction>(
        &self,
        result: Result<(), usb::TransferError>,
        bytes: usize,
    ) {
        // CAST: A length fits in 64 bits.
        self.count_all::<D>(1, bytes as u64);
        if let Err(error) = result {
            self.count_error(error);
        }
    }

    /// That many transfers in direction `D` have ended, and have moved so many bytes.
    pub(crate) fn count_all<D: usb::Direction>(&self, transfers: u64, bytes: u64) {
        let (all, total) = match D::IS_IN {
            true => (&self.read_transfers, &self.read_bytes),
            false => (&self.write_transfers, &self.write_bytes),
        };
        all.add(transfers);
        total.add(bytes);
    }

    #[cold]
    pub(crate) fn count_error(&self, error: usb::TransferError) {
        let counter = match error {
            usb::TransferError::Stall => &self.errors_stall,
            usb::TransferError::TimedOut => &self.errors_timeout,
            usb::TransferError::Overflow => &self.errors_overflow,
            error if error.is_cancelled() || error.is_gone() => &self.cancelled,
            error if error.is_bus_error() => &self.errors_bus,
            _ => &self.errors_other,
        };
        counter.add(1);
    }
}
