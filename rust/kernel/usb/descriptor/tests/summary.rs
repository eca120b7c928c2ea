// SPDX-License-Identifier: GPL-2.0

//! The devices as they are: every part is found, and nothing is wrong.

use super::{
    super::{
        AltSetting,
        Bos,
        Configuration,
        Device,
        Endpoint,
        Error,
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

/// Whether there is nothing wrong with the sample.
fn is_clean(sample: &Sample) -> bool {
    let configurations = sample.configurations.iter();
    let mut checks = configurations.map(|bytes| Configuration::parse(bytes)?.check());
    let result = checks.try_for_each(|check| check).and_then(|()| {
        Device::parse(sample.device)?;
        if sample.bos.is_empty() {
            return Ok(());
        }
        Bos::parse(sample.bos)?.check()
    });
    if let Err(error) = result {
        pr_err!("{}: {error:?}\n", sample.name);
    }
    result.is_ok()
}

/// The device at its speed.
fn device_is_usable(sample: &Sample) -> Result<bool, Error> {
    let device = Device::parse(sample.device)?;
    let packet = device.control_max_packet(sample.speed);
    Ok(packet.is_some() && device.vendor_id() == 0x1209 && device.usb_release() >= 0x0110)
}

#[kunit_tests(rust_usb_descriptor_devices)]
mod tests {
    use super::{
        super::corpus::{
            all,
            CONTROL, //
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
    fn no_device_has_problems() {
        for sample in all() {
            assert!(is_clean(sample));
        }
    }

    #[test]
    fn every_device_descriptor_fits_its_speed() {
        for sample in all() {
            assert_eq!(device_is_usable(sample), Ok(true));
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
        assert!(all().count() >= 30);
        assert!(kinds(|part| matches!(part, Part::Comp(_, 32, _))) >= 3);
        assert!(kinds(|part| matches!(part, Part::End(_, _, 1024, 3, _))) >= 2);
        assert_eq!(kinds(|part| matches!(part, Part::End(_, CONTROL, ..))), 0);
    }
}
