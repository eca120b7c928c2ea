// SPDX-License-Identifier: GPL-2.0

//! Communication devices: what their interfaces say of the function they are (CDC 1.2, 5.2.3, and
//! the subclass specifications PSTN, ECM, WMC, NCM and MBIM).

use super::{
    chosen::Pieces,
    functional::Functional,
    view::view,
    ClassSpecific,
    DescriptorType,
    Descriptors,
    Error,
    ErrorKind,
    Raw, //
};

view! {
    /// The specification that the others follow (CDC 1.2, 5.2.3.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcHeader;
    ///
    /// let header = CdcHeader::parse(&[5, 0x24, 0x00, 0x20, 0x01])?;
    /// assert_eq!(header.release(), 0x0120);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_header_desc")]
    pub struct CdcHeader: CS_INTERFACE, subtype 0x00, size 5 {
        /// The CDC specification, in binary coded decimal.
        3 => release: u16, "bcdCDC";
    }
}

view! {
    /// How calls are made (PSTN 1.2, 5.3.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcCallManagement;
    ///
    /// let calls = CdcCallManagement::parse(&[5, 0x24, 0x01, 0x03, 1])?;
    /// assert_eq!((calls.capabilities(), calls.data_interface()), (3, 1));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_call_mgmt_descriptor")]
    pub struct CdcCallManagement: CS_INTERFACE, subtype 0x01, size 5 {
        /// Bit 0: it does so itself, 1: over the data interface.
        3 => capabilities: u8, "bmCapabilities";
        /// The number of the data interface.
        4 => data_interface: u8, "bDataInterface";
    }
}

view! {
    /// What a modem can do (PSTN 1.2, 5.3.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcAcm;
    ///
    /// let acm = CdcAcm::parse(&[4, 0x24, 0x02, 0x06])?;
    /// assert_eq!(acm.capabilities(), 6);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_acm_descriptor")]
    pub struct CdcAcm: CS_INTERFACE, subtype 0x02, size 4 {
        /// Bit 0: features, 1: line coding and state, 2: break, 3: network connection.
        3 => capabilities: u8, "bmCapabilities";
    }
}

view! {
    /// Which interfaces are one function (CDC 1.2, 5.2.3.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcUnion;
    ///
    /// let union = CdcUnion::parse(&[6, 0x24, 0x06, 0, 1, 2])?;
    /// assert_eq!(union.control_interface(), 0);
    /// assert_eq!(union.subordinate_interfaces(), [1, 2]);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_union_desc")]
    pub struct CdcUnion: CS_INTERFACE, subtype 0x06, size 5 {
        /// The number of the interface that controls the others.
        3 => control_interface: u8, "bControlInterface";
    }
}

impl<'a> CdcUnion<'a> {
    /// The numbers of the others, at least one.
    #[doc(alias = "bSubordinateInterface0")]
    #[doc(alias = "bSlaveInterface0")]
    pub fn subordinate_interfaces(&self) -> &'a [u8] {
        self.raw.tail(4)
    }
}

view! {
    /// The countries a device can be used in (CDC 1.2, 5.2.3.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcCountry;
    ///
    /// let country = CdcCountry::parse(&[8, 0x24, 0x07, 4, 0x14, 1, 0x50, 2])?;
    /// assert_eq!(country.release_date_string(), 4);
    /// assert!(country.codes().eq([0x0114, 0x0250]));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_country_functional_desc")]
    pub struct CdcCountry: CS_INTERFACE, subtype 0x07, size 6 {
        /// The index of the string with the date of the codes' list.
        3 => release_date_string: u8, "iCountryCodeRelDate";
    }
}

impl<'a> CdcCountry<'a> {
    /// The codes of the countries (ISO 3166), at least one.
    #[doc(alias = "wCountryCode0")]
    pub fn codes(&self) -> impl Iterator<Item = u16> + Clone + 'a {
        Pieces::new(self.raw.tail(4), usize::MAX).map(u16::from_le_bytes)
    }
}

view! {
    /// A channel of a network terminal (CDC 1.1, 5.2.3.11).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcNetworkTerminal;
    ///
    /// let terminal = CdcNetworkTerminal::parse(&[7, 0x24, 0x0a, 1, 2, 3, 4])?;
    /// assert_eq!((terminal.entity_id(), terminal.name_string()), (1, 2));
    /// assert_eq!((terminal.channel_index(), terminal.physical_interface()), (3, 4));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_network_terminal_desc")]
    pub struct CdcNetworkTerminal: CS_INTERFACE, subtype 0x0a, size 7 {
        /// Its number.
        3 => entity_id: u8, "bEntityId";
        /// The index of the string that names it.
        4 => name_string: u8, "iName";
        /// Which channel it is.
        5 => channel_index: u8, "bChannelIndex";
        /// Which physical interface it is of.
        6 => physical_interface: u8, "bPhysicalInterface";
    }
}

