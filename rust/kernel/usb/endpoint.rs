// SPDX-License-Identifier: GPL-2.0

//! Endpoints, typed by transfer type and direction.

use super::{
    descriptor::fields,
    urb::Target,
    Interface,
    Speed, //
};
use crate::{
    bindings,
    device,
    prelude::*, //
};
use core::marker::PhantomData;

mod private {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be made a direction or transfer type",
        label = "use those that `kernel::usb` has"
    )]
    pub trait Sealed {}
}

/// A direction of data, seen from the host: [`In`] or [`Out`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a direction",
    label = "use `usb::In` or `usb::Out`"
)]
pub trait Direction: private::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const IS_IN: bool;
}

/// From the device to the host.
pub enum In {}

/// From the host to the device.
pub enum Out {}

impl private::Sealed for In {}
impl private::Sealed for Out {}

impl Direction for In {
    const IS_IN: bool = true;
}

impl Direction for Out {
    const IS_IN: bool = false;
}

/// How an endpoint moves data (USB 2.0, 5.4): [`Bulk`], [`Interrupt`], [`Isochronous`] or
/// [`Control`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transfer type",
    label = "use `usb::Bulk`, `usb::Interrupt`, `usb::Isochronous` or `usb::Control`"
)]
pub trait TransferType: private::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const KIND: TransferKind;
}

/// Large amounts at any time that is free (USB 2.0, 5.8).
pub enum Bulk {}

/// Small amounts within a guaranteed time (USB 2.0, 5.7).
pub enum Interrupt {}

/// A steady stream without retries (USB 2.0, 5.6).
pub enum Isochronous {}

/// Requests with a setup packet (USB 2.0, 5.5).
pub enum Control {}

impl private::Sealed for Bulk {}
impl private::Sealed for Interrupt {}
impl private::Sealed for Isochronous {}
impl private::Sealed for Control {}

impl TransferType for Bulk {
    const KIND: TransferKind = TransferKind::Bulk;
}

impl TransferType for Interrupt {
    const KIND: TransferKind = TransferKind::Interrupt;
}

impl TransferType for Isochronous {
    const KIND: TransferKind = TransferKind::Isochronous;
}

impl TransferType for Control {
    const KIND: TransferKind = TransferKind::Control;
}

/// The transfer types whose buffers are one piece and whose endpoints can halt: [`Bulk`] and
/// [`Interrupt`].
#[diagnostic::on_unimplemented(
    message = "this does not work for `{Self}` endpoints",
    label = "only for `usb::Bulk` and `usb::Interrupt`",
    note = "isochronous transfers are made by `usb::Urb::isochronous`, requests to endpoint 0 by \
            `usb::Interface::control`; neither of these endpoints stays halted"
)]
pub trait BulkOrInterrupt: TransferType {}

impl BulkOrInterrupt for Bulk {}
impl BulkOrInterrupt for Interrupt {}

/// The transfer type of a descriptor, as a value (USB 2.0, table 9-13, bmAttributes bits 1:0).
///
/// # Examples
///
/// ```
/// use kernel::usb::TransferKind;
///
/// // As in an endpoint descriptor's `bmAttributes`.
/// assert_eq!(TransferKind::Bulk.as_raw(), 2);
/// assert_eq!(TransferKind::Interrupt.as_raw(), 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// Control.
    Control,
    /// Isochronous.
    Isochronous,
    /// Bulk.
    Bulk,
    /// Interrupt.
    Interrupt,
}

impl TransferKind {
    /// The value of the descriptor's bits.
    pub const fn as_raw(self) -> u8 {
        self as u8
    }
}

