// SPDX-License-Identifier: GPL-2.0

//! The binary device object store: what a device can do apart from its configurations (USB 3.2,
//! 9.6.2).

use super::{
    chosen::{
        Chosen,
        Pieces, //
    },
    view::view,
    DescriptorType,
    Descriptors,
    Error,
    ErrorKind,
    Raw, //
};
use crate::prelude::kunit_tests;

view! {
    /// The store, with the capabilities in it: as many bytes as `wTotalLength` says, or as there
    /// are if that is less.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{Bos, Capability};
    ///
    /// let bos = Bos::parse(&[
    ///     5, 0x0f, 22, 0, 2, //
    ///     7, 0x10, 2, 0x02, 0, 0, 0, //
    ///     10, 0x10, 3, 0x00, 0x0e, 0, 1, 10, 0xff, 0x07,
    /// ])?;
    /// bos.check()?;
    /// assert_eq!((bos.total_length(), bos.declared_capabilities()), (22, 2));
    /// assert_eq!(bos.descriptors().count(), 2);
    /// let mut capabilities = bos.capabilities();
    /// let first = capabilities.next();
    /// assert!(matches!(first, Some(Capability::Usb2Extension(e)) if e.has_link_power_management()));
    /// let second = capabilities.next();
    /// assert!(matches!(second, Some(Capability::SuperSpeed(s)) if s.u2_exit_latency_us() == 2047));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_bos_descriptor")]
    pub struct Bos: BOS, size 5 {
        /// How many bytes it says it has with its capabilities.
        2 => total_length: u16, "wTotalLength";
        /// How many capabilities it says it has.
        4 => declared_capabilities: u8, "bNumDeviceCaps";
    }
}

impl<'a> Bos<'a> {
    /// Every descriptor in it, of whatever type.
    pub fn descriptors(&self) -> Descriptors<'a> {
        self.raw.following_within(self.total_length().into())
    }

    /// Its capabilities. One that is malformed is not among them.
    pub fn capabilities(&self) -> impl Iterator<Item = Capability<'a>> + Clone {
        Chosen::new(
            self.descriptors().well_formed(),
            |_| false,
            |raw| Capability::new(raw).ok(),
        )
    }

    /// Everything that is wrong with it, at most one thing of each descriptor, in their order.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{Bos, ErrorKind};
    ///
    /// // Says that it has two capabilities, and ends in the first.
    /// let bos = Bos::parse(&[5, 0x0f, 12, 0, 2, 7, 0x10, 2, 0x02])?;
    /// let mut problems = bos.problems().map(|error| (error.offset(), error.kind()));
    /// assert_eq!(problems.next(), Some((0, ErrorKind::TotalLength)));
    /// assert_eq!(problems.next(), Some((5, ErrorKind::Overrun)));
    /// assert_eq!(problems.next(), None);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn problems(&self) -> impl Iterator<Item = Error> + 'a {
        let of_capability = |item: Result<Raw<'a>, Error>| item.and_then(Capability::new).err();
        self.problem_of_header()
            .into_iter()
            .chain(self.descriptors().filter_map(of_capability))
    }

    fn problem_of_header(&self) -> Option<Error> {
        let total = usize::from(self.total_length());
        if !(self.raw.bytes().len()..=self.raw.available()).contains(&total) {
            return Some(self.raw.error(ErrorKind::TotalLength));
        }
        let found = self.descriptors().well_formed().count();
        let is_right = found == usize::from(self.declared_capabilities());
        (!is_right).then_some(self.raw.error(ErrorKind::CapabilityCount))
    }

    /// Whether there is nothing wrong with it.
    ///
    /// # Errors
    ///
    /// The first of [`problems`](Self::problems).
    pub fn check(&self) -> Result<(), Error> {
        self.problems().next().map_or(Ok(()), Err)
    }
}

view! {
    /// What all capabilities have in common (USB 3.2, 9.6.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::DeviceCapability;
    ///
    /// assert_eq!(DeviceCapability::parse(&[3, 0x10, 0x0b])?.capability_type(), 0x0b);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_dev_cap_header")]
    pub struct DeviceCapability: DEVICE_CAPABILITY, size 3 {
        /// Which capability it is (USB 3.2, 9.6.2).
        2 => capability_type: u8, "bDevCapabilityType";
    }
}

