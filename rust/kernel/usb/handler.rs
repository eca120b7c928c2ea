// SPDX-License-Identifier: GPL-2.0

//! What becomes of a transfer that has ended.

use super::{
    endpoint::{
        Direction,
        TransferType, //
    },
    Buffer,
    Completed,
    Memory, //
};

/// What a driver does when a transfer has ended.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// Reads for ever.
/// struct Echo;
///
/// impl usb::Handler<usb::Bulk, usb::In> for Echo {
///     fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
///         if done.result().is_ok() {
///             pr_debug!("{} bytes\n", done.data().len());
///             let _ = done.resubmit();
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot handle the completion of this kind of transfer",
    label = "not a `usb::Handler<{T}, {D}, {B}>`",
    note = "pass an endpoint of the transfer type and direction that `{Self}` handles, as from \
            `interface.find_endpoint::<usb::Bulk, usb::Out>()`, or a request of that direction, \
            as a `usb::ControlRequest::<usb::Out>`, and the memory that it handles",
    note = "or implement `usb::Handler<{T}, {D}, {B}>` for `{Self}`"
)]
pub trait Handler<T: TransferType, D: Direction, B: Memory = Buffer>:
    Sized + Send + 'static
{
    /// Called when a transfer has ended, well or not, with everything that belongs to it.
    ///
    /// It may run before `probe` has returned.
    ///
    /// # Context
    ///
    /// Atomic: softirq or BH work, or the submitter's or canceller's own context, with interrupts
    /// on or off. Data shared with process context belongs in a
    /// [`SpinLockIrq`](crate::sync::SpinLockIrq).
    fn complete(done: Completed<'_, T, D, Self, B>);
}
