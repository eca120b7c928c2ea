// SPDX-License-Identifier: GPL-2.0

//! Results of transfers: negative error numbers of Linux.

/// All went well.
pub const OK: i32 = 0;
/// The endpoint stalled (EPIPE).
pub const STALL: i32 = -32;
/// The transfer was taken back (ECONNRESET).
pub const UNLINKED: i32 = -104;