/// A capability of a device.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{Capability, ErrorKind, Raw};
///
/// let billboard = Capability::new(Raw::first(&[4, 0x10, 0x0d, 0])?)?;
/// assert!(matches!(billboard, Capability::Other(other) if other.capability_type() == 0x0d));
///
/// // A container has an id of 16 bytes.
/// let short = Capability::new(Raw::first(&[4, 0x10, 4, 0])?).err();
/// assert_eq!(short.map(|error| error.kind()), Some(ErrorKind::TooShort));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability<'a> {
    /// Link power management at high speed.
    Usb2Extension(Usb2Extension<'a>),
    /// The speeds it supports.
    SuperSpeed(SuperSpeedCapability<'a>),
    /// Which device this is a part of.
    Container(Container<'a>),
    /// Something that a platform defines.
    Platform(Platform<'a>),
    /// The lanes and rates it supports.
    SuperSpeedPlus(SuperSpeedPlusCapability<'a>),
    /// It can measure the time that packets take.
    PrecisionTimeMeasurement(DeviceCapability<'a>),
    /// Any other.
    Other(DeviceCapability<'a>),
}

impl<'a> Capability<'a> {
    /// Views `raw` as one.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::WrongType`] if it is not a capability.
    /// - [`ErrorKind::TooShort`] if it has fewer bytes than one of its kind must have.
    pub fn new(raw: Raw<'a>) -> Result<Self, Error> {
        let header = DeviceCapability::new(raw)?;
        match header.capability_type() {
            2 => Usb2Extension::new(raw).map(Self::Usb2Extension),
            3 => SuperSpeedCapability::new(raw).map(Self::SuperSpeed),
            4 => Container::new(raw).map(Self::Container),
            5 => Platform::new(raw).map(Self::Platform),
            0x0a => SuperSpeedPlusCapability::new(raw).map(Self::SuperSpeedPlus),
            0x0b => Ok(Self::PrecisionTimeMeasurement(header)),
            _ => Ok(Self::Other(header)),
        }
    }
}

view! {
    /// Link power management at high speed (USB 3.2, 9.6.2.1; USB 2.0 LPM ECN).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Usb2Extension;
    ///
    /// let extension = Usb2Extension::parse(&[7, 0x10, 2, 0x1e, 0xf4, 0, 0])?;
    /// assert!(extension.has_link_power_management() && extension.has_besl());
    /// assert_eq!(extension.baseline_besl(), Some(4));
    /// assert_eq!(extension.deep_besl(), Some(15));
    /// assert_eq!(extension.attributes(), 0xf41e);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_ext_cap_descriptor")]
    pub struct Usb2Extension: DEVICE_CAPABILITY, subtype 2, size 7 {
        /// All of the bits.
        3 => attributes: u32, "bmAttributes";
    }
}

impl Usb2Extension<'_> {
    /// Whether it knows link power management.
    #[doc(alias = "USB_LPM_SUPPORT")]
    pub fn has_link_power_management(&self) -> bool {
        self.attributes() & 1 << 1 != 0
    }

    /// Whether latencies are "best effort service latencies".
    #[doc(alias = "USB_BESL_SUPPORT")]
    pub fn has_besl(&self) -> bool {
        self.attributes() & 1 << 2 != 0
    }

    /// The code of the latency it recommends, 0 to 15, if it does.
    #[doc(alias = "USB_GET_BESL_BASELINE")]
    pub fn baseline_besl(&self) -> Option<u8> {
        self.besl(1 << 3, 8)
    }

    /// The code of the latency it recommends for deep sleep, 0 to 15, if it does.
    #[doc(alias = "USB_GET_BESL_DEEP")]
    pub fn deep_besl(&self) -> Option<u8> {
        self.besl(1 << 4, 12)
    }

    fn besl(&self, valid: u32, shift: u32) -> Option<u8> {
        // CAST: Four bits.
        let code = ((self.attributes() >> shift) & 0xf) as u8;
        (self.attributes() & valid != 0).then_some(code)
    }
}

view! {
    /// The speeds a device supports (USB 3.2, 9.6.2.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::SuperSpeedCapability;
    ///
    /// let speeds = SuperSpeedCapability::parse(&[10, 0x10, 3, 0x02, 0x0e, 0, 1, 10, 0x20, 0x00])?;
    /// assert!(speeds.has_latency_tolerance_messages());
    /// assert_eq!(speeds.attributes(), 0x02);
    /// // Full, high and 5 Gbit/s; everything works from full speed on.
    /// assert_eq!(speeds.speeds_supported(), 0b1110);
    /// assert_eq!(speeds.lowest_full_function_speed(), 1);
    /// assert_eq!((speeds.u1_exit_latency_us(), speeds.u2_exit_latency_us()), (10, 32));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_ss_cap_descriptor")]
    pub struct SuperSpeedCapability: DEVICE_CAPABILITY, subtype 3, size 10 {
        /// All of the bits.
        3 => attributes: u8, "bmAttributes";
        /// Bit 0: low speed, 1: full, 2: high, 3: 5 Gbit/s.
        4 => speeds_supported: u16, "wSpeedsSupported";
        /// The number of the bit of the lowest speed at which all of its functions work.
        6 => lowest_full_function_speed: u8, "bFunctionalitySupport";
        /// The time it takes to leave the link state U1, in microseconds; more than 10 is
        /// reserved.
        7 => u1_exit_latency_us: u8, "bU1DevExitLat";
        /// The time it takes to leave the link state U2, in microseconds; more than 2047 is
        /// reserved.
        8 => u2_exit_latency_us: u16, "wU2DevExitLat";
    }
}

impl SuperSpeedCapability<'_> {
    /// Whether it can tell how much latency it tolerates.
    #[doc(alias = "USB_LTM_SUPPORT")]
    pub fn has_latency_tolerance_messages(&self) -> bool {
        self.attributes() & 1 << 1 != 0
    }
}

view! {
    /// Which device this is a part of, the same at all speeds and in all modes (USB 3.2, 9.6.2.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Container;
    ///
    /// let bytes = [20, 0x10, 4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    /// assert_eq!(Container::parse(&bytes)?.uuid()[15], 15);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_ss_container_id_descriptor")]
    pub struct Container: DEVICE_CAPABILITY, subtype 4, size 20 {}
}

impl<'a> Container<'a> {
    /// Its number, unique in the world.
    #[doc(alias = "ContainerID")]
    pub fn uuid(&self) -> &'a [u8; 16] {
        uuid(self.fixed)
    }
}

view! {
    /// Something that a platform defines (USB 3.2, 9.6.2.4), such as WebUSB or Microsoft's
    /// descriptors.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Platform;
    ///
    /// let bytes = [22, 0x10, 5, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 7, 8];
    /// let platform = Platform::parse(&bytes)?;
    /// assert_eq!(platform.uuid()[0], 0);
    /// assert_eq!(platform.data(), [7, 8]);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_plat_dev_cap_descriptor")]
    pub struct Platform: DEVICE_CAPABILITY, subtype 5, size 20 {}
}

impl<'a> Platform<'a> {
    /// Which platform's it is, as the bytes are on the wire.
    #[doc(alias = "PlatformCapabilityUUID")]
    pub fn uuid(&self) -> &'a [u8; 16] {
        uuid(self.fixed)
    }

    /// What the platform defines.
    #[doc(alias = "CapabilityData")]
    pub fn data(&self) -> &'a [u8] {
        self.raw.tail(20)
    }
}

/// The bytes behind the four of a header.
fn uuid(bytes: &[u8; 20]) -> &[u8; 16] {
    let [_, _, _, _, uuid @ ..] = bytes;
    uuid
}

view! {
    /// The lanes and rates a device supports (USB 3.2, 9.6.2.5).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::SuperSpeedPlusCapability;
    ///
    /// let plus = SuperSpeedPlusCapability::parse(&[
    ///     20, 0x10, 0x0a, 0, 0x01, 0, 0, 0, 0x01, 0x11, 0, 0, //
    ///     0x31, 0x40, 0x0a, 0x00, // receives 10 Gbit/s, id 1
    ///     0xb1, 0x40, 0x0a, 0x00, // sends them
    /// ])?;
    /// assert_eq!(plus.declared_sublink_speeds(), 2);
    /// assert_eq!(plus.lowest_full_function_speed_id(), 1);
    /// assert_eq!((plus.lowest_rx_lanes(), plus.lowest_tx_lanes()), (1, 1));
    /// assert_eq!((plus.attributes(), plus.functionality_support()), (1, 0x1101));
    /// assert!(plus.sublink_speeds().all(|speed| speed.bits_per_second() == 10_000_000_000));
    /// assert!(plus.sublink_speeds().map(|speed| speed.is_transmit()).eq([false, true]));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_ssp_cap_descriptor")]
    pub struct SuperSpeedPlusCapability: DEVICE_CAPABILITY, subtype 0x0a, size 12 {
        /// How many sublink speeds it says it has, minus one, in bits 4:0.
        4 => attributes: u32, "bmAttributes";
        /// What is needed for all of its functions to work.
        8 => functionality_support: u16, "wFunctionalitySupport";
    }
}

impl<'a> SuperSpeedPlusCapability<'a> {
    /// How many sublink speeds it says it has, 1 to 32.
    #[doc(alias = "USB_SSP_SUBLINK_SPEED_ATTRIBS")]
    pub fn declared_sublink_speeds(&self) -> u8 {
        // CAST: Five bits.
        1 + (self.attributes() & 0x1f) as u8
    }

    /// The id of the lowest sublink speed at which all of its functions work.
    #[doc(alias = "USB_SSP_MIN_SUBLINK_SPEED_ATTRIBUTE_ID")]
    pub fn lowest_full_function_speed_id(&self) -> u8 {
        self.functionality(0)
    }

    /// The lowest number of receive lanes with which all of its functions work.
    #[doc(alias = "USB_SSP_MIN_RX_LANE_COUNT")]
    pub fn lowest_rx_lanes(&self) -> u8 {
        self.functionality(8)
    }

    /// The lowest number of transmit lanes with which all of its functions work.
    #[doc(alias = "USB_SSP_MIN_TX_LANE_COUNT")]
    pub fn lowest_tx_lanes(&self) -> u8 {
        self.functionality(12)
    }

    fn functionality(&self, shift: u32) -> u8 {
        // CAST: Four bits.
        ((self.functionality_support() >> shift) & 0xf) as u8
    }

    /// Its sublink speeds: as many as it declares, or as there is room for if that is less.
    #[doc(alias = "bmSublinkSpeedAttr")]
    pub fn sublink_speeds(&self) -> impl Iterator<Item = SublinkSpeed> + Clone + 'a {
        let count = self.declared_sublink_speeds().into();
        Pieces::new(self.raw.tail(12), count).map(SublinkSpeed::from_bytes)
    }
}

