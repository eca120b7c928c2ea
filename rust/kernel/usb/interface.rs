// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! The interface: what a driver is bound to.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)

use super::{
    altsetting::Altsetting,
    bond::Bond,
    endpoint::{
        Direction,
        Endpoint,
        EndpointDescriptor,
        TransferType, //
    },
    gate::Gate,
    proof::IsBound,
    Device, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    sync::{
        aref::AlwaysRefCounted,
        Arc, //
    },
    types::Opaque, //
};
use core::{
    marker::PhantomData,
    mem::offset_of,
    ptr::NonNull, //
};

/// A USB interface.
///
/// This structure represents the Rust abstraction for a C [`struct usb_interface`].
/// The implementation abstracts the usage of a C [`struct usb_interface`] passed
/// in from the C side.
///
/// An `&Interface<Bound>` is what I/O needs: it exists only while the driver is bound, in
/// callbacks of the adapter that may sleep, and never in a completion handler. What has to be kept
/// for longer, by an open file or by a handler, say, is an `ARef<Interface>`, which says which
/// interface it is, and gives no access to it.
///
/// # Invariants
///
/// - An [`Interface`] instance represents a valid [`struct usb_interface`] created
///   by the C portion of the kernel.
/// - An `Interface<Bound>` is bound to a driver registered through
///   [`Adapter`](super::Adapter), and its driver data starts with a `Bond`.
///
/// [`struct usb_interface`]: https://www.kernel.org/doc/html/latest/driver-api/usb/usb.html#c.usb_interface
#[repr(transparent)]
pub struct Interface<Ctx: device::DeviceContext = device::Normal>(
    Opaque<bindings::usb_interface>,
    PhantomData<Ctx>,
);

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    pub(super) fn as_raw(&self) -> *mut bindings::usb_interface {
        self.0.get()
    }

    pub(super) fn as_non_null(&self) -> NonNull<bindings::usb_interface> {
        NonNull::from(self).cast()
    }

    /// The device that this is an interface of.
    pub fn device(&self) -> &Device {
        self.as_ref()
    }
}

impl Interface<device::Bound> {
    /// What the adapter keeps for this interface.
    ///
    /// # Errors
    ///
    /// `ENODEV` while the driver's data is being dropped: it is bound for its own destructor, but
    /// no longer for anything else.
    pub(super) fn bond(&self) -> Result<&Bond> {
        let dev: &device::Device<device::Bound> = self.as_ref();
        // SAFETY: `dev` is valid.
        let bond = unsafe { bindings::dev_get_drvdata(dev.as_raw()) };
        // SAFETY: By the type invariants the driver data of a bound interface starts with a
        // `Bond`; the pointer is set to null before that is dropped.
        unsafe { bond.cast::<Bond>().as_ref() }.ok_or(ENODEV)
    }

    /// The gate that all of its I/O goes through. Errors as [`bond`](Self::bond).
    pub(super) fn gate(&self) -> Result<&Arc<Gate>> {
        Ok(&self.bond()?.gate)
    }
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// The altsetting in use.
    ///
    /// It changes only where the driver itself changes it: whoever does so from outside (user
    /// space, a reset) unbinds the driver first.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb, usb::descriptor};
    ///
    /// /// How a HID device is described, in the descriptors behind that of its interface.
    /// fn hid(intf: &usb::Interface<Bound>) -> Result<descriptor::Hid<'_>> {
    ///     Ok(descriptor::Hid::parse(intf.altsetting().extra())?)
    /// }
    /// ```
    #[doc(alias = "cur_altsetting")]
    pub fn altsetting(&self) -> Altsetting<'_>
    where
        Self: IsBound,
    {
        // SAFETY: By the type invariants the interface is valid, and configured while it is bound.
        unsafe { Altsetting::current(self.as_non_null()) }
    }

    /// All of its altsettings, in the order of their descriptors.
    pub fn altsettings(&self) -> impl Iterator<Item = Altsetting<'_>>
    where
        Self: IsBound,
    {
        // SAFETY: By the type invariants the interface is valid, and configured while it is bound.
        unsafe { Altsetting::all(self.as_non_null()) }
    }

    /// The number of the interface in its configuration (USB 2.0, 9.6.5).
    #[doc(alias = "bInterfaceNumber")]
    pub fn number(&self) -> u8
    where
        Self: IsBound,
    {
        self.altsetting().interface_number()
    }

    /// The number of the altsetting in use.
    #[doc(alias = "bAlternateSetting")]
    pub fn altsetting_number(&self) -> u8
    where
        Self: IsBound,
    {
        self.altsetting().number()
    }

    /// Class, subclass and protocol of the altsetting in use.
    #[doc(alias("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"))]
    pub fn class(&self) -> (u8, u8, u8)
    where
        Self: IsBound,
    {
        self.altsetting().class()
    }

    /// The endpoints of the altsetting in use, in the order of their descriptors.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointDescriptor> + '_
    where
        Self: IsBound,
    {
        self.altsetting().endpoints()
    }

