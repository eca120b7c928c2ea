// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! The device as a whole: who it is and how it is connected.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)

use crate::{
    bindings,
    device,
    sync::aref::AlwaysRefCounted,
    types::Opaque, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// The signalling rate of a connection (`enum usb_device_speed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speed {
    /// Not known yet.
    Unknown,
    /// 1.5 Mbit/s (USB 1.1).
    Low,
    /// 12 Mbit/s (USB 1.1).
    Full,
    /// 480 Mbit/s (USB 2.0).
    High,
    /// Wireless USB 2.5.
    Wireless,
    /// 5 Gbit/s (USB 3.2 Gen 1).
    Super,
    /// 10 Gbit/s and more (USB 3.2 Gen 2).
    SuperPlus,
}

impl Speed {
    fn from_raw(raw: bindings::usb_device_speed) -> Self {
        match raw {
            bindings::usb_device_speed_USB_SPEED_LOW => Self::Low,
            bindings::usb_device_speed_USB_SPEED_FULL => Self::Full,
            bindings::usb_device_speed_USB_SPEED_HIGH => Self::High,
            bindings::usb_device_speed_USB_SPEED_WIRELESS => Self::Wireless,
            bindings::usb_device_speed_USB_SPEED_SUPER => Self::Super,
            bindings::usb_device_speed_USB_SPEED_SUPER_PLUS => Self::SuperPlus,
            _ => Self::Unknown,
        }
    }

    /// The value of the C enumeration, which is part of user-space interfaces.
    pub const fn as_raw(self) -> u8 {
        self as u8
    }
}

/// A USB device.
///
/// This structure represents the Rust abstraction for a C [`struct usb_device`].
/// The implementation abstracts the usage of a C [`struct usb_device`] passed in
/// from the C side.
///
/// Descriptor fields are as the device reported them, in host byte order.
///
/// # Invariants
///
/// A [`Device`] instance represents a valid [`struct usb_device`] created by the C portion of the
/// kernel.
///
/// [`struct usb_device`]: https://www.kernel.org/doc/html/latest/driver-api/usb/usb.html#c.usb_device
#[repr(transparent)]
pub struct Device<Ctx: device::DeviceContext = device::Normal>(
    Opaque<bindings::usb_device>,
    PhantomData<Ctx>,
);

impl<Ctx: device::DeviceContext> Device<Ctx> {
    pub(super) fn as_raw(&self) -> *mut bindings::usb_device {
        self.0.get()
    }

    fn descriptor(&self) -> &bindings::usb_device_descriptor {
        // SAFETY: `self.as_raw()` is valid by the type invariants, and the device descriptor does
        // not change once the device was added, which is before anybody gets a reference to it.
        unsafe { &(*self.as_raw()).descriptor }
    }

    /// Who made it: a number given out by the USB-IF (USB 2.0, table 9-8).
    #[doc(alias = "idVendor")]
    pub fn vendor_id(&self) -> u16 {
        u16::from_le(self.descriptor().idVendor)
    }

    /// Which of its maker's products it is.
    #[doc(alias = "idProduct")]
    pub fn product_id(&self) -> u16 {
        u16::from_le(self.descriptor().idProduct)
    }

    /// The release of the device, in binary coded decimal: 0x0210 is 2.10.
    #[doc(alias = "bcdDevice")]
    pub fn device_release(&self) -> u16 {
        u16::from_le(self.descriptor().bcdDevice)
    }

    /// The USB specification it says it follows, in binary coded decimal.
    #[doc(alias = "bcdUSB")]
    pub fn usb_release(&self) -> u16 {
        u16::from_le(self.descriptor().bcdUSB)
    }

    /// How fast it is connected.
    pub fn speed(&self) -> Speed {
        // SAFETY: `self.as_raw()` is valid by the type invariants; the speed of a device does not
        // change after its enumeration.
        Speed::from_raw(unsafe { (*self.as_raw()).speed })
    }

    /// The number of its bus, counted from 1, as in `lsusb`.
    pub fn bus_number(&self) -> u16 {
        // SAFETY: `self.as_raw()` is valid by the type invariants; a device holds a reference to
        // its bus.
        let number = unsafe { (*(*self.as_raw()).bus).busnum };
        // CAST: Bus numbers are allocated below `USB_MAXBUS`, 64.
        number as u16
    }

    /// Its address on the bus, 1 to 127, as in `lsusb`; 0 once it is gone.
    pub fn address(&self) -> u16 {
        // SAFETY: `self.as_raw()` is valid by the type invariants.
        let number = unsafe { (*self.as_raw()).devnum };
        // The core makes it -1 when the device is gone.
        u16::try_from(number).unwrap_or(0)
    }
}

// SAFETY: `Device` is a transparent wrapper of a type that doesn't depend on `Device`'s generic
// argument.
kernel::impl_device_context_deref!(unsafe { Device });
kernel::impl_device_context_into_aref!(Device);

// SAFETY: Instances of `Device` are always reference-counted.
unsafe impl AlwaysRefCounted for Device {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: The invariants of `Device` guarantee that `self.as_raw()`
        // returns a valid `struct usb_device` pointer, for which we will
        // acquire a new refcount.
        unsafe { bindings::usb_get_dev(self.as_raw()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The safety requirements guarantee that the refcount is non-zero.
        unsafe { bindings::usb_put_dev(obj.cast().as_ptr()) }
    }
}

impl<Ctx: device::DeviceContext> AsRef<device::Device<Ctx>> for Device<Ctx> {
    fn as_ref(&self) -> &device::Device<Ctx> {
        // SAFETY: By the type invariant of `Self`, `self.as_raw()` is a pointer to a valid
        // `struct usb_device`.
        let dev = unsafe { &raw mut ((*self.as_raw()).dev) };

        // SAFETY: `dev` points to a valid `struct device`.
        unsafe { device::Device::from_raw(dev) }
    }
}

// SAFETY: A `Device` is always reference-counted and can be released from any thread.
unsafe impl Send for Device {}

// SAFETY: A `&Device` allows no mutation, only reads of fields that stay as they are, and
// reference counting, which is atomic.
unsafe impl Sync for Device {}

// SAFETY: Same as `Device<Normal>` -- the underlying `struct usb_device` is the same;
// `Bound` is a zero-sized type-state marker that does not affect thread safety.
unsafe impl Sync for Device<device::Bound> {}
