// SPDX-License-Identifier: GPL-2.0

//! Room for what a device sends, of which a program wants the beginning.

use crate::{
    any_endpoint::AnyEndpoint,
    budget::Charge,
    pipe::Pipe,
    user, //
};
use kernel::{
    prelude::*,
    usb::Buffer, //
};

/// Memory that is charged for as long as this is there.
pub(crate) struct Room {
    pub(crate) buffer: Buffer,
    _charge: Charge,
}

impl Room {
    /// For up to `length` bytes, in whole packets: the last one may be longer than what the program
    /// has room for.
    ///
    /// # Errors
    ///
    /// - `ENOBUFS`: a limit of memory would be exceeded.
    /// - `ENOMEM`.
    pub(crate) fn new(pipe: &Pipe, endpoint: &AnyEndpoint<'_>, length: u32) -> Result<Self> {
        let length = (length as usize).next_multiple_of(endpoint.max_packet());
        let charge = pipe.budget.charge(length)?;
        Ok(Self {
            buffer: Buffer::new(length, GFP_KERNEL)?,
            _charge: charge,
        })
    }
}

/// Gives a program what it has room for, and says in `actual` how much that is.
///
/// # Errors
///
/// - `EFAULT`: its memory cannot be written.
/// - `EOVERFLOW`: there was more.
pub(crate) fn deliver(data: &[u8], place: u64, room: u32, actual: &mut u32) -> Result {
    let (taken, left) = data.split_at(data.len().min(room as usize));
    // CAST: At most `room`.
    *actual = taken.len() as u32;
    user::memory(place, taken.len())?
        .writer()
        .write_slice(taken)?;
    left.is_empty().then_some(()).ok_or(EOVERFLOW)
}
