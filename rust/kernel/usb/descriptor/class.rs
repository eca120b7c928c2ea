// SPDX-License-Identifier: GPL-2.0

//! Class-specific descriptors: those of any class, of human interface devices and of firmware
//! update.

use super::{
    chosen::Pieces,
    view::view,
    DescriptorType,
    Error,
    ErrorKind,
    Raw, //
};
use crate::prelude::kunit_tests;

view! {
    /// What a class adds to an interface, an endpoint, or another descriptor: a subtype, and bytes
    /// whose meaning the class knows.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{ClassSpecific, DescriptorType};
    ///
    /// let header = ClassSpecific::parse(&[5, 0x24, 0x00, 0x10, 0x01])?;
    /// assert_eq!(header.raw().descriptor_type(), DescriptorType::CS_INTERFACE);
    /// assert_eq!(header.subtype(), 0);
    /// assert_eq!(header.data(), [0x10, 0x01]);
    /// # Ok::<(), Error>(())
    /// ```
    pub struct ClassSpecific: CS_DEVICE | CS_CONFIGURATION | CS_STRING | CS_INTERFACE | CS_ENDPOINT, size 3 {
        /// What it describes, among all that the class knows of this type.
        2 => subtype: u8, "bDescriptorSubtype";
    }
}

impl<'a> ClassSpecific<'a> {
    /// Its bytes behind the subtype.
    pub fn data(&self) -> &'a [u8] {
        self.raw.tail(3)
    }
}

view! {
    /// A human interface device, and the reports it can send (HID 1.11, 6.2.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::Hid;
    ///
    /// let keyboard = Hid::parse(&[9, 0x21, 0x11, 0x01, 33, 1, 0x22, 63, 0])?;
    /// assert_eq!(keyboard.release(), 0x0111);
    /// assert_eq!(keyboard.country_code(), 33);
    /// assert_eq!(keyboard.declared_descriptors(), 1);
    /// let report = keyboard.descriptors().next().ok_or(EINVAL)?;
    /// assert_eq!((report.descriptor_type(), report.length()), (0x22, 63));
    /// assert_eq!(keyboard.report_length(), Some(63));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "hid_descriptor")]
    pub struct Hid: HID, size 9 {
        /// The HID specification it follows, in binary coded decimal.
        2 => release: u16, "bcdHID";
        /// The country its keys are for, 0 if for none.
        4 => country_code: u8, "bCountryCode";
        /// How many descriptors it says it has.
        5 => declared_descriptors: u8, "bNumDescriptors";
    }
}

impl<'a> Hid<'a> {
    /// The descriptors it has: as many as it declares, or as there is room for if that is less,
    /// which only [`check`](Self::check) tells.
    #[doc(alias = "hid_class_descriptor")]
    pub fn descriptors(&self) -> impl Iterator<Item = HidDescriptor> + Clone + 'a {
        let count = self.declared_descriptors().into();
        Pieces::new(self.raw.tail(6), count).map(HidDescriptor)
    }

    /// How many bytes its report descriptor has.
    pub fn report_length(&self) -> Option<u16> {
        let mut all = self.descriptors();
        let report = all.find(|entry| entry.descriptor_type() == 0x22)?;
        Some(report.length())
    }

    /// Whether it has what it declares, and no more, and reports.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PartialEntry`] if the last of its descriptors is cut off.
    /// - [`ErrorKind::EntryCount`] if it has more or fewer than it declares.
    /// - [`ErrorKind::MissingReport`] if none of them is of reports.
    /// - [`ErrorKind::OutOfRange`] if that of reports has no bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{ErrorKind, Hid};
    ///
    /// // It declares two, and has one.
    /// let hid = Hid::parse(&[9, 0x21, 0x11, 0x01, 0, 2, 0x22, 63, 0])?;
    /// assert_eq!(hid.descriptors().count(), 1);
    /// assert_eq!(hid.check().err().map(|error| error.kind()), Some(ErrorKind::EntryCount));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        let room = self.raw.tail(6).len();
        let problem = if room % 3 != 0 {
            Some(ErrorKind::PartialEntry)
        } else if room / 3 != usize::from(self.declared_descriptors()) {
            Some(ErrorKind::EntryCount)
        } else {
            match self.report_length() {
                None => Some(ErrorKind::MissingReport),
                Some(0) => Some(ErrorKind::OutOfRange),
                Some(_) => None,
            }
        };
        problem.map_or(Ok(()), |kind| Err(self.raw.error(kind)))
    }
}

