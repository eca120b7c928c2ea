// SPDX-License-Identifier: GPL-2.0

//! Attributes of an interface in sysfs, made by its driver.
//!
//! C header: [`include/linux/sysfs.h`](srctree/include/linux/sysfs.h)
//!
//! # When attributes are there
//!
//! From the end of a successful `probe`, before user space hears that the driver is bound, until
//! it is unbound. Removing them waits for those who are being read and written just now; later
//! attempts fail with `ENODEV`, also through files that were opened before.
//!
//! They are not the `dev_groups` of `struct device_driver`. These the driver core removes before
//! it calls `disconnect`, so that unbinding would wait for an attribute that waits for a transfer
//! that nobody has cancelled yet. The adapter removes its attributes itself, after the I/O gate
//! was closed, and before the driver's data is dropped.

use super::{
    driver::data_of,
    value::{
        parse,
        AttributePage, //
    },
    AttributeValue,
    Driver,
    Interface, //
};
use crate::{
    bindings,
    device::{
        self,
        AsBusDevice,
        Bound, //
    },
    error::VTABLE_DEFAULT_ERROR,
    page::PAGE_SIZE,
    prelude::*,
    str::as_char_ptr_in_const_context,
    sync::atomic::Acquire, //
};
use core::{
    marker::PhantomData,
    ptr,
    slice, //
};

/// Who may read.
const READ: u16 = 0o444;

/// Who may write. Not everybody: sysfs refuses that.
const WRITE: u16 = 0o220;

/// An attribute of the interfaces of a driver: a file in sysfs with one value.
///
/// # Context
///
/// The functions may sleep, and several threads may call them at once. What they sleep for has to
/// end when transfers are cancelled: unbinding the driver waits for them. So they neither lock the
/// device nor do what unbinds the driver from its interface, such as resetting the device if the
/// driver has no reset callbacks, or setting its configuration.
///
/// # Errors
///
/// User space gets the errors that the functions return, and these:
///
/// - `EINVAL`: what it has written is not understood as a value.
/// - `EOVERFLOW`: the text of the value is longer than a page, less two bytes.
/// - `ENODEV`: the driver was unbound.
/// - `EACCES`: it cannot be read, or cannot be written.
///
/// # Examples
///
/// ```
/// # use kernel::{bindings, device::Core};
/// use kernel::{
///     device::Bound,
///     prelude::*,
///     sync::atomic::{Atomic, Relaxed},
///     usb, //
/// };
///
/// struct Lamp {
///     level: Atomic<u32>,
/// }
///
/// /// How bright the lamp is.
/// struct Brightness;
///
/// #[vtable]
/// impl usb::Attribute<Lamp> for Brightness {
///     type Value = u32;
///
///     const NAME: &'static CStr = c"brightness";
///
///     fn show(_interface: &usb::Interface<Bound>, lamp: Pin<&Lamp>) -> Result<u32> {
///         Ok(lamp.level.load(Relaxed))
///     }
///
///     fn store(_interface: &usb::Interface<Bound>, lamp: Pin<&Lamp>, level: u32) -> Result {
///         if level > 100 {
///             return Err(EINVAL);
///         }
///         lamp.level.store(level, Relaxed);
///         Ok(())
///     }
/// }
///
/// /// Whether the lamp can be tilted. Cannot be written.
/// struct Tilts;
///
/// #[vtable]
/// impl usb::Attribute<Lamp> for Tilts {
///     type Value = bool;
///
///     const NAME: &'static CStr = c"tilts";
///
///     fn show(interface: &usb::Interface<Bound>, _lamp: Pin<&Lamp>) -> Result<bool> {
///         Ok(interface.number() == 1)
///     }
///
///     fn is_visible(interface: &usb::Interface<Bound>, _lamp: Pin<&Lamp>) -> bool {
///         // Older ones have no motor.
///         interface.device().device_release() >= 0x0200
///     }
/// }
///
/// const ATTRIBUTES: usb::AttributeGroups<Lamp> = usb::AttributeGroups::new()
///     .with::<(Brightness,)>()
///     .with_named::<(Tilts,)>(c"motor");
/// # let _ = ATTRIBUTES;
/// #
/// # kernel::usb_device_table!(
/// #     USB_TABLE,
/// #     <Lamp as usb::Driver>::IdInfo,
/// #     [(usb::DeviceId::from_id(0x1234, 0x5678), ())]
/// # );
/// #
/// # impl usb::Driver for Lamp {
/// #     type IdInfo = ();
/// #     type Data<'bound> = Self;
/// #     const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;
/// #
/// #     fn probe<'bound>(
/// #         _interface: &'bound usb::Interface<Core<'_>>,
/// #         _id: &usb::DeviceId,
/// #         _info: Option<&'bound Self::IdInfo>,
/// #     ) -> impl PinInit<Self, Error> + 'bound {
/// #         Err(ENODEV)
/// #     }
/// # }
/// ```
#[vtable]
#[doc(alias("device_attribute", "DEVICE_ATTR"))]
pub trait Attribute<T: Driver> {
    /// What it holds.
    type Value: AttributeValue;