/// A rate at which a link can send or receive (USB 3.2, 9.6.2.5).
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{SublinkSpeed, SuperSpeedPlusCapability};
///
/// fn is_gen_2(speed: &SublinkSpeed) -> bool {
///     speed.link_protocol() == 1 && speed.bits_per_second() == 10_000_000_000
/// }
///
/// let plus = SuperSpeedPlusCapability::parse(&[
///     20, 0x10, 0x0a, 0, 0x01, 0, 0, 0, 0x01, 0x11, 0, 0, //
///     0x31, 0x40, 0x0a, 0x00, 0xb1, 0x40, 0x0a, 0x00, //
/// ])?;
/// assert!(plus.sublink_speeds().all(|speed| speed.id() == 1 && is_gen_2(&speed)));
/// assert!(!plus.sublink_speeds().any(|speed| speed.is_asymmetric()));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SublinkSpeed(u32);

impl SublinkSpeed {
    fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }

    /// Its number in the capability, 0 to 15; a pair that sends and receives shares one.
    #[doc(alias = "USB_SSP_SUBLINK_SPEED_SSID")]
    pub fn id(&self) -> u8 {
        // CAST: Four bits.
        (self.0 & 0xf) as u8
    }

    /// How fast each lane is.
    #[doc(alias = "USB_SSP_SUBLINK_SPEED_LSM")]
    pub fn bits_per_second(&self) -> u64 {
        let mantissa = u64::from(self.0 >> 16);
        mantissa * 1000_u64.pow((self.0 >> 4) & 3)
    }

    /// Whether it differs between sending and receiving.
    #[doc(alias = "USB_SSP_SUBLINK_SPEED_ST")]
    pub fn is_asymmetric(&self) -> bool {
        self.0 & 1 << 6 != 0
    }

    /// Whether it is for sending, else for receiving.
    #[doc(alias = "USB_SSP_SUBLINK_SPEED_ST")]
    pub fn is_transmit(&self) -> bool {
        self.0 & 1 << 7 != 0
    }

    /// The protocol of the link: 0 SuperSpeed, 1 SuperSpeedPlus.
    #[doc(alias = "USB_SSP_SUBLINK_SPEED_LP")]
    pub fn link_protocol(&self) -> u8 {
        // CAST: Two bits.
        ((self.0 >> 14) & 3) as u8
    }
}

