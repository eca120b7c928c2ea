// SPDX-License-Identifier: GPL-2.0

//! Altsettings: the sets of endpoints that an interface can have, one at a time.
//!
//! C reference: `usb_set_interface()` in `drivers/usb/core/message.c`.

use super::{
    endpoint::{
        Direction,
        Endpoint,
        EndpointDescriptor,
        SettingId,
        TransferType, //
    },
    gate::{
        Gate,
        Pause, //
    },
    lock::DeviceLock,
    proof::IsBound,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    prelude::*, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// What the descriptors say of one altsetting of an interface (USB 2.0, 9.6.5).
///
/// # Invariants
///
/// `interface` is valid and configured for `'a`, and `raw` is an altsetting of it. Its descriptors and
/// those of its endpoints don't change; the core writes to the structures that hold them.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb, usb::descriptor};
///
/// /// The altsetting of an audio stream whose packets have room for `bytes`.
/// fn with_room(intf: &usb::Interface<Bound>, bytes: u16) -> Option<usb::Altsetting<'_>> {
///     const AUDIO_STREAMING: (u8, u8) = (1, 2);
///     intf.altsettings().find(|setting| {
///         let (class, subclass, _protocol) = setting.class();
///         let mut endpoints = setting.endpoints();
///         (class, subclass) == AUDIO_STREAMING && endpoints.any(|e| e.max_packet() >= bytes)
///     })
/// }
///
/// /// The number of its channels, as its format descriptor says (audio formats 1.0, 2.2.5).
/// fn channels(setting: &usb::Altsetting<'_>) -> Option<u8> {
///     const FORMAT_TYPE: u8 = 2;
///     descriptor::Descriptors::new(setting.extra())
///         .filter_map(|raw| descriptor::ClassSpecific::new(raw.ok()?).ok())
///         .find(|format| format.subtype() == FORMAT_TYPE)
///         .and_then(|format| format.data().get(1).copied())
/// }
///
/// /// Logs what there is, the altsetting in use with an asterisk.
/// fn list(intf: &usb::Interface<Bound>) -> Result {
///     for setting in intf.altsettings() {
///         let mark = if setting.is_current() { "*" } else { "" };
///         dev_dbg!(intf, "{}.{}{mark}\n", setting.interface_number(), setting.number());
///         for address in setting.endpoints().map(|endpoint| endpoint.address()) {
///             dev_dbg!(intf, "{address:#04x}: {:?}\n", setting.endpoint_extra(address));
///         }
///         if setting.string_index() != 0 {
///             let name = intf.bound_device().string(setting.string_index())?;
///             dev_dbg!(intf, "called {name}\n");
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Altsetting<'a> {
    interface: NonNull<bindings::usb_interface>,
    raw: NonNull<bindings::usb_host_interface>,
    _bound: PhantomData<&'a Interface<device::Bound>>,
}

impl<'a> Altsetting<'a> {
    /// # Safety
    ///
    /// `interface` must be valid and configured for `'a`, and `raw` an altsetting of it.
    pub(super) unsafe fn new(
        interface: NonNull<bindings::usb_interface>,
        raw: *mut bindings::usb_host_interface,
    ) -> Self {
        // INVARIANT: By the safety requirement; an altsetting is part of the configuration.
        //
        // SAFETY: By the safety requirement it is valid, and so not null.
        let raw = unsafe { NonNull::new_unchecked(raw) };
        Self {
            interface,
            raw,
            _bound: PhantomData,
        }
    }

    /// All of an interface, in the order of their descriptors.
    ///
    /// # Safety
    ///
    /// `interface` must be valid and configured for `'a`.
    pub(super) unsafe fn all(
        interface: NonNull<bindings::usb_interface>,
    ) -> impl Iterator<Item = Self> {
        let raw = interface.as_ptr();
        // SAFETY: It is valid; neither field changes while it is configured.
        let (first, count) = unsafe { ((*raw).altsetting, (*raw).num_altsetting) };
        (0..count as usize).map(move |index| {
            // SAFETY: There are that many altsettings in a row, which live as long as the
            // configuration.
            unsafe { Self::new(interface, first.add(index)) }
        })
    }

    /// The one in use.
    ///
    /// # Safety
    ///
    /// `interface` must be valid and configured for `'a`.
    pub(super) unsafe fn current(interface: NonNull<bindings::usb_interface>) -> Self {
        let field = interface.as_ptr();
        // SAFETY: The interface is valid; who changes the field stores another valid pointer.
        let raw = unsafe { (&raw const (*field).cur_altsetting).read_volatile() };
        // SAFETY: By the safety requirement there is one.
        unsafe { Self::new(interface, raw) }
    }