view! {
    /// An Ethernet adapter (ECM 1.2, 5.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcEthernet;
    ///
    /// let ethernet = CdcEthernet::parse(&[13, 0x24, 0x0f, 4, 1, 0, 0, 0, 0xea, 0x05, 3, 0, 2])?;
    /// assert_eq!(ethernet.mac_address_string(), 4);
    /// assert_eq!((ethernet.statistics(), ethernet.max_segment_size()), (1, 1514));
    /// assert_eq!((ethernet.multicast_filters(), ethernet.power_filters()), (3, 2));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_ether_desc")]
    pub struct CdcEthernet: CS_INTERFACE, subtype 0x0f, size 13 {
        /// The index of the string with its address, twelve hexadecimal digits.
        3 => mac_address_string: u8, "iMACAddress";
        /// The statistics it keeps, a bit each.
        4 => statistics: u32, "bmEthernetStatistics";
        /// The most bytes that an Ethernet frame has.
        8 => max_segment_size: u16, "wMaxSegmentSize";
        /// How many multicast filters it has in bits 14:0; bit 15: they let more pass.
        10 => multicast_filters: u16, "wNumberMCFilters";
        /// How many filters can wake the host.
        12 => power_filters: u8, "bNumberPowerFilters";
    }
}

view! {
    /// A device management interface (WMC 1.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcDmm;
    ///
    /// let dmm = CdcDmm::parse(&[7, 0x24, 0x14, 0x11, 0x01, 0x00, 0x10])?;
    /// assert_eq!((dmm.release(), dmm.max_command()), (0x0111, 4096));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_dmm_desc")]
    pub struct CdcDmm: CS_INTERFACE, subtype 0x14, size 7 {
        /// The specification it follows, in binary coded decimal.
        3 => release: u16, "bcdVersion";
        /// The most bytes that a command has.
        5 => max_command: u16, "wMaxCommand";
    }
}

view! {
    /// A function that a number tells the meaning of (WMC 1.1, 6.7.2.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcMdlm;
    ///
    /// let mdlm = CdcMdlm::parse(&[
    ///     21, 0x24, 0x12, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    /// ])?;
    /// assert_eq!((mdlm.release(), mdlm.guid()[15]), (0x0100, 15));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_mdlm_desc")]
    pub struct CdcMdlm: CS_INTERFACE, subtype 0x12, size 21 {
        /// The specification it follows, in binary coded decimal.
        3 => release: u16, "bcdVersion";
    }
}

impl<'a> CdcMdlm<'a> {
    /// The number.
    #[doc(alias = "bGUID")]
    pub fn guid(&self) -> &'a [u8; 16] {
        let [_, _, _, _, _, guid @ ..] = self.fixed;
        guid
    }
}

view! {
    /// What the number of a [`CdcMdlm`] needs to be told (WMC 1.1, 6.7.2.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcMdlmDetail;
    ///
    /// let detail = CdcMdlmDetail::parse(&[6, 0x24, 0x13, 0, 8, 9])?;
    /// assert_eq!(detail.guid_descriptor_type(), 0);
    /// assert_eq!(detail.data(), [8, 9]);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_mdlm_detail_desc")]
    pub struct CdcMdlmDetail: CS_INTERFACE, subtype 0x13, size 4 {
        /// What it is, among all that the number knows.
        3 => guid_descriptor_type: u8, "bGuidDescriptorType";
    }
}

impl<'a> CdcMdlmDetail<'a> {
    /// Bytes whose meaning the number knows.
    #[doc(alias = "bDetailData")]
    pub fn data(&self) -> &'a [u8] {
        self.raw.tail(4)
    }
}

view! {
    /// An object exchange function (WMC 1.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcObex;
    ///
    /// let obex = CdcObex::parse(&[5, 0x24, 0x15, 0x00, 0x01])?;
    /// assert_eq!(obex.release(), 0x0100);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_obex_desc")]
    pub struct CdcObex: CS_INTERFACE, subtype 0x15, size 5 {
        /// The specification it follows, in binary coded decimal.
        3 => release: u16, "bcdVersion";
    }
}

view! {
    /// A network adapter that moves several frames at a time (NCM 1.0, 5.2.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcNcm;
    ///
    /// let ncm = CdcNcm::parse(&[6, 0x24, 0x1a, 0x00, 0x01, 0x2b])?;
    /// assert_eq!((ncm.release(), ncm.capabilities()), (0x0100, 0x2b));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_ncm_desc")]
    pub struct CdcNcm: CS_INTERFACE, subtype 0x1a, size 6 {
        /// The NCM specification it follows, in binary coded decimal.
        3 => release: u16, "bcdNcmVersion";
        /// The requests it knows, a bit each.
        5 => capabilities: u8, "bmNetworkCapabilities";
    }
}

