// SPDX-License-Identifier: GPL-2.0

//! Endpoints (USB 2.0, 9.6.6; USB 3.2, 9.6.6 to 9.6.8).

use super::{
    chosen::Chosen,
    fields,
    view::view,
    DescriptorType,
    Error,
    ErrorKind,
    Eusb2Companion,
    PipeUsage,
    Raw,
    SuperSpeedCompanion,
    SuperSpeedPlusCompanion, //
};
use crate::{
    prelude::kunit_tests,
    usb::{
        Speed,
        TransferKind, //
    },
};

view! {
    /// What an altsetting says of one of its endpoints, with the descriptors that add to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{descriptor, Speed, TransferKind};
    ///
    /// // Three packets of 1024 bytes in every other microframe.
    /// let camera = descriptor::Endpoint::parse(&[7, 5, 0x82, 0x05, 0x00, 0x14, 2])?;
    /// assert_eq!((camera.number(), camera.is_in()), (2, true));
    /// assert_eq!(camera.kind(), TransferKind::Isochronous);
    /// assert_eq!((camera.max_packet(), camera.packets_per_microframe()), (1024, 3));
    /// assert_eq!(camera.bytes_per_interval(Speed::High), Some(3072));
    /// assert_eq!(camera.period_us(Speed::High), Some(250));
    /// assert_eq!((camera.attributes(), camera.max_packet_raw(), camera.interval()), (5, 0x1400, 2));
    ///
    /// // A SuperSpeed endpoint of 16 packets in a burst and 32 streams.
    /// let disk = descriptor::Endpoint::parse(&[
    ///     7, 5, 0x01, 0x02, 0x00, 0x04, 0, //
    ///     6, 0x30, 15, 5, 0, 0,
    /// ])?;
    /// assert_eq!((disk.max_packet(), disk.packets_per_burst()), (1024, 16));
    /// assert_eq!(disk.max_streams(), 32);
    /// assert_eq!(disk.period_us(Speed::Super), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_endpoint_descriptor")]
    pub struct Endpoint: ENDPOINT, size 7 {
        /// Number in bits 3:0, direction in bit 7 (set: IN).
        2 => address: u8, "bEndpointAddress";
        /// Transfer type in bits 1:0; the others are of isochronous and interrupt endpoints.
        3 => attributes: u8, "bmAttributes";
        /// The field that [`max_packet`](Self::max_packet) and
        /// [`packets_per_microframe`](Self::packets_per_microframe) are in.
        4 => max_packet_raw: u16, "wMaxPacketSize";
        /// The field that [`period_us`](Self::period_us) gives a unit.
        6 => interval: u8, "bInterval";
    }
}

/// How an isochronous endpoint keeps in step with the bus (USB 2.0, 5.12.4.1).
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{Endpoint, Synchronization, Usage};
///
/// let loudspeaker = Endpoint::parse(&[7, 5, 0x01, 0x05, 200, 0, 1])?;
/// assert_eq!(loudspeaker.synchronization(), Some(Synchronization::Asynchronous));
/// let feedback = Endpoint::parse(&[7, 5, 0x81, 0x11, 4, 0, 4])?;
/// assert_eq!(feedback.usage(), Some(Usage::Feedback));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronization {
    /// It does not.
    None,
    /// It has a clock of its own.
    Asynchronous,
    /// It follows the rate of the data.
    Adaptive,
    /// It follows the frames of the bus.
    Synchronous,
}

/// What the data of an isochronous endpoint is for (USB 2.0, 5.12.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Data.
    Data,
    /// The rate at which another endpoint wants its data.
    Feedback,
    /// Data, from whose rate that of another endpoint is to be derived.
    ImplicitFeedback,
    /// Reserved.
    Reserved,
}

impl<'a> Endpoint<'a> {
    /// The number without the direction, 0 to 15.
    #[doc(alias = "usb_endpoint_num")]
    pub fn number(&self) -> u8 {
        self.address() & 0x0f
    }

    /// Whether data goes from the device to the host.
    #[doc(alias = "usb_endpoint_dir_in")]
    pub fn is_in(&self) -> bool {
        self.address() & 0x80 != 0
    }

    /// How it moves data.
    #[doc(alias = "usb_endpoint_type")]
    pub fn kind(&self) -> TransferKind {
        fields::kind(self.attributes())
    }

