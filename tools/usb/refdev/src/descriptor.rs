// SPDX-License-Identifier: GPL-2.0

//! Descriptors as bytes (USB 2.0 section 9.6, USB 3.2 section 9.6).

use crate::description::{Alternate, Configuration, Description, Endpoint, UsbString};
use crate::speed::Speed;

/// Descriptor types that GET_DESCRIPTOR can ask for (`bDescriptorType`).
pub mod kind {
    /// Device.
    pub const DEVICE: u8 = 1;
    /// Configuration, with all that belongs to it.
    pub const CONFIGURATION: u8 = 2;
    /// String.
    pub const STRING: u8 = 3;
    /// Interface.
    pub const INTERFACE: u8 = 4;
    /// Endpoint.
    pub const ENDPOINT: u8 = 5;
    /// Device qualifier.
    pub const DEVICE_QUALIFIER: u8 = 6;
    /// Configuration at the other speed.
    pub const OTHER_SPEED_CONFIGURATION: u8 = 7;
    /// Binary device object store.
    pub const BOS: u8 = 15;
    /// Device capability, inside the BOS.
    pub const DEVICE_CAPABILITY: u8 = 16;
    /// SuperSpeed endpoint companion.
    pub const SS_ENDPOINT_COMPANION: u8 = 48;
}

/// US English, the language of the strings if nothing else is said.
pub const LANGUAGE: u16 = 0x0409;

/// Bit 7 of a configuration's attributes is reserved and must be set.
const ATTRIBUTES_RESERVED_ONE: u8 = 0x80;

/// Worst exit latencies that the device claims for the low-power link states.
const U1_EXIT_US: u8 = 1;
const U2_EXIT_US: u16 = 500;

impl Description {
    /// The device descriptor.
    pub fn device_descriptor(&self, speed: Speed) -> Vec<u8> {
        let (release, packet) = match speed {
            Speed::Full | Speed::High => (0x0200u16, 64),
            // The packet size of endpoint 0 is an exponent at SuperSpeed.
            Speed::Super => (0x0300, 9),
        };
        let class = self.class;
        let mut raw = vec![18, kind::DEVICE];
        raw.extend(release.to_le_bytes());
        raw.extend([class.class, class.subclass, class.protocol, packet]);
        for word in [self.vendor, self.product, self.release] {
            raw.extend(word.to_le_bytes());
        }
        raw.extend([1, 2, 3].map(|index| self.string_index(index)));
        raw.push(self.configurations.len() as u8);
        raw
    }

    /// The device qualifier; SuperSpeed has none.
    pub fn device_qualifier(&self, speed: Speed) -> Option<Vec<u8>> {
        let other = speed.other()?;
        // The same fields without the ids and the strings.
        let device = self.device_descriptor(other);
        let mut raw = vec![10, kind::DEVICE_QUALIFIER];
        raw.extend(&device[2..8]);
        raw.extend([device[17], 0]);
        Some(raw)
    }

    /// A configuration by its position, with interfaces and endpoints.
    pub fn configuration_descriptor(&self, index: u8, speed: Speed) -> Option<Vec<u8>> {
        let configuration = self.configurations.get(usize::from(index))?;
        Some(configuration_bytes(
            configuration,
            kind::CONFIGURATION,
            speed,
        ))
    }

    /// A configuration as it would be at the other speed; SuperSpeed has none.
    pub fn other_speed_descriptor(&self, index: u8, speed: Speed) -> Option<Vec<u8>> {
        let configuration = self.configurations.get(usize::from(index))?;
        Some(configuration_bytes(
            configuration,
            kind::OTHER_SPEED_CONFIGURATION,
            speed.other()?,
        ))
    }

    /// The binary device object store, which only SuperSpeed asks for.
    pub fn bos_descriptor(&self, speed: Speed) -> Option<Vec<u8>> {
        if speed != Speed::Super {
            return None;
        }
        // USB 2.0 extension: link power management, as SuperSpeed devices must say.
        let usb2 = [7, kind::DEVICE_CAPABILITY, 2, 0x02, 0, 0, 0];
        let [u2_low, u2_high] = U2_EXIT_US.to_le_bytes();
        // SuperSpeed: full, high and super speed; all functions at full speed and above.
        let ss = [
            10,
            kind::DEVICE_CAPABILITY,
            3,
            0,
            0x0e,
            0,
            1,
            U1_EXIT_US,
            u2_low,
            u2_high,
        ];
        let total = (5 + usb2.len() + ss.len()) as u8;
        let mut raw = vec![5, kind::BOS, total, 0, 2];
        raw.extend(usb2);
        raw.extend(ss);
        Some(raw)
    }

    /// A string descriptor; index 0 lists the languages.
    pub fn string_descriptor(&self, index: u8, language: u16) -> Option<Vec<u8>> {
        if index == 0 {
            return Some(string_bytes(&[self.language]));
        }
        let text = self.string(index).filter(|_| language == self.language)?;
        Some(string_bytes(text.units()))
    }

    fn string(&self, index: u8) -> Option<&UsbString> {
        self.strings.get(usize::from(index).checked_sub(1)?)
    }

    /// The index itself if there is such a string, else 0.
    fn string_index(&self, index: u8) -> u8 {
        self.string(index).map_or(0, |_| index)
    }
}

fn string_bytes(units: &[u16]) -> Vec<u8> {
    let mut raw = vec![0, kind::STRING];
    raw.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    raw[0] = raw.len() as u8;
    raw
}

fn configuration_bytes(configuration: &Configuration, kind: u8, speed: Speed) -> Vec<u8> {
    // Unit of bMaxPower in milliamperes.
    let power_unit = if speed == Speed::Super { 8 } else { 2 };
    let interfaces = configuration.interfaces.len() as u8;
    let power = (configuration.power_ma / power_unit).min(255) as u8;
    let mut raw = vec![
        9,
        kind,
        0,
        0,
        interfaces,
        configuration.value,
        configuration.name,
        ATTRIBUTES_RESERVED_ONE,
        power,
    ];
    for (number, alternates) in configuration.interfaces.iter().enumerate() {
        for (setting, alternate) in alternates.iter().enumerate() {
            push_interface(&mut raw, number as u8, setting as u8, alternate, speed);
        }
    }
    let total = raw.len() as u16;
    raw[2..4].copy_from_slice(&total.to_le_bytes());
    raw
}

fn push_interface(raw: &mut Vec<u8>, number: u8, setting: u8, alternate: &Alternate, speed: Speed) {
    let class = alternate.class;
    raw.extend([
        9,
        kind::INTERFACE,
        number,
        setting,
        alternate.endpoints.len() as u8,
    ]);
    raw.extend([class.class, class.subclass, class.protocol, alternate.name]);
    for endpoint in &alternate.endpoints {
        push_endpoint(raw, endpoint, speed);
    }
}

fn push_endpoint(raw: &mut Vec<u8>, endpoint: &Endpoint, speed: Speed) {
    let Endpoint { address, transfer } = endpoint;
    let packet = transfer.max_packet(speed);
    raw.extend([7, kind::ENDPOINT, address.raw(), transfer.code()]);
    raw.extend(packet.to_le_bytes());
    raw.push(transfer.interval(speed));
    if speed == Speed::Super {
        // One packet a burst. Periodic endpoints say how much that is a period.
        let per_period = if transfer.interval(speed) == 0 {
            0
        } else {
            packet
        };
        let streams = transfer.streams_exponent(speed);
        raw.extend([6, kind::SS_ENDPOINT_COMPANION, 0, streams]);
        raw.extend(per_period.to_le_bytes());
    }
}

#[cfg(test)]
mod tests;
