// SPDX-License-Identifier: GPL-2.0
//! What a transfer has moved.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that passed, and their CRC-32C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many bytes.
    pub bytes: u64,
    /// Castagnoli checksum over all of them.
    pub crc32c: u32,
}

impl Sum {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, bytes);
    }
}

/// Bytes sent and received so far, by any thread.
#[derive(Debug, Default)]
pub struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Counts {
    pub(crate) fn add_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn add_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes that the kernel took over.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes that came from the device.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}
