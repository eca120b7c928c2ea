// SPDX-License-Identifier: GPL-2.0

//! What newer buses and protocols add to an endpoint, each in a descriptor behind the endpoint's.

use super::{
    fields,
    view::view,
    DescriptorType,
    Error,
    ErrorKind,
    Raw, //
};
use crate::prelude::kunit_tests;

view! {
    /// What SuperSpeed adds to an endpoint (USB 3.2, 9.6.7).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::SuperSpeedCompanion;
    ///
    /// let bulk = SuperSpeedCompanion::parse(&[6, 0x30, 15, 4, 0, 0])?;
    /// assert_eq!(bulk.packets_per_burst(), 16);
    /// assert_eq!(bulk.max_streams(), 16);
    /// assert_eq!((bulk.max_burst_raw(), bulk.attributes()), (15, 4));
    ///
    /// let isochronous = SuperSpeedCompanion::parse(&[6, 0x30, 1, 2, 0x00, 0x18])?;
    /// assert_eq!(isochronous.bursts_per_interval(), 3);
    /// assert_eq!(isochronous.bytes_per_interval(), 6144);
    /// assert!(!isochronous.has_superspeed_plus_companion());
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_ss_ep_comp_descriptor")]
    pub struct SuperSpeedCompanion: SUPERSPEED_COMPANION, size 6 {
        /// Packets in a burst minus one; more than 15 is reserved.
        2 => max_burst_raw: u8, "bMaxBurst";
        /// A field whose meaning depends on the transfer type.
        3 => attributes: u8, "bmAttributes";
        /// The most that a periodic endpoint moves in a service interval, in bytes.
        4 => bytes_per_interval: u16, "wBytesPerInterval";
    }
}

impl SuperSpeedCompanion<'_> {
    /// Packets that can be sent or received in one go, 1 to 16: as many as that if the field is
    /// more, which is a [problem](super::AltSetting::problems) of the altsetting.
    #[doc(alias = "bMaxBurst")]
    pub fn packets_per_burst(&self) -> u8 {
        fields::packets_per_burst(self.max_burst_raw())
    }

    /// Of a bulk endpoint: how many streams it has, a power of two of at most 65536, or 0.
    #[doc(alias = "usb_ss_max_streams")]
    pub fn max_streams(&self) -> u32 {
        fields::max_streams(self.attributes())
    }

    /// Of an isochronous endpoint: bursts in a service interval, 1 to 3.
    #[doc(alias = "USB_SS_MULT")]
    pub fn bursts_per_interval(&self) -> u8 {
        fields::bursts_per_interval(self.attributes())
    }

    /// Of an isochronous endpoint: whether a [`SuperSpeedPlusCompanion`] follows, which replaces
    /// [`bursts_per_interval`](Self::bursts_per_interval) and
    /// [`bytes_per_interval`](Self::bytes_per_interval).
    #[doc(alias = "USB_SS_SSP_ISOC_COMP")]
    pub fn has_superspeed_plus_companion(&self) -> bool {
        self.attributes() & 0x80 != 0
    }
}

view! {
    /// What SuperSpeedPlus adds to an isochronous endpoint (USB 3.2, 9.6.8).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::SuperSpeedPlusCompanion;
    ///
    /// let companion = SuperSpeedPlusCompanion::parse(&[8, 0x31, 0, 0, 0x00, 0x80, 0x01, 0x00])?;
    /// assert_eq!(companion.bytes_per_interval(), 98304);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_ssp_isoc_ep_comp_descriptor")]
    pub struct SuperSpeedPlusCompanion: SUPERSPEED_PLUS_ISOCHRONOUS_COMPANION, size 8 {
        /// The most that it moves in a service interval, in bytes.
        4 => bytes_per_interval: u32, "dwBytesPerInterval";
    }
}

view! {
    /// What eUSB2 adds to an isochronous IN endpoint of a high speed device (double isochronous
    /// IN bandwidth, an engineering change to USB 2.0).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Eusb2Companion;
    ///
    /// let companion = Eusb2Companion::parse(&[8, 0x12, 0x00, 0x14, 0x00, 0x18, 0, 0])?;
    /// assert_eq!(companion.max_packet_raw(), 0x1400);
    /// assert_eq!(companion.bytes_per_interval(), 6144);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_eusb2_isoc_ep_comp_descriptor")]
    pub struct Eusb2Companion: EUSB2_ISOCHRONOUS_COMPANION, size 8 {
        /// What the endpoint's own field would be if it were not 0.
        2 => max_packet_raw: u16, "wMaxPacketSize";
        /// The most that it moves in a service interval, in bytes.
        4 => bytes_per_interval: u32, "dwBytesPerInterval";
    }
}

view! {
    /// Which pipe of USB attached SCSI an endpoint is (UAS, pipe usage descriptor).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{PipeUsage, UasPipe};
    ///
    /// let usage = PipeUsage::parse(&[4, 0x24, 3, 0])?;
    /// assert_eq!(usage.pipe(), Some(UasPipe::DataIn));
    /// assert_eq!(usage.pipe_id(), 3);
    /// assert_eq!(PipeUsage::parse(&[4, 0x24, 5, 0])?.pipe(), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_pipe_usage_descriptor")]
    pub struct PipeUsage: PIPE_USAGE, size 4 {
        /// The number that [`pipe`](Self::pipe) gives a name.
        2 => pipe_id: u8, "bPipeID";
    }
}

/// A pipe of USB attached SCSI, see [`PipeUsage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UasPipe {
    /// Takes commands.
    Command,
    /// Gives their status.
    Status,
    /// Gives what was read.
    DataIn,
    /// Takes what is to be written.
    DataOut,
}

impl PipeUsage<'_> {
    /// Which pipe it is, `None` if the number is reserved.
    pub fn pipe(&self) -> Option<UasPipe> {
        match self.pipe_id() {
            1 => Some(UasPipe::Command),
            2 => Some(UasPipe::Status),
            3 => Some(UasPipe::DataIn),
            4 => Some(UasPipe::DataOut),
            _ => None,
        }
    }
}

#[kunit_tests(rust_usb_descriptor_companion)]
mod tests {
    use super::*;

    #[test]
    fn fields_stay_in_their_ranges() -> Result<(), Error> {
        let cases = [
            (0, 0, 1, 0, 1),
            (15, 1, 16, 2, 2),
            (16, 2, 16, 4, 3),
            (255, 3, 16, 8, 3),
            (0, 16, 1, 65536, 1),
            (0, 17, 1, 65536, 2),
            (0, 0x1f, 1, 65536, 3),
            (0, 0xe0, 1, 0, 1),
        ];
        for (burst, attributes, packets, streams, bursts) in cases {
            let bytes = [6, 0x30, burst, attributes, 0, 0];
            let companion = SuperSpeedCompanion::parse(&bytes)?;
            assert_eq!(companion.packets_per_burst(), packets);
            assert_eq!(companion.max_streams(), streams);
            assert_eq!(companion.bursts_per_interval(), bursts);
            let has_plus = companion.has_superspeed_plus_companion();
            assert_eq!(has_plus, attributes & 0x80 != 0);
        }
        Ok(())
    }

    #[test]
    fn pipes_are_1_to_4() -> Result<(), Error> {
        for id in 0..=0xff_u8 {
            let bytes = [4, 0x24, id, 0];
            let pipe = PipeUsage::parse(&bytes)?.pipe();
            assert_eq!(pipe.is_some(), (1..=4).contains(&id));
        }
        Ok(())
    }
}
