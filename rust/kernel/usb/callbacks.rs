// SPDX-License-Identifier: GPL-2.0

//! Callbacks for what happens to a device between its binding and unbinding.
//!
//! C reference: [`Documentation/driver-api/usb/callbacks.rst`] and `power-management.rst` beside it.
//!
//! [`Documentation/driver-api/usb/callbacks.rst`]: srctree/Documentation/driver-api/usb/callbacks.rst

use super::{
    bond::{
        Bond,
        Role, //
    },
    driver::data_of,
    gate::Pause,
    tasks::CallbackKind,
    Driver,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::{
        from_result,
        VTABLE_DEFAULT_ERROR, //
    },
    prelude::*, //
};

/// Why a device is being suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendEvent {
    /// Nobody needs it at the moment. The driver may refuse.
    Auto,
    /// The system goes to sleep. It does so also if the driver returns an error.
    System,
}

impl SuspendEvent {
    fn from_raw(message: bindings::pm_message_t) -> Self {
        // CAST: Bits of a mask.
        match message.event as u32 & bindings::PM_EVENT_AUTO {
            0 => Self::System,
            _ => Self::Auto,
        }
    }
}

/// What a driver does when something happens to its device; each of them is optional, see
/// [`DriverOptions::callbacks`](super::DriverOptions::callbacks).
///
/// The adapter pauses all I/O of the interface for the time between two callbacks in which there
/// must not be any: transfers are cancelled, and new ones fail with `EHOSTUNREACH`. URBs that the
/// driver keeps can be submitted again afterwards.
///
/// # Context
///
/// All of them may sleep.
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::{Bound, Core},
///     prelude::*,
///     sync::atomic::{Atomic, Relaxed},
///     usb, //
/// };
///
/// struct Modem {
///     is_online: Atomic<bool>,
/// }
///
/// fn configure(intf: &usb::Interface<Bound>, is_online: bool) -> Result {
///     const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 1, is_online.into(), 0);
///     intf.control_send(&request, &[], SECOND)?;
///     Ok(())
/// }
///
/// #[vtable]
/// impl usb::Callbacks for Modem {
///     fn suspend(
///         _: &usb::Interface<Bound>,
///         modem: Pin<&Modem>,
///         event: usb::SuspendEvent,
///     ) -> Result {
///         match event {
///             usb::SuspendEvent::Auto if modem.is_online.load(Relaxed) => Err(EBUSY),
///             _ => Ok(()),
///         }
///     }
///
///     fn resume(_: &usb::Interface<Bound>, _modem: Pin<&Modem>) -> Result {
///         Ok(())
///     }
///
///     fn reset_resume(intf: &usb::Interface<Bound>, modem: Pin<&Modem>) -> Result {
///         configure(intf, modem.is_online.load(Relaxed))
///     }
///
///     fn pre_reset(_: &usb::Interface<Bound>, _modem: Pin<&Modem>) -> Result {
///         Ok(())
///     }
///
///     fn post_reset(intf: &usb::Interface<Bound>, modem: Pin<&Modem>) -> Result {
///         configure(intf, modem.is_online.load(Relaxed))
///     }
///
///     fn shutdown(intf: &usb::Interface<Bound>, _modem: Pin<&Modem>) {
///         let _ = configure(intf, false);
///     }
///
///     fn ioctl(
///         _: &usb::Interface<Core<'_>>,
///         modem: Pin<&Modem>,
///         command: u32,
///         buffer: &mut [u8],
///     ) -> Result<i32> {
///         const IS_ONLINE: u32 = kernel::ioctl::_IOR::<u8>(b'U' as u32, 0);
///         match (command, buffer) {
///             (IS_ONLINE, [answer]) => *answer = modem.is_online.load(Relaxed).into(),
///             _ => return Err(ENOTTY),
///         }
///         Ok(0)
///     }
/// }
/// #
/// # kernel::usb_device_table!(
/// #     MODEMS,
/// #     <Modem as usb::Driver>::IdInfo,
/// #     [(usb::DeviceId::from_id(0x1209, 0x0001), ())]
/// # );
/// #
/// # impl usb::Driver for Modem {
/// #     type IdInfo = ();
/// #     type Data<'bound> = Self;
/// #     const ID_TABLE: usb::IdTable<()> = &MODEMS;
/// #
/// #     fn probe<'bound>(
/// #         _: &'bound usb::Interface<Core<'_>>,
/// #         _: &usb::DeviceId,
/// #         _: Option<&'bound ()>,
/// #     ) -> impl PinInit<Self, Error> + 'bound {
/// #         Err(ENODEV)
/// #     }
/// # }
/// ```
#[vtable]
pub trait Callbacks: Driver {
    /// The device is about to be suspended. I/O is still possible, and has ended soon after this
    /// has returned.
    ///
    /// # Errors
    ///
    /// With an error, an autosuspend does not happen, `EBUSY` meaning that it should be tried
    /// again later. A system sleep happens anyway.
    fn suspend(
        _interface: &Interface<device::Bound>,
        _data: Pin<&Self::Data<'_>>,
        _event: SuspendEvent,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The device is awake again, as it was before. I/O is possible.
    ///
    /// # Errors
    ///
    /// Any is logged by the USB core, and that is all: the driver stays bound.
    fn resume(_interface: &Interface<device::Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The device is awake again, and has forgotten its state in the meantime. I/O is possible.
    ///
    /// Without this the driver is unbound in that case, and bound again.
    ///
    /// # Errors
    ///
    /// As [`resume`](Callbacks::resume).
    fn reset_resume(_interface: &Interface<device::Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The device is about to be reset. I/O is still possible, and has ended soon after this has
    /// returned.
    ///
    /// # Errors
    ///
    /// With an error, the driver is unbound for the reset.
    fn pre_reset(_interface: &Interface<device::Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The device was reset, and has its configuration and altsettings again. I/O is possible.
    ///
    /// # Errors
    ///
    /// With an error, the driver is unbound and bound again.
    fn post_reset(_interface: &Interface<device::Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The system shuts down.
    fn shutdown(_interface: &Interface<device::Bound>, _data: Pin<&Self::Data<'_>>) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// A program sends a command to the driver through usbfs (`USBDEVFS_IOCTL`). `buffer` has the
    /// size that is encoded in `command`; it holds what the program passed, and goes back to it.
    ///
    /// # Errors
    ///
    /// `ENOTTY` is for unknown commands.
    #[doc(alias = "unlocked_ioctl")]
    fn ioctl(
        _interface: &Interface<device::Core<'_>>,
        _data: Pin<&Self::Data<'_>>,
        _command: u32,
        _buffer: &mut [u8],
    ) -> Result<i32> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

type OnInterface = unsafe extern "C" fn(*mut bindings::usb_interface) -> c_int;
type OnSuspend =
    unsafe extern "C" fn(*mut bindings::usb_interface, bindings::pm_message_t) -> c_int;
type OnShutdown = unsafe extern "C" fn(*mut bindings::usb_interface);
type OnIoctl = unsafe extern "C" fn(*mut bindings::usb_interface, c_uint, *mut c_void) -> c_int;

/// The C side of [`Callbacks`].
pub(super) struct Table {
    suspend: Option<OnSuspend>,
    resume: Option<OnInterface>,
    reset_resume: Option<OnInterface>,
    pre_reset: Option<OnInterface>,
    post_reset: Option<OnInterface>,
    shutdown: Option<OnShutdown>,
    ioctl: Option<OnIoctl>,
}

/// A callback, if the driver has it.
macro_rules! callback {
    ($has:expr, $function:expr) => {
        if $has {
            Some($function)
        } else {
            None
        }
    };
}

impl Table {
    pub(super) const EMPTY: Self = Self {
        suspend: None,
        resume: None,
        reset_resume: None,
        pre_reset: None,
        post_reset: None,
        shutdown: None,
        ioctl: None,
    };

    pub(super) const fn of<T: Callbacks>() -> Self {
        Self {
            suspend: callback!(T::HAS_SUSPEND, suspend::<T>),
            resume: callback!(T::HAS_RESUME, resume::<T>),
            reset_resume: callback!(T::HAS_RESET_RESUME, reset_resume::<T>),
            pre_reset: callback!(T::HAS_PRE_RESET, pre_reset::<T>),
            post_reset: callback!(T::HAS_POST_RESET, post_reset::<T>),
            shutdown: callback!(T::HAS_SHUTDOWN, shutdown::<T>),
            ioctl: callback!(T::HAS_IOCTL, ioctl::<T>),
        }
    }

    pub(super) fn apply(&self, driver: &mut bindings::usb_driver) {
        driver.suspend = self.suspend;
        driver.resume = self.resume;
        driver.reset_resume = self.reset_resume;
        driver.pre_reset = self.pre_reset;
        driver.post_reset = self.post_reset;
        driver.shutdown = self.shutdown;
        driver.unlocked_ioctl = self.ioctl;
    }
}

/// An interface for which the core calls us back.
struct Called<'a> {
    interface: &'a Interface<device::Bound>,
    bond: &'a Bond,
}

impl<'a> Called<'a> {
    /// # Safety
    ///
    /// `intf` must be valid, and bound to a Rust driver for `'a`.
    unsafe fn new(intf: *mut bindings::usb_interface) -> Result<Self> {
        // SAFETY: By the safety requirement `intf` is valid for `'a`, and bound for as long, which
        // is what `Bound` says. An `Interface` is a transparent wrapper of it, for shared use.
        let interface = unsafe { &*intf.cast::<Interface<device::Bound>>() };
        let bond = interface.bond()?;
        Ok(Self { interface, bond })
    }

    /// Calls the driver, if it is its own interface.
    ///
    /// # Safety
    ///
    /// The interface must be bound to `T`'s adapter.
    unsafe fn call<T: Driver>(
        &self,
        kind: CallbackKind,
        f: impl FnOnce(&'a Interface<device::Bound>, Pin<&'a T::Data<'a>>) -> Result,
    ) -> Result {
        if self.bond.role() == Role::Claimed {
            return Ok(());
        }
        // SAFETY: By the safety requirement the interface is bound to `T`'s adapter, and it stays
        // so for `'a`, as `new` was promised.
        let data = unsafe { data_of::<T>(self.interface)? };
        self.bond.tasks().callback(kind, || f(self.interface, data))
    }
}

/// # Safety
///
/// Called by the core for an interface that is bound to `T`'s adapter.
unsafe extern "C" fn suspend<T: Callbacks>(
    intf: *mut bindings::usb_interface,
    message: bindings::pm_message_t,
) -> c_int {
    let event = SuspendEvent::from_raw(message);
    from_result(|| {
        // SAFETY: The core suspends interfaces that are bound, and does not unbind them meanwhile.
        let called = unsafe { Called::new(intf)? };
        // SAFETY: It is bound to `T`'s adapter, whose callback this is.
        let result = unsafe {
            called.call::<T>(CallbackKind::Power, |intf, data| {
                T::suspend(intf, data, event)
            })
        };
        if result.is_ok() || event == SuspendEvent::System {
            called.bond.gate.pause(Pause::Suspend)?;
        }
        result.map(|()| 0)
    })
}

/// # Safety
///
/// Called by the core for an interface that is bound to `T`'s adapter.
unsafe extern "C" fn resume<T: Callbacks>(intf: *mut bindings::usb_interface) -> c_int {
    from_result(|| {
        // SAFETY: Resuming and unbinding exclude each other.
        let called = unsafe { Called::new(intf)? };
        called.bond.gate.resume(Pause::Suspend);
        // SAFETY: The core found this function in the driver of the interface.
        unsafe { called.call::<T>(CallbackKind::Power, |intf, data| T::resume(intf, data)) }
            .map(|()| 0)
    })
}

/// # Safety
///
/// Called by the core for an interface that is bound to `T`'s adapter.
unsafe extern "C" fn reset_resume<T: Callbacks>(intf: *mut bindings::usb_interface) -> c_int {
    from_result(|| {
        // SAFETY: As any resume, this excludes an unbinding.
        let called = unsafe { Called::new(intf)? };
        called.bond.gate.resume_after_reset(Pause::Suspend);
        // SAFETY: `T` is the driver that is asked to bring the device back into its state.
        unsafe {
            called.call::<T>(CallbackKind::Power, |intf, data| {
                T::reset_resume(intf, data)
            })
        }
        .map(|()| 0)
    })
}

/// # Safety
///
/// Called by the core for an interface that is bound to `T`'s adapter.
unsafe extern "C" fn pre_reset<T: Callbacks>(intf: *mut bindings::usb_interface) -> c_int {
    from_result(|| {
        // SAFETY: A device is reset with its lock held, without which nothing is unbound.
        let called = unsafe { Called::new(intf)? };
        // SAFETY: It is `T` who is told of the reset of its interface.
        let result = unsafe {
            called.call::<T>(CallbackKind::Locked, |intf, data| T::pre_reset(intf, data))
        };
        called.bond.gate.pause(Pause::Reset)?;
        result.map(|()| 0)
    })
}

/// # Safety
///
/// Called by the core for an interface that is bound to `T`'s adapter.
unsafe extern "C" fn post_reset<T: Callbacks>(intf: *mut bindings::usb_interface) -> c_int {
    from_result(|| {
        // SAFETY: The lock under which the device was reset is still held.
        let called = unsafe { Called::new(intf)? };
        called.bond.gate.resume_after_reset(Pause::Reset);
        // SAFETY: It is `T` who was told before the reset, and is told now.
        unsafe { called.call::<T>(CallbackKind::Locked, |intf, data| T::post_reset(intf, data)) }
            .map(|()| 0)
    })
}

/// # Safety
///
/// Called by the core for an interface that is bound to `T`'s adapter.
unsafe extern "C" fn shutdown<T: Callbacks>(intf: *mut bindings::usb_interface) {
    // SAFETY: The driver core has locked the interface for this, so that it stays bound.
    let Ok(called) = (unsafe { Called::new(intf) }) else {
        return;
    };
    // SAFETY: The driver that is shut down is `T`.
    let _ = unsafe {
        called.call::<T>(CallbackKind::Locked, |intf, data| {
            T::shutdown(intf, data);
            Ok(())
        })
    };
}

/// # Safety
///
/// Called by usbfs, with the device locked, for an interface that is bound to `T`'s adapter;
/// `buffer` has the size that is encoded in `command`, and is null if that is 0.
unsafe extern "C" fn ioctl<T: Callbacks>(
    intf: *mut bindings::usb_interface,
    command: c_uint,
    buffer: *mut c_void,
) -> c_int {
    let size = crate::ioctl::_IOC_SIZE(command);
    let buffer: &mut [u8] = match buffer.is_null() {
        true => &mut [],
        // SAFETY: By the safety requirement it has that many bytes, which usbfs has initialised,
        // and nobody else uses them.
        false => unsafe { core::slice::from_raw_parts_mut(buffer.cast(), size) },
    };
    let mut value = 0;
    from_result(|| {
        // SAFETY: The device is locked, so that nothing is unbound.
        let called = unsafe { Called::new(intf)? };
        if called.bond.role() == Role::Claimed {
            return Err(ENOTTY);
        }
        // SAFETY: As above; the lock is what `Core` stands for.
        let core = unsafe { &*intf.cast::<Interface<device::Core<'_>>>() };
        // SAFETY: usbfs has looked `T`'s driver up to find this function.
        unsafe {
            called.call::<T>(CallbackKind::Locked, |_, data| {
                value = T::ioctl(core, data, command, buffer)?;
                Ok(())
            })?
        };
        Ok(value)
    })
}

#[kunit_tests(rust_usb_callbacks)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bit_tells_that_nobody_needs_the_device() {
        // `PM_EVENT_*` in `include/linux/pm.h`: freeze, suspend, hibernate, resume, and on; user
        // and remote.
        for (event, expected) in [
            (0, SuspendEvent::System),
            (0x0001, SuspendEvent::System),
            (0x0002, SuspendEvent::System),
            (0x0004, SuspendEvent::System),
            (0x0010, SuspendEvent::System),
            (0x0100, SuspendEvent::System),
            (0x0200, SuspendEvent::System),
            (0x0400, SuspendEvent::Auto),
            (0x0402, SuspendEvent::Auto),
            (i32::MAX, SuspendEvent::Auto),
            (i32::MAX & !0x0400, SuspendEvent::System),
            (-1, SuspendEvent::Auto),
            (i32::MIN, SuspendEvent::System),
        ] {
            let message = bindings::pm_message_t { event };
            assert_eq!(SuspendEvent::from_raw(message), expected);
        }
    }
}
