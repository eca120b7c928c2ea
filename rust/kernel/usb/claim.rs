// SPDX-License-Identifier: GPL-2.0

//! Further interfaces of a device that a driver takes over.
//!
//! C reference: `usb_driver_claim_interface()` in `drivers/usb/core/driver.c`.
//!
//! A claimed interface has a gate of its own, and a [`Bond`] as its driver data, which says that
//! it is a claimed one: callbacks for it never reach the driver, which knows only of the interface
//! that it was probed for.

use super::{
    bond::{
        Bond,
        Role,
        Unbinding, //
    },
    gate::Gate,
    proof::{
        IsBound,
        IsLocked, //
    },
    Interface, //
};
use crate::{
    bindings,
    container_of,
    device,
    error::to_result,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc, //
    },
    types::ForeignOwnable, //
};

/// The driver data of a claimed interface. Dropped when it is unbound.
#[pin_data(PinnedDrop)]
#[repr(C)]
pub(super) struct ClaimData {
    /// First, so that it is found as that of any interface; see [`Interface::bond`].
    #[pin]
    bond: Bond,
    shared: Arc<ClaimShared>,
}

#[pinned_drop]
impl PinnedDrop for ClaimData {
    fn drop(self: Pin<&mut Self>) {
        self.shared.released.store(true, Release);
    }
}

impl ClaimData {
    /// Releases what was registered for a claimed interface since it was claimed.
    ///
    /// # Safety
    ///
    /// The driver data of `interface` must be a `ClaimData`, and nobody use it any more.
    pub(super) unsafe fn release_resources(interface: &Interface<device::Bound>) {
        let dev: &device::Device<device::Bound> = interface.as_ref();
        // SAFETY: The interface is valid. By the safety requirement its driver data is what the
        // group was opened with.
        unsafe {
            let id = bindings::dev_get_drvdata(dev.as_raw());
            bindings::devres_release_group(dev.as_raw(), id);
        }
    }
}

/// What a claim, its interface and its owner share.
pub(super) struct ClaimShared {
    gate: Arc<Gate>,
    /// The gate of the interface that claimed it.
    owner: Arc<Gate>,
    interface: ARef<Interface>,
    /// The interface was unbound.
    released: Atomic<bool>,
}

impl ClaimShared {
    pub(super) fn is_released(&self) -> bool {
        self.released.load(Acquire)
    }

    /// Ends all I/O of the claimed interface, but does not wait for those who use it otherwise.
    pub(super) fn end_io(&self) {
        self.gate.end_io();
    }

    /// Ends all use of the claimed interface.
    pub(super) fn close(&self) {
        self.gate.close();
    }

    /// Unbinds the claimed interface from the driver that `owner` is bound to.
    ///
    /// The caller is a callback for which the core has locked the device, so that nobody else binds
    /// or unbinds it meanwhile.
    pub(super) fn release(&self, owner: &Interface<device::Bound>) {
        if self.is_released() {
            return;
        }
        // SAFETY: `owner` is bound, so that its driver is registered; both interfaces are valid.
        unsafe {
            bindings::usb_driver_release_interface(usb_driver(owner), self.interface.as_raw())
        };
    }
}

/// The C driver of a bound interface.
///
/// # Safety
///
/// It must be bound to a Rust USB driver for as long as the result is used.
unsafe fn usb_driver(interface: &Interface<device::Bound>) -> *mut bindings::usb_driver {
    // SAFETY: A bound interface has a driver.
    let driver = unsafe { (*interface.as_raw()).dev.driver };
    // SAFETY: A driver of the USB bus for interfaces is the field of a `struct usb_driver`.
    unsafe { container_of!(driver, bindings::usb_driver, driver) }
}

/// An interface that was claimed in addition to the one that the driver was probed for.
///
/// It is released when the driver is unbound, whatever becomes of this, or before that by
/// [`Interface::release`]. User space may unbind it at any time; then it cannot be used any more.
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, prelude::*, usb};
///
/// /// Takes over the data interface of a modem, after a probe for its control interface; `number`
/// /// is from its union descriptor (CDC 1.2, 5.2.3.2).
/// fn claim_data(intf: &usb::Interface<Core<'_>>, number: u8) -> Result<usb::Claim> {
///     let data: usb::Claim = intf.claim(number)?;
///     if data.with(intf, |data| data.find_endpoint::<usb::Bulk, usb::In>().is_none())? {
///         intf.release(data)?;
///         return Err(ENODEV);
///     }
///     dev_dbg!(intf, "data comes through interface {}\n", data.number()?);
///     Ok(data)
/// }
/// ```
pub struct Claim(Arc<ClaimShared>);

