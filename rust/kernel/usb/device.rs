// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! The device as a whole: who it is and how it is connected.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)

use crate::{
    bindings,
    device,
    prelude::*,
    sync::aref::AlwaysRefCounted,
    types::Opaque, //
};
use core::{
    marker::PhantomData,
    ptr::{
        addr_of,
        NonNull, //
    }, //
};

/// The signalling rate of a connection (`enum usb_device_speed`).
///
/// # Examples
///
/// ```
/// use kernel::usb::Speed;
///
/// /// Whether a camera may send pictures that it has not compressed.
/// fn is_fast(speed: Speed) -> bool {
///     speed >= Speed::Super
/// }
///
/// assert!(is_fast(Speed::SuperPlus) && !is_fast(Speed::High));
/// assert_eq!(Speed::Super.as_raw(), 5);
/// ```
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

/// How far a device has come (`enum usb_device_state`; USB 2.0, 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Gone: unplugged, or cut off by its hub. It does not come back as the same device.
    NotAttached,
    /// Plugged in.
    Attached,
    /// Supplied with power.
    Powered,
    /// Being authenticated (Wireless USB).
    Reconnecting,
    /// Not authenticated (Wireless USB).
    Unauthenticated,
    /// Reset, without an address of its own.
    Default,
    /// Has an address, but no configuration.
    Address,
    /// Can be used.
    Configured,
    /// Sleeps.
    Suspended,
}

impl DeviceState {
    /// A state that is unknown here is none in which a device can be used.
    const fn from_raw(raw: bindings::usb_device_state) -> Self {
        match raw {
            bindings::usb_device_state_USB_STATE_ATTACHED => Self::Attached,
            bindings::usb_device_state_USB_STATE_POWERED => Self::Powered,
            bindings::usb_device_state_USB_STATE_RECONNECTING => Self::Reconnecting,
            bindings::usb_device_state_USB_STATE_UNAUTHENTICATED => Self::Unauthenticated,
            bindings::usb_device_state_USB_STATE_DEFAULT => Self::Default,
            bindings::usb_device_state_USB_STATE_ADDRESS => Self::Address,
            bindings::usb_device_state_USB_STATE_CONFIGURED => Self::Configured,
            bindings::usb_device_state_USB_STATE_SUSPENDED => Self::Suspended,
            _ => Self::NotAttached,
        }
    }
}

/// Whether a user can unplug a device (`enum device_removable`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removable {
    /// Neither hub nor firmware says so.
    Unknown,
    /// It is built in.
    Fixed,
    /// It is in a socket.
    Removable,
}

impl Removable {
    const fn from_raw(raw: bindings::device_removable) -> Self {
        match raw {
            bindings::device_removable_DEVICE_FIXED => Self::Fixed,
            bindings::device_removable_DEVICE_REMOVABLE => Self::Removable,
            _ => Self::Unknown,
        }
    }
}