    /// The largest packet, in bytes (bits 10:0 of `wMaxPacketSize`).
    #[doc(alias = "usb_endpoint_maxp")]
    pub fn max_packet(&self) -> u16 {
        fields::max_packet(self.max_packet_raw())
    }

    /// Packets per microframe, 1 to 3, of a high-bandwidth endpoint at high speed (bits 12:11 of
    /// `wMaxPacketSize`); 1 for every other one.
    #[doc(alias = "usb_endpoint_maxp_mult")]
    pub fn packets_per_microframe(&self) -> u8 {
        fields::packets_per_microframe(self.max_packet_raw())
    }

    /// How an isochronous endpoint keeps in step with the bus, `None` for other endpoints.
    #[doc(alias = "USB_ENDPOINT_SYNCTYPE")]
    pub fn synchronization(&self) -> Option<Synchronization> {
        let bits = (self.attributes() >> 2) & 3;
        (self.kind() == TransferKind::Isochronous).then_some(match bits {
            0 => Synchronization::None,
            1 => Synchronization::Asynchronous,
            2 => Synchronization::Adaptive,
            _ => Synchronization::Synchronous,
        })
    }

    /// What the data of an isochronous endpoint is for, `None` for other endpoints.
    #[doc(alias = "USB_ENDPOINT_USAGE_MASK")]
    pub fn usage(&self) -> Option<Usage> {
        let bits = (self.attributes() >> 4) & 3;
        (self.kind() == TransferKind::Isochronous).then_some(match bits {
            0 => Usage::Data,
            1 => Usage::Feedback,
            2 => Usage::ImplicitFeedback,
            _ => Usage::Reserved,
        })
    }

    /// Of an audio 1.0 endpoint: 2 to the power of this is the milliseconds between two reports
    /// of its rate (audio 1.0, 4.6.1.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Endpoint;
    ///
    /// // A loudspeaker whose rate endpoint 0x81 reports, and that endpoint: every 2^3 ms.
    /// let data = Endpoint::parse(&[9, 5, 0x01, 0x05, 200, 0, 1, 0, 0x81])?;
    /// assert_eq!(data.synch_address(), Some(0x81));
    /// let rate = Endpoint::parse(&[9, 5, 0x81, 0x01, 3, 0, 1, 3, 0])?;
    /// assert_eq!(rate.refresh(), Some(3));
    ///
    /// // Others have no such fields.
    /// assert_eq!(Endpoint::parse(&[7, 5, 0x81, 0x02, 0x00, 0x02, 0])?.refresh(), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "bRefresh")]
    pub fn refresh(&self) -> Option<u8> {
        self.raw.bytes().get(7).copied()
    }

    /// Of an audio 1.0 endpoint: the address of the one that reports its rate, 0 if none does
    /// (audio 1.0, 4.6.1.1).
    #[doc(alias = "bSynchAddress")]
    pub fn synch_address(&self) -> Option<u8> {
        self.raw.bytes().get(8).copied()
    }

    /// The time between two transfers of a periodic endpoint, in microseconds (USB 2.0, table
    /// 9-13); `None` for bulk and control endpoints.
    ///
    /// A field outside of its range counts as the nearest one in it.
    pub fn period_us(&self, speed: Speed) -> Option<u32> {
        fields::period_us(self.kind(), self.interval(), speed)
    }

    /// The most that a periodic endpoint moves in a period, in bytes; `None` for bulk and control
    /// endpoints.
    ///
    /// Above high speed its companions say so; without them it is one packet.
    pub fn bytes_per_interval(&self, speed: Speed) -> Option<u32> {
        match self.kind() {
            TransferKind::Interrupt | TransferKind::Isochronous => {}
            TransferKind::Bulk | TransferKind::Control => return None,
        }
        let packet = u32::from(self.max_packet());
        Some(match speed {
            Speed::Super | Speed::SuperPlus => self.superspeed_bytes_per_interval(packet),
            Speed::High => self.high_speed_bytes_per_interval(packet),
            _ => packet,
        })
    }

    fn superspeed_bytes_per_interval(&self, packet: u32) -> u32 {
        if let Some(companion) = self.superspeed_plus_companion() {
            return companion.bytes_per_interval();
        }
        let companion = self.superspeed_companion();
        companion.map_or(packet, |companion| companion.bytes_per_interval().into())
    }

