// SPDX-License-Identifier: GPL-2.0

//! What becomes of a URB of a queue whose transfer has ended.

use super::TransferError;
use crate::prelude::*;

/// What is to be done with a URB whose transfer has ended.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, sync::Arc, usb};
///
/// /// Holds what a device sends until a program reads it.
/// struct Inbox(Arc<usb::Events>);
///
/// impl usb::QueueHandler for Inbox {
///     type Kind = usb::Bulk;
///     type Direction = usb::In;
///     type Memory = usb::Buffer;
///
///     fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
///         match transfer.result() {
///             Ok(()) if transfer.data().is_empty() => usb::Next::Resubmit,
///             Ok(()) => usb::Next::Hold,
///             Err(_) => usb::Next::Stop,
///         }
///     }
///
///     fn held(&self) {
///         self.0.notify_of(usb::PollEvents::READABLE);
///     }
/// }
///
/// /// How many bytes a read gets at once.
/// fn first_length(inbox: &usb::Queue<Inbox>) -> usize {
///     inbox.with_held(|transfer| transfer.unread().len()).unwrap_or(0)
/// }
///
/// /// For a device that knows another command by now: forgets what it sent before.
/// fn clear(inbox: &usb::Queue<Inbox>, intf: &usb::Interface<Bound>) -> Result {
///     if inbox.held_count() > 0 {
///         inbox.release(intf)?;
///     }
///     if !inbox.is_running() {
///         inbox.start(intf)?;
///     }
///     inbox.handler().0.notify();
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Submit it again. A stall stops the queue nevertheless.
    Resubmit,
    /// Keep it for [`Queue::take_held`](super::Queue::take_held). If its transfer failed, the queue stops.
    Hold,
    /// Stop the queue.
    Stop,
}

/// Where a URB goes when its transfer has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Flight,
    Held,
    Idle,
}

/// Where a URB goes, and whether the queue stops.
pub(super) fn judge(next: Next, result: Result<(), TransferError>) -> (Place, bool) {
    let ends = result.is_err_and(|error| error == TransferError::Stall || error.is_final());
    match (next, result) {
        (Next::Resubmit, _) if ends => (Place::Idle, true),
        (Next::Resubmit, _) => (Place::Flight, false),
        (Next::Hold, result) => (Place::Held, result.is_err()),
        (Next::Stop, _) => (Place::Idle, true),
    }
}

#[kunit_tests(rust_usb_next)]
mod tests {
    use super::*;

    const CANCELLED: Result<(), TransferError> = Err(TransferError::Killed);
    const GONE: Result<(), TransferError> = Err(TransferError::Shutdown);
    const STALL: Result<(), TransferError> = Err(TransferError::Stall);
    const NOISE: Result<(), TransferError> = Err(TransferError::Protocol);

    #[test]
    fn a_urb_goes_where_its_handler_says_unless_that_cannot_be() {
        for (next, result, place, stops) in [
            (Next::Resubmit, Ok(()), Place::Flight, false),
            (Next::Resubmit, NOISE, Place::Flight, false),
            (Next::Resubmit, STALL, Place::Idle, true),
            (Next::Resubmit, CANCELLED, Place::Idle, true),
            (Next::Resubmit, GONE, Place::Idle, true),
            (Next::Hold, Ok(()), Place::Held, false),
            (Next::Hold, NOISE, Place::Held, true),
            (Next::Hold, STALL, Place::Held, true),
            (Next::Hold, CANCELLED, Place::Held, true),
            (Next::Stop, Ok(()), Place::Idle, true),
            (Next::Stop, STALL, Place::Idle, true),
        ] {
            assert_eq!(judge(next, result), (place, stops));
        }
    }
}