/// What the descriptors say of one endpoint (USB 2.0, 9.6.6; USB 3.2, 9.6.7).
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// What is read at once: a burst, or what is sent in a microframe.
/// fn bytes_at_once(endpoint: &usb::EndpointDescriptor) -> usize {
///     let packets = (endpoint.max_burst() + 1) * endpoint.packets_per_microframe();
///     usize::from(endpoint.max_packet()) * usize::from(packets)
/// }
///
/// /// Bytes in a second; [`None`] for endpoints that have no rate of their own.
/// fn rate(endpoint: &usb::EndpointDescriptor, speed: usb::Speed) -> Option<u32> {
///     let frames = if speed >= usb::Speed::High { 8000 } else { 1000 };
///     match endpoint.kind() {
///         usb::TransferKind::Isochronous => {
///             let bytes = endpoint.bytes_per_interval(speed);
///             bytes.checked_mul(frames)?.checked_div(endpoint.period(speed))
///         }
///         _ => None,
///     }
/// }
///
/// /// How many times in a second a keyboard is asked, at any speed.
/// fn questions(endpoint: &usb::EndpointDescriptor, speed: usb::Speed) -> Option<u32> {
///     Some(1_000_000 / endpoint.period_us(speed)?)
/// }
///
/// /// Whether two endpoints are one for both directions of a disk that queues its commands.
/// fn is_pair(a: &usb::EndpointDescriptor, b: &usb::EndpointDescriptor) -> bool {
///     a.number() == b.number() && a.is_in() != b.is_in() && a.max_streams() == b.max_streams()
/// }
///
/// /// Refuses a descriptor that says nothing of its period (USB 2.0, table 9-13).
/// fn check(endpoint: &usb::EndpointDescriptor) -> Result {
///     let is_periodic = endpoint.kind() == usb::TransferKind::Interrupt;
///     if is_periodic && endpoint.interval() == 0 {
///         pr_debug!("endpoint {:#04x} has no interval\n", endpoint.address());
///         return Err(EINVAL);
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointDescriptor {
    address: u8,
    kind: TransferKind,
    max_packet_raw: u16,
    interval: u8,
    max_burst: u8,
    companion_attributes: u8,
    /// `dwBytesPerInterval` of a SuperSpeedPlus isochronous companion, 0 without one.
    ssp_bytes: u32,
}

impl EndpointDescriptor {
    /// # Safety
    ///
    /// `endpoint` must be valid.
    pub(super) unsafe fn from_c(endpoint: *const bindings::usb_host_endpoint) -> Self {
        // SAFETY: `endpoint` is valid, and its descriptors are not modified after enumeration.
        let (desc, companion) = unsafe { ((*endpoint).desc, (*endpoint).ss_ep_comp) };
        // SAFETY: `endpoint` is valid, and this descriptor, too, is not modified after enumeration.
        let ssp_bytes = unsafe { (*endpoint).ssp_isoc_ep_comp.dwBytesPerInterval };
        Self {
            address: desc.bEndpointAddress,
            kind: fields::kind(desc.bmAttributes),
            max_packet_raw: u16::from_le(desc.wMaxPacketSize),
            interval: desc.bInterval,
            max_burst: companion.bMaxBurst,
            companion_attributes: companion.bmAttributes,
            ssp_bytes: u32::from_le(ssp_bytes),
        }
    }

    /// Number in bits 3:0, direction in bit 7 (set: IN).
    #[doc(alias = "bEndpointAddress")]
    pub fn address(&self) -> u8 {
        self.address
    }

    /// The number without the direction, 0 to 15.
    pub fn number(&self) -> u8 {
        self.address & 0x0f
    }

    /// Whether data goes from the device to the host.
    pub fn is_in(&self) -> bool {
        self.address & 0x80 != 0
    }

    /// How it moves data.
    #[doc(alias = "bmAttributes")]
    pub fn kind(&self) -> TransferKind {
        self.kind
    }

    /// The largest packet, in bytes (bits 10:0 of `wMaxPacketSize`).
    #[doc(alias = "wMaxPacketSize")]
    pub fn max_packet(&self) -> u16 {
        fields::max_packet(self.max_packet_raw)
    }

    /// Packets per microframe, 1 to 3, of a high-bandwidth endpoint at high speed (bits 12:11 of
    /// `wMaxPacketSize`); 1 for every other one.
    pub fn packets_per_microframe(&self) -> u8 {
        fields::packets_per_microframe(self.max_packet_raw)
    }