    /// The name of the file.
    ///
    /// It must not be that of another attribute in the same directory: `probe` fails with `EEXIST`
    /// then. The compiler refuses a name that is empty or has a `/` in it, and those that every
    /// interface has in sysfs anyway.
    const NAME: &'static CStr;

    /// Access bits. Those for reading count only if there is a [`show`](Attribute::show), those
    /// for writing only if there is a [`store`](Attribute::store); one of them there must be.
    /// Only user and group can be allowed to write, and nobody to execute.
    const MODE: u16 = 0o644;

    /// Somebody reads it.
    ///
    /// # Context
    ///
    /// May sleep. Unbinding waits for it, after it has ended all I/O.
    ///
    /// # Errors
    ///
    /// Any: the program gets it from `read()`.
    fn show<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&T::Data<'bound>>,
    ) -> Result<Self::Value> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Somebody writes it.
    ///
    /// # Context
    ///
    /// As [`show`](Attribute::show).
    ///
    /// # Errors
    ///
    /// Any: the program gets it from `write()`. For text that is no such value there was `EINVAL`
    /// before, from [`AttributeValue::parse`].
    fn store<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&T::Data<'bound>>,
        _value: Self::Value,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Whether this interface has it; asked once, at the end of `probe`. By default it has.
    ///
    /// # Context
    ///
    /// May sleep; the device is locked.
    fn is_visible<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&T::Data<'bound>>,
    ) -> bool {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// What the C side knows of an attribute, and a little more. It starts with a `struct attribute`.
#[repr(C)]
pub(super) struct RawAttribute {
    pub(super) device: bindings::device_attribute,
    pub(super) is_visible: Option<unsafe fn(*mut bindings::device) -> bool>,
}

/// The C side of an attribute `A` of a driver `T`; each function is: pointers, borrow, dispatch,
/// errno.
pub(super) struct Entry<T: Driver, A: Attribute<T>>(PhantomData<(T, A)>);

impl<T: Driver, A: Attribute<T>> Entry<T, A> {
    /// What sysfs is told to allow.
    pub(super) const MODE: u16 = {
        assert!(
            A::MODE & !(READ | WRITE) == 0,
            "an attribute can be read by anybody, written by user and group, and that's all"
        );
        let read = if A::HAS_SHOW { READ } else { 0 };
        let write = if A::HAS_STORE { WRITE } else { 0 };
        let mode = A::MODE & (read | write);
        assert!(
            mode != 0,
            "an attribute needs a `show` or a `store`, and a mode that allows it"
        );
        mode
    };

    const RAW: RawAttribute = {
        assert!(
            is_file_name(A::NAME),
            "the name of an attribute is empty or has a slash in it"
        );
        assert!(
            !is_taken(A::NAME),
            "every interface has a file of that name in sysfs; call the attribute something else"
        );
        let mut device: bindings::device_attribute = pin_init::zeroed();
        device.attr.name = as_char_ptr_in_const_context(A::NAME);
        device.attr.mode = Self::MODE;
        if A::HAS_SHOW {
            device.__bindgen_anon_1.show = Some(Self::show);
        }
        if A::HAS_STORE {
            device.__bindgen_anon_2.store = Some(Self::store);
        }
        RawAttribute {
            device,
            is_visible: if A::HAS_IS_VISIBLE {
                Some(Self::is_visible)
            } else {
                None
            },
        }
    };

    /// Lives for ever, as lockdep wants it: it takes the address for a class of locks.
    pub(super) const POINTER: *mut bindings::attribute = {
        let raw: &'static RawAttribute = &Self::RAW;
        // CAST: It starts with one. Sysfs doesn't write to it, `mut` as it may be.
        ptr::from_ref(raw).cast_mut().cast()
    };

    /// # Safety
    ///
    /// `dev` must belong to an interface for which [`create`](super::AttributeGroups::create) was called with a group of this
    /// attribute, and `page` be valid for writes of a page.
    unsafe extern "C" fn show(
        dev: *mut bindings::device,
        _attribute: *mut bindings::device_attribute,
        page: *mut c_char,
    ) -> isize {
        // SAFETY: By the safety requirement; sysfs has zeroed it, and is not using it now.
        let page = unsafe { slice::from_raw_parts_mut(page.cast::<u8>(), PAGE_SIZE) };
        // SAFETY: Sysfs calls this only while the attribute exists.
        to_count(
            unsafe { published::<T>(dev) }.and_then(|(interface, data)| {
                let value = A::show(interface, data)?;
                let mut page = AttributePage::new(page);
                page.line(&value)?;
                page.finish()
            }),
        )
    }

    /// # Safety
    ///
    /// `dev` must belong to an interface for which [`create`](super::AttributeGroups::create) was called with a group of this
    /// attribute, and `text` be valid for reads of `count` bytes.
    unsafe extern "C" fn store(
        dev: *mut bindings::device,
        _attribute: *mut bindings::device_attribute,
        text: *const c_char,
        count: usize,
    ) -> isize {
        // SAFETY: `text` is a copy of what a program has written: initialised, and not changing.
        let text = unsafe { slice::from_raw_parts(text.cast::<u8>(), count) };
        // SAFETY: The attribute is not removed before this returns.
        to_count(
            unsafe { published::<T>(dev) }.and_then(|(interface, data)| {
                A::store(interface, data, parse(text)?)?;
                Ok(count)
            }),
        )
    }

    /// # Safety
    ///
    /// `dev` must belong to an interface for which [`create`](super::AttributeGroups::create) is being called with a group of this
    /// attribute.
    unsafe fn is_visible(dev: *mut bindings::device) -> bool {
        // SAFETY: By the safety requirement; `create` has its requirements from `interface_of`.
        unsafe { interface_of::<T>(dev) }
            .is_ok_and(|(interface, data)| A::is_visible(interface, data))
    }
}

/// An interface and its driver's data.
type Owner<'bound, T> = (
    &'bound Interface<Bound>,
    Pin<&'bound <T as Driver>::Data<'bound>>,
);

