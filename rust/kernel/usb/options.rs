// SPDX-License-Identifier: GPL-2.0

//! What a driver can do in addition to being bound and unbound.
//!
//! What is set changes what the core does: a driver without suspend and resume callbacks is unbound
//! for a system sleep, one without reset callbacks for a reset, and bound again afterwards. So only
//! what a driver implements is entered into its `struct usb_driver`.

use super::{
    body::Invariant,
    bond::Unbinding,
    callbacks::{
        Callbacks,
        Table, //
    },
    group::AttributeGroups,
    Driver, //
};
use crate::{
    bindings,
    prelude::*, //
};
use core::marker::PhantomData;

/// What a driver can do in addition to being bound and unbound: [`Driver::OPTIONS`].
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::{Bound, Core},
///     prelude::*,
///     usb,
/// };
///
/// struct Lamp;
///
/// # kernel::usb_device_table!(
/// #     TABLE,
/// #     <Lamp as usb::Driver>::IdInfo,
/// #     [(usb::DeviceId::from_id(0x1234, 0x5678), ())]
/// # );
/// impl usb::Driver for Lamp {
///     const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new()
///         .callbacks()
///         .supports_autosuspend()
///         // `disconnect` switches the lamp off.
///         .soft_unbind()
///         // Others of the same maker look like this one, and burn out if they are driven so.
///         .no_dynamic_id()
///         // It flickers when its link goes to sleep.
///         .disable_hub_initiated_lpm();
/// #   type IdInfo = ();
/// #   type Data<'bound> = Self;
/// #   const ID_TABLE: usb::IdTable<Self::IdInfo> = &TABLE;
/// #   fn probe<'bound>(
/// #       _interface: &'bound usb::Interface<Core<'_>>,
/// #       _id: &usb::DeviceId,
/// #       _info: Option<&'bound Self::IdInfo>,
/// #   ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
/// #       Err(ENODEV)
/// #   }
///     // ...
/// }
///
/// #[vtable]
/// impl usb::Callbacks for Lamp {
///     fn suspend(
///         _interface: &usb::Interface<Bound>,
///         _data: Pin<&Self::Data<'_>>,
///         _event: usb::SuspendEvent,
///     ) -> Result {
///         Ok(())
///     }
///
///     fn resume(_interface: &usb::Interface<Bound>, _data: Pin<&Self::Data<'_>>) -> Result {
///         Ok(())
///     }
/// }
/// ```
pub struct DriverOptions<T: Driver> {
    table: Table,
    /// The table is of this driver and of no supertype of it, whose data are others.
    _driver: Invariant<T>,
    attributes: AttributeGroups<T>,
    supports_autosuspend: bool,
    soft_unbind: bool,
    no_dynamic_id: bool,
    disable_hub_initiated_lpm: bool,
}

impl<T: Driver> DriverOptions<T> {
    /// Nothing.
    pub const fn new() -> Self {
        Self {
            table: Table::EMPTY,
            _driver: PhantomData,
            attributes: AttributeGroups::new(),
            supports_autosuspend: false,
            soft_unbind: false,
            no_dynamic_id: false,
            disable_hub_initiated_lpm: false,
        }
    }

    /// The driver says goodbye to its device: [`Driver::disconnect`] runs while I/O is still
    /// possible, unless the device is gone. Its transfers should have short timeouts.
    pub const fn soft_unbind(mut self) -> Self {
        self.soft_unbind = true;
        self
    }

    /// User space cannot make the driver drive other devices than those of its table.
    pub const fn no_dynamic_id(mut self) -> Self {
        self.no_dynamic_id = true;
        self
    }

    /// Hubs must not put the link to sleep while the driver is bound (USB 3.2, C.2.1).
    pub const fn disable_hub_initiated_lpm(mut self) -> Self {
        self.disable_hub_initiated_lpm = true;
        self
    }

    /// The interfaces of the driver have attributes in sysfs; see
    /// [`Attribute`](super::Attribute).
    #[doc(alias = "dev_groups")]
    pub const fn attributes(mut self, attributes: AttributeGroups<T>) -> Self {
        self.attributes = attributes;
        self
    }

    pub(super) fn attribute_groups(&self) -> &AttributeGroups<T> {
        &self.attributes
    }

    pub(super) fn unbinding(&self) -> Unbinding {
        match self.soft_unbind {
            true => Unbinding::Soft,
            false => Unbinding::Hard,
        }
    }

