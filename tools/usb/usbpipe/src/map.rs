// SPDX-License-Identifier: GPL-2.0
//! A node's description as text, and as JSON.

use std::fmt;
use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::info::{Direction, Endpoint, Info};

impl fmt::Display for Info {
    /// Lines of `label  value`, then one line for each endpoint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [class, subclass, protocol] = self.class;
        writeln!(
            f,
            "  id          {}, release {}",
            self.id, self.device_release
        )?;
        writeln!(
            f,
            "  connection  {}, bus {}, device {}",
            self.speed, self.bus, self.device
        )?;
        writeln!(f, "  protocol    USB {}", self.usb_release)?;
        writeln!(
            f,
            "  interface   {}, altsetting {}, class {class:02x}/{subclass:02x}/{protocol:02x}",
            self.interface, self.altsetting
        )?;
        writeln!(f, "  endpoints   {}", self.endpoints.len())?;
        self.endpoints
            .iter()
            .try_for_each(|endpoint| writeln!(f, "    {}", self.line(endpoint)))
    }
}

impl Info {
    fn line(&self, endpoint: &Endpoint) -> String {
        let direction = match endpoint.address.direction() {
            Direction::Out => "OUT",
            Direction::In => "IN",
        };
        let line = format!(
            "{}  {direction:<3}  {:<11}  {:<22}  {:<13}  {}",
            endpoint.address,
            endpoint.transfer_type.name(),
            packets(endpoint),
            endpoint.period.map(every).unwrap_or_default(),
            self.used_by(endpoint),
        );
        line.trim_end().to_owned()
    }

    fn used_by(&self, endpoint: &Endpoint) -> &'static str {
        match Some(endpoint.address) {
            address if address == self.read_endpoint => "read()",
            address if address == self.write_endpoint => "write()",
            _ => "",
        }
    }
}

fn packets(endpoint: &Endpoint) -> String {
    let times = match endpoint.packets_per_microframe {
        0 | 1 => String::new(),
        n => format!("{n} x "),
    };
    let burst = match endpoint.packets_per_burst {
        0 | 1 => String::new(),
        n => format!(", burst {n}"),
    };
    format!("{times}{} bytes{burst}", endpoint.max_packet)
}

fn every(period: Duration) -> String {
    match period.as_micros() {
        micros if micros % 1000 == 0 => format!("every {} ms", micros / 1000),
        micros => format!("every {micros} us"),
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Endpoint", 7)?;
        object.serialize_field("address", &self.address)?;
        object.serialize_field("direction", &self.address.direction())?;
        object.serialize_field("type", &self.transfer_type)?;
        object.serialize_field("max_packet", &self.max_packet)?;
        object.serialize_field("packets_per_microframe", &self.packets_per_microframe)?;
        object.serialize_field("packets_per_burst", &self.packets_per_burst)?;
        object.serialize_field(
            "period_us",
            &self.period.map(|time| time.as_micros() as u64),
        )?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uapi::{usbpipe_endpoint, usbpipe_info};

    fn endpoint(address: u8, type_: u8, max_packet: u16, interval: u8) -> usbpipe_endpoint {
        usbpipe_endpoint {
            address,
            type_,
            max_packet,
            interval,
            mult: 1,
            ..Default::default()
        }
    }

    fn info(speed: u8, list: &[usbpipe_endpoint]) -> Info {
        let mut raw = usbpipe_info {
            vendor: 0x1209,
            product: 0x0001,
            device_release: 0x0100,
            usb_release: 0x0210,
            bus: 1,
            device: 2,
            speed,
            interface_class: 0xff,
            read_endpoint: 0x81,
            write_endpoint: 0x01,
            num_endpoints: list.len() as u8,
            ..Default::default()
        };
        raw.endpoints[..list.len()].copy_from_slice(list);
        Info::from_raw(&raw)
    }

    #[test]
    fn reference_device_at_high_speed() {
        let list = [
            endpoint(0x01, 2, 512, 0),
            endpoint(0x81, 2, 512, 0),
            endpoint(0x82, 3, 64, 7),
        ];
        assert_eq!(
            info(3, &list).to_string(),
            "  id          1209:0001, release 1.00\n\
             \x20 connection  high speed, 480 Mbit/s, bus 1, device 2\n\
             \x20 protocol    USB 2.10\n\
             \x20 interface   0, altsetting 0, class ff/00/00\n\
             \x20 endpoints   3\n\
             \x20   0x01  OUT  bulk         512 bytes                              write()\n\
             \x20   0x81  IN   bulk         512 bytes                              read()\n\
             \x20   0x82  IN   interrupt    64 bytes                every 8 ms\n"
        );
    }

    #[test]
    fn bursts_and_high_bandwidth() {
        let burst = usbpipe_endpoint {
            max_burst: 15,
            ..endpoint(0x81, 2, 1024, 0)
        };
        let iso = usbpipe_endpoint {
            mult: 3,
            ..endpoint(0x83, 1, 1024, 1)
        };
        let text = info(5, &[burst, iso]).to_string();
        let lines: Vec<_> = text.lines().skip(5).collect();
        assert_eq!(
            lines,
            [
                "    0x81  IN   bulk         1024 bytes, burst 16                   read()",
                "    0x83  IN   isochronous  3 x 1024 bytes          every 125 us",
            ]
        );
    }

    #[test]
    fn no_endpoint_at_all() {
        let text = info(2, &[]).to_string();
        assert!(text.ends_with("  endpoints   0\n"), "{text}");
        assert!(text.contains("full speed, 12 Mbit/s"), "{text}");
    }

    #[test]
    fn json_names_and_values() {
        let json = serde_json::to_value(info(3, &[endpoint(0x82, 3, 64, 7)])).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "id": "1209:0001", "capabilities": 0, "device_release": "1.00",
                "usb_release": "2.10", "bus": 1, "device": 2, "speed": "high",
                "interface": 0, "altsetting": 0, "class": [255, 0, 0],
                "read_endpoint": "0x81", "write_endpoint": "0x01",
                "endpoints": [{
                    "address": "0x82", "direction": "in", "type": "interrupt", "max_packet": 64,
                    "packets_per_microframe": 1, "packets_per_burst": 1, "period_us": 8000,
                }],
            })
        );
    }
}
