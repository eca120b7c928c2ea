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
    container_of,
    device::{
        self,
        AsBusDevice,
        Bound, //
    },
    error::{
        to_result,
        VTABLE_DEFAULT_ERROR, //
    },
    page::PAGE_SIZE,
    prelude::*,
    str::as_char_ptr_in_const_context, //
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
/// - `EINVAL`: what it has written is not UTF-8, or not understood as a value.
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
    /// It must not be that of anything that the interface has in sysfs anyway, nor of another
    /// attribute in the same directory: `probe` fails with `EEXIST` then. The compiler refuses a
    /// name that is empty or has a `/` in it.
    const NAME: &'static CStr;

    /// Access bits. Those for reading count only if there is a [`show`](Attribute::show), those
    /// for writing only if there is a [`store`](Attribute::store); one of them there must be.
    /// Only user and group can be allowed to write, and nobody to execute.
    const MODE: u16 = 0o644;

    /// Somebody reads it.
    fn show<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&T::Data<'bound>>,
    ) -> Result<Self::Value> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Somebody writes it.
    fn store<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&T::Data<'bound>>,
        _value: Self::Value,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Whether this interface has it; asked once, at the end of `probe`. By default it has.
    fn is_visible<'bound>(
        _interface: &'bound Interface<Bound>,
        _data: Pin<&T::Data<'bound>>,
    ) -> bool {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// What the C side knows of an attribute, and a little more. It starts with a `struct attribute`.
#[repr(C)]
struct RawAttribute {
    device: bindings::device_attribute,
    is_visible: Option<unsafe fn(*mut bindings::device) -> bool>,
}

/// The C side of an attribute `A` of a driver `T`; each function is: pointers, borrow, dispatch,
/// errno.
struct Entry<T: Driver, A: Attribute<T>>(PhantomData<(T, A)>);

impl<T: Driver, A: Attribute<T>> Entry<T, A> {
    /// What sysfs is told to allow.
    const MODE: u16 = {
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
    const POINTER: *mut bindings::attribute = {
        let raw: &'static RawAttribute = &Self::RAW;
        // CAST: It starts with one. Sysfs doesn't write to it, `mut` as it may be.
        ptr::from_ref(raw).cast_mut().cast()
    };

    /// # Safety
    ///
    /// `dev` must belong to an interface for which [`create`](AttributeGroups::create) was called with a group of this
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
            unsafe { interface_of::<T>(dev) }.and_then(|(interface, data)| {
                let value = A::show(interface, data)?;
                let mut page = AttributePage::new(page);
                page.line(&value)?;
                page.finish()
            }),
        )
    }

    /// # Safety
    ///
    /// `dev` must belong to an interface for which [`create`](AttributeGroups::create) was called with a group of this
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
            unsafe { interface_of::<T>(dev) }.and_then(|(interface, data)| {
                A::store(interface, data, parse(text)?)?;
                Ok(count)
            }),
        )
    }

    /// # Safety
    ///
    /// `dev` must belong to an interface for which [`create`](AttributeGroups::create) is being called with a group of this
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
/// `dev` must belong to an interface that [`create`](AttributeGroups::create) was called for, and [`remove`](AttributeGroups::remove) has not yet
/// returned for `'bound`, with a driver `T`.
unsafe fn interface_of<'bound, T: Driver>(dev: *mut bindings::device) -> Result<Owner<'bound, T>> {
    // SAFETY: The device is valid, and bound as long as there are attributes.
    let dev = unsafe { device::Device::<Bound>::from_raw(dev) };
    // SAFETY: By the safety requirement it is the one of an interface.
    let interface = unsafe { Interface::<Bound>::from_device(dev) };
    // SAFETY: By the requirements of `create`, which a caller of it has met.
    Ok((interface, unsafe { data_of::<T>(interface) }?))
}

fn to_count(result: Result<usize>) -> isize {
    match result {
        // CAST: It is at most the size of a page.
        Ok(count) => count as isize,
        Err(error) => error.to_errno() as isize,
    }
}

/// Whether sysfs can make a file or a directory of this name.
const fn is_file_name(name: &CStr) -> bool {
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

mod private {
    use super::*;

    /// The C side of a list of attributes: pointers, of which the last one is null.
    pub struct RawList(pub(super) &'static [*mut bindings::attribute]);

    pub trait List<T: Driver> {
        const RAW: RawList;
    }
}

use private::{
    List,
    RawList, //
};

/// Attributes of a driver `T`: a tuple of up to 16 types that implement [`Attribute<T>`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of attributes of `{T}`",
    note = "it is a tuple, like `(Brightness, Colour)` or `(Brightness,)`, of at most 16 types; \
            divide more of them into several groups"
)]
pub trait AttributeList<T: Driver>: List<T> {}

macro_rules! impl_attribute_list {
    () => {};
    ($first:ident $($other:ident)*) => {
        impl<T: Driver, $first: Attribute<T>, $($other: Attribute<T>),*> List<T>
            for ($first, $($other,)*)
        {
            const RAW: RawList = RawList(&[
                Entry::<T, $first>::POINTER,
                $(Entry::<T, $other>::POINTER,)*
                ptr::null_mut(),
            ]);
        }

        impl<T: Driver, $first: Attribute<T>, $($other: Attribute<T>),*> AttributeList<T>
            for ($first, $($other,)*)
        {}

        impl_attribute_list!($($other)*);
    };
}

impl_attribute_list!(A B C D E F G H I J K L M N O P);

