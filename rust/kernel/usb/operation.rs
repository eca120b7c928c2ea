// SPDX-License-Identifier: GPL-2.0

//! What goes on with an open file while its driver is bound.

use super::{
    drain::Drain,
    waiter::Patience,
    Events,
    Interface,
    LongTimeout,
    Sleep,
    Timeout, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    types::Opaque, //
};

/// An operation on an open file while the driver is bound; unbinding waits for its end.
///
/// It cannot be kept beyond that, nor can its interface. An open file that needs to know its
/// interface keeps an `ARef<Interface>`, and each operation brings the bound one.
///
/// # Examples
///
/// ```
/// use kernel::{
///     iov::IovIterSource,
///     prelude::*,
///     sync::{Arc, ArcBorrow},
///     usb, //
/// };
///
/// /// Tells the node of a printer when there is a URB to write with.
/// struct Jobs(Arc<usb::Events>);
///
/// impl usb::PoolHandler for Jobs {
///     type Kind = usb::Bulk;
///     type Direction = usb::Out;
///     type Memory = usb::Buffer;
///
///     fn ended(&self, _transfer: &usb::PoolTransfer<'_, Self>) {}
///
///     fn returned(&self) {
///         self.0.notify_of(usb::PollEvents::WRITABLE);
///     }
/// }
///
/// struct Printer {
///     pool: usb::Pool<Jobs>,
/// }
///
/// #[vtable]
/// impl usb::FileOperations for Printer {
///     type OpenFile = ();
///
///     const NAME: &'static CStr = c"usb/lp";
///     const NOWAIT: bool = true;
///
///     fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result {
///         Ok(())
///     }
///
///     fn write_iter(
///         this: ArcBorrow<'_, Self>,
///         _file: &(),
///         operation: &usb::Operation<'_>,
///         iov: &mut IovIterSource<'_>,
///     ) -> Result<usize> {
///         let mut urb = operation.wait(|| this.pool.try_take())?;
///         let count = iov.copy_from_iter(urb.buffer_mut());
///         urb.set_length(count)?;
///         urb.submit(operation.interface())?;
///         Ok(count)
///     }
///
///     fn poll(
///         this: ArcBorrow<'_, Self>,
///         _file: &(),
///         _operation: &usb::Operation<'_>,
///         _wanted: usb::PollEvents,
///     ) -> usb::PollEvents {
///         match this.pool.available() {
///             0 => usb::PollEvents::NONE,
///             _ => usb::PollEvents::WRITABLE,
///         }
///     }
///
///     fn ioctl(
///         this: ArcBorrow<'_, Self>,
///         _file: &(),
///         _operation: &usb::Operation<'_>,
///         cmd: u32,
///         _arg: usize,
///     ) -> Result<isize> {
///         const IS_BUSY: u32 = kernel::ioctl::_IO(b'P' as u32, 1);
///         match cmd {
///             IS_BUSY => Ok((!this.pool.is_idle()).into()),
///             _ => Err(ENOTTY),
///         }
///     }
///
///     fn compat_ioctl(
///         this: ArcBorrow<'_, Self>,
///         file: &(),
///         operation: &usb::Operation<'_>,
///         cmd: u32,
///         arg: usize,
///     ) -> Result<isize> {
///         // There is no struct that could be another one.
///         Self::ioctl(this, file, operation, cmd, arg)
///     }
///
///     fn flush(
///         this: ArcBorrow<'_, Self>,
///         _file: &(),
///         operation: Option<&usb::Operation<'_>>,
///     ) -> Result {
///         match operation {
///             Some(operation) if !operation.is_nonblocking() => {
///                 operation.wait(|| this.pool.is_idle().then_some(()))
///             }
///             _ => Ok(()),
///         }
///     }
///
///     fn fsync(this: ArcBorrow<'_, Self>, _file: &(), operation: &usb::Operation<'_>) -> Result {
///         operation.wait(|| this.pool.is_idle().then_some(()))
///     }
///
///     fn release(this: ArcBorrow<'_, Self>, _file: (), operation: Option<&usb::Operation<'_>>) {
///         if operation.is_some() {
///             this.pool.unlink();
///         }
///     }
/// }
/// ```
pub struct Operation<'a> {
    pub(super) interface: &'a Interface<device::Bound>,
    pub(super) door: &'a Drain,
    pub(super) events: &'a Events,
    pub(super) manner: Manner,
}

/// How a file was opened, or what the caller asks for beyond that.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) nonblocking: bool,
    pub(super) writable: bool,
}

impl Manner {
    pub(super) fn or_nonblocking(self, nonblocking: bool) -> Self {
        Self {
            nonblocking: self.nonblocking || nonblocking,
            ..self
        }
    }
}

