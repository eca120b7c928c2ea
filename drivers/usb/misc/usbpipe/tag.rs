// SPDX-License-Identifier: GPL-2.0

//! What a reply repeats of its command, so that the two can be matched.

use crate::user;
use kernel::{
    prelude::*,
    uapi, //
};

const MAX_LENGTH: usize = uapi::USBPIPE_MAX_TAG as usize;

pub(crate) struct Tag {
    bytes: [u8; MAX_LENGTH],
    length: usize,
    /// Where it is in the reply.
    offset: usize,
}

impl Tag {
    /// # Errors
    ///
    /// `EINVAL`: it is too long, or does not lie in the command and its reply.
    pub(crate) fn check(transaction: &uapi::usbpipe_transaction) -> Result {
        let length = u32::from(transaction.tag_length);
        if length == 0 {
            return match (transaction.tag_out, transaction.tag_in) {
                (0, 0) => Ok(()),
                _ => Err(EINVAL),
            };
        }
        let lies_in = |offset: u8, whole: u32| u32::from(offset) + length <= whole;
        let fits = length <= uapi::USBPIPE_MAX_TAG
            && lies_in(transaction.tag_out, transaction.out_length)
            && lies_in(transaction.tag_in, transaction.in_length);
        fits.then_some(()).ok_or(EINVAL)
    }

    /// That of a command that was checked; [`None`] if it has none.
    ///
    /// # Errors
    ///
    /// `EFAULT`: the command cannot be read.
    pub(crate) fn of(transaction: &uapi::usbpipe_transaction) -> Result<Option<Self>> {
        let length = usize::from(transaction.tag_length);
        if length == 0 {
            return Ok(None);
        }
        let mut bytes = [0; MAX_LENGTH];
        let address = transaction
            .out_data
            .checked_add(transaction.tag_out.into())
            .ok_or(EFAULT)?;
        user::memory(address, length)?
            .reader()
            .read_slice(bytes.get_mut(..length).ok_or(EINVAL)?)?;
        Ok(Some(Self {
            bytes,
            length,
            offset: transaction.tag_in.into(),
        }))
    }

    /// Whether a reply has it.
    pub(crate) fn is_in(&self, reply: &[u8]) -> bool {
        let end = self.offset + self.length;
        reply.get(self.offset..end) == self.bytes.get(..self.length)
    }
}
