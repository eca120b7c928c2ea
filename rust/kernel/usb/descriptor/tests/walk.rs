// SPDX-License-Identifier: GPL-2.0

//! Calls everything there is on some bytes, and sees that it stays inside of them and ends, and
//! that what is passed over is an error to those who ask.

use super::super::*;
use crate::{
    error::code::ENODATA,
    usb::{
        DeviceString,
        Speed, //
    }, //
};

/// What a walk over bytes has seen.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    /// How many items all iterators together have had.
    items: usize,
    is_inside: bool,
}

/// What to take bytes for.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A configuration.
    Configuration,
    /// A binary device object store.
    Store,
    /// One descriptor, of each type that there is.
    Single,
    /// The answer to a request for a string.
    Answer,
}

const SPEEDS: [Speed; 4] = [Speed::Low, Speed::Full, Speed::High, Speed::SuperPlus];

impl<'a> Walk<'a> {
    /// Whether everything that can be done with `bytes` stays inside of them and ends.
    pub(super) fn is_good(bytes: &'a [u8], target: Target) -> bool {
        let mut this = Self {
            bytes,
            items: 0,
            is_inside: true,
        };
        match target {
            Target::Configuration => this.configuration(),
            Target::Store => this.store(),
            Target::Single => this.single(),
            Target::Answer => this.answer(),
        }
        this.is_inside && this.items <= this.limit()
    }

    /// More items than a walk can have: every item takes two bytes, but all problems may be looked
    /// for, and each altsetting belongs to a number of lists.
    fn limit(&self) -> usize {
        16 * (1 + self.bytes.len() / 2)
    }

    fn saw(&mut self, part: &[u8]) {
        let (all, part) = (self.bytes.as_ptr_range(), part.as_ptr_range());
        self.is_inside &= all.start <= part.start && part.end <= all.end;
        self.items += 1;
    }

    fn saw_raw(&mut self, raw: Raw<'a>) {
        self.saw(raw.bytes());
        self.saw(raw.data());
        let start = self.bytes.as_ptr() as usize + raw.offset();
        self.is_inside &= raw.bytes().as_ptr() as usize == start && raw.bytes().len() >= 2;
    }

    fn configuration(&mut self) {
        let Ok(configuration) = Configuration::parse(self.bytes) else {
            return;
        };
        for raw in configuration.descriptors().flatten() {
            self.saw_raw(raw);
        }
        for raw in configuration.extra() {
            self.saw_raw(raw);
        }
        for association in configuration.associations() {
            self.saw_raw(association.raw());
        }
        for interface in configuration.interfaces() {
            let settings = interface.altsettings();
            settings.for_each(|setting| self.altsetting(setting));
        }
        let mut has_flaws = false;
        for problem in configuration.problems() {
            has_flaws = true;
            self.is_inside &= problem.offset() < self.bytes.len();
        }
        self.is_inside &= has_flaws || Self::has_all(configuration);
    }

    /// Whether nothing is passed over: there are as many interfaces, altsettings, endpoints and
    /// associations as the bytes have.
    fn has_all(configuration: Configuration<'a>) -> bool {
        let count = |wanted| {
            let descriptors = configuration.descriptors().flatten();
            let wanted = descriptors.filter(|raw| raw.descriptor_type() == wanted);
            wanted.count()
        };
        let endpoints = configuration.altsettings();
        let endpoints = endpoints.map(|setting| setting.endpoints().count()).sum();
        let interfaces = usize::from(configuration.declared_interfaces());
        configuration.descriptors().all(|item| item.is_ok())
            && configuration.interfaces().count() == interfaces
            && configuration.altsettings().count() == count(DescriptorType::INTERFACE)
            && count(DescriptorType::ENDPOINT) == endpoints
            && configuration.associations().count() == count(DescriptorType::INTERFACE_ASSOCIATION)
    }

    fn altsetting(&mut self, setting: AltSetting<'a>) {
        self.saw_raw(setting.raw());
        setting.extra().for_each(|raw| self.saw_raw(raw));
        core::hint::black_box(CdcFunction::new(setting.extra())).ok();
        let problems = setting.problems();
        problems.for_each(|problem| self.is_inside &= problem.offset() < self.bytes.len());
        for endpoint in setting.endpoints() {
            self.saw_raw(endpoint.raw());
            endpoint.extra().for_each(|raw| self.saw_raw(raw));
            self.endpoint(endpoint);
        }
    }

