// SPDX-License-Identifier: GPL-2.0

//! How much memory the transfers of a node, and those of all nodes, may take.
//!
//! Programs say how many transfers of which size they want; this is what keeps them from taking all
//! the memory there is. What is charged is given back by dropping the [`Charge`], which lies beside
//! the memory.

use crate::module_parameters;
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    uapi, //
};

/// Bytes that all nodes take.
static MODULE_USED: Atomic<u64> = Atomic::new(0);

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// What one node takes.
pub(crate) struct Budget {
    used: Atomic<u64>,
    high_water: Atomic<u64>,
}

impl Budget {
    pub(crate) fn new() -> Result<Arc<Self>> {
        let budget = Self {
            used: Atomic::new(0),
            high_water: Atomic::new(0),
        };
        Ok(Arc::new(budget, GFP_KERNEL)?)
    }

    /// Sets bytes aside.
    ///
    /// # Errors
    ///
    /// `ENOBUFS`: a limit would be exceeded.
    pub(crate) fn charge(self: &Arc<Self>, bytes: usize) -> Result<Charge> {
        // CAST: An address fits in 64 bits.
        let bytes = bytes as u64;
        take(&self.used, bytes, Self::device_limit())?;
        if let Err(error) = take(&MODULE_USED, bytes, Self::module_limit()) {
            self.used.fetch_sub(bytes, Relaxed);
            return Err(error);
        }
        let used = self.used.load(Relaxed);
        // What two do at once is counted by the later one.
        if used > self.high_water.load(Relaxed) {
            self.high_water.store(used, Relaxed);
        }
        Ok(Charge {
            budget: self.clone(),
            bytes,
        })
    }

    fn device_limit() -> u64 {
        u64::from(module_parameters::device_memory_kb.value()) * KIB
    }

    fn module_limit() -> u64 {
        u64::from(module_parameters::memory_mb.value()) * MIB
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    pub(crate) fn high_water(&self) -> u64 {
        self.high_water.load(Relaxed)
    }

    /// What `USBPIPE_IOC_LIMITS` says of memory.
    pub(crate) fn describe(&self, limits: &mut uapi::usbpipe_limits) {
        limits.device_memory = Self::device_limit();
        limits.device_memory_used = self.used();
        limits.module_memory = Self::module_limit();
        limits.module_memory_used = MODULE_USED.load(Relaxed);
    }
}

fn take(used: &Atomic<u64>, bytes: u64, limit: u64) -> Result {
    let mut before = used.load(Relaxed);
    loop {
        let after = before.checked_add(bytes).filter(|after| *after <= limit);
        match used.cmpxchg(before, after.ok_or(ENOBUFS)?, Relaxed) {
            Ok(_) => return Ok(()),
            Err(now) => before = now,
        }
    }
}

/// Bytes that are set aside, until this is dropped.
pub(crate) struct Charge {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Relaxed);
        MODULE_USED.fetch_sub(self.bytes, Relaxed);
    }
}