/// How many groups a driver can have.
const MAX_GROUPS: usize = 8;

/// The attributes of a driver, in groups.
///
/// # Invariants
///
/// The first `count` of `groups` have lists of attributes of `T`, each the start of a
/// [`RawAttribute`], with a null pointer at the end. They, and names, live for ever.
#[doc(alias("attribute_group", "dev_groups"))]
pub struct AttributeGroups<T: Driver> {
    groups: [bindings::attribute_group; MAX_GROUPS],
    count: usize,
    _driver: PhantomData<fn() -> T>,
}

// SAFETY: Its pointers lead to what lives for ever and is never modified.
unsafe impl<T: Driver> Send for AttributeGroups<T> {}

// SAFETY: As above.
unsafe impl<T: Driver> Sync for AttributeGroups<T> {}

impl<T: Driver> AttributeGroups<T> {
    /// No attributes yet. See [`Attribute`] for an example.
    #[expect(clippy::new_without_default, reason = "it is made in constants")]
    pub const fn new() -> Self {
        // INVARIANT: There are none.
        Self {
            groups: pin_init::zeroed(),
            count: 0,
            _driver: PhantomData,
        }
    }

    /// Adds attributes in the directory of the interface.
    ///
    /// Their functions get the driver's data, which therefore must be [`Sync`]. There can be eight
    /// groups; the compiler refuses a ninth.
    pub const fn with<L: AttributeList<T>>(self) -> Self
    where
        for<'bound> T::Data<'bound>: Sync,
    {
        self.add::<L>(ptr::null())
    }

    /// Adds attributes in a directory of their own. The compiler refuses a `name` that is empty or
    /// has a `/` in it. If there is something of that name already, `probe` fails with `EEXIST`.
    pub const fn with_named<L: AttributeList<T>>(self, name: &'static CStr) -> Self
    where
        for<'bound> T::Data<'bound>: Sync,
    {
        build_assert!(is_file_name(name), "the name of a group is none");
        self.add::<L>(as_char_ptr_in_const_context(name))
    }

    const fn add<L: AttributeList<T>>(mut self, name: *const c_char) -> Self {
        build_assert!(self.count < MAX_GROUPS, "too many groups of attributes");
        let mut group: bindings::attribute_group = pin_init::zeroed();
        group.name = name;
        group.__bindgen_anon_1.is_visible = Some(is_visible);
        group.__bindgen_anon_2.attrs = L::RAW.0.as_ptr().cast_mut();
        // INVARIANT: The list is a constant, and the name one for the caller.
        self.groups[self.count] = group;
        self.count += 1;
        self
    }

    /// Creates them for an interface: all, or none if it fails.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EEXIST`: there is something of the name of one of them already.
    /// - `ENOMEM`.
    ///
    /// # Safety
    ///
    /// `interface` must be bound by the adapter of `T`, with `T::probe` having succeeded, and the
    /// caller must see to it that [`remove`](Self::remove) is called before the driver's data is
    /// dropped.
    pub(super) unsafe fn create(&self, interface: &Interface<Bound>) -> Result {
        for (index, group) in self.groups().iter().enumerate() {
            // SAFETY: The interface is valid, and is in sysfs while it is bound. By the type
            // invariants the group is one as sysfs wants it; it does not look at the group itself
            // any more when this returns. Its attributes are those of `T`, and removed in time.
            let error = unsafe { bindings::sysfs_create_group(kobj(interface), group) };
            if error != 0 {
                Self::remove_groups(interface, &self.groups()[..index]);
                return to_result(error);
            }
        }
        Ok(())
    }

    /// Removes them, when those who are reading and writing them have finished. They must have
    /// been [created](Self::create).
    ///
    /// # Context
    ///
    /// May sleep.
    pub(super) fn remove(&self, interface: &Interface<Bound>) {
        Self::remove_groups(interface, self.groups());
    }

    fn remove_groups(interface: &Interface<Bound>, groups: &[bindings::attribute_group]) {
        for group in groups.iter().rev() {
            // SAFETY: The interface is valid, and is in sysfs while it is bound. The group is one
            // of ours; what of it is not there is not removed.
            unsafe { bindings::sysfs_remove_group(kobj(interface), group) };
        }
    }

    fn groups(&self) -> &[bindings::attribute_group] {
        &self.groups[..self.count]
    }
}

/// The mode of an attribute for this interface, 0 if it has none.
///
/// # Safety
///
/// - `kobj` must be that of the device of an interface that [`create`](AttributeGroups::create) is being called for.
/// - `attribute` must belong to a group that it is being called for.
unsafe extern "C" fn is_visible(
    kobj: *mut bindings::kobject,
    attribute: *mut bindings::attribute,
    _index: c_int,
) -> bindings::umode_t {
    // SAFETY: By the invariants of the group that is what each of its pointers points to.
    let raw = unsafe { &*attribute.cast::<RawAttribute>() };
    // SAFETY: The directory of an interface in sysfs is that of its device.
    let dev = unsafe { container_of!(kobj, bindings::device, kobj) };
    match raw.is_visible {
        // SAFETY: By the safety requirements, of which that function has the same.
        Some(is_visible) if !unsafe { is_visible(dev) } => 0,
        _ => raw.device.attr.mode,
    }
}

fn kobj(interface: &Interface<Bound>) -> *mut bindings::kobject {
    // SAFETY: The interface is valid by its type invariants; only an address is taken.
    unsafe { &raw mut (*interface.as_raw()).dev.kobj }
}