    fn endpoint(&mut self, endpoint: Endpoint<'a>) {
        for speed in SPEEDS {
            let period_us = endpoint.period_us(speed).unwrap_or(125);
            self.is_inside &= (125..=32_768_000).contains(&period_us);
            core::hint::black_box(endpoint.bytes_per_interval(speed));
        }
        self.is_inside &= (1..=16).contains(&endpoint.packets_per_burst());
        self.is_inside &= (1..=3).contains(&endpoint.packets_per_microframe());
        self.is_inside &= endpoint.max_streams() <= 65536;
        core::hint::black_box((endpoint.refresh(), endpoint.synch_address()));
        core::hint::black_box((endpoint.synchronization(), endpoint.usage()));
        core::hint::black_box((endpoint.pipe_usage(), endpoint.eusb2_companion()));
    }

    fn store(&mut self) {
        let Ok(bos) = Bos::parse(self.bytes) else {
            return;
        };
        for raw in bos.descriptors().flatten() {
            self.saw_raw(raw);
        }
        for capability in bos.capabilities() {
            self.capability(capability);
        }
        let problems = bos.problems();
        problems.for_each(|problem| self.is_inside &= problem.offset() < self.bytes.len());
    }

    fn capability(&mut self, capability: Capability<'a>) {
        match capability {
            Capability::Container(container) => self.saw(container.uuid()),
            Capability::Platform(platform) => {
                self.saw(platform.uuid());
                self.saw(platform.data());
            }
            Capability::SuperSpeedPlus(plus) => {
                self.is_inside &= plus.sublink_speeds().count() <= 32;
                for speed in plus.sublink_speeds() {
                    core::hint::black_box(speed.bits_per_second());
                }
            }
            Capability::Usb2Extension(extension) => {
                core::hint::black_box((extension.baseline_besl(), extension.deep_besl()));
            }
            other => {
                core::hint::black_box(other);
            }
        }
    }

    fn single(&mut self) {
        let bytes = self.bytes;
        let Ok(raw) = Raw::first(bytes) else {
            return;
        };
        self.saw_raw(raw);
        if let Ok(device) = Device::new(raw) {
            core::hint::black_box(SPEEDS.map(|speed| device.control_max_packet(speed)));
        }
        if let Ok(qualifier) = DeviceQualifier::new(raw) {
            core::hint::black_box(SPEEDS.map(|speed| qualifier.control_max_packet(speed)));
        }
        if let Ok(endpoint) = Endpoint::new(raw) {
            self.endpoint(endpoint);
        }
        if let Ok(capability) = Capability::new(raw) {
            self.capability(capability);
        }
        self.class(raw);
        self.cdc(raw);
        self.string(raw);
    }

    fn class(&mut self, raw: Raw<'a>) {
        if let Ok(specific) = ClassSpecific::new(raw) {
            self.saw(specific.data());
        }
        if let Ok(hid) = Hid::new(raw) {
            let (declared, found) = (hid.declared_descriptors(), hid.descriptors().count());
            self.items += found;
            let is_whole = found == usize::from(declared) && hid.report_length().is_some();
            self.is_inside &= is_whole || hid.check().is_err();
        }
        if let Ok(dfu) = DfuFunctional::new(raw) {
            core::hint::black_box((dfu.release(), dfu.transfer_size()));
        }
    }

    fn cdc(&mut self, raw: Raw<'a>) {
        let Ok(function) = CdcFunction::new(core::iter::once(raw)) else {
            self.is_inside = false;
            return;
        };
        let checked = CdcFunction::checked(Descriptors::new(raw.bytes()));
        self.is_inside &= checked.is_err() || checked == Ok(function);
        if let Some(union) = function.union {
            self.saw(union.subordinate_interfaces());
            self.is_inside &= !union.subordinate_interfaces().is_empty();
        }
        if let Some(detail) = function.mdlm_detail {
            self.saw(detail.data());
        }
        if let Some(mdlm) = function.mdlm {
            self.saw(mdlm.guid());
        }
        if let Some(country) = function.country {
            self.items += country.codes().count();
        }
    }

    fn string(&mut self, raw: Raw<'a>) {
        let Ok(string) = String::new(raw) else {
            return;
        };
        let mut buffer = [0; 3 * MAX_STRING_UNITS];
        let length = string.to_utf8(&mut buffer).chars().count();
        self.is_inside &= length == string.chars().count() && length <= MAX_STRING_UNITS;
        let units = string.chars().map(char::len_utf16).sum::<usize>();
        self.is_inside &= string.check().is_err() || 2 * units == string.raw().data().len();
        self.items += string.languages().count();
    }

    /// As the core hands it over: nobody has looked at its length.
    fn answer(&mut self) {
        let is_string = matches!(*self.bytes, [length, 3, ..] if length >= 2);
        match DeviceString::from_descriptor(self.bytes) {
            Ok(text) => {
                self.is_inside &= is_string && !text.contains('\0');
                self.is_inside &= text.chars().count() <= MAX_STRING_UNITS;
            }
            Err(error) => self.is_inside &= !is_string && error == ENODATA,
        }
    }
}