impl Claim {
    /// Lets `f` use the interface, which stays bound meanwhile.
    ///
    /// The claimed interface may be unbound alone, which waits for `f`. Its transfers are cancelled
    /// then, and whatever else `f` waits for by way of the driver's other interfaces ends with
    /// `ENODEV`. A [`reset`](super::BoundDevice::reset) can only be asked for through this one.
    ///
    /// # Context
    ///
    /// May sleep, which `_proof` proves, an interface of this driver that is bound.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the interface is not ours any more.
    /// - `ENOMEM`.
    pub fn with<Ctx: device::DeviceContext, R>(
        &self,
        _proof: &Interface<Ctx>,
        f: impl FnOnce(&Interface<device::Bound>) -> R,
    ) -> Result<R>
    where
        Interface<Ctx>: IsBound,
    {
        let gate = &self.0.gate;
        let _inside = gate.visit()?;
        let interface = self.interface();
        gate.tasks().visiting(gate, || f(interface))
    }

    /// The number of the interface.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the interface is not ours any more.
    #[doc(alias = "bInterfaceNumber")]
    pub fn number(&self) -> Result<u8> {
        let _inside = self.0.gate.visit()?;
        Ok(self.interface().number())
    }

    /// The caller is visiting.
    fn interface(&self) -> &Interface<device::Bound> {
        // SAFETY: The interface is valid, and bound to a Rust driver while we are visiting, with
        // a `ClaimData` as its driver data, which begins with a `Bond`.
        unsafe { &*self.0.interface.as_raw().cast::<Interface<device::Bound>>() }
    }
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// Takes the interface `number` of the same device over.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: there is no such interface, or it may not be used, or this driver is being
    ///   unbound.
    /// - `EBUSY`: it has a driver already, maybe this one.
    /// - `ENOMEM`.
    #[doc(alias = "usb_driver_claim_interface")]
    pub fn claim(&self, number: u8) -> Result<Claim>
    where
        Self: IsLocked,
    {
        self.locked(|interface| interface.claim_number(number))
    }

    /// Gives a claimed interface back. All of its I/O has ended when this returns.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: it is not one that this interface has claimed.
    /// - `ENODEV`: this driver is being unbound.
    #[doc(alias = "usb_driver_release_interface")]
    pub fn release(&self, claim: Claim) -> Result
    where
        Self: IsLocked,
    {
        self.locked(|interface| interface.release_claim(claim))
    }
}

impl Interface<device::Core<'_>> {
    fn claim_number(&self, number: u8) -> Result<Claim> {
        let shared = self.bond()?.add_claim(|| {
            let udev = self.device().as_raw();
            // SAFETY: The device is valid and configured, since one of its interfaces is bound.
            let intf = unsafe { bindings::usb_ifnum_to_if(udev, number.into()) };
            // SAFETY: An interface of the active configuration is valid while the device is
            // locked, which it is for the callback that we are in.
            let intf = unsafe { intf.cast::<Interface>().as_ref() }.ok_or(ENODEV)?;
            self.claim_interface(intf)
        })?;
        Ok(Claim(shared))
    }

    fn claim_interface(&self, intf: &Interface) -> Result<Arc<ClaimShared>> {
        // SAFETY: It is another interface of our device: ours has a driver already. `ClaimData` is
        // dropped only after the gate was closed: here, where it was never used, or when it is
        // unbound. Our own unbinding closes it before it empties our gate.
        let gate = unsafe { Gate::claimed(self.gate()?, intf.as_raw())? };
        let shared = ClaimShared {
            gate: gate.clone(),
            owner: self.gate()?.clone(),
            interface: intf.into(),
            released: Atomic::new(false),
        };
        let shared = Arc::new(shared, GFP_KERNEL)?;
        let for_data = shared.clone();
        let data = KBox::pin_init(
            pin_init!(ClaimData {
                bond <- Bond::new(gate, Role::Claimed, Unbinding::Hard),
                shared: for_data,
            }),
            GFP_KERNEL,
        )?;
        let data = data.into_foreign();
        let dev: &device::Device = intf.as_ref();
        // What is registered from now on is released when the interface is unbound. The driver
        // core does not see to that where the interface is not registered itself yet.
        //
        // SAFETY: The interface is valid; `data` stands for the group and is not looked into.
        let group = unsafe { bindings::devres_open_group(dev.as_raw(), data, GFP_KERNEL.as_raw()) };
        let result = match group.is_null() {
            true => Err(ENOMEM),
            // SAFETY: We are bound, so that our driver is registered; the interface is valid, and
            // the device locked. `data` is what the callbacks expect of a claimed interface.
            false => to_result(unsafe {
                bindings::usb_driver_claim_interface(usb_driver(self), intf.as_raw(), data)
            }),
        };
        if result.is_err() {
            if !group.is_null() {
                // SAFETY: The group was opened above, and nobody else knows it.
                unsafe { bindings::devres_remove_group(dev.as_raw(), data) };
            }
            // SAFETY: The core did not take it.
            drop(unsafe { Pin::<KBox<ClaimData>>::from_foreign(data) });
        }
        result.map(|()| shared)
    }

    fn release_claim(&self, claim: Claim) -> Result {
        if !Arc::ptr_eq(&claim.0.owner, self.gate()?) {
            return Err(EINVAL);
        }
        claim.0.close();
        claim.0.release(self);
        Ok(())
    }
}
