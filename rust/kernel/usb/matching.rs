// SPDX-License-Identifier: GPL-2.0

//! What tables of ids say of an interface that is bound already.
//!
//! C reference: `usb_match_id()` in `drivers/usb/core/driver.c`.

use super::{
    DeviceId,
    Interface, //
};
use crate::{
    bindings,
    device,
    device_id::{
        IdArray,
        IdTable,
        RawDeviceIdIndex, //
    },
    prelude::*, //
};
use core::any::Any;

impl Interface<device::Bound> {
    /// What a table says of the interface: what belongs to the first of its ids that matches;
    /// [`None`] if none of them does.
    ///
    /// This is for a table beside that of the driver, as of quirks. No other is looked at: neither
    /// the driver's own, nor ids that user space has added to that (`new_id`). An id of interfaces
    /// is compared with the altsetting in use. Unless it names a vendor, it never matches an
    /// interface of a device whose class is the vendor's own (0xff).
    ///
    /// A table that [`usb_device_table!`](crate::usb_device_table) has made will do, but has the
    /// module loaded for each of its ids. A plain [`IdArray`] does not.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, device_id::IdArray, prelude::*, usb};
    ///
    /// /// What sets a radio apart from others of its class.
    /// enum Quirk {
    ///     /// It is for another driver.
    ///     NotOurs,
    ///     /// It answers when it is asked for the second time.
    ///     AskTwice,
    /// }
    ///
    /// static QUIRKS: IdArray<usb::DeviceId, Quirk, 2> = IdArray::new([
    ///     (usb::DeviceId::from_device_ver(0x1209, 1, 0x0000, 0x0199), &Quirk::AskTwice),
    ///     (usb::DeviceId::from_device_interface_number(0x1209, 2, 1), &Quirk::NotOurs),
    /// ]);
    ///
    /// /// At the beginning of `probe`: how many times to ask.
    /// fn questions(interface: &usb::Interface<Bound>) -> Result<u32> {
    ///     match interface.find_id(&QUIRKS) {
    ///         Some(Quirk::NotOurs) => Err(ENODEV),
    ///         Some(Quirk::AskTwice) => Ok(2),
    ///         None => Ok(1),
    ///     }
    /// }
    /// ```
    #[doc(alias = "usb_match_id")]
    pub fn find_id<T, const N: usize>(
        &self,
        table: &IdArray<DeviceId, T, N>,
    ) -> Option<&'static T> {
        // SAFETY:
        // - The interface is valid and bound, so that it has a device and an altsetting in use,
        //   whose descriptors don't change. Who changes the altsetting stores another valid one.
        // - An `IdArray` ends with an entry of zeros, which its pointer may be used to read.
        let entry = unsafe { bindings::usb_match_id(self.as_raw(), table.as_ptr()) };
        // SAFETY: If it is not null it is an entry of the table, which is borrowed, and `DeviceId`
        // is a transparent wrapper of those.
        let id = unsafe { entry.cast::<DeviceId>().as_ref() }?;
        // SAFETY: It is in an `IdArray` of `T`, or has no info.
        let info = unsafe { id.info_unchecked_opt::<T>() };
        // An entry has none in a table without any, and then there is just one `T`: `()`.
        info.or_else(|| (&() as &'static dyn Any).downcast_ref())
    }

    /// Whether an id matches the interface; see [`find_id`](Self::find_id) for what is compared.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, usb};
    ///
    /// /// Whether a camera sends its pictures in a format other than the one that it tells.
    /// fn lies(camera: &usb::Interface<Bound>) -> bool {
    ///     camera.matches(&usb::DeviceId::from_id(0x1209, 3))
    /// }
    /// ```
    #[doc(alias = "usb_match_one_id")]
    pub fn matches(&self, id: &DeviceId) -> bool {
        let id = core::ptr::from_ref(id).cast();
        // SAFETY: The interface is bound, as in `find_id`, and the id borrowed: both stay as they
        // are. `DeviceId` is a transparent wrapper of what the function reads.
        unsafe { bindings::usb_match_one_id(self.as_raw(), id) != 0 }
    }
}

#[kunit_tests(rust_usb_matching)]
mod tests {
    use super::*;
    use pin_init::init_zeroed;

    const VENDOR: u16 = 0x1209;
    const PRODUCT: u16 = 7;
    const RELEASE: u16 = 0x0210;
    const NUMBER: u8 = 3;
    const CLASS: (u8, u8, u8) = (0xe0, 1, 4);

    /// An interface that is nothing but memory.
    struct MadeUp {
        device: KBox<bindings::usb_device>,
        setting: KBox<bindings::usb_host_interface>,
        interface: KBox<bindings::usb_interface>,
    }

    impl MadeUp {
        fn new(device_class: u8) -> Result<Self> {
            let mut made_up = Self {
                device: KBox::init(init_zeroed(), GFP_KERNEL)?,
                setting: KBox::init(init_zeroed(), GFP_KERNEL)?,
                interface: KBox::init(init_zeroed(), GFP_KERNEL)?,
            };
            let desc = &mut made_up.device.descriptor;
            desc.idVendor = VENDOR.to_le();
            desc.idProduct = PRODUCT.to_le();
            desc.bcdDevice = RELEASE.to_le();
            desc.bDeviceClass = device_class;
            let desc = &mut made_up.setting.desc;
            desc.bInterfaceNumber = NUMBER;
            desc.bInterfaceClass = CLASS.0;
            desc.bInterfaceSubClass = CLASS.1;
            desc.bInterfaceProtocol = CLASS.2;
            made_up.interface.cur_altsetting = &raw mut *made_up.setting;
            made_up.interface.dev.parent = &raw mut made_up.device.dev;
            Ok(made_up)
        }

