// SPDX-License-Identifier: GPL-2.0

//! What is wrong with a configuration: the rules of USB 2.0, 9.6 and USB 3.2, 9.6 that can be
//! checked without knowing the speed, and [those of the class](Rules).
//!
//! One pass over the descriptors, with what must be remembered of those before.

use super::{
    numbers::Numbers,
    rules::Rules,
    AltSetting,
    Configuration,
    DescriptorType,
    Descriptors,
    Endpoint,
    Error,
    ErrorKind,
    Eusb2Companion,
    InterfaceAssociation,
    Raw,
    SuperSpeedCompanion,
    SuperSpeedPlusCompanion, //
};
use crate::usb::TransferKind;

/// The most altsettings that the USB core keeps: 128 of each of 32 interfaces.
const MAX_ALTSETTINGS: u32 = 4096;

/// Endpoint addresses: 16 numbers, IN and OUT.
const ADDRESSES: usize = 32;

/// Where in the configuration the pass is.
#[derive(Clone, Copy)]
enum Place {
    BeforeInterfaces,
    /// In an altsetting whose descriptor is too short to know which.
    InUnknown,
    In(u8),
}

/// What is remembered of the descriptors before.
pub(super) struct Problems<'a> {
    /// If it is known.
    configuration: Option<Configuration<'a>>,
    interfaces: Numbers,
    /// Those with an altsetting 0.
    with_default: Numbers,
    associated: Numbers,
    altsettings: u32,
    place: Place,
    /// Those of the altsetting's class.
    rules: Rules,
    /// Which interface was the first to have an endpoint of each address.
    owners: [Option<u8>; ADDRESSES],
    /// The addresses in this altsetting, a bit each.
    here: u32,
    endpoint: Option<Endpoint<'a>>,
    /// Where the previous descriptor starts.
    previous: Option<usize>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(configuration: Configuration<'a>) -> Self {
        let settings = configuration.altsettings();
        let defaults = settings.clone().filter(|setting| setting.setting() == 0);
        Self {
            configuration: Some(configuration),
            interfaces: settings.map(|setting| setting.number()).collect(),
            with_default: defaults.map(|setting| setting.number()).collect(),
            ..Self::without_configuration()
        }
    }

    fn without_configuration() -> Self {
        Self {
            configuration: None,
            interfaces: Numbers::default(),
            with_default: Numbers::default(),
            associated: Numbers::default(),
            altsettings: 0,
            place: Place::BeforeInterfaces,
            rules: Rules::default(),
            owners: [None; ADDRESSES],
            here: 0,
            endpoint: None,
            previous: None,
        }
    }

    /// What is wrong with the configuration's own descriptor.
    pub(super) fn of_configuration(&self) -> Option<Error> {
        let configuration = self.configuration?;
        let raw = configuration.raw();
        let total = usize::from(configuration.total_length());
        let declared = u32::from(configuration.declared_interfaces());
        if !(raw.bytes().len()..=raw.available()).contains(&total) {
            return Some(raw.error(ErrorKind::TotalLength));
        }
        let is_right = self.interfaces.len() == declared;
        (!is_right).then_some(raw.error(ErrorKind::InterfaceCount))
    }

    /// What is wrong with the next descriptor.
    pub(super) fn of(&mut self, item: Result<Raw<'a>, Error>) -> Option<Error> {
        let checked = item.and_then(|raw| {
            let checked = self.descriptor(raw);
            self.previous = Some(raw.offset());
            checked
        });
        checked.err()
    }

    fn descriptor(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        match raw.descriptor_type() {
            DescriptorType::INTERFACE => self.altsetting(raw),
            DescriptorType::ENDPOINT => self.endpoint(raw),
            DescriptorType::INTERFACE_ASSOCIATION => self.association(raw),
            DescriptorType::SUPERSPEED_COMPANION => self.companion(raw),
            DescriptorType::SUPERSPEED_PLUS_ISOCHRONOUS_COMPANION => self.plus_companion(raw),
            DescriptorType::EUSB2_ISOCHRONOUS_COMPANION => self.eusb2_companion(raw),
            DescriptorType::DEVICE
            | DescriptorType::CONFIGURATION
            | DescriptorType::STRING
            | DescriptorType::DEVICE_QUALIFIER
            | DescriptorType::OTHER_SPEED_CONFIGURATION
            | DescriptorType::BOS
            | DescriptorType::DEVICE_CAPABILITY => Err(raw.error(ErrorKind::Unexpected)),
            _ => self.rules.check(raw),
        }
    }

    fn altsetting(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        self.place = Place::InUnknown;
        self.rules = Rules::default();
        self.here = 0;
        self.endpoint = None;
        let setting = AltSetting::new(raw)?;
        self.place = Place::In(setting.number());
        self.rules = Rules::new(setting);
        self.altsettings = self.altsettings.saturating_add(1);
        match self.problem_of_altsetting(setting) {
            Some(kind) => Err(raw.error(kind)),
            None => Ok(()),
        }
    }

    fn problem_of_altsetting(&self, setting: AltSetting<'a>) -> Option<ErrorKind> {
        let endpoints = setting.body();
        let endpoints = endpoints.filter(|raw| raw.descriptor_type() == DescriptorType::ENDPOINT);
        let is_right = endpoints.count() == usize::from(setting.declared_endpoints());
        let configuration = self.configuration;
        configuration
            .and_then(|configuration| self.problem_among(configuration, setting))
            .or((!is_right).then_some(ErrorKind::EndpointCount))
    }

    /// What is wrong with it among those of its configuration.
    fn problem_among(
        &self,
        configuration: Configuration<'a>,
        setting: AltSetting<'a>,
    ) -> Option<ErrorKind> {
        let start = setting.raw().offset();
        let all = configuration.altsettings();
        let mut earlier = all.take_while(|other| other.raw().offset() < start);
        let same = |other: AltSetting<'a>| {
            (other.number(), other.setting()) == (setting.number(), setting.setting())
        };
        if self.altsettings > MAX_ALTSETTINGS {
            Some(ErrorKind::TooManyAltSettings)
        } else if setting.number() >= configuration.declared_interfaces() {
            Some(ErrorKind::InterfaceNumber)
        } else if earlier.any(same) {
            Some(ErrorKind::DuplicateAltSetting)
        } else if !self.with_default.contains(setting.number()) {
            Some(ErrorKind::NoDefaultAltSetting)
        } else {
            None
        }
    }

    fn endpoint(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        let endpoint = Endpoint::new(raw)?;
        self.endpoint = Some(endpoint);
        let reserved = endpoint.address() & 0x70 != 0 || endpoint.max_packet_raw() >> 11 == 3;
        if matches!(self.place, Place::BeforeInterfaces) {
            Err(raw.error(ErrorKind::EndpointWithoutInterface))
        } else if endpoint.number() == 0 {
            Err(raw.error(ErrorKind::EndpointZero))
        } else if self.is_duplicate(&endpoint) {
            Err(raw.error(ErrorKind::DuplicateEndpoint))
        } else if reserved {
            Err(raw.error(ErrorKind::OutOfRange))
        } else {
            Ok(())
        }
    }

    /// Remembers the endpoint's address. Altsettings of one interface share them.
    ///
    /// A control endpoint has both directions of its number (USB 2.0, 9.6.6).
    fn is_duplicate(&mut self, endpoint: &Endpoint<'a>) -> bool {
        let Place::In(interface) = self.place else {
            return false;
        };
        let (input, output) = (
            usize::from(endpoint.number()) + 16,
            endpoint.number().into(),
        );
        let control = endpoint.kind() == TransferKind::Control;
        let mut duplicate = false;
        for (address, taken) in [(input, endpoint.is_in()), (output, !endpoint.is_in())] {
            if taken || control {
                duplicate |= self.is_taken(address, interface);
            }
        }
        duplicate
    }

    /// Remembers the address, less than [`ADDRESSES`], as one of this altsetting.
    fn is_taken(&mut self, address: usize, interface: u8) -> bool {
        let bit = 1 << (address % ADDRESSES);
        let in_altsetting = self.here & bit != 0;
        self.here |= bit;
        let Some(owner) = self.owners.get_mut(address) else {
            return in_altsetting;
        };
        in_altsetting || *owner.get_or_insert(interface) != interface
    }

    fn association(&mut self, raw: Raw<'a>) -> Result<(), Error> {
        let association = InterfaceAssociation::new(raw)?;
        if self.configuration.is_none() {
            return Ok(());
        }
        let first = u16::from(association.first_interface());
        let count = u16::from(association.interface_count());
        let mut overlaps = false;
        for number in first..first + count {
            let number = u8::try_from(number).ok();
            let known = number.filter(|number| self.interfaces.contains(*number));
            let number = known.ok_or(raw.error(ErrorKind::AssociationRange))?;
            overlaps |= !self.associated.insert(number);
        }
        if count == 0 {
            Err(raw.error(ErrorKind::AssociationRange))
        } else if overlaps {
            Err(raw.error(ErrorKind::AssociationOverlap))
        } else {
            Ok(())
        }
    }

    fn companion(&self, raw: Raw<'a>) -> Result<(), Error> {
        let endpoint = self
            .endpoint
            .filter(|found| self.previous == Some(found.raw().offset()));
        let endpoint = endpoint.ok_or(raw.error(ErrorKind::StrayCompanion))?;
        let companion = SuperSpeedCompanion::new(raw)?;
        let isochronous = endpoint.kind() == TransferKind::Isochronous;
        let announced = isochronous && companion.has_superspeed_plus_companion();
        if announced && endpoint.superspeed_plus_companion().is_none() {
            return Err(raw.error(ErrorKind::MissingCompanion));
        }
        let attributes = companion.attributes();
        let in_range = match endpoint.kind() {
            TransferKind::Bulk => attributes & 0x1f <= 16,
            TransferKind::Isochronous => announced || attributes & 3 != 3,
            TransferKind::Control => companion.max_burst_raw() == 0,
            TransferKind::Interrupt => true,
        };
        if companion.max_burst_raw() > 15 || !in_range {
            return Err(raw.error(ErrorKind::OutOfRange));
        }
        Ok(())
    }

    fn plus_companion(&self, raw: Raw<'a>) -> Result<(), Error> {
        let companion = SuperSpeedPlusCompanion::new(raw)?;
        let belonging = self
            .endpoint
            .and_then(|found| found.superspeed_plus_companion());
        let offset = companion.raw().offset();
        if belonging.is_some_and(|found| found.raw().offset() == offset) {
            Ok(())
        } else {
            Err(raw.error(ErrorKind::StrayCompanion))
        }
    }

    fn eusb2_companion(&self, raw: Raw<'a>) -> Result<(), Error> {
        Eusb2Companion::new(raw)?;
        let endpoint = self.endpoint.map(|_| ());
        endpoint.ok_or(raw.error(ErrorKind::StrayCompanion))
    }
}

/// What is wrong with an altsetting, when nothing is known of its configuration.
pub(super) struct ProblemsAlone<'a> {
    problems: Problems<'a>,
    next: Option<Result<Raw<'a>, Error>>,
    rest: Descriptors<'a>,
}

impl<'a> ProblemsAlone<'a> {
    pub(super) fn new(setting: AltSetting<'a>) -> Self {
        Self {
            problems: Problems::without_configuration(),
            next: Some(Ok(setting.raw())),
            rest: setting.raw().following(),
        }
    }
}

impl Iterator for ProblemsAlone<'_> {
    type Item = Error;

    fn next(&mut self) -> Option<Error> {
        loop {
            let item = self.next.take()?;
            self.next = self.rest.next().filter(|behind| {
                let kind = behind.map(|raw| raw.descriptor_type());
                kind != Ok(DescriptorType::INTERFACE)
            });
            if let Some(error) = self.problems.of(item) {
                return Some(error);
            }
        }
    }
}