    /// Packets in a burst minus one, 0 to 15 (SuperSpeed); 0 at lower speeds.
    #[doc(alias = "bMaxBurst")]
    pub fn max_burst(&self) -> u8 {
        self.max_burst
    }

    /// The polling interval as in the descriptor. See [`period`](Self::period) for its meaning.
    #[doc(alias = "bInterval")]
    pub fn interval(&self) -> u8 {
        self.interval
    }

    /// Bulk streams that the endpoint has, 0 to 65,536, as the exponent in its SuperSpeed companion
    /// says (USB 3.2, 9.6.7).
    #[doc(alias = "MaxStreams")]
    pub fn max_streams(&self) -> u32 {
        match self.kind {
            TransferKind::Bulk => fields::max_streams(self.companion_attributes),
            _ => 0,
        }
    }

    /// The most that an isochronous endpoint moves in one interval, in bytes: what a packet of
    /// [`Urb::isochronous`](super::Urb::isochronous) may have (USB 2.0, 5.6.3; USB 3.2, 9.6.7).
    pub fn bytes_per_interval(&self, speed: Speed) -> u32 {
        let packet = u32::from(self.max_packet());
        match speed {
            Speed::SuperPlus if self.companion_attributes & 0x80 != 0 => self.ssp_bytes,
            Speed::Super | Speed::SuperPlus => {
                let bursts = fields::bursts_per_interval(self.companion_attributes);
                let packets = fields::packets_per_burst(self.max_burst);
                packet * u32::from(packets) * u32::from(bursts)
            }
            Speed::High => packet * u32::from(self.packets_per_microframe()),
            _ => packet,
        }
    }

    /// The polling period of an interrupt or isochronous endpoint in the unit of
    /// `struct urb.interval`: frames of 1 ms at low and full speed, microframes of 125 us above
    /// (USB 2.0, table 9-13); 0 for bulk and control endpoints. See [`period_us`](Self::period_us)
    /// for one that is the same at all speeds.
    pub fn period(&self, speed: Speed) -> u32 {
        fields::period(self.kind, self.interval, speed).unwrap_or(0)
    }

    /// The time between two transfers of an interrupt or isochronous endpoint, in microseconds (USB
    /// 2.0, table 9-13); [`None`] for bulk and control endpoints. A field outside of its range
    /// counts as the nearest one in it.
    pub fn period_us(&self, speed: Speed) -> Option<u32> {
        fields::period_us(self.kind, self.interval, speed)
    }

    fn matches<T: TransferType, D: Direction>(&self) -> bool {
        // The core keeps an endpoint whose packets have no size, but nothing can be sent to it.
        let usable = self.number() != 0 && self.max_packet() != 0;
        usable && self.kind == T::KIND && self.is_in() == D::IS_IN
    }
}

/// Which altsetting an interface uses, for comparisons.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SettingId(usize);

impl SettingId {
    /// The one in use now.
    ///
    /// # Safety
    ///
    /// `intf` must be valid.
    pub(super) unsafe fn current(intf: *mut bindings::usb_interface) -> Self {
        // SAFETY: `intf` is valid. The field may be changed at any time; what we read is compared
        // only.
        Self(unsafe { (&raw const (*intf).cur_altsetting).read_volatile() } as usize)
    }

    /// # Context
    ///
    /// Any; the altsetting is not looked into.
    pub(super) fn of(setting: *const bindings::usb_host_interface) -> Self {
        Self(setting as usize)
    }
}

/// An endpoint of a bound interface, of a known transfer type and direction.
///
/// Made only from a descriptor of the interface's altsetting in use, see
/// [`Interface::find_endpoint`], so that no transfer can be of a type or direction that the
/// endpoint does not have. When the altsetting is changed it becomes useless: transfers fail with
/// `ESTALE`.
///
/// # Invariants
///
/// `descriptor` describes an endpoint, other than number 0 and with packets of some size, of the
/// altsetting `setting` of `interface`, of transfer type `T` and direction `D`.
pub struct Endpoint<'a, T: TransferType, D: Direction> {
    interface: &'a Interface<device::Bound>,
    setting: SettingId,
    descriptor: EndpointDescriptor,
    _type: PhantomData<(T, D)>,
}