#[kunit_tests(rust_usb_descriptor_bos)]
mod tests {
    use super::*;

    /// The kind of a capability of this type and length.
    fn new(capability_type: u8, length: u8) -> Result<(), ErrorKind> {
        let mut bytes = [0; 20];
        bytes[..3].copy_from_slice(&[length, 0x10, capability_type]);
        let raw = Raw::first(&bytes).map_err(|error| error.kind())?;
        Capability::new(raw)
            .map(|_| ())
            .map_err(|error| error.kind())
    }

    #[test]
    fn capabilities_have_their_shortest_length() {
        for (capability_type, shortest) in [
            (1, 3),
            (2, 7),
            (3, 10),
            (4, 20),
            (5, 20),
            (6, 3),
            (0x0a, 12),
            (0x0b, 3),
            (0xff, 3),
        ] {
            assert_eq!(new(capability_type, shortest), Ok(()));
            assert_eq!(new(capability_type, shortest - 1), Err(ErrorKind::TooShort));
        }
    }

    #[test]
    fn besl_is_there_if_its_bit_is() -> Result<(), Error> {
        let cases = [
            (0x00, false, false, None, None),
            (0x02, true, false, None, None),
            (0x04, false, true, None, None),
            (0x08, false, false, Some(1), None),
            (0x10, false, false, None, Some(15)),
        ];
        for (bits, lpm, besl, baseline, deep) in cases {
            let bytes = [7, 0x10, 2, bits, 0xf1, 0, 0];
            let extension = Usb2Extension::parse(&bytes)?;
            assert_eq!(extension.has_link_power_management(), lpm);
            assert_eq!(extension.has_besl(), besl);
            assert_eq!(extension.baseline_besl(), baseline);
            assert_eq!(extension.deep_besl(), deep);
        }
        Ok(())
    }