/// Where it does not matter how the file was opened.
impl From<bool> for Manner {
    fn from(nonblocking: bool) -> Self {
        Self {
            nonblocking,
            writable: false,
        }
    }
}

impl<'a> Operation<'a> {
    /// The interface that the node belongs to.
    pub fn interface(&self) -> &'a Interface<device::Bound> {
        self.interface
    }

    /// Whether the caller wants `EAGAIN` rather than to wait (`O_NONBLOCK`, `RWF_NOWAIT`).
    pub fn is_nonblocking(&self) -> bool {
        self.manner.nonblocking
    }

    /// The same operation, as if the caller wanted to wait: for drivers whose programs may set
    /// `O_NONBLOCK`, but do not expect `EAGAIN`. Where [`NOWAIT`](super::FileOperations::NOWAIT) is
    /// promised, this breaks the promise.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// fn take_turn(operation: &usb::Operation<'_>, turn: impl Fn() -> bool) -> Result {
    ///     operation.blocking().wait(|| turn().then_some(()))
    /// }
    /// ```
    pub fn blocking(&self) -> Self {
        Self {
            manner: Manner {
                nonblocking: false,
                ..self.manner
            },
            ..*self
        }
    }

    /// Whether the file was opened for writing: commands that change something are for who may
    /// write. To be asked in `open`, `ioctl`, `compat_ioctl`, `mmap` and `uring_cmd`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// fn reset(operation: &usb::Operation<'_>) -> Result {
    ///     if !operation.is_writable() {
    ///         return Err(EPERM);
    ///     }
    ///     operation.interface().bound_device().reset()
    /// }
    /// ```
    #[doc(alias = "FMODE_WRITE")]
    pub fn is_writable(&self) -> bool {
        self.manner.writable
    }

    /// Sleeps until `condition` returns something.
    ///
    /// `condition` is evaluated at once, and again whenever the node's [`Events`] are notified.
    /// It may take spinlocks, but not sleep.
    ///
    /// # Context
    ///
    /// May sleep, unless the operation [is non-blocking](Operation::is_nonblocking).
    ///
    /// # Errors
    ///
    /// - `EAGAIN`: it would have to sleep, and the file is non-blocking.
    /// - `ENODEV`: the driver is being unbound.
    /// - `ERESTARTSYS`: there is a signal; user space sees `EINTR` or a restarted call.
    pub fn wait<R>(&self, condition: impl FnMut() -> Option<R>) -> Result<R> {
        self.sleep(Sleep::Killable(LongTimeout::FOREVER), condition)
    }

    /// As [`wait`](Operation::wait), but not longer than `timeout`.
    ///
    /// # Context
    ///
    /// As [`wait`](Operation::wait).
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Operation::wait), and `ETIMEDOUT`. A call that is restarted begins to wait
    /// anew: a driver may prefer to turn `ERESTARTSYS` into `EINTR`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     prelude::*,
    ///     sync::atomic::{Atomic, Relaxed},
    ///     usb,
    /// };
    ///
    /// /// Waits for an answer; whoever stores it notifies the node's events.
    /// fn answer(
    ///     operation: &usb::Operation<'_>,
    ///     answer: &Atomic<u32>,
    ///     millis: u32,
    /// ) -> Result<u32> {
    ///     let timeout = usb::Timeout::try_from_millis(millis)?;
    ///     operation.wait_timeout(timeout, || match answer.load(Relaxed) {
    ///         0 => None,
    ///         answer => Some(answer),
    ///     })
    /// }
    /// ```
    pub fn wait_timeout<R>(
        &self,
        timeout: Timeout,
        condition: impl FnMut() -> Option<R>,
    ) -> Result<R> {
        self.sleep(Sleep::Interruptible(timeout), condition)
    }

    /// Sleeps interruptibly, for as long as `limit` says.
    fn sleep<R>(&self, limit: Sleep, mut condition: impl FnMut() -> Option<R>) -> Result<R> {
        if let Some(result) = condition() {
            return Ok(result);
        }
        if self.manner.nonblocking {
            return Err(if self.door.is_shut() { ENODEV } else { EAGAIN });
        }
        let mut patience = Patience::new(limit, self.interface.gate()?);
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
            if patience.is_over() {
                break Err(ETIMEDOUT);
            }
            if signal != 0 {
                break Err(ERESTARTSYS);
            }
            let moment = patience.next();
            // SAFETY: We are in process context, and on the queue that will wake us; the time is
            // not negative.
            patience.wear(moment - unsafe { bindings::schedule_timeout(moment) });
            // Here, since it takes a mutex: from `prepare_to_wait_event()` on we are about to sleep.
            if let Err(error) = patience.check() {
                break Err(error);
            }
        };
        // SAFETY: As for `prepare_to_wait_event()`.
        unsafe { bindings::finish_wait(queue, entry.get()) };
        result
    }
}