        fn interface(&self) -> &Interface<device::Bound> {
            let interface: *const bindings::usb_interface = &raw const *self.interface;
            // SAFETY: `Interface` is a transparent wrapper. What is tested follows no pointers but
            // those that `new` has set; the driver's data and the reference count are left alone.
            unsafe { &*interface.cast() }
        }
    }

    #[test]
    fn the_first_id_that_matches_counts() -> Result {
        static SPECIAL_FIRST: IdArray<DeviceId, u32, 4> = IdArray::new([
            (DeviceId::from_id(VENDOR, PRODUCT + 1), &1),
            (DeviceId::from_device_ver(VENDOR, PRODUCT, 0, RELEASE), &2),
            (DeviceId::from_vendor(VENDOR), &3),
            (DeviceId::any(), &4),
        ]);
        static ANY_FIRST: IdArray<DeviceId, u32, 2> =
            IdArray::new([(DeviceId::any(), &5), (DeviceId::from_vendor(VENDOR), &6)]);
        let made_up = MadeUp::new(0)?;
        assert_eq!(made_up.interface().find_id(&SPECIAL_FIRST), Some(&2));
        assert_eq!(made_up.interface().find_id(&ANY_FIRST), Some(&5));
        Ok(())
    }

    #[test]
    fn each_table_has_its_own_info() -> Result {
        let id = DeviceId::from_id(VENDOR, PRODUCT);
        let made_up = MadeUp::new(0)?;
        let interface = made_up.interface();
        let numbers: IdArray<_, u8, 1> = IdArray::new([(id, &7)]);
        let texts: IdArray<_, &str, 1> = IdArray::new([(id, &"quirk")]);
        assert_eq!(interface.find_id(&numbers), Some(&7));
        assert_eq!(interface.find_id(&texts), Some(&"quirk"));
        Ok(())
    }

    #[test]
    fn a_table_may_have_no_infos() -> Result {
        let made_up = MadeUp::new(0)?;
        for (vendor, found) in [(VENDOR, Some(&())), (VENDOR + 1, None)] {
            let plain = IdArray::new_without_index([DeviceId::from_vendor(vendor)]);
            assert_eq!(made_up.interface().find_id(&plain), found);
            let units: IdArray<_, (), 1> = IdArray::new([(DeviceId::from_vendor(vendor), &())]);
            assert_eq!(made_up.interface().find_id(&units), found);
        }
        Ok(())
    }

    #[test]
    fn a_table_without_a_match_says_nothing() -> Result {
        let made_up = MadeUp::new(0)?;
        let empty: IdArray<DeviceId, u8, 0> = IdArray::new([]);
        assert!(made_up.interface().find_id(&empty).is_none());
        let others: IdArray<_, u8, 2> = IdArray::new([
            (DeviceId::from_id(VENDOR, PRODUCT + 1), &1),
            (DeviceId::from_id(VENDOR + 1, PRODUCT), &2),
        ]);
        assert!(made_up.interface().find_id(&others).is_none());
        Ok(())
    }

    #[test]
    fn one_field_that_differs_is_enough() -> Result {
        let (class, subclass, protocol) = CLASS;
        let made_up = MadeUp::new(0xef)?;
        for (id, expected) in [
            (DeviceId::from_id(VENDOR, PRODUCT), true),
            (DeviceId::from_id(VENDOR, PRODUCT + 1), false),
            (
                DeviceId::from_device_ver(VENDOR, PRODUCT, RELEASE, RELEASE),
                true,
            ),
            (
                DeviceId::from_device_ver(VENDOR, PRODUCT, RELEASE + 1, 0xffff),
                false,
            ),
            (
                DeviceId::from_device_ver(VENDOR, PRODUCT, 0, RELEASE - 1),
                false,
            ),
            (DeviceId::from_device_info(0xef, 0, 0), true),
            (DeviceId::from_device_info(0xef, 0, 1), false),
            (
                DeviceId::from_device_interface_number(VENDOR, PRODUCT, NUMBER),
                true,
            ),
            (
                DeviceId::from_device_interface_number(VENDOR, PRODUCT, NUMBER + 1),
                false,
            ),
            (
                DeviceId::from_interface_info(class, subclass, protocol),
                true,
            ),
            (
                DeviceId::from_interface_info(class, subclass, protocol + 1),
                false,
            ),
            (DeviceId::any(), true),
        ] {
            assert_eq!(made_up.interface().matches(&id), expected);
        }
        Ok(())
    }

    #[test]
    fn classes_of_a_vendor_need_the_vendor() -> Result {
        let (class, subclass, protocol) = CLASS;
        let anybody = DeviceId::from_interface_info(class, subclass, protocol);
        let vendor = DeviceId::from_vendor_and_interface_info(VENDOR, class, subclass, protocol);
        for (device_class, expected) in [(0, true), (0xfe, true), (0xff, false)] {
            let made_up = MadeUp::new(device_class)?;
            assert_eq!(made_up.interface().matches(&anybody), expected);
            assert!(made_up.interface().matches(&vendor));
        }
        Ok(())
    }
}
