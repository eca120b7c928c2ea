// SPDX-License-Identifier: GPL-2.0

//! Faults in the terms of this protocol.

use refdev::fault::{Lie, Unlink};
use refdev::{Answer, Direction, Fault};
use thiserror::Error;

/// A fault that this protocol has no way to express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnsuitableFault {
    /// Only vhci has it.
    #[error("faults about isochronous packets and unlinking, and random ones, are for vhci only")]
    VhciOnly,
    /// A status is a byte here.
    #[error("the status codes of usbredir are 0 to 255, not {0}")]
    Status(i32),
}

/// Whether a fault can be told in this protocol.
pub fn check(fault: &Fault) -> Result<(), UnsuitableFault> {
    let lie = &fault.lie;
    if lie.iso != Default::default() || lie.unlink != Unlink::Truth || fault.mix.is_some() {
        return Err(UnsuitableFault::VhciOnly);
    }
    match lie.status {
        Some(status) if u8::try_from(status).is_err() => Err(UnsuitableFault::Status(status)),
        _ => Ok(()),
    }
}

/// Distorts an answer so that the data still has the length that the header tells.
pub(crate) fn distort(lie: &Lie, direction: Direction, asked: u32, answer: &mut Answer) {
    let in_step = |actual| Some(actual as usize).filter(|&length| length <= Lie::MAX_DATA);
    match direction {
        Direction::In => lie.distort_in(asked, answer, |actual| in_step(actual).unwrap_or(0)),
        Direction::Out => lie.distort_out(asked, answer),
    }
}