    fn high_speed_bytes_per_interval(&self, packet: u32) -> u32 {
        match self.eusb2_companion() {
            Some(companion) if packet == 0 => companion.bytes_per_interval(),
            _ => packet * u32::from(self.packets_per_microframe()),
        }
    }

    /// Packets that can be moved in one go, 1 to 16; 1 below SuperSpeed.
    #[doc(alias = "bMaxBurst")]
    pub fn packets_per_burst(&self) -> u8 {
        let companion = self.superspeed_companion();
        companion.map_or(1, |companion| companion.packets_per_burst())
    }

    /// How many streams a bulk endpoint has, 0 if none; 0 for other endpoints.
    pub fn max_streams(&self) -> u32 {
        match (self.kind(), self.superspeed_companion()) {
            (TransferKind::Bulk, Some(companion)) => companion.max_streams(),
            _ => 0,
        }
    }

    /// What SuperSpeed adds to it. Must be the next descriptor (USB 3.2, 9.6.7), is not looked for
    /// elsewhere.
    pub fn superspeed_companion(&self) -> Option<SuperSpeedCompanion<'a>> {
        let next = self.raw.following().well_formed().next()?;
        SuperSpeedCompanion::new(next).ok()
    }

    /// What SuperSpeedPlus adds to an isochronous endpoint. Must be the descriptor behind
    /// the [`SuperSpeedCompanion`], which must announce it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Endpoint;
    ///
    /// // Isochronous, with 96 KiB in a service interval.
    /// let camera = Endpoint::parse(&[
    ///     7, 5, 0x81, 0x05, 0x00, 0x04, 1, //
    ///     6, 0x30, 15, 0x80, 0x01, 0x00, //
    ///     8, 0x31, 0, 0, 0x00, 0x80, 0x01, 0x00, //
    /// ])?;
    /// assert!(camera.superspeed_companion().is_some_and(|it| it.has_superspeed_plus_companion()));
    /// let plus = camera.superspeed_plus_companion().ok_or(EINVAL)?;
    /// assert_eq!(plus.bytes_per_interval(), 98_304);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn superspeed_plus_companion(&self) -> Option<SuperSpeedPlusCompanion<'a>> {
        let first = self.superspeed_companion()?;
        let announced = first.has_superspeed_plus_companion();
        if !announced || self.kind() != TransferKind::Isochronous {
            return None;
        }
        let next = first.raw().following().well_formed().next()?;
        SuperSpeedPlusCompanion::new(next).ok()
    }

    /// What eUSB2 adds to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Endpoint;
    ///
    /// // Its own packet size is 0, the companion has the one that counts.
    /// let camera = Endpoint::parse(&[
    ///     7, 5, 0x81, 0x05, 0x00, 0x00, 1, //
    ///     8, 0x12, 0x00, 0x14, 0x00, 0x18, 0, 0, //
    /// ])?;
    /// let companion = camera.eusb2_companion().ok_or(EINVAL)?;
    /// assert_eq!((camera.max_packet(), companion.bytes_per_interval()), (0, 6144));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn eusb2_companion(&self) -> Option<Eusb2Companion<'a>> {
        self.body().find_map(|raw| Eusb2Companion::new(raw).ok())
    }

    /// Which pipe of USB attached SCSI it is; only to be asked for in such an interface, since
    /// others have descriptors of the same type.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{Endpoint, UasPipe};
    ///
    /// let status = Endpoint::parse(&[7, 5, 0x81, 2, 0x00, 0x02, 0, 4, 0x24, 2, 0])?;
    /// assert_eq!(status.pipe_usage().and_then(|usage| usage.pipe()), Some(UasPipe::Status));
    /// // To those who don't know of it, it is something that a class has added.
    /// assert!(status.extra().map(|raw| raw.data()).eq([[2, 0]]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pipe_usage(&self) -> Option<PipeUsage<'a>> {
        self.body().find_map(|raw| PipeUsage::new(raw).ok())
    }

    /// The descriptors that a class or a vendor adds to it: those behind it and its companions.
    #[doc(alias = "usb_host_endpoint")]
    pub fn extra(&self) -> impl Iterator<Item = Raw<'a>> + Clone {
        self.until(|raw| {
            let is_standard = matches!(
                raw.descriptor_type(),
                DescriptorType::SUPERSPEED_COMPANION
                    | DescriptorType::SUPERSPEED_PLUS_ISOCHRONOUS_COMPANION
                    | DescriptorType::EUSB2_ISOCHRONOUS_COMPANION
                    | DescriptorType::INTERFACE_ASSOCIATION
            );
            (!is_standard).then_some(raw)
        })
    }

    /// What is behind it, up to the next endpoint or interface.
    fn body(&self) -> impl Iterator<Item = Raw<'a>> + Clone {
        self.until(Some)
    }

    fn until<T>(&self, choose: fn(Raw<'a>) -> Option<T>) -> Chosen<'a, T> {
        Chosen::new(
            self.raw.following().well_formed(),
            |kind| matches!(kind, DescriptorType::INTERFACE | DescriptorType::ENDPOINT),
            choose,
        )
    }
}

#[kunit_tests(rust_usb_descriptor_endpoint)]
mod tests {
    use super::*;

    const ISOCHRONOUS: u8 = 1;
    const BULK: u8 = 2;
    const INTERRUPT: u8 = 3;

    #[test]
    fn address_splits_into_number_and_direction() -> Result<(), Error> {
        for (address, number, is_in) in [(0x00, 0, false), (0x81, 1, true), (0x7f, 15, false)] {
            let bytes = [7, 5, address, BULK, 0, 2, 0];
            let endpoint = Endpoint::parse(&bytes)?;
            assert_eq!((endpoint.number(), endpoint.is_in()), (number, is_in));
        }
        Ok(())
    }

    #[test]
    fn attributes_have_a_meaning_by_kind() -> Result<(), Error> {
        for attributes in 0..=0xff_u8 {
            let bytes = [7, 5, 0x81, attributes, 0, 2, 0];
            let endpoint = Endpoint::parse(&bytes)?;
            assert_eq!(endpoint.kind().as_raw(), attributes & 3);
            let is_isochronous = attributes & 3 == ISOCHRONOUS;
            assert_eq!(endpoint.synchronization().is_some(), is_isochronous);
            assert_eq!(endpoint.usage().is_some(), is_isochronous);
        }
        let endpoint = Endpoint::parse(&[7, 5, 0x81, 0x25, 0, 2, 0])?;
        assert_eq!(
            endpoint.synchronization(),
            Some(Synchronization::Asynchronous)
        );
        assert_eq!(endpoint.usage(), Some(Usage::ImplicitFeedback));
        Ok(())
    }

    #[test]
    fn packet_size_has_three_fields() -> Result<(), Error> {
        let cases = [
            (0x0000, 0, 1),
            (0x0200, 512, 1),
            (0x07ff, 2047, 1),
            (0x0c00, 1024, 2),
            (0x1400, 1024, 3),
            (0x1c00, 1024, 3),
            (0xe001, 1, 1),
        ];
        for (raw, packet, packets) in cases {
            let [low, high] = u16::to_le_bytes(raw);
            let bytes = [7, 5, 0x81, ISOCHRONOUS, low, high, 1];
            let endpoint = Endpoint::parse(&bytes)?;
            assert_eq!(endpoint.max_packet(), packet);
            assert_eq!(endpoint.packets_per_microframe(), packets);
        }
        Ok(())
    }

    #[test]
    fn period_depends_on_kind_and_speed() -> Result<(), Error> {
        let cases = [
            (INTERRUPT, 0, Speed::Full, Some(1000)),
            (INTERRUPT, 1, Speed::Low, Some(1000)),
            (INTERRUPT, 255, Speed::Full, Some(255_000)),
            (INTERRUPT, 0, Speed::High, Some(125)),
            (INTERRUPT, 4, Speed::Super, Some(1000)),
            (INTERRUPT, 16, Speed::High, Some(4_096_000)),
            (INTERRUPT, 17, Speed::SuperPlus, Some(4_096_000)),
            (INTERRUPT, 255, Speed::High, Some(4_096_000)),
            (ISOCHRONOUS, 0, Speed::Full, Some(1000)),
            (ISOCHRONOUS, 4, Speed::Full, Some(8000)),
            (ISOCHRONOUS, 16, Speed::Full, Some(32_768_000)),
            (ISOCHRONOUS, 255, Speed::Full, Some(32_768_000)),
            (ISOCHRONOUS, 4, Speed::High, Some(1000)),
            (BULK, 4, Speed::High, None),
            (0, 4, Speed::High, None),
        ];
        for (attributes, interval, speed, period_us) in cases {
            let bytes = [7, 5, 0x81, attributes, 0, 2, interval];
            let endpoint = Endpoint::parse(&bytes)?;
            assert_eq!(endpoint.period_us(speed), period_us);
        }
        Ok(())
    }

    const PLAIN: &[u8] = &[7, 5, 0x81, ISOCHRONOUS, 0x00, 0x14, 1];
    const SUPER: &[u8] = &[
        7, 5, 0x81, 1, 0x00, 0x04, 1, // isochronous
        6, 0x30, 15, 2, 0x00, 0xc0, // companion
    ];
    const PLUS: &[u8] = &[
        7, 5, 0x81, 1, 0x00, 0x04, 1, // isochronous
        6, 0x30, 15, 0x80, 1, 0, // companion that announces another
        8, 0x31, 0, 0, 0, 0, 1, 0, // the other
    ];
    const EUSB2: &[u8] = &[
        7, 5, 0x81, 1, 0, 0, 1, // isochronous
        8, 0x12, 0x00, 0x14, 0x00, 0x18, 0, 0, // companion
    ];
    const EUSB2_OWN: &[u8] = &[
        7, 5, 0x81, 1, 0x00, 0x02, 1, // isochronous, with a packet size of its own
        8, 0x12, 0x00, 0x14, 0x00, 0x18, 0, 0, // companion
    ];
    const BULK_IN: &[u8] = &[7, 5, 0x81, BULK, 0x00, 0x04, 0];

    #[test]
    fn bytes_per_interval_depends_on_companions() -> Result<(), Error> {
        let cases = [
            (PLAIN, Speed::Full, Some(1024)),
            (PLAIN, Speed::High, Some(3072)),
            (PLAIN, Speed::Super, Some(1024)),
            (SUPER, Speed::Super, Some(49152)),
            (SUPER, Speed::High, Some(1024)),
            (PLUS, Speed::SuperPlus, Some(65536)),
            (EUSB2, Speed::High, Some(6144)),
            (EUSB2, Speed::Full, Some(0)),
            (EUSB2_OWN, Speed::High, Some(512)),
            (BULK_IN, Speed::Super, None),
        ];
        for (bytes, speed, expected) in cases {
            let endpoint = Endpoint::parse(bytes)?;
            assert_eq!(endpoint.bytes_per_interval(speed), expected);
        }
        Ok(())
    }

    #[test]
    fn audio_fields_are_there_if_the_descriptor_is_long_enough() -> Result<(), Error> {
        let short = Endpoint::parse(&[7, 5, 0x81, ISOCHRONOUS, 0, 1, 1])?;
        let long = Endpoint::parse(&[9, 5, 0x81, ISOCHRONOUS, 0, 1, 1, 6, 0x82])?;
        assert_eq!((short.refresh(), short.synch_address()), (None, None));
        assert_eq!(
            (long.refresh(), long.synch_address()),
            (Some(6), Some(0x82))
        );
        Ok(())
    }

    #[test]
    fn companions_are_those_of_this_endpoint() -> Result<(), Error> {
        let first = Endpoint::parse(&[
            7, 5, 0x81, BULK, 0x00, 0x04, 0, // endpoint without a companion
            7, 5, 0x02, BULK, 0x00, 0x04, 0, // another one
            6, 0x30, 7, 16, 0, 0, // its companion
            4, 0x24, 4, 0, // its pipe
            3, 0x25, 1, // what a class adds
        ])?;
        assert_eq!((first.packets_per_burst(), first.max_streams()), (1, 0));
        assert!(first.pipe_usage().is_none() && first.extra().next().is_none());

        let second = first.raw().following().next().transpose()?;
        let second = second.and_then(|raw| Endpoint::new(raw).ok());
        assert_eq!(second.map(|second| second.packets_per_burst()), Some(8));
        assert_eq!(second.map(|second| second.max_streams()), Some(65536));
        assert!(second.is_some_and(|second| second.pipe_usage().is_some()));
        assert_eq!(second.map(|second| second.extra().count()), Some(2));
        Ok(())
    }
}
