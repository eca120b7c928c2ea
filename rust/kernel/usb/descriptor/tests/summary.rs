// SPDX-License-Identifier: GPL-2.0

//! The devices as they are: every part is found, and nothing is wrong but what really is.

use super::{
    super::{
        AltSetting,
        Bos,
        Configuration,
        Device,
        Endpoint,
        Error,
        ErrorKind,
        InterfaceAssociation, //
    },
    corpus::{
        Part,
        Sample, //
    },
};
use crate::{
    prelude::{
        kunit_tests,
        pr_err, //
    },
    usb::Speed, //
};

/// Who is told of each part. Not an iterator: its name would be longer than modpost allows.
type Visitor<'v> = &'v mut dyn FnMut(Part);

fn visit(configuration: Configuration<'_>, speed: Speed, visitor: Visitor<'_>) {
    visitor(Part::Conf(
        configuration.value(),
        configuration.interfaces().count(),
        configuration.max_power_ma(speed),
        configuration.extra().count(),
    ));
    for association in configuration.associations() {
        visitor(part_of_association(association));
    }
    for setting in configuration.altsettings() {
        visit_altsetting(setting, visitor);
    }
}

fn part_of_association(association: InterfaceAssociation<'_>) -> Part {
    Part::Assoc(
        association.first_interface(),
        association.interface_count(),
        association.class(),
    )
}

fn visit_altsetting(setting: AltSetting<'_>, visitor: Visitor<'_>) {
    visitor(Part::Alt(
        setting.number(),
        setting.setting(),
        setting.class(),
        setting.extra().count(),
    ));
    for endpoint in setting.endpoints() {
        visit_endpoint(endpoint, visitor);
    }
}

fn visit_endpoint(endpoint: Endpoint<'_>, visitor: Visitor<'_>) {
    visitor(Part::End(
        endpoint.address(),
        endpoint.kind().as_raw(),
        endpoint.max_packet(),
        endpoint.packets_per_microframe(),
        endpoint.extra().count(),
    ));
    if let Some(companion) = endpoint.superspeed_companion() {
        let plus = endpoint.superspeed_plus_companion();
        let bytes = plus.map(|plus| plus.bytes_per_interval());
        let bytes = bytes.unwrap_or(companion.bytes_per_interval().into());
        let (burst, streams) = (endpoint.packets_per_burst(), endpoint.max_streams());
        visitor(Part::Comp(burst, streams, bytes));
    }
}

/// Whether the sample's configurations are made of the parts it says.
fn is_as_expected(sample: &Sample) -> bool {
    let mut expected = sample.expected.iter();
    let mut is_right = true;
    for bytes in sample.configurations {
        let Ok(configuration) = Configuration::parse(bytes) else {
            continue;
        };
        visit(configuration, sample.speed, &mut |found| {
            let expected = expected.next();
            if expected != Some(&found) {
                pr_err!("{}: {expected:?} expected, not {found:?}\n", sample.name);
                is_right = false;
            }
        });
    }
    is_right && expected.next().is_none()
}

/// What is wrong with devices that exist and work: the device, where, and what.
const FLAWS: &[(&str, usize, ErrorKind)] = &[
    // It has no interface 2, but counts on.
    (
        "mobile broadband, Sierra 1199:90d3",
        144,
        ErrorKind::InterfaceNumber,
    ),
];

/// Whether what is wrong with the sample is what is known.
fn has_known_flaws(sample: &Sample) -> bool {
    let flaws = FLAWS.iter().filter(|flaw| flaw.0 == sample.name);
    let mut expected = flaws.map(|flaw| (flaw.1, flaw.2));
    let mut is_right = true;
    for bytes in sample.configurations {
        let Ok(configuration) = Configuration::parse(bytes) else {
            return false;
        };
        for error in configuration.problems() {
            if expected.next() != Some((error.offset(), error.kind())) {
                pr_err!("{}: {error:?} not expected\n", sample.name);
                is_right = false;
            }
        }
    }
    is_right && expected.next().is_none()
}

/// Whether each altsetting alone has no flaw either, as none of `FLAWS` is of one alone.
fn altsettings_are_clean(sample: &Sample) -> bool {
    sample.configurations.iter().all(|bytes| {
        let configuration = Configuration::parse(bytes);
        configuration.is_ok_and(|configuration| {
            let mut settings = configuration.altsettings();
            settings.all(|setting| setting.check().is_ok())
        })
    })
}

fn store_is_clean(sample: &Sample) -> bool {
    let store = Bos::parse(sample.bos).and_then(|store| store.check());
    sample.bos.is_empty() || store.is_ok()
}

/// The device at its speed, and its vendor.
fn device_is_usable(sample: &Sample, is_vendor: fn(u16) -> bool) -> Result<bool, Error> {
    let device = Device::parse(sample.device)?;
    let packet = device.control_max_packet(sample.speed);
    Ok(packet.is_some() && is_vendor(device.vendor_id()) && device.usb_release() >= 0x0100)
}

fn product(sample: &Sample) -> Option<(u16, u16)> {
    let device = Device::parse(sample.device).ok()?;
    Some((device.vendor_id(), device.product_id()))
}

#[kunit_tests(rust_usb_descriptor_devices)]
mod tests {
    use super::{
        super::{
            super::{
                String,
                MAX_STRING_UNITS, //
            },
            corpus::{
                all,
                recorded,
                strings,
                written,
                CONTROL, //
            }, //
        },
        *, //
    };

    #[test]
    fn every_device_has_the_expected_parts() {
        for sample in all() {
            assert!(is_as_expected(sample));
        }
    }

    #[test]
    fn devices_have_no_problems_but_known_ones() {
        for sample in all() {
            assert!(has_known_flaws(sample));
            assert!(altsettings_are_clean(sample));
            assert!(store_is_clean(sample));
        }
    }

    #[test]
    fn every_device_descriptor_fits_its_speed() {
        for sample in written() {
            assert_eq!(
                device_is_usable(sample, |vendor| vendor == 0x1209),
                Ok(true)
            );
        }
        for sample in recorded() {
            assert_eq!(
                device_is_usable(sample, |vendor| vendor != 0x1209),
                Ok(true)
            );
        }
    }

    #[test]
    fn there_are_devices_of_many_kinds() {
        let kinds = |wanted: fn(&Part) -> bool| {
            let mut count = 0;
            for sample in all() {
                for part in sample.expected {
                    count += usize::from(wanted(part));
                }
            }
            count
        };
        assert!(written().count() >= 30);
        assert!(kinds(|part| matches!(part, Part::Comp(_, 32, _))) >= 3);
        assert!(kinds(|part| matches!(part, Part::End(_, _, 1024, 3, _))) >= 2);
        assert_eq!(kinds(|part| matches!(part, Part::End(_, CONTROL, ..))), 0);
    }

    #[test]
    fn no_device_is_recorded_twice() {
        assert!(recorded().count() >= 36);
        for (index, sample) in recorded().enumerate() {
            let mut others = recorded().take(index);
            assert!(others.all(|other| product(other) != product(sample)));
        }
    }

    #[test]
    fn strings_say_what_they_say() -> Result<(), Error> {
        for (bytes, text) in strings::WHOLE.iter().copied() {
            let string = String::parse(bytes)?;
            string.check()?;
            let mut buffer = [0; 3 * MAX_STRING_UNITS];
            assert_eq!(string.to_utf8(&mut buffer), text);
        }
        Ok(())
    }
}