    pub(super) fn id(&self) -> SettingId {
        SettingId::of(self.raw.as_ptr())
    }

    fn descriptor(&self) -> &'a bindings::usb_interface_descriptor {
        // SAFETY: By the type invariants it is valid for `'a`, and this field does not change.
        unsafe { &(*self.raw.as_ptr()).desc }
    }

    /// Its number, which need not be its position.
    #[doc(alias = "bAlternateSetting")]
    pub fn number(&self) -> u8 {
        self.descriptor().bAlternateSetting
    }

    /// The number of the interface.
    #[doc(alias = "bInterfaceNumber")]
    pub fn interface_number(&self) -> u8 {
        self.descriptor().bInterfaceNumber
    }

    /// Class, subclass and protocol.
    #[doc(alias("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"))]
    pub fn class(&self) -> (u8, u8, u8) {
        let desc = self.descriptor();
        (
            desc.bInterfaceClass,
            desc.bInterfaceSubClass,
            desc.bInterfaceProtocol,
        )
    }

    /// The index of the string that describes it; 0 if there is none.
    #[doc(alias = "iInterface")]
    pub fn string_index(&self) -> u8 {
        self.descriptor().iInterface
    }

    /// Descriptors of its class or vendor, which follow that of the interface.
    pub fn extra(&self) -> &'a [u8] {
        let raw = self.raw.as_ptr();
        // SAFETY: By the type invariants it is valid. The core keeps the bytes with the
        // configuration.
        unsafe { bytes((*raw).extra, (*raw).extralen) }
    }

    /// Its endpoints, in the order of their descriptors.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointDescriptor> + 'a {
        self.raw_endpoints().map(|endpoint| {
            // SAFETY: It is one of ours, which are valid.
            unsafe { EndpointDescriptor::from_c(endpoint) }
        })
    }

    /// Descriptors of the class or vendor that follow the one of an endpoint; nothing if there is
    /// no such endpoint.
    pub fn endpoint_extra(&self, address: u8) -> &'a [u8] {
        let endpoint = self.raw_endpoint(address);
        endpoint.map_or(&[], |endpoint| {
            // SAFETY: It is one of ours, which are valid. The core keeps the bytes with the
            // configuration.
            unsafe { bytes((*endpoint).extra, (*endpoint).extralen) }
        })
    }

    /// The endpoint with an address, which is valid for as long as the interface is bound.
    pub(super) fn raw_endpoint(&self, address: u8) -> Option<*mut bindings::usb_host_endpoint> {
        self.raw_endpoints().find(|endpoint| {
            // SAFETY: It is one of ours, which are valid.
            address == unsafe { (**endpoint).desc.bEndpointAddress }
        })
    }

    /// All endpoints, likewise.
    pub(super) fn raw_endpoints(
        &self,
    ) -> impl Iterator<Item = *mut bindings::usb_host_endpoint> + use<> {
        // SAFETY: By the type invariants it is valid.
        let first = unsafe { (*self.raw.as_ptr()).endpoint };
        let count = usize::from(self.descriptor().bNumEndpoints);
        // SAFETY: The core allocates an entry for each endpoint, and corrects the count to the
        // number of valid descriptors that it found.
        (0..count).map(move |index| unsafe { first.add(index) })
    }

    /// Whether it is the one in use.
    pub fn is_current(&self) -> bool {
        // SAFETY: By the type invariants the interface is valid.
        self.id() == unsafe { SettingId::current(self.interface.as_ptr()) }
    }
}

/// # Safety
///
/// `first` must point to `count` bytes that stay unchanged for `'a`, or `count` be 0 or less.
unsafe fn bytes<'a>(first: *const u8, count: c_int) -> &'a [u8] {
    match usize::try_from(count) {
        // SAFETY: By the safety requirement; a pointer to bytes is not null.
        Ok(count @ 1..) => unsafe { core::slice::from_raw_parts(first, count) },
        _ => &[],
    }
}

/// The right to change the altsetting of an interface. Only one can be had at a time.
///
/// Endpoints that are found through it end where the altsetting is changed:
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// fn start(intf: &usb::Interface<Bound>) -> Result {
///     let mut settings = intf.settings()?;
///     settings.set(1)?;
///     let stream = settings.find_endpoint::<usb::Isochronous, usb::In>();
///     let stream = stream.ok_or(ENXIO)?;
///     // URBs for `stream`...
/// #   let _ = stream;
///     Ok(())
/// }
/// ```
///
/// Endpoints that were found in another way, and URBs that were made for them, are refused with
/// `ESTALE` after a change.
pub struct Settings<'a> {
    interface: &'a Interface<device::Bound>,
    gate: &'a Gate,
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// Gets the right to change the altsetting. Whoever forgets it keeps it.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: somebody else has it, or bulk streams.
    /// - `ENODEV`: the driver's data is being dropped.
    pub fn settings(&self) -> Result<Settings<'_>>
    where
        Self: IsBound,
    {
        let interface = self.bound();
        let gate = interface.gate()?;
        gate.begin_replacing()?;
        Ok(Settings { interface, gate })
    }
}