view! {
    /// A mobile broadband adapter (MBIM 1.0, 6.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcMbim;
    ///
    /// let mbim = CdcMbim::parse(&[12, 0x24, 0x1b, 0, 1, 0, 2, 32, 128, 0, 8, 0x20])?;
    /// assert_eq!((mbim.release(), mbim.max_control_message()), (0x0100, 512));
    /// assert_eq!((mbim.filters(), mbim.max_filter_size()), (32, 128));
    /// assert_eq!((mbim.max_segment_size(), mbim.capabilities()), (2048, 0x20));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_mbim_desc")]
    pub struct CdcMbim: CS_INTERFACE, subtype 0x1b, size 12 {
        /// The MBIM specification it follows, in binary coded decimal.
        3 => release: u16, "bcdMBIMVersion";
        /// The most bytes that a control message has.
        5 => max_control_message: u16, "wMaxControlMessage";
        /// How many packet filters it has.
        7 => filters: u8, "bNumberFilters";
        /// The most bytes that a packet filter has.
        8 => max_filter_size: u8, "bMaxFilterSize";
        /// The most bytes that a packet has.
        9 => max_segment_size: u16, "wMaxSegmentSize";
        /// The requests it knows, a bit each.
        11 => capabilities: u8, "bmNetworkCapabilities";
    }
}

view! {
    /// What was added to [`CdcMbim`] (MBIM 1.0 errata 1, 6.5).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::CdcMbimExtended;
    ///
    /// let extended = CdcMbimExtended::parse(&[8, 0x24, 0x1c, 0, 1, 64, 0xdc, 0x05])?;
    /// assert_eq!(extended.release(), 0x0100);
    /// assert_eq!((extended.max_outstanding_commands(), extended.mtu()), (64, 1500));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_cdc_mbim_extended_desc")]
    pub struct CdcMbimExtended: CS_INTERFACE, subtype 0x1c, size 8 {
        /// The specification of the extension, in binary coded decimal.
        3 => release: u16, "bcdMBIMExtendedVersion";
        /// How many commands it takes before it has answered the first.
        5 => max_outstanding_commands: u8, "bMaxOutstandingCommandMessages";
        /// The most bytes of a packet that the operator's network takes.
        6 => mtu: u16, "wMTU";
    }
}

/// Phonet, which has a number but no specification.
const PHONET: u8 = 0xab;

/// What the descriptors behind a communication interface say of its function.
///
/// Those that are missing are `None`; with [`new`](Self::new) also those that are too short.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::{AltSetting, CdcFunction};
///
/// let modem = AltSetting::parse(&[
///     9, 4, 0, 0, 1, 2, 2, 1, 0, //
///     5, 0x24, 0x00, 0x20, 0x01, // header
///     5, 0x24, 0x01, 0x03, 1, // call management
///     4, 0x24, 0x02, 0x06, // abstract control
///     5, 0x24, 0x06, 0, 1, // union
/// ])?;
/// let function = CdcFunction::new(modem.extra())?;
/// assert_eq!(function.header.map(|header| header.release()), Some(0x0120));
/// assert_eq!(function.call_management.map(|calls| calls.data_interface()), Some(1));
/// assert_eq!(function.acm.map(|acm| acm.capabilities()), Some(6));
/// let union = function.union.ok_or(EINVAL)?;
/// assert_eq!(union.control_interface(), 0);
/// assert_eq!(union.subordinate_interfaces(), [1]);
/// assert!(function.ethernet.is_none() && !function.is_phonet);
/// # Ok::<(), Error>(())
/// ```
#[doc(alias = "usb_cdc_parsed_header")]
#[doc(alias = "cdc_parse_cdc_header")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CdcFunction<'a> {
    /// The specification that the others follow.
    pub header: Option<CdcHeader<'a>>,
    /// How calls are made.
    pub call_management: Option<CdcCallManagement<'a>>,
    /// What a modem can do.
    pub acm: Option<CdcAcm<'a>>,
    /// Which interfaces are one function.
    pub union: Option<CdcUnion<'a>>,
    /// The countries it can be used in.
    pub country: Option<CdcCountry<'a>>,
    /// A channel of a network terminal.
    pub network_terminal: Option<CdcNetworkTerminal<'a>>,
    /// An Ethernet adapter.
    pub ethernet: Option<CdcEthernet<'a>>,
    /// A device management interface.
    pub dmm: Option<CdcDmm<'a>>,
    /// A function that a number tells the meaning of.
    pub mdlm: Option<CdcMdlm<'a>>,
    /// What that number needs to be told.
    pub mdlm_detail: Option<CdcMdlmDetail<'a>>,
    /// An object exchange function.
    pub obex: Option<CdcObex<'a>>,
    /// A network adapter that moves several frames at a time.
    pub ncm: Option<CdcNcm<'a>>,
    /// A mobile broadband adapter.
    pub mbim: Option<CdcMbim<'a>>,
    /// What was added to that.
    pub mbim_extended: Option<CdcMbimExtended<'a>>,
    /// Whether it speaks Phonet.
    pub is_phonet: bool,
}

