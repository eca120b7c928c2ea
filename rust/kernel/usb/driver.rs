// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! The adapter between the USB core and a Rust driver.

use super::{
    bond::{
        Bond,
        Role, //
    },
    claim::ClaimData,
    gate::Gate,
    id::{
        DeviceId,
        IdTable, //
    },
    options::DriverOptions,
    tasks::CallbackKind,
    Interface, //
};
use crate::{
    bindings,
    device,
    device_id::RawDeviceIdIndex,
    driver,
    error::{
        from_result,
        to_result, //
    },
    prelude::*,
    sync::atomic::Release,
    types::{
        Opaque,
        ScopeGuard, //
    },
    ThisModule, //
};
use core::{
    cell::UnsafeCell,
    mem::{
        offset_of,
        MaybeUninit, //
    }, //
};

/// An adapter for the registration of USB drivers.
pub struct Adapter<T: Driver>(T);

// SAFETY:
// - `bindings::usb_driver` is a C type declared as `repr(C)`.
// - `PrivateData<'bound, T>` is the type of the driver's device private data.
// - `struct usb_driver` embeds a `struct device_driver`.
// - `DEVICE_DRIVER_OFFSET` is the correct byte offset to the embedded `struct device_driver`.
unsafe impl<T: Driver> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::usb_driver;
    type DriverData<'bound> = PrivateData<'bound, T>;
    const DEVICE_DRIVER_OFFSET: usize = offset_of!(Self::DriverType, driver);
}

// SAFETY: A call to `unregister` for a given instance of `DriverType` is guaranteed to be valid if
// a preceding call to `register` has been successful.
unsafe impl<T: Driver> driver::RegistrationOps for Adapter<T> {
    unsafe fn register(
        udrv: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        // SAFETY: `udrv` is being initialised and not registered yet: nobody else looks at it.
        unsafe {
            (*udrv.get()).name = name.as_char_ptr();
            (*udrv.get()).probe = Some(Self::probe_callback);
            (*udrv.get()).disconnect = Some(Self::disconnect_callback);
            (*udrv.get()).id_table = T::ID_TABLE.as_ptr();
            T::OPTIONS.apply(&mut *udrv.get());
        }

        // SAFETY: `udrv` is guaranteed to be a valid `DriverType`.
        to_result(unsafe {
            bindings::usb_register_driver(udrv.get(), module.as_ptr(), name.as_char_ptr())
        })
    }

    unsafe fn unregister(udrv: &Opaque<Self::DriverType>) {
        // SAFETY: `udrv` is guaranteed to be a valid `DriverType`.
        unsafe { bindings::usb_deregister(udrv.get()) };
    }
}

/// The driver data of a bound interface.
///
/// # Invariants
///
/// `driver` is initialised if `probed`.
#[doc(hidden)]
#[pin_data(PinnedDrop)]
#[repr(C)]
pub struct PrivateData<'bound, T: Driver> {
    /// First, so that it is found without knowing `T`; see [`Interface::bond`].
    #[pin]
    bond: Bond,
    #[pin]
    driver: UnsafeCell<MaybeUninit<T::Data<'bound>>>,
    probed: UnsafeCell<bool>,
}

#[pinned_drop]
impl<T: Driver> PinnedDrop for PrivateData<'_, T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: We have exclusive access.
        if unsafe { *self.probed.get() } {
            // SAFETY: By the type invariants it is initialised; nobody uses it after us.
            unsafe { (*self.driver.get()).assume_init_drop() };
        }
    }
}

