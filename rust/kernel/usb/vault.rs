// SPDX-License-Identifier: GPL-2.0

//! Where DMA memory of a device is kept, which must not outlive the binding of its driver.

use super::{
    coherent::Block,
    drain::{
        Drain,
        Inside, //
    }, //
};
use crate::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};

/// The blocks of a driver, for its own interface and for those that it has claimed.
///
/// All of them stay until the driver is unbound: whoever looks into one may wait for I/O of the
/// driver's own interface, which the unbinding of a claimed one alone does not end.
#[pin_data]
pub(super) struct Vault {
    /// Those who look into the blocks.
    #[pin]
    door: Drain,
    #[pin]
    blocks: Mutex<KVec<Arc<Block>>>,
}

impl Vault {
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                door <- Drain::new(),
                blocks <- new_mutex!(KVec::new(), "usb::Vault::blocks"),
            }),
            GFP_KERNEL,
        )
    }

    /// Counts somebody in who looks into a block.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the blocks are gone.
    pub(super) fn look(&self) -> Result<Inside<'_>> {
        Inside::new(&self.door).ok_or(ENODEV)
    }

    /// Keeps a block for as long as the driver is bound, and frees those that were dropped, maybe
    /// where memory cannot be freed. The caller has a bound interface.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, and `ENODEV` if the blocks are gone; the block is the caller's then.
    pub(super) fn keep(&self, block: Arc<Block>) -> Result {
        let mut blocks = self.blocks.lock();
        if self.door.is_shut() {
            return Err(ENODEV);
        }
        blocks.retain(|block| {
            let keep = !block.is_abandoned();
            if !keep {
                // SAFETY: An interface is bound, so that the device is valid. The buffer of the
                // block was dropped, and with it, at the latest, the URB. This is the last that is
                // done with it.
                unsafe { block.release() };
            }
            keep
        });
        Ok(blocks.push(block, GFP_KERNEL)?)
    }

    /// Frees all blocks, when those who look into them have left.
    ///
    /// # Safety
    ///
    /// The device must be valid until this returns, and the gates of all interfaces that keep
    /// blocks here be closed.
    ///
    /// # Context
    ///
    /// May sleep. The caller holds the device lock: calls don't overlap.
    pub(super) unsafe fn empty(&self) {
        if self.door.shut() {
            self.door.wait_empty();
        }
        for block in self.blocks.lock().drain_all() {
            // SAFETY: By the safety requirement the device is valid, and nothing is in flight, now
            // and in future. Nobody can look any more.
            unsafe { block.release() };
        }
    }
}