impl<'a> CdcFunction<'a> {
    /// Reads what is in `extra`, usually [`AltSetting::extra`](super::AltSetting::extra).
    ///
    /// What is not of CDC, not known or too short is passed over. Of two unions the first counts,
    /// of others that may be there twice the last, as in `cdc_parse_cdc_header()`: so devices
    /// work that work with drivers in C. [`checked`](Self::checked) passes over nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Duplicate`] if there are two headers, Ethernet adapters, numbers of a meaning
    /// or details of it: which of them counts cannot be known.
    pub fn new(extra: impl Iterator<Item = Raw<'a>>) -> Result<Self, Error> {
        let mut function = Self::default();
        for raw in extra {
            function.add(raw)?;
        }
        Ok(function)
    }

    /// Reads what is in `extra`, usually all of
    /// [`usb::Altsetting::extra`](crate::usb::Altsetting::extra), if nothing is wrong with it.
    ///
    /// # Errors
    ///
    /// - Those of [`Raw::first`], if the length of one of any type is wrong.
    /// - [`ErrorKind::TooShort`] if one has fewer bytes than one of its subtype must have.
    /// - [`ErrorKind::PartialEntry`] if the last of some countries is cut off.
    /// - [`ErrorKind::MissingHeader`] if the first is not a header.
    /// - [`ErrorKind::Duplicate`] if there are two of which a function has one.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{CdcFunction, Descriptors, ErrorKind};
    ///
    /// // A header, and a union without the second interface.
    /// let extra = Descriptors::new(&[5, 0x24, 0x00, 0x20, 0x01, 4, 0x24, 0x06, 0]);
    /// assert!(CdcFunction::new(extra.clone().flatten())?.union.is_none());
    /// let error = CdcFunction::checked(extra).err().ok_or(EINVAL)?;
    /// assert_eq!((error.offset(), error.kind()), (5, ErrorKind::TooShort));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn checked(extra: Descriptors<'a>) -> Result<Self, Error> {
        let mut function = Self::default();
        let mut functional = Functional::default();
        for raw in extra {
            let raw = raw?;
            functional.check(raw)?;
            function.add(raw)?;
        }
        Ok(function)
    }

    fn add(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        let is_interface = raw.descriptor_type() == DescriptorType::CS_INTERFACE;
        let specific = ClassSpecific::new(raw).ok().filter(|_| is_interface);
        match specific.map(|specific| specific.subtype()) {
            Some(0x00) => only(&mut self.header, raw, CdcHeader::new),
            Some(0x0f) => only(&mut self.ethernet, raw, CdcEthernet::new),
            Some(0x12) => only(&mut self.mdlm, raw, CdcMdlm::new),
            Some(0x13) => only(&mut self.mdlm_detail, raw, CdcMdlmDetail::new),
            Some(subtype) => {
                self.add_replaceable(subtype, raw);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn add_replaceable(&mut self, subtype: u8, raw: Raw<'a>) {
        match subtype {
            0x01 => last(&mut self.call_management, raw, CdcCallManagement::new),
            0x02 => last(&mut self.acm, raw, CdcAcm::new),
            0x06 if self.union.is_none() => last(&mut self.union, raw, CdcUnion::new),
            0x07 => last(&mut self.country, raw, CdcCountry::new),
            0x0a => last(&mut self.network_terminal, raw, CdcNetworkTerminal::new),
            0x14 => last(&mut self.dmm, raw, CdcDmm::new),
            0x15 => last(&mut self.obex, raw, CdcObex::new),
            0x1a => last(&mut self.ncm, raw, CdcNcm::new),
            0x1b => last(&mut self.mbim, raw, CdcMbim::new),
            0x1c => last(&mut self.mbim_extended, raw, CdcMbimExtended::new),
            PHONET => self.is_phonet = true,
            _ => {}
        }
    }
}

type View<'a, T> = fn(Raw<'a>) -> Result<T, Error>;

fn only<'a, T>(slot: &mut Option<T>, raw: Raw<'a>, view: View<'a, T>) -> Result<(), Error> {
    let Ok(found) = view(raw) else {
        return Ok(());
    };
    match slot.replace(found) {
        Some(_) => Err(raw.error(ErrorKind::Duplicate)),
        None => Ok(()),
    }
}

fn last<'a, T>(slot: &mut Option<T>, raw: Raw<'a>, view: View<'a, T>) {
    if let Ok(found) = view(raw) {
        *slot = Some(found);
    }
}