impl Settings<'_> {
    /// Makes the interface use another altsetting, or the same one anew, after it has ended all
    /// I/O of the interface.
    ///
    /// # Context
    ///
    /// May sleep; for 10 s if the device does not answer.
    ///
    /// # Errors
    ///
    /// The altsetting stays as it was, which the device is told then. If it refuses that as well, no
    /// endpoint can be used (`ENODEV`) until it takes an altsetting.
    ///
    /// - `EINVAL`: there is no such altsetting.
    /// - `ENODEV`: the driver is being unbound.
    /// - `EHOSTUNREACH`: I/O is paused: the device is suspended or being reset.
    /// - `EBUSY`: the device was in use by somebody else, who locked it, for more than a second.
    /// - `ENOSPC`: the bus has not enough bandwidth left.
    /// - `EPIPE`, `ETIMEDOUT` and other errors of the request to the device.
    /// - `ENOMEM`.
    #[doc(alias = "usb_set_interface")]
    pub fn set(&mut self, altsetting: u8) -> Result {
        let known = |candidate: Altsetting<'_>| candidate.number() == altsetting;
        if !self.interface.altsettings().any(known) {
            return Err(EINVAL);
        }
        let number = self.interface.number();
        // The core removes and makes files in sysfs for endpoints, as it does when the device is
        // reset, reconfigured or gone.
        let _locked = DeviceLock::new(self.interface)?;
        self.gate.pause_to_replace()?;
        self.interface.give_back_streams(self.gate);
        let request = |altsetting: u8| {
            // SAFETY: The interface is bound, so that the device is valid and configured. No URB of
            // the interface is in flight, or is going to be, before the gate is resumed.
            to_result(unsafe {
                bindings::usb_set_interface(self.gate.udev(), number.into(), altsetting.into())
            })
        };
        let result = request(altsetting);
        if result.is_err() {
            // The core has disabled the endpoints in use, and leaves it at that when it fails.
            let _ = request(self.altsetting().number());
        }
        self.gate.resume(Pause::Endpoints);
        result
    }

    /// The altsetting in use.
    pub fn altsetting(&self) -> Altsetting<'_> {
        self.interface.altsetting()
    }

    /// The first endpoint of a transfer type and direction; see [`Interface::find_endpoint`].
    pub fn find_endpoint<T: TransferType, D: Direction>(&self) -> Option<Endpoint<'_, T, D>> {
        self.interface.find_endpoint()
    }

    /// All endpoints of a transfer type and direction; see [`Interface::find_endpoints`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// /// The packet that takes most of the bus, in bytes.
    /// fn largest_packet(settings: &usb::Settings<'_>) -> Option<usize> {
    ///     settings
    ///         .find_endpoints::<usb::Isochronous, usb::In>()
    ///         .map(|endpoint| endpoint.max_packet().into())
    ///         .max()
    /// }
    /// ```
    pub fn find_endpoints<T: TransferType, D: Direction>(
        &self,
    ) -> impl Iterator<Item = Endpoint<'_, T, D>> {
        self.interface.find_endpoints()
    }

    /// The endpoint with an address; see [`Interface::endpoint`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// type Feedback<'a> = usb::Endpoint<'a, usb::Isochronous, usb::In>;
    ///
    /// /// Where a loudspeaker tells how fast it wants its data: an IN endpoint beside the OUT one.
    /// fn feedback<'a>(settings: &'a usb::Settings<'_>) -> Result<Feedback<'a>> {
    ///     let mut endpoints = settings.altsetting().endpoints();
    ///     let feedback = endpoints.find(|endpoint| endpoint.is_in()).ok_or(ENXIO)?;
    ///     settings.endpoint(feedback.address()).ok_or(ENXIO)
    /// }
    /// ```
    pub fn endpoint<T: TransferType, D: Direction>(
        &self,
        address: u8,
    ) -> Option<Endpoint<'_, T, D>> {
        self.interface.endpoint(address)
    }
}

impl Drop for Settings<'_> {
    fn drop(&mut self) {
        self.gate.end_replacing();
    }
}
