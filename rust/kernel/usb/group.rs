// SPDX-License-Identifier: GPL-2.0

//! Lists and groups of sysfs attributes, as a driver has them.

use super::{
    attribute::{
        is_file_name,
        is_taken,
        Entry,
        RawAttribute, //
    },
    body::Invariant,
    Attribute,
    Driver,
    Interface, //
};
use crate::{
    bindings,
    container_of,
    device::Bound,
    error::to_result,
    prelude::*,
    str::as_char_ptr_in_const_context, //
};
use core::{
    marker::PhantomData,
    ptr, //
};

mod private {
    use super::{
        bindings,
        Driver, //
    };

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

/// The attributes of a driver, in groups. They are of no supertype of it, whose data are others.
///
/// # Invariants
///
/// The first `count` of `groups` have lists of attributes of `T`, each the start of a
/// `RawAttribute`, with a null pointer at the end. They, and names, live for ever.
#[doc(alias("attribute_group", "dev_groups"))]
pub struct AttributeGroups<T: Driver> {
    groups: [bindings::attribute_group; MAX_GROUPS],
    count: usize,
    _driver: Invariant<T>,
}

// SAFETY: Its pointers lead to what lives for ever and is never modified.
unsafe impl<T: Driver> Send for AttributeGroups<T> {}

// SAFETY: A `&AttributeGroups` gives access to nothing but what is never modified.
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
    /// has a `/` in it, and those that every interface has in sysfs anyway. If there is something
    /// else of that name, `probe` fails with `EEXIST`.
    pub const fn with_named<L: AttributeList<T>>(self, name: &'static CStr) -> Self
    where
        for<'bound> T::Data<'bound>: Sync,
    {
        build_assert!(
            is_file_name(name) && !is_taken(name),
            "the name of a group is none, or taken"
        );
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

#[kunit_tests(rust_usb_attribute)]
mod tests {
    use super::*;
    use crate::{
        device::Core,
        device_id::IdArray,
        usb::{
            DeviceId,
            IdTable, //
        }, //
    };

    struct Lamp;

    // Not by the macro, which exports it.
    static TABLE: IdArray<DeviceId, (), 1> =
        IdArray::new([(DeviceId::from_id(0x1234, 0x5678), &())]);

    impl Driver for Lamp {
        type IdInfo = ();
        type Data<'bound> = Self;
        const ID_TABLE: IdTable<Self::IdInfo> = &TABLE;

        fn probe<'bound>(
            _interface: &'bound Interface<Core<'_>>,
            _id: &DeviceId,
            _info: Option<&'bound Self::IdInfo>,
        ) -> impl PinInit<Self, Error> + 'bound {
            Err(ENODEV)
        }
    }

    struct Both<const MODE: u16>;

    #[vtable]
    impl<const MODE: u16> Attribute<Lamp> for Both<MODE> {
        type Value = u8;
        const NAME: &'static CStr = c"both";
        const MODE: u16 = MODE;

        fn show(_interface: &Interface<Bound>, _lamp: Pin<&Lamp>) -> Result<u8> {
            Ok(0)
        }

        fn store(_interface: &Interface<Bound>, _lamp: Pin<&Lamp>, _value: u8) -> Result {
            Ok(())
        }
    }

    struct Shown;

    #[vtable]
    impl Attribute<Lamp> for Shown {
        type Value = u8;
        const NAME: &'static CStr = c"shown";

        fn show(_interface: &Interface<Bound>, _lamp: Pin<&Lamp>) -> Result<u8> {
            Ok(0)
        }

        fn is_visible(_interface: &Interface<Bound>, _lamp: Pin<&Lamp>) -> bool {
            false
        }
    }

    struct Stored;

    #[vtable]
    impl Attribute<Lamp> for Stored {
        type Value = u8;
        const NAME: &'static CStr = c"stored";

        fn store(_interface: &Interface<Bound>, _lamp: Pin<&Lamp>, _value: u8) -> Result {
            Ok(())
        }
    }

    #[test]
    fn modes_are_those_that_can_be_served() {
        assert_eq!(Entry::<Lamp, Both<0o644>>::MODE, 0o644);
        assert_eq!(Entry::<Lamp, Both<0o664>>::MODE, 0o664);
        assert_eq!(Entry::<Lamp, Both<0o600>>::MODE, 0o600);
        assert_eq!(Entry::<Lamp, Shown>::MODE, 0o444);
        assert_eq!(Entry::<Lamp, Stored>::MODE, 0o200);
    }

    #[test]
    fn lists_are_as_c_wants_them() {
        const GROUPS: AttributeGroups<Lamp> = AttributeGroups::new()
            .with::<(Shown, Stored)>()
            .with_named::<(Stored,)>(c"more");
        let groups = GROUPS.groups();
        assert_eq!(groups.len(), 2);
        assert!(groups[0].name.is_null());
        assert!(!groups[1].name.is_null());
        let list = <(Shown, Stored) as List<Lamp>>::RAW.0;
        assert_eq!(list.len(), 3);
        assert!(list[2].is_null());
        for (entry, name, has_visible) in [(list[0], c"shown", true), (list[1], c"stored", false)] {
            // SAFETY: The entries that are not null are pointers to constants of this type.
            let raw = unsafe { &*entry.cast::<RawAttribute>() };
            // SAFETY: Names are constants.
            assert!(unsafe { CStr::from_char_ptr(raw.device.attr.name) } == name);
            assert_eq!(raw.is_visible.is_some(), has_visible);
        }
    }

    #[test]
    fn names_of_the_core_are_taken() {
        for name in [c"interface", c"authorized", c"wakeup", c"power"] {
            assert!(is_taken(name));
        }
        for name in [c"", c"interfac", c"interfaces", c"Power", c"temperature"] {
            assert!(!is_taken(name));
        }
    }

    #[test]
    fn names_of_files() {
        for name in [c"a", c"a.b", c"...", c".a"] {
            assert!(is_file_name(name));
        }
        for name in [c"", c".", c"..", c"/", c"a/b", c"/a", c"a/"] {
            assert!(!is_file_name(name));
        }
    }
}