/// # Safety
///
/// `dev` must belong to an interface that [`create`](super::AttributeGroups::create) was called for, and [`remove`](super::AttributeGroups::remove) has not yet
/// returned for `'bound`, with a driver `T`.
unsafe fn interface_of<'bound, T: Driver>(dev: *mut bindings::device) -> Result<Owner<'bound, T>> {
    // SAFETY: The device is valid, and bound as long as there are attributes.
    let dev = unsafe { device::Device::<Bound>::from_raw(dev) };
    // SAFETY: By the safety requirement it is the one of an interface.
    let interface = unsafe { Interface::<Bound>::from_device(dev) };
    // SAFETY: By the requirements of `create`, which a caller of it has met.
    Ok((interface, unsafe { data_of::<T>(interface) }?))
}

/// As [`interface_of`], but fails with `ENODEV` until all attributes are there: if one cannot be
/// created, sysfs waits for those who are inside of the others while nothing has been cancelled.
///
/// # Safety
///
/// As [`interface_of`].
unsafe fn published<'bound, T: Driver>(dev: *mut bindings::device) -> Result<Owner<'bound, T>> {
    // SAFETY: The requirements are the same.
    let owner = unsafe { interface_of::<T>(dev)? };
    match owner.0.bond()?.published.load(Acquire) {
        true => Ok(owner),
        false => Err(ENODEV),
    }
}

fn to_count(result: Result<usize>) -> isize {
    match result {
        // CAST: It is at most the size of a page.
        Ok(count) => count as isize,
        Err(error) => error.to_errno() as isize,
    }
}

/// What the directory of an interface holds before its driver adds anything: the USB core's
/// attributes (`drivers/usb/core/sysfs.c`), and those of all devices.
///
/// When sysfs fails to make a group since one of its names is there already, it takes all names of
/// the group away again, the other's too. So that must not happen.
const TAKEN: [&CStr; 24] = [
    c"authorized",
    c"bAlternateSetting",
    c"bInterfaceClass",
    c"bInterfaceNumber",
    c"bInterfaceProtocol",
    c"bInterfaceSubClass",
    c"bNumEndpoints",
    c"dev",
    c"driver",
    c"firmware_node",
    c"iad_bFirstInterface",
    c"iad_bFunctionClass",
    c"iad_bFunctionProtocol",
    c"iad_bFunctionSubClass",
    c"iad_bInterfaceCount",
    c"interface",
    c"modalias",
    c"of_node",
    c"physical_location",
    c"power",
    c"subsystem",
    c"supports_autosuspend",
    c"uevent",
    c"wakeup",
];

/// Whether an interface has a file of this name anyway.
pub(super) const fn is_taken(name: &CStr) -> bool {
    // The directories of endpoints, `ep_81`.
    if let [b'e', b'p', b'_', ..] = name.to_bytes() {
        return true;
    }
    let mut i = 0;
    while i < TAKEN.len() {
        if is_same(name.to_bytes(), TAKEN[i].to_bytes()) {
            return true;
        }
        i += 1;
    }
    false
}

/// `==`, which is not to be had in constants.
const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// Whether sysfs can make a file or a directory of this name.
pub(super) const fn is_file_name(name: &CStr) -> bool {
    let bytes = name.to_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'/' {
            return false;
        }
        i += 1;
    }
    !matches!(bytes, b"" | b"." | b"..")
}
