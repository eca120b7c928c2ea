// SPDX-License-Identifier: GPL-2.0

//! The interfaces of a device, to be looked at.
//!
//! C reference: `usb_ifnum_to_if()` in `drivers/usb/core/usb.c`.

use super::{
    Altsetting,
    BoundDevice,
    Interface, //
};
use crate::{
    bindings,
    device, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// An interface of a device, whoever drives it: what its descriptors say.
///
/// It is not for I/O; for that the driver is bound to it, or claims it. What another driver may
/// change meanwhile, as the altsetting in use, may be out of date when it is used.
///
/// # Invariants
///
/// `raw` is an interface of the active configuration, valid and configured for `'a`.
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, prelude::*, usb};
///
/// /// Claims the data interface of a modem that does not say which one it is: the first of that
/// /// class that nobody has.
/// fn claim_data(intf: &usb::Interface<Core<'_>>) -> Result<usb::Claim> {
///     const DATA: u8 = 0x0a;
///     let device = intf.bound_device();
///     let is_data = |info: &usb::InterfaceInfo<'_>| info.class().0 == DATA && !info.is_claimed();
///     let data = device.interfaces().find(is_data).ok_or(ENODEV)?;
///     let bulk = |setting: usb::Altsetting<'_>| setting.endpoints().count() == 2;
///     if !data.altsettings().any(bulk) || data.altsetting().number() != 0 {
///         return Err(ENODEV);
///     }
///     intf.claim(data.number())
/// }
///
/// /// Whether a device has a display beside the keys that this driver is for.
/// fn has_display(intf: &usb::Interface<Core<'_>>) -> bool {
///     intf.bound_device().find_interface(1).is_some()
/// }
/// ```
#[derive(Clone, Copy)]
pub struct InterfaceInfo<'a> {
    raw: NonNull<bindings::usb_interface>,
    _bound: PhantomData<&'a Interface<device::Bound>>,
}

impl<'a> InterfaceInfo<'a> {
    /// The number of the interface in its configuration (USB 2.0, 9.6.5).
    #[doc(alias = "bInterfaceNumber")]
    pub fn number(&self) -> u8 {
        self.altsetting().interface_number()
    }

    /// Class, subclass and protocol of the altsetting in use.
    #[doc(alias("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"))]
    pub fn class(&self) -> (u8, u8, u8) {
        self.altsetting().class()
    }

    /// The altsetting in use.
    #[doc(alias = "cur_altsetting")]
    pub fn altsetting(&self) -> Altsetting<'a> {
        // SAFETY: By the type invariants the interface is valid and configured.
        unsafe { Altsetting::current(self.raw) }
    }

    /// All of its altsettings, in the order of their descriptors.
    pub fn altsettings(&self) -> impl Iterator<Item = Altsetting<'a>> {
        // SAFETY: By the type invariants it is valid and configured, for as long as `'a`.
        unsafe { Altsetting::all(self.raw) }
    }

    /// Whether a driver is bound to it or has claimed it, this one or another.
    #[doc(alias = "usb_interface_claimed")]
    pub fn is_claimed(&self) -> bool {
        let raw = self.raw.as_ptr();
        // SAFETY: By the type invariants it is valid. The driver may change at any time; it is
        // not looked into.
        !unsafe { (&raw const (*raw).dev.driver).read_volatile() }.is_null()
    }
}

impl<'a> BoundDevice<'a> {
    /// The interfaces of the active configuration, in the order of their descriptors. That which
    /// the driver is bound to is one of them.
    pub fn interfaces(&self) -> impl Iterator<Item = InterfaceInfo<'a>> + use<'a> {
        // SAFETY: The device is valid. One of its interfaces is bound for `'a`, so that this is
        // its configuration, and stays so.
        let config = unsafe { (&raw const (*self.as_raw()).actconfig).read_volatile() };
        // SAFETY: If not null, it points to a configuration of the device, whose descriptor does
        // not change after the enumeration.
        let count = unsafe { config.as_ref() }.map_or(0, |config| config.desc.bNumInterfaces);
        (0..usize::from(count)).filter_map(move |index| {
            // SAFETY: The configuration is valid for `'a`, and the core has made its count fit the
            // array. While any interface is bound, none is taken away.
            let raw = unsafe { (&raw const (*config).interface[index]).read_volatile() };
            // INVARIANT: Interfaces are configured before the first of them is bound.
            NonNull::new(raw).map(|raw| InterfaceInfo {
                raw,
                _bound: PhantomData,
            })
        })
    }

    /// The interface with a number.
    #[doc(alias = "usb_ifnum_to_if")]
    pub fn find_interface(&self, number: u8) -> Option<InterfaceInfo<'a>> {
        self.interfaces().find(|info| info.number() == number)
    }
}