impl<'a, T: TransferType, D: Direction> Endpoint<'a, T, D> {
    /// `descriptor` must come from the altsetting `setting` of `interface`.
    pub(super) fn new(
        interface: &'a Interface<device::Bound>,
        setting: SettingId,
        descriptor: EndpointDescriptor,
    ) -> Option<Self> {
        // INVARIANT: Type, direction and number were checked; the rest is the caller's.
        descriptor.matches::<T, D>().then_some(Self {
            interface,
            setting,
            descriptor,
            _type: PhantomData,
        })
    }

    /// Where transfers through it go.
    pub(super) fn target(&self) -> Target {
        let speed = self.interface.device().speed();
        Target {
            kind: T::KIND,
            is_in: D::IS_IN,
            number: self.descriptor.number(),
            interval: self.descriptor.period(speed),
            setting: Some(self.setting),
        }
    }

    /// What the C core has of it; [`None`] once the altsetting was changed.
    pub(super) fn raw(&self) -> Option<*mut bindings::usb_host_endpoint> {
        let current = self.interface.altsetting();
        match current.id() == self.setting {
            true => current.raw_endpoint(self.descriptor.address),
            false => None,
        }
    }

    /// The interface it belongs to.
    pub fn interface(&self) -> &'a Interface<device::Bound> {
        self.interface
    }

    /// What its descriptors say.
    pub fn descriptor(&self) -> &EndpointDescriptor {
        &self.descriptor
    }

    /// Number and direction, see [`EndpointDescriptor::address`].
    pub fn address(&self) -> u8 {
        self.descriptor.address
    }

    /// The largest packet, in bytes.
    pub fn max_packet(&self) -> u16 {
        self.descriptor.max_packet()
    }
}

#[kunit_tests(rust_usb_endpoint)]
mod tests {
    use super::*;

    fn descriptor(
        address: u8,
        attributes: u8,
        max_packet: u16,
        interval: u8,
    ) -> EndpointDescriptor {
        EndpointDescriptor {
            address,
            kind: fields::kind(attributes),
            max_packet_raw: max_packet,
            interval,
            max_burst: 0,
            companion_attributes: 0,
            ssp_bytes: 0,
        }
    }

    #[test]
    fn address_splits_into_number_and_direction() {
        for (address, number, is_in) in [(0x00, 0, false), (0x81, 1, true), (0x0f, 15, false)] {
            let endpoint = descriptor(address, 2, 512, 0);
            assert_eq!((endpoint.number(), endpoint.is_in()), (number, is_in));
        }
    }

    #[test]
    fn kind_takes_the_low_two_bits() {
        let kinds = [
            TransferKind::Control,
            TransferKind::Isochronous,
            TransferKind::Bulk,
            TransferKind::Interrupt,
        ];
        for attributes in 0..=255u8 {
            let expected = kinds[usize::from(attributes & 3)];
            assert_eq!(descriptor(0x81, attributes, 64, 1).kind(), expected);
            assert_eq!(expected.as_raw(), attributes & 3);
        }
    }

    #[test]
    fn max_packet_leaves_out_the_high_bandwidth_bits() {
        for (raw, bytes, packets) in [
            (0, 0, 1),
            (512, 512, 1),
            (0x07ff, 2047, 1),
            (0x0c00, 1024, 2),
            (0x1400, 1024, 3),
            (0x1c00, 1024, 3),
        ] {
            let endpoint = descriptor(0x81, 1, raw, 1);
            assert_eq!(endpoint.max_packet(), bytes);
            assert_eq!(endpoint.packets_per_microframe(), packets);
        }
    }