/// The driver's own data of an interface.
///
/// # Errors
///
/// `ENODEV` if the interface is not one that the driver has probed: it is being probed, a claimed
/// one, or its data is being dropped.
///
/// # Safety
///
/// The interface must be bound to `Adapter<T>`, and stay so for `'a`.
pub(super) unsafe fn data_of<'a, T: Driver>(
    interface: &'a Interface<device::Bound>,
) -> Result<Pin<&'a T::Data<'a>>> {
    let bond = interface.bond()?;
    if bond.role() != Role::Main {
        return Err(ENODEV);
    }
    // SAFETY: The driver data of a main interface of this driver is a `PrivateData` of `T`, which
    // begins with the bond. Lifetimes don't matter for its layout.
    let data = unsafe { &*core::ptr::from_ref(bond).cast::<PrivateData<'a, T>>() };
    // SAFETY: It is written once, by the thread that probes, before that lets others in.
    if !unsafe { *data.probed.get() } {
        return Err(ENODEV);
    }
    // SAFETY: By the type invariants `driver` is initialised. It is part of the pinned driver
    // data, which is not dropped while the interface is bound.
    Ok(unsafe { Pin::new_unchecked((*data.driver.get()).assume_init_ref()) })
}

impl<T: Driver> Adapter<T> {
    extern "C" fn probe_callback(
        intf: *mut bindings::usb_interface,
        id: *const bindings::usb_device_id,
    ) -> kernel::ffi::c_int {
        // SAFETY: The USB core only ever calls the probe callback with a valid pointer to a
        // `struct usb_interface` and `struct usb_device_id`.
        //
        // INVARIANT: `intf` is valid for the duration of `probe_callback()`, and its driver data
        // is set before it is used as a bound one.
        let intf = unsafe { &*intf.cast::<Interface<device::CoreInternal<'_>>>() };
        // SAFETY: `id` is valid for the duration of the callback; `DeviceId` is a
        // `#[repr(transparent)]` wrapper of `struct usb_device_id` without further invariants.
        let id = unsafe { &*id.cast::<DeviceId>() };

        from_result(|| {
            // Its endpoint 0 is not a device's: the core asks for contexts that ours don't promise.
            if intf.device().is_root_hub() {
                return Err(ENODEV);
            }
            Self::bind(intf)?;
            let dev: &device::Device<device::CoreInternal<'_>> = intf.as_ref();
            // SAFETY: `bind` has just set it, to this type.
            let data = unsafe { dev.drvdata_borrow::<PrivateData<'_, T>>() };
            let unbind = ScopeGuard::new(|| {
                data.get_ref().bond.dissolve(intf, || (), || ());
                // SAFETY: As above; nobody uses it after us.
                drop(unsafe { dev.drvdata_obtain::<PrivateData<'_, T>>() });
            });
            data.get_ref()
                .bond
                .tasks()
                .callback(CallbackKind::Locked, || {
                    Self::probe(intf, id, data)?;
                    // SAFETY: The interface was just probed; `disconnect_callback` removes them.
                    unsafe { T::OPTIONS.attribute_groups().create(intf) }
                })?;
            data.get_ref().bond.published.store(true, Release);
            unbind.dismiss();
            Ok(0)
        })
    }

    /// Sets the driver data, without the driver's part yet.
    fn bind(intf: &Interface<device::CoreInternal<'_>>) -> Result {
        let dev: &device::Device<device::CoreInternal<'_>> = intf.as_ref();
        // What may be there is not ours: the driver core would take it for that if we fail.
        //
        // SAFETY: The interface is valid, and being probed.
        unsafe { bindings::dev_set_drvdata(dev.as_raw(), core::ptr::null_mut()) };
        let udev = intf.device().as_raw();
        // SAFETY: The device outlives the binding of its interface, and the gate is closed before
        // that ends: here if probe fails, in `disconnect_callback` otherwise.
        let gate = unsafe { Gate::new(udev, intf.as_raw())? };
        // INVARIANT: There is no driver data yet, and it is marked so.
        dev.set_drvdata(try_pin_init!(PrivateData::<T> {
            bond <- Bond::new(gate, Role::Main, T::OPTIONS.unbinding()),
            driver: UnsafeCell::new(MaybeUninit::uninit()),
            probed: UnsafeCell::new(false),
        }))
    }

    /// Lets the driver make its part of the driver data.
    fn probe<'bound>(
        intf: &'bound Interface<device::CoreInternal<'_>>,
        id: &DeviceId,
        data: Pin<&PrivateData<'bound, T>>,
    ) -> Result {
        // SAFETY: `id` comes from `T::ID_TABLE` which is of type `IdArray<_, T::IdInfo>`. It
        // can also come from dynamic IDs, which will ensure that `driver_data` exists in
        // `T::ID_TABLE` or is 0.
        let info = unsafe { id.info_unchecked_opt::<T::IdInfo>() };
        let init = T::probe(intf, id, info);
        // SAFETY:
        // - `driver` is valid memory that nobody else looks at before `probed` is set.
        // - It is pinned, as part of the pinned driver data.
        unsafe { pin_init::raw_try_init((*data.driver.get()).as_mut_ptr(), init)? };
        // INVARIANT: `driver` has just been initialised.
        // SAFETY: The core calls no other callback before this one has returned.
        unsafe { *data.probed.get() = true };
        Ok(())
    }

    extern "C" fn disconnect_callback(intf: *mut bindings::usb_interface) {
        // SAFETY: The USB core only ever calls the disconnect callback with a valid pointer to a
        // `struct usb_interface`.
        //
        // INVARIANT: `intf` is valid for the duration of `disconnect_callback()`, and bound since
        // `probe_callback()` succeeded.
        let intf = unsafe { &*intf.cast::<Interface<device::CoreInternal<'_>>>() };

        let dev: &device::Device<device::CoreInternal<'_>> = intf.as_ref();

        let Ok(bond) = intf.bond() else {
            return;
        };
        if bond.role() == Role::Claimed {
            bond.dissolve(intf, || (), || ());
            // SAFETY: The driver data of a claimed interface is of this type, and all who used it
            // have left.
            unsafe { ClaimData::release_resources(intf) };
            // SAFETY: The driver data of a claimed interface is of this type; nobody uses it any
            // more. With it gone, the driver core finds none that it would take for `T`'s.
            drop(unsafe { dev.drvdata_obtain::<ClaimData>() });
            return;
        }

        // SAFETY: The interface is bound to us, until this callback has returned.
        let data = unsafe { data_of::<T>(intf) };
        let disconnect = || {
            if let Ok(data) = data {
                T::disconnect(intf, data);
            }
        };
        bond.dissolve(intf, disconnect, || {
            T::OPTIONS.attribute_groups().remove(intf)
        });
    }
}

/// The USB driver trait.
///
/// # Examples
///
///```
/// # use kernel::{bindings, device::Core, usb};
/// use kernel::prelude::*;
///
/// struct MyDriver;
///
/// kernel::usb_device_table!(
///     USB_TABLE,
///     <MyDriver as usb::Driver>::IdInfo,
///     [
///         (usb::DeviceId::from_id(0x1234, 0x5678), ()),
///         (usb::DeviceId::from_id(0xabcd, 0xef01), ()),
///     ]
/// );
///
/// impl usb::Driver for MyDriver {
///     type IdInfo = ();
///     type Data<'bound> = Self;
///     const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;
///
///     fn probe<'bound>(
///         _interface: &'bound usb::Interface<Core<'_>>,
///         _id: &usb::DeviceId,
///         _info: Option<&'bound Self::IdInfo>,
///     ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
///         Err(ENODEV)
///     }
///
///     fn disconnect(interface: &usb::Interface<Core<'_>>, _data: Pin<&Self>) {
///         dev_dbg!(interface, "goodbye\n");
///     }
/// }
///```
pub trait Driver: Sized {
    /// The type holding information about each one of the device ids supported by the driver.
    type IdInfo: 'static;

    /// The type of the driver's bus device private data.
    type Data<'bound>: Send + 'bound;

    /// The table of device ids supported by the driver.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// What else the driver can do than to be bound and unbound.
    const OPTIONS: DriverOptions<Self> = DriverOptions::new();

    /// USB driver probe.
    ///
    /// Called when a new USB interface is bound to this driver.
    /// Implementers should attempt to initialize the interface here.
    ///
    /// I/O may be started from here on. If this returns an error, the adapter ends all of it and
    /// removes the device node, if there is one.
    ///
    /// # Context
    ///
    /// May sleep; the device is locked.
    ///
    /// # Errors
    ///
    /// Any: the interface gets the next driver that matches, if there is one. `ENODEV` and `ENXIO`
    /// are for an interface that this driver is not for; others are logged.
    fn probe<'bound>(
        interface: &'bound Interface<device::Core<'_>>,
        id: &DeviceId,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// USB driver disconnect.
    ///
    /// Called when the USB interface is about to be unbound from this driver. There is no need to
    /// stop I/O here: it has been stopped, unless the driver asked to do some of its own (see
    /// [`DriverOptions::soft_unbind`]). What belongs here is to wake those who wait for
    /// something that will not come any more; what owns resources frees them when it is dropped.
    ///
    /// # Context
    ///
    /// May sleep; the device is locked.
    fn disconnect<'bound>(
        interface: &'bound Interface<device::Core<'_>>,
        data: Pin<&Self::Data<'bound>>,
    ) {
        let _ = (interface, data);
    }
}
