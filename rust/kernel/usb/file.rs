// SPDX-License-Identifier: GPL-2.0

//! Device nodes of the USB class: `/dev/<name>N`, N being a minor of the USB major number.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h) (`struct usb_class_driver`)
//!
//! An open file outlives the binding of its device. The node is owned by the adapter, not by the
//! driver: it disappears when the driver is unbound, whatever the driver forgets. Each operation
//! but release goes through the node's door, which is shut by then: it fails with `ENODEV`, and
//! unbinding waits for those that are inside. The `&Interface<Bound>` that an operation gets is
//! therefore valid for as long as it runs.

use super::{
    drain::Drain,
    Events,
    Interface,
    PollEvents, //
};
use crate::{
    bindings,
    device,
    error::VTABLE_DEFAULT_ERROR,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    prelude::*,
    sync::ArcBorrow,
    types::Opaque, //
};

/// The operations of a device node.
///
/// `Self` is what all open files of one device share. An operation that is not implemented is
/// missing from the C table, so that the kernel answers in its usual way.
///
/// # Context
///
/// All operations may sleep. Those that wait for the device do so in [`Operation::wait`].
#[vtable]
pub trait FileOperations: Sized + Send + Sync + 'static {
    /// What belongs to one open file.
    type OpenFile: Send + Sync + 'static;

    /// The node's name without its number, at most 16 bytes and free of `%` and `/`.
    const NAME: &'static CStr;

    /// Access bits of the node in devtmpfs; udev may change them.
    const MODE: u16 = 0o600;

    /// First minor number on kernels without `CONFIG_USB_DYNAMIC_MINORS`.
    const MINOR_BASE: u8 = 0;

    /// Opens a file.
    fn open(this: ArcBorrow<'_, Self>, operation: &Operation<'_>) -> Result<Self::OpenFile>;

    /// The last reference to an open file is gone. `operation` is there if the driver is still
    /// bound.
    fn release(this: ArcBorrow<'_, Self>, file: Self::OpenFile, operation: Option<&Operation<'_>>) {
        let _ = (this, file, operation);
    }

    /// Reads.
    fn read_iter(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes.
    fn write_iter(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// What is possible without blocking? Must not wait.
    fn poll(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _wanted: PollEvents,
    ) -> PollEvents {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out a device specific command. 32-bit programs come here too.
    fn ioctl(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _cmd: u32,
        _arg: usize,
    ) -> Result<isize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Waits until everything that was written is with the device.
    fn fsync(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// An operation on an open file while the driver is bound; unbinding waits for its end.
pub struct Operation<'a> {
    pub(super) interface: &'a Interface<device::Bound>,
    pub(super) door: &'a Drain,
    pub(super) events: &'a Events,
    pub(super) nonblocking: bool,
}

impl<'a> Operation<'a> {
    /// The interface that the node belongs to.
    pub fn interface(&self) -> &'a Interface<device::Bound> {
        self.interface
    }

    /// Whether the caller wants `EAGAIN` rather than to wait (`O_NONBLOCK`, `RWF_NOWAIT`).
    pub fn is_nonblocking(&self) -> bool {
        self.nonblocking
    }

    /// Sleeps until `condition` returns something.
    ///
    /// `condition` is evaluated at once, and again whenever the node's [`Events`] are notified.
    /// It may take spinlocks, but not sleep.
    ///
    /// # Errors
    ///
    /// - `EAGAIN`: it would have to sleep, and the file is non-blocking.
    /// - `ENODEV`: the driver is being unbound.
    /// - `ERESTARTSYS`: there is a signal; user space sees `EINTR` or a restarted call.
    pub fn wait<R>(&self, mut condition: impl FnMut() -> Option<R>) -> Result<R> {
        if let Some(result) = condition() {
            return Ok(result);
        }
        if self.nonblocking {
            return Err(if self.door.is_shut() { ENODEV } else { EAGAIN });
        }
        let queue = self.events.queue.wait_queue_head.get();
        let entry = Opaque::<bindings::wait_queue_entry>::uninit();
        // SAFETY: `entry` is valid for writes and stays where it is until `finish_wait()`.
        unsafe { bindings::init_wait_entry(entry.get(), 0) };
        let result = loop {
            // SAFETY: The queue is initialised and outlives the operation; so is the entry.
            let signal = unsafe {
                bindings::prepare_to_wait_event(
                    queue,
                    entry.get(),
                    bindings::TASK_INTERRUPTIBLE as c_int,
                )
            };
            if let Some(result) = condition() {
                break Ok(result);
            }
            if self.door.is_shut() {
                break Err(ENODEV);
            }
            if signal != 0 {
                break Err(ERESTARTSYS);
            }
            // SAFETY: We are in process context, and on the queue that will wake us.
            unsafe { bindings::schedule() };
        };
        // SAFETY: As for `prepare_to_wait_event()`.
        unsafe { bindings::finish_wait(queue, entry.get()) };
        result
    }
}