/// A descriptor that a HID interface has apart from its configuration (HID 1.11, 6.2.1).
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{Hid, HidDescriptor};
///
/// /// What a game controller says of the parts of the body that it is used with.
/// fn physical(hid: &Hid<'_>) -> Option<HidDescriptor> {
///     hid.descriptors().find(|descriptor| descriptor.descriptor_type() == 0x23)
/// }
///
/// let stick = Hid::parse(&[12, 0x21, 0x11, 0x01, 0, 2, 0x22, 63, 0, 0x23, 16, 0])?;
/// assert_eq!(physical(&stick).map(|descriptor| descriptor.length()), Some(16));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HidDescriptor([u8; 3]);

impl HidDescriptor {
    /// Its type: 0x22 reports, 0x23 physical (HID 1.11, 7.1).
    #[doc(alias = "bDescriptorType")]
    pub fn descriptor_type(&self) -> u8 {
        self.0[0]
    }

    /// How many bytes it has.
    #[doc(alias = "wDescriptorLength")]
    pub fn length(&self) -> u16 {
        u16::from_le_bytes([self.0[1], self.0[2]])
    }
}

view! {
    /// How the firmware of a device can be updated (DFU 1.1, 4.1.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::DfuFunctional;
    ///
    /// let dfu = DfuFunctional::parse(&[9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01])?;
    /// assert!(dfu.can_download() && dfu.can_upload() && dfu.will_detach());
    /// assert!(!dfu.is_manifestation_tolerant());
    /// assert_eq!(dfu.attributes(), 0x0b);
    /// assert_eq!((dfu.detach_timeout_ms(), dfu.transfer_size()), (255, 2048));
    /// assert_eq!(dfu.release(), Some(0x011a));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_dfu_functional_descriptor")]
    pub struct DfuFunctional: DFU_FUNCTIONAL, size 7 {
        /// All of the bits.
        2 => attributes: u8, "bmAttributes";
        /// How long it waits for a reset after it was asked to detach, in milliseconds.
        3 => detach_timeout_ms: u16, "wDetachTimeOut";
        /// The most it takes in a request, in bytes.
        5 => transfer_size: u16, "wTransferSize";
    }
}

impl DfuFunctional<'_> {
    /// Whether it takes new firmware.
    #[doc(alias = "bitCanDnload")]
    pub fn can_download(&self) -> bool {
        self.attributes() & 1 != 0
    }

    /// Whether it gives its firmware.
    #[doc(alias = "bitCanUpload")]
    pub fn can_upload(&self) -> bool {
        self.attributes() & 2 != 0
    }

    /// Whether it can be talked to after it took the firmware.
    #[doc(alias = "bitManifestationTolerant")]
    pub fn is_manifestation_tolerant(&self) -> bool {
        self.attributes() & 4 != 0
    }

    /// Whether it detaches by itself, without a reset.
    #[doc(alias = "bitWillDetach")]
    pub fn will_detach(&self) -> bool {
        self.attributes() & 8 != 0
    }

    /// The DFU specification it follows, in binary coded decimal; `None` if it is 1.0, whose
    /// descriptor has no such field.
    #[doc(alias = "bcdDFUVersion")]
    pub fn release(&self) -> Option<u16> {
        let bytes = self.raw.tail(7).first_chunk()?;
        Some(u16::from_le_bytes(*bytes))
    }
}

#[kunit_tests(rust_usb_descriptor_class)]
mod tests {
    use super::*;