    #[test]
    fn sublink_speeds_are_as_many_as_declared_or_there() -> Result<(), Error> {
        let mut bytes = [0; 20];
        for (length, declared, found) in
            [(12, 0, 0), (15, 0, 0), (16, 0, 1), (20, 0, 1), (20, 31, 2)]
        {
            bytes[..5].copy_from_slice(&[length, 0x10, 0x0a, 0, declared]);
            let capability = SuperSpeedPlusCapability::parse(&bytes)?;
            assert_eq!(capability.declared_sublink_speeds(), declared + 1);
            assert_eq!(capability.sublink_speeds().count(), found);
        }
        Ok(())
    }

    #[test]
    fn rates_have_an_exponent() {
        let cases = [
            (0x0005_0000, 5),
            (0x0005_0010, 5_000),
            (0x0005_0020, 5_000_000),
            (0x0005_0030, 5_000_000_000),
            (0xffff_0030, 65_535_000_000_000),
        ];
        for (word, rate) in cases {
            assert_eq!(SublinkSpeed(word).bits_per_second(), rate);
        }
        let speed = SublinkSpeed(0x40cf);
        assert_eq!((speed.id(), speed.link_protocol()), (15, 1));
        assert!(speed.is_asymmetric() && speed.is_transmit());
        assert!(!SublinkSpeed(0x80).is_asymmetric() && !SublinkSpeed(0x40).is_transmit());
    }
}