    /// The first endpoint of a transfer type and direction.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// fn find(intf: &usb::Interface<Bound>) -> Result<u16> {
    ///     let bulk_in = intf.find_endpoint::<usb::Bulk, usb::In>().ok_or(ENXIO)?;
    ///     Ok(bulk_in.max_packet())
    /// }
    /// ```
    #[doc(alias("usb_find_common_endpoints", "usb_find_bulk_in_endpoint"))]
    pub fn find_endpoint<T: TransferType, D: Direction>(&self) -> Option<Endpoint<'_, T, D>>
    where
        Self: IsBound,
    {
        self.find_endpoints().next()
    }

    /// All endpoints of a transfer type and direction.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// An adapter for several serial lines has a bulk OUT endpoint for each of them.
    /// fn line(
    ///     intf: &usb::Interface<Bound>,
    ///     index: usize,
    /// ) -> Option<usb::Endpoint<'_, usb::Bulk, usb::Out>> {
    ///     intf.find_endpoints::<usb::Bulk, usb::Out>().nth(index)
    /// }
    ///
    /// /// Whether the interface has its bandwidth: by custom, altsetting 0 has none.
    /// fn is_streaming(intf: &usb::Interface<Bound>) -> bool {
    ///     intf.altsetting_number() != 0
    ///         && intf.endpoints().any(|endpoint| endpoint.max_packet() > 0)
    /// }
    /// ```
    pub fn find_endpoints<T: TransferType, D: Direction>(
        &self,
    ) -> impl Iterator<Item = Endpoint<'_, T, D>>
    where
        Self: IsBound,
    {
        let interface = self.bound();
        let altsetting = interface.altsetting();
        let setting = altsetting.id();
        altsetting
            .endpoints()
            .filter_map(move |descriptor| Endpoint::new(interface, setting, descriptor))
    }

    /// The endpoint with an address, if it is of that transfer type; the direction is part of the
    /// address (USB 2.0, table 9-13).
    #[doc(alias = "usb_check_bulk_endpoints")]
    pub fn endpoint<T: TransferType, D: Direction>(&self, address: u8) -> Option<Endpoint<'_, T, D>>
    where
        Self: IsBound,
    {
        self.find_endpoints()
            .find(|endpoint| endpoint.address() == address)
    }
}

// SAFETY: `usb::Interface` is a transparent wrapper of `struct usb_interface`.
// The offset is guaranteed to point to a valid device field inside `usb::Interface`.
unsafe impl<Ctx: device::DeviceContext> device::AsBusDevice<Ctx> for Interface<Ctx> {
    const OFFSET: usize = offset_of!(bindings::usb_interface, dev);
}

// SAFETY: `Interface` is a transparent wrapper of a type that doesn't depend on
// `Interface`'s generic argument.
kernel::impl_device_context_deref!(unsafe { Interface });
kernel::impl_device_context_into_aref!(Interface);

impl<Ctx: device::DeviceContext> AsRef<device::Device<Ctx>> for Interface<Ctx> {
    fn as_ref(&self) -> &device::Device<Ctx> {
        // SAFETY: By the type invariant of `Self`, `self.as_raw()` is a pointer to a valid
        // `struct usb_interface`.
        let dev = unsafe { &raw mut ((*self.as_raw()).dev) };

        // SAFETY: `dev` points to a valid `struct device`.
        unsafe { device::Device::from_raw(dev) }
    }
}

impl<Ctx: device::DeviceContext> AsRef<Device> for Interface<Ctx> {
    fn as_ref(&self) -> &Device {
        // SAFETY: `self.as_raw()` is valid by the type invariants.
        let usb_dev = unsafe { bindings::interface_to_usbdev(self.as_raw()) };

        // SAFETY: For a valid `struct usb_interface` pointer, the above call to
        // `interface_to_usbdev()` guarantees to return a valid pointer to a `struct usb_device`.
        unsafe { &*(usb_dev.cast()) }
    }
}

// SAFETY: Instances of `Interface` are always reference-counted.
unsafe impl AlwaysRefCounted for Interface {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: The invariants of `Interface` guarantee that `self.as_raw()`
        // returns a valid `struct usb_interface` pointer, for which we will
        // acquire a new refcount.
        unsafe { bindings::usb_get_intf(self.as_raw()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The safety requirements guarantee that the refcount is non-zero.
        unsafe { bindings::usb_put_intf(obj.cast().as_ptr()) }
    }
}

// SAFETY: A `Interface` is always reference-counted and can be released from any thread.
unsafe impl Send for Interface {}

// SAFETY: A `&Interface` allows no mutation, only reads of fields that stay as they are, and
// reference counting, which is atomic.
unsafe impl Sync for Interface {}

// SAFETY: Same as `Interface<Normal>`; what `Bound` adds, I/O through the gate and reading
// descriptors, may be done by several threads at once.
unsafe impl Sync for Interface<device::Bound> {}