/// A USB device.
///
/// This structure represents the Rust abstraction for a C [`struct usb_device`].
/// The implementation abstracts the usage of a C [`struct usb_device`] passed in
/// from the C side.
///
/// Descriptor fields are as the device reported them, in host byte order. What a device is, stays
/// as it is for as long as anybody has a reference to it. What may change at any time, as its
/// [`state`](Device::state) does, is read anew each time, and may be out of date when it is used.
///
/// # Invariants
///
/// A [`Device`] instance represents a valid [`struct usb_device`] created by the C portion of the
/// kernel, whose enumeration is over: only then it gets interfaces, through which it is found.
///
/// [`struct usb_device`]: https://www.kernel.org/doc/html/latest/driver-api/usb/usb.html#c.usb_device
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// Logs who a device is and where it is.
/// fn describe(device: &usb::Device) {
///     let maker = device.manufacturer().unwrap_or(c"somebody");
///     let product = device.product().unwrap_or(c"something");
///     pr_debug!("{maker}: {product}, number {:?}\n", device.serial());
///     let (bus, path, port) = (device.bus_number(), device.port_path(), device.port_number());
///     pr_debug!("bus {bus}, ports {path} up to {port}, address {}\n", device.address());
/// }
///
/// /// What to do for a device that does not work well, if anything.
/// fn advice(device: &usb::Device) -> Option<&'static str> {
///     if device.removable() == usb::Removable::Fixed || device.is_root_hub() {
///         return None;
///     }
///     match device.port_current_ma() {
///         ..500 => Some("plug it into a hub with a power supply"),
///         _ if device.speed() < usb::Speed::High => Some("plug it into a faster hub"),
///         _ => None,
///     }
/// }
///
/// /// Whether another look may help, at a device with endpoint 0 as it must be (USB 2.0, 5.5.3).
/// fn is_usable(device: &usb::Device) -> bool {
///     device.state() != usb::DeviceState::NotAttached && device.max_packet_0() >= 8
/// }
/// ```
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

    /// Class, subclass and protocol of the device; 0 for a class that its interfaces have (USB 2.0,
    /// table 9-8).
    #[doc(alias("bDeviceClass", "bDeviceSubClass", "bDeviceProtocol"))]
    pub fn class(&self) -> (u8, u8, u8) {
        let desc = self.descriptor();
        (
            desc.bDeviceClass,
            desc.bDeviceSubClass,
            desc.bDeviceProtocol,
        )
    }

    /// The most bytes that a packet of endpoint 0 carries: 8 to 64, or 512 for a faster one than
    /// USB 2.0 has.
    #[doc(alias = "bMaxPacketSize0")]
    pub fn max_packet_0(&self) -> u16 {
        // SAFETY: `self.as_raw()` is valid by the type invariants. A reset writes the size anew,
        // so it is read once, with a volatile access.
        let size = unsafe { addr_of!((*self.as_raw()).ep0.desc.wMaxPacketSize).read_volatile() };
        u16::from_le(size) & 0x7ff
    }

    /// How many configurations it has, of which at most one is active.
    #[doc(alias = "bNumConfigurations")]
    pub fn configuration_count(&self) -> u8 {
        self.descriptor().bNumConfigurations
    }

    /// The configuration of an index with all that belongs to it, as the device sent it: a
    /// configuration descriptor and those of its interfaces, endpoints and classes (USB 2.0, 9.4.3).
    ///
    /// An index is less than [`configuration_count`](Device::configuration_count); it is not the
    /// value that a configuration is activated with. The device chose every byte of this, lengths
    /// too. It is as long as the USB core found it to be, whatever its `wTotalLength` says.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// /// The `bConfigurationValue` of the configuration with the most interfaces.
    /// fn best_value(device: &usb::Device) -> Option<u8> {
    ///     let indices = 0..device.configuration_count();
    ///     let all = indices.filter_map(|index| device.configuration_bytes(index));
    ///     all.max_by_key(|bytes| bytes.get(4))?.get(5).copied()
    /// }
    /// ```
    #[doc(alias = "rawdescriptors")]
    pub fn configuration_bytes(&self, index: u8) -> Option<&[u8]> {
        let udev = self.as_raw();
        // SAFETY: `udev` is valid. These are set during its enumeration, and freed with it.
        let (configs, raw) = unsafe { ((*udev).config, (*udev).rawdescriptors) };
        if index >= self.configuration_count() || configs.is_null() || raw.is_null() {
            return None;
        }
        // SAFETY: Both arrays have as many entries as there are configurations.
        let (length, bytes) = unsafe {
            let config = configs.add(index.into());
            ((*config).desc.wTotalLength, *raw.add(index.into()))
        };
        if bytes.is_null() {
            return None;
        }
        // SAFETY: This copy of the length is not the device's any more: the core replaced it by the
        // number of bytes that it has parsed, or did not accept the device. They don't change
        // after that, and are freed with the device.
        Some(unsafe { core::slice::from_raw_parts(bytes.cast(), u16::from_le(length).into()) })
    }

    /// The value of the active configuration; [`None`] if there is none.
    #[doc(alias("actconfig", "bConfigurationValue"))]
    pub fn active_configuration(&self) -> Option<u8> {
        // SAFETY: `self.as_raw()` is valid by the type invariants. The pointer changes under the
        // device lock, which we may not have, so it is read once, with a volatile access.
        let config = unsafe { addr_of!((*self.as_raw()).actconfig).read_volatile() };
        // SAFETY: If not null, it points into the array of configurations, which is freed with the
        // device, and whose descriptors don't change after its enumeration.
        unsafe { config.as_ref() }.map(|config| config.desc.bConfigurationValue)
    }

    /// What it says who made it; [`None`] if it does not say, or not legibly.
    #[doc(alias = "iManufacturer")]
    pub fn manufacturer(&self) -> Option<&CStr> {
        // SAFETY: `self.as_raw()` is valid by the type invariants.
        self.string(unsafe { (*self.as_raw()).manufacturer })
    }

    /// What it says it is; [`None`] if it does not say, or not legibly.
    #[doc(alias = "iProduct")]
    pub fn product(&self) -> Option<&CStr> {
        // SAFETY: The device is valid by the type invariants.
        self.string(unsafe { (*self.as_raw()).product })
    }

    /// Its serial number, which need not be a number; [`None`] if it has none.
    #[doc(alias = "iSerialNumber")]
    pub fn serial(&self) -> Option<&CStr> {
        // SAFETY: By the type invariants we have a valid device.
        self.string(unsafe { (*self.as_raw()).serial })
    }

    /// A string that the core read from the device.
    fn string(&self, string: *const c_char) -> Option<&CStr> {
        if string.is_null() {
            return None;
        }
        // SAFETY: The core reads strings during the enumeration, ends them with a NUL, and frees
        // them with the device.
        Some(unsafe { CStr::from_char_ptr(string) })
    }

    /// How fast it is connected.
    pub fn speed(&self) -> Speed {
        // SAFETY: `self.as_raw()` is valid by the type invariants. During a reset the core writes
        // the speed anew, so it is read once, with a volatile access.
        Speed::from_raw(unsafe { addr_of!((*self.as_raw()).speed).read_volatile() })
    }

    /// How far it has come.
    pub fn state(&self) -> DeviceState {
        // SAFETY: `self.as_raw()` is valid by the type invariants. The state may change at any
        // time, so it is read once, with a volatile access.
        DeviceState::from_raw(unsafe { addr_of!((*self.as_raw()).state).read_volatile() })
    }

    /// The number of its bus, counted from 1, as in `lsusb`.
    pub fn bus_number(&self) -> u16 {
        // SAFETY: `self.as_raw()` is valid by the type invariants; a device holds a reference to
        // its bus.
        let number = unsafe { (*(*self.as_raw()).bus).busnum };
        // CAST: Bus numbers are allocated below `USB_MAXBUS`, 64.
        number as u16
    }

    /// How many pieces of memory its host controller can gather for one transfer; 0 if it cannot.
    #[doc(alias = "sg_tablesize")]
    pub fn scatter_limit(&self) -> u32 {
        // SAFETY: As for the bus number. The limit is set before the bus has any device.
        unsafe { (*(*self.as_raw()).bus).sg_tablesize }
    }

    /// Its number on the bus, 1 to 127, as in `lsusb`; 0 once it is gone, and while it is reset.
    #[doc(alias = "devnum")]
    pub fn address(&self) -> u16 {
        // SAFETY: `self.as_raw()` is valid by the type invariants. The number may change at any
        // time, so it is read once, with a volatile access.
        let number = unsafe { addr_of!((*self.as_raw()).devnum).read_volatile() };
        // The core makes it -1 when the device is gone.
        u16::try_from(number).unwrap_or(0)
    }

    /// The ports that lead to it from the root hub, as in "1.4"; "0" for a root hub.
    #[doc(alias = "devpath")]
    pub fn port_path(&self) -> &CStr {
        // SAFETY: `self.as_raw()` is valid by the type invariants. The path is written before the
        // device is enumerated, and ends with a NUL.
        unsafe { CStr::from_char_ptr(addr_of!((*self.as_raw()).devpath).cast()) }
    }

    /// The number of its port at the hub above it, counted from 1; 0 for a root hub.
    #[doc(alias = "portnum")]
    pub fn port_number(&self) -> u8 {
        // SAFETY: `self.as_raw()` is valid by the type invariants; the port stays the same.
        unsafe { (*self.as_raw()).portnum }
    }

    /// How many hubs there are between it and the host controller, root hub included.
    pub fn level(&self) -> u8 {
        // SAFETY: `self.as_raw()` is valid by the type invariants; the level stays the same.
        unsafe { (*self.as_raw()).level }
    }

    /// Whether it is the hub that its host controller pretends to be.
    pub fn is_root_hub(&self) -> bool {
        // SAFETY: `self.as_raw()` is valid by the type invariants. That it has a parent stays the
        // same; the parent is not looked into.
        unsafe { (*self.as_raw()).parent.is_null() }
    }

    /// The current that its port can supply, in milliamperes.
    #[doc(alias = "bus_mA")]
    pub fn port_current_ma(&self) -> u16 {
        // SAFETY: `self.as_raw()` is valid by the type invariants. For a root hub it is written when
        // the hub driver is bound, so it is read once, with a volatile access.
        unsafe { addr_of!((*self.as_raw()).bus_mA).read_volatile() }
    }

    /// Whether a user can unplug it.
    pub fn removable(&self) -> Removable {
        // SAFETY: `self.as_raw()` is valid by the type invariants; this is set before the device
        // is added.
        Removable::from_raw(unsafe { (*self.as_raw()).dev.removable })
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

#[kunit_tests(rust_usb_device)]
mod tests {
    use super::*;

    /// Made up, for a device that is nothing but memory.
    fn device(raw: &mut bindings::usb_device) -> &Device {
        // SAFETY: `Device` is a transparent wrapper. The accessors under test follow no pointers
        // but those that the tests set; the reference count is left alone.
        unsafe { &*core::ptr::from_mut(raw).cast() }
    }

    fn zeroed() -> Result<KBox<bindings::usb_device>> {
        // SAFETY: All fields of the C structure may be zero.
        Ok(unsafe {
            KBox::<bindings::usb_device>::new_uninit(GFP_KERNEL | __GFP_ZERO)?.assume_init()
        })
    }

    #[test]
    fn states_are_those_of_chapter_9() {
        let cases = [
            (0, DeviceState::NotAttached),
            (1, DeviceState::Attached),
            (2, DeviceState::Powered),
            (3, DeviceState::Reconnecting),
            (4, DeviceState::Unauthenticated),
            (5, DeviceState::Default),
            (6, DeviceState::Address),
            (7, DeviceState::Configured),
            (8, DeviceState::Suspended),
            (9, DeviceState::NotAttached),
            (u32::MAX, DeviceState::NotAttached),
        ];
        for (raw, state) in cases {
            assert_eq!(DeviceState::from_raw(raw), state);
        }
    }

    #[test]
    fn removable_is_unknown_unless_somebody_says_so() {
        let cases = [
            (0, Removable::Unknown),
            (1, Removable::Unknown),
            (2, Removable::Fixed),
            (3, Removable::Removable),
            (4, Removable::Unknown),
        ];
        for (raw, removable) in cases {
            assert_eq!(Removable::from_raw(raw), removable);
        }
    }

    #[test]
    fn a_device_that_says_nothing_has_no_strings() -> Result {
        let mut raw = zeroed()?;
        let device = device(&mut raw);
        assert!(device.manufacturer().is_none());
        assert!(device.product().is_none());
        assert!(device.serial().is_none());
        assert!(device.active_configuration().is_none());
        assert!(device.configuration_bytes(0).is_none());
        assert!(device.is_root_hub());
        Ok(())
    }

    #[test]
    fn strings_are_told_apart() -> Result {
        let mut raw = zeroed()?;
        raw.manufacturer = c"maker".as_char_ptr().cast_mut();
        raw.product = c"thing".as_char_ptr().cast_mut();
        raw.serial = c"0815".as_char_ptr().cast_mut();
        let device = device(&mut raw);
        assert_eq!(device.manufacturer(), Some(c"maker"));
        assert_eq!(device.product(), Some(c"thing"));
        assert_eq!(device.serial(), Some(c"0815"));
        Ok(())
    }

    #[test]
    fn an_address_is_none_when_the_device_is_gone() -> Result {
        let mut raw = zeroed()?;
        for (devnum, address) in [(-1, 0), (0, 0), (1, 1), (127, 127)] {
            raw.devnum = devnum;
            assert_eq!(device(&mut raw).address(), address);
        }
        Ok(())
    }

    #[test]
    fn configuration_bytes_are_bounded() -> Result {
        let mut bytes = [9u8, 2, 0xff, 0xff, 1, 3, 0, 0x80, 50, 0xee];
        let mut configs = KVec::<bindings::usb_host_config>::new();
        for length in [9u16, 0] {
            let mut config = bindings::usb_host_config::default();
            config.desc.wTotalLength = length.to_le();
            config.desc.bConfigurationValue = 3;
            configs.push(config, GFP_KERNEL)?;
        }
        let mut pieces = [bytes.as_mut_ptr().cast(), core::ptr::null_mut()];
        let mut raw = zeroed()?;
        raw.config = configs.as_mut_ptr();
        raw.rawdescriptors = pieces.as_mut_ptr();
        raw.actconfig = raw.config;
        raw.descriptor.bNumConfigurations = 2;
        let device = device(&mut raw);
        // The core's length counts, not the one among the bytes.
        assert_eq!(device.configuration_bytes(0), Some(&bytes[..9]));
        assert!(device.configuration_bytes(1).is_none());
        assert!(device.configuration_bytes(2).is_none());
        assert!(device.configuration_bytes(u8::MAX).is_none());
        assert_eq!(device.active_configuration(), Some(3));
        Ok(())
    }

    #[test]
    fn packet_size_is_without_its_other_bits() -> Result {
        let mut raw = zeroed()?;
        for (field, size) in [(8, 8), (64, 64), (512, 512), (0xf840, 64)] {
            raw.ep0.desc.wMaxPacketSize = u16::to_le(field);
            assert_eq!(device(&mut raw).max_packet_0(), size);
        }
        Ok(())
    }
}