    /// Enters all of it into a driver that is not registered yet.
    pub(super) fn apply(&self, driver: &mut bindings::usb_driver) {
        self.table.apply(driver);
        driver.set_supports_autosuspend(self.supports_autosuspend.into());
        driver.set_soft_unbind(self.soft_unbind.into());
        driver.set_no_dynamic_id(self.no_dynamic_id.into());
        driver.set_disable_hub_initiated_lpm(self.disable_hub_initiated_lpm.into());
    }
}

impl<T: Driver> Default for DriverOptions<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Callbacks> DriverOptions<T>
where
    for<'bound> T::Data<'bound>: Sync,
{
    /// The driver implements [`Callbacks`], those of them that it implements.
    ///
    /// The build fails for a combination that the core cannot make use of.
    pub const fn callbacks(mut self) -> Self {
        const {
            assert!(
                T::HAS_SUSPEND == T::HAS_RESUME,
                "implement both `suspend` and `resume`, or neither"
            );
            assert!(
                T::HAS_SUSPEND || !T::HAS_RESET_RESUME,
                "`reset_resume` needs `suspend` and `resume`"
            );
            assert!(
                T::HAS_PRE_RESET == T::HAS_POST_RESET,
                "implement both `pre_reset` and `post_reset`, or neither"
            );
        }
        self.table = Table::of::<T>();
        self
    }

    /// The device may be suspended while the driver is bound and does not need it.
    ///
    /// The build fails for a driver without `suspend` and `resume`.
    pub const fn supports_autosuspend(mut self) -> Self {
        const {
            assert!(
                T::HAS_SUSPEND && T::HAS_RESUME,
                "a driver that supports autosuspend implements `suspend` and `resume`"
            )
        }
        self.table = Table::of::<T>();
        self.supports_autosuspend = true;
        self
    }
}

#[kunit_tests(rust_usb_options)]
mod tests {
    use super::{
        super::{
            DeviceId,
            IdTable,
            Interface,
            SuspendEvent, //
        },
        *, //
    };
    use crate::{
        device::{
            Bound,
            Core, //
        },
        device_id::IdArray, //
    };

    struct Lamp;

    // Not by the macro, which exports it.
    static TABLE: IdArray<DeviceId, (), 1> = IdArray::new([(DeviceId::from_id(0x1209, 1), &())]);

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

    #[vtable]
    impl Callbacks for Lamp {
        fn suspend(_: &Interface<Bound>, _: Pin<&Self>, _: SuspendEvent) -> Result {
            Ok(())
        }

        fn resume(_: &Interface<Bound>, _: Pin<&Self>) -> Result {
            Ok(())
        }
    }

    /// What of a driver is set: autosuspend, soft unbinding, no dynamic ids, no link power
    /// management by hubs; suspend, resume; reset_resume, pre_reset, post_reset, shutdown, ioctl.
    fn entered(options: DriverOptions<Lamp>) -> [bool; 11] {
        let mut driver = pin_init::zeroed();
        options.apply(&mut driver);
        [
            driver.supports_autosuspend() != 0,
            driver.soft_unbind() != 0,
            driver.no_dynamic_id() != 0,
            driver.disable_hub_initiated_lpm() != 0,
            driver.suspend.is_some(),
            driver.resume.is_some(),
            driver.reset_resume.is_some(),
            driver.pre_reset.is_some(),
            driver.post_reset.is_some(),
            driver.shutdown.is_some(),
            driver.unlocked_ioctl.is_some(),
        ]
    }

    #[test]
    fn only_what_is_chosen_is_entered() {
        let new = DriverOptions::<Lamp>::new;
        for (options, set) in [
            (new(), &[][..]),
            (DriverOptions::default(), &[]),
            (new().soft_unbind(), &[1]),
            (new().no_dynamic_id(), &[2]),
            (new().disable_hub_initiated_lpm(), &[3]),
            (new().callbacks(), &[4, 5]),
            (new().supports_autosuspend(), &[0, 4, 5]),
            (
                new()
                    .supports_autosuspend()
                    .soft_unbind()
                    .no_dynamic_id()
                    .disable_hub_initiated_lpm(),
                &[0, 1, 2, 3, 4, 5],
            ),
        ] {
            let expected = core::array::from_fn(|index| set.contains(&index));
            assert_eq!(entered(options), expected);
        }
        assert!(new().unbinding() == Unbinding::Hard);
        assert!(new().soft_unbind().unbinding() == Unbinding::Soft);
    }
}