    #[test]
    fn period_depends_on_speed() {
        for (interval, speed, period) in [
            (0, Speed::Full, 1),
            (1, Speed::Low, 1),
            (255, Speed::Full, 255),
            (0, Speed::High, 1),
            (1, Speed::High, 1),
            (4, Speed::Super, 8),
            (16, Speed::High, 1 << 15),
            (17, Speed::High, 1 << 15),
            (255, Speed::SuperPlus, 1 << 15),
        ] {
            assert_eq!(descriptor(0x81, 3, 64, interval).period(speed), period);
        }
    }

    #[test]
    fn period_in_microseconds_has_one_unit() {
        for (attributes, interval, speed, period_us) in [
            (3, 0, Speed::Low, Some(1000)),
            (3, 1, Speed::Full, Some(1000)),
            (3, 255, Speed::Full, Some(255_000)),
            (3, 0, Speed::High, Some(125)),
            (3, 4, Speed::High, Some(1000)),
            (3, 16, Speed::SuperPlus, Some(4_096_000)),
            (3, 17, Speed::Super, Some(4_096_000)),
            (1, 1, Speed::Full, Some(1000)),
            (1, 16, Speed::Full, Some(32_768_000)),
            (1, 255, Speed::High, Some(4_096_000)),
            (0, 1, Speed::High, None),
            (2, 255, Speed::Super, None),
        ] {
            let endpoint = descriptor(0x81, attributes, 64, interval);
            assert_eq!(endpoint.period_us(speed), period_us);
        }
    }

    #[test]
    fn period_of_isochronous_endpoints_is_a_power_of_two_at_any_speed() {
        for (interval, speed, period) in [
            (1, Speed::Full, 1),
            (4, Speed::Full, 8),
            (0, Speed::Full, 1),
            (255, Speed::High, 1 << 15),
        ] {
            assert_eq!(descriptor(0x81, 1, 64, interval).period(speed), period);
        }
    }

    #[test]
    fn bytes_per_interval_depend_on_speed_and_companion() {
        let mut endpoint = descriptor(0x81, 1, 0x1400, 1);
        assert_eq!(endpoint.bytes_per_interval(Speed::Full), 1024);
        assert_eq!(endpoint.bytes_per_interval(Speed::High), 3072);
        (endpoint.max_packet_raw, endpoint.max_burst) = (1024, 15);
        endpoint.companion_attributes = 2;
        assert_eq!(endpoint.bytes_per_interval(Speed::Super), 48 << 10);
        // Values that the specification reserves count as the largest that it allows.
        (endpoint.max_burst, endpoint.companion_attributes) = (255, 3);
        assert_eq!(endpoint.bytes_per_interval(Speed::Super), 48 << 10);
        (endpoint.companion_attributes, endpoint.ssp_bytes) = (0x80, 96 << 10);
        assert_eq!(endpoint.bytes_per_interval(Speed::SuperPlus), 96 << 10);
        assert_eq!(endpoint.bytes_per_interval(Speed::Super), 16 << 10);
    }

    #[test]
    fn streams_are_for_bulk_endpoints() {
        let mut endpoint = descriptor(0x81, 2, 1024, 0);
        for (attributes, streams) in [
            (0, 0),
            (1, 2),
            (16, 65536),
            (17, 65536),
            (31, 65536),
            (0xe4, 16),
        ] {
            endpoint.companion_attributes = attributes;
            assert_eq!(endpoint.max_streams(), streams);
        }
        endpoint.kind = TransferKind::Interrupt;
        assert_eq!(endpoint.max_streams(), 0);
    }

    #[test]
    fn only_the_right_type_and_direction_match() {
        let bulk_in = descriptor(0x81, 2, 512, 0);
        assert!(bulk_in.matches::<Bulk, In>());
        assert!(!bulk_in.matches::<Bulk, Out>());
        assert!(!bulk_in.matches::<Interrupt, In>());
        assert!(!descriptor(0x80, 2, 512, 0).matches::<Bulk, In>());
        assert!(!descriptor(0x81, 2, 0, 0).matches::<Bulk, In>());
        assert!(descriptor(0x81, 2, 1, 0).matches::<Bulk, In>());
    }
}