    #[test]
    fn hid_descriptors_are_as_many_as_declared_or_there() -> Result<(), Error> {
        let mut bytes = [0; 13];
        for (length, declared, found) in
            [(9, 0, 0), (9, 1, 1), (11, 2, 1), (12, 2, 2), (13, 255, 2)]
        {
            bytes[..6].copy_from_slice(&[length, 0x21, 0x11, 1, 0, declared]);
            assert_eq!(Hid::parse(&bytes)?.descriptors().count(), found);
        }
        Ok(())
    }

    #[test]
    fn report_is_the_first_of_its_type() -> Result<(), Error> {
        let hid = Hid::parse(&[12, 0x21, 0x11, 1, 0, 2, 0x23, 9, 9, 0x22, 0x34, 0x12])?;
        assert_eq!(hid.report_length(), Some(0x1234));
        let physical = Hid::parse(&[9, 0x21, 0x11, 1, 0, 1, 0x23, 9, 9])?;
        assert_eq!(physical.report_length(), None);
        Ok(())
    }

    #[test]
    fn hid_is_checked() -> Result<(), Error> {
        let cases: [(&[u8], Option<ErrorKind>); 8] = [
            (&[1, 0x22, 1, 0], None),
            (&[2, 0x23, 9, 9, 0x22, 1, 0], None),
            (&[0, 0x22, 1, 0], Some(ErrorKind::EntryCount)),
            (&[2, 0x22, 1, 0], Some(ErrorKind::EntryCount)),
            (&[1, 0x22, 1, 0, 0x23, 1, 0], Some(ErrorKind::EntryCount)),
            (&[1, 0x22, 1, 0, 0x23], Some(ErrorKind::PartialEntry)),
            (&[1, 0x23, 1, 0], Some(ErrorKind::MissingReport)),
            (&[1, 0x22, 0, 0], Some(ErrorKind::OutOfRange)),
        ];
        for (end, expected) in cases {
            let mut room = [0, 0x21, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            let length = 5 + end.len();
            // CAST: At most 13.
            room[0] = length as u8;
            room[5..length].copy_from_slice(end);
            let kind = Hid::parse(&room)?.check().err().map(|error| error.kind());
            assert_eq!(kind, expected);
        }
        Ok(())
    }

    #[test]
    fn dfu_release_is_there_if_the_descriptor_is_long_enough() -> Result<(), Error> {
        let bytes = [0, 0x21, 0x0d, 0xe8, 0x03, 0x00, 0x04, 0x10, 0x01];
        for (length, release) in [(7, None), (8, None), (9, Some(0x0110))] {
            let mut bytes = bytes;
            bytes[0] = length;
            let dfu = DfuFunctional::parse(&bytes)?;
            assert_eq!((dfu.detach_timeout_ms(), dfu.transfer_size()), (1000, 1024));
            assert_eq!(dfu.release(), release);
        }
        Ok(())
    }

    #[test]
    fn dfu_attributes_are_single_bits() -> Result<(), Error> {
        for bit in 0..8 {
            let bytes = [7, 0x21, 1 << bit, 0, 0, 0, 0];
            let dfu = DfuFunctional::parse(&bytes)?;
            assert_eq!(dfu.can_download(), bit == 0);
            assert_eq!(dfu.can_upload(), bit == 1);
            assert_eq!(dfu.is_manifestation_tolerant(), bit == 2);
            assert_eq!(dfu.will_detach(), bit == 3);
        }
        Ok(())
    }

    #[test]
    fn only_types_of_classes_have_a_subtype() {
        for descriptor_type in 0..=0xff_u8 {
            let bytes = [3, descriptor_type, 1];
            let is_specific = (0x21..=0x25).contains(&descriptor_type);
            assert_eq!(ClassSpecific::parse(&bytes).is_ok(), is_specific);
        }
        assert!(ClassSpecific::parse(&[2, 0x24]).is_err());
    }
}
