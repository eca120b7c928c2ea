// SPDX-License-Identifier: GPL-2.0
//! What is behind a node.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::uapi;

/// Signalling rate of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speed {
    /// Not known, or not known to this program.
    Unknown,
    /// 1.5 Mbit/s.
    Low,
    /// 12 Mbit/s.
    Full,
    /// 480 Mbit/s.
    High,
    /// Wireless USB.
    Wireless,
    /// 5 Gbit/s.
    Super,
    /// 10 Gbit/s and up.
    SuperPlus,
}

impl Speed {
    fn from_raw(raw: u8) -> Self {
        match uapi::usbpipe_speed::from(raw) {
            uapi::USBPIPE_SPEED_LOW => Speed::Low,
            uapi::USBPIPE_SPEED_FULL => Speed::Full,
            uapi::USBPIPE_SPEED_HIGH => Speed::High,
            uapi::USBPIPE_SPEED_WIRELESS => Speed::Wireless,
            uapi::USBPIPE_SPEED_SUPER => Speed::Super,
            uapi::USBPIPE_SPEED_SUPER_PLUS => Speed::SuperPlus,
            _ => Speed::Unknown,
        }
    }

    /// Whether time is counted in microframes of 125 us instead of frames of 1 ms.
    fn has_microframes(self) -> bool {
        matches!(self, Speed::High | Speed::Super | Speed::SuperPlus)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Speed::Unknown => "unknown speed",
            Speed::Low => "low speed, 1.5 Mbit/s",
            Speed::Full => "full speed, 12 Mbit/s",
            Speed::High => "high speed, 480 Mbit/s",
            Speed::Wireless => "wireless",
            Speed::Super => "SuperSpeed, 5 Gbit/s",
            Speed::SuperPlus => "SuperSpeed Plus, 10 Gbit/s and up",
        })
    }
}

/// How an endpoint moves data: bmAttributes bits 1:0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TransferType {
    /// Requests with an answer.
    Control,
    /// A share of the bus at fixed times, without repeats.
    Isochronous,
    /// As fast as the bus is free.
    Bulk,
    /// Small messages at bounded delay.
    Interrupt,
}

impl TransferType {
    fn from_raw(raw: u8) -> Self {
        match uapi::usbpipe_transfer_type::from(raw & 3) {
            uapi::USBPIPE_TRANSFER_ISOCHRONOUS => TransferType::Isochronous,
            uapi::USBPIPE_TRANSFER_BULK => TransferType::Bulk,
            uapi::USBPIPE_TRANSFER_INTERRUPT => TransferType::Interrupt,
            _ => TransferType::Control,
        }
    }

    /// Name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            TransferType::Control => "control",
            TransferType::Isochronous => "isochronous",
            TransferType::Bulk => "bulk",
            TransferType::Interrupt => "interrupt",
        }
    }
}

/// Direction of an endpoint, seen from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the host to the device.
    Out,
    /// From the device to the host.
    In,
}

/// Address of an endpoint: number and direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub u8);

impl Address {
    /// Direction, from bit 7.
    pub fn direction(self) -> Direction {
        match self.0 & 0x80 {
            0 => Direction::Out,
            _ => Direction::In,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A release number in binary coded decimal: `0x0210` is 2.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release(pub u16);

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:02x}", self.0 >> 8, self.0 & 0xff)
    }
}

impl Serialize for Release {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Vendor and product of a device: displays as `1209:0001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id {
    /// Vendor.
    #[doc(alias = "idVendor")]
    pub vendor: u16,
    /// Product.
    #[doc(alias = "idProduct")]
    pub product: u16,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.product)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An endpoint of the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Number and direction.
    #[doc(alias = "bEndpointAddress")]
    pub address: Address,
    /// Transfer type.
    #[doc(alias = "bmAttributes")]
    pub transfer_type: TransferType,
    /// Largest packet in bytes.
    #[doc(alias = "wMaxPacketSize")]
    pub max_packet: u16,
    /// Packets per microframe.
    pub packets_per_microframe: u8,
    /// Packets per burst; 1 below SuperSpeed.
    #[doc(alias = "bMaxBurst")]
    pub packets_per_burst: u16,
    /// Time between two services of an interrupt or isochronous endpoint.
    #[doc(alias = "bInterval")]
    pub period: Option<Duration>,
}

impl Endpoint {
    fn from_raw(raw: &uapi::usbpipe_endpoint, speed: Speed) -> Self {
        let transfer_type = TransferType::from_raw(raw.type_);
        Endpoint {
            address: Address(raw.address),
            transfer_type,
            max_packet: raw.max_packet,
            packets_per_microframe: raw.mult.max(1),
            packets_per_burst: u16::from(raw.max_burst) + 1,
            period: period(transfer_type, speed, raw.interval),
        }
    }
}

/// Meaning of bInterval (USB 2.0, table 9-13): a power of two of (micro)frames, except for an
/// interrupt endpoint at low and full speed, where it is a number of frames.
fn period(transfer_type: TransferType, speed: Speed, interval: u8) -> Option<Duration> {
    let frame = match speed.has_microframes() {
        true => Duration::from_micros(125),
        false => Duration::from_millis(1),
    };
    let is_power = match transfer_type {
        TransferType::Isochronous => true,
        TransferType::Interrupt => speed.has_microframes(),
        TransferType::Bulk | TransferType::Control => return None,
    };
    match interval {
        0 => None,
        n if !is_power => Some(frame * u32::from(n)),
        n => Some(frame * (1 << u32::from(n - 1).min(15))),
    }
}

/// Everything a node tells about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    /// Vendor and product.
    pub id: Id,
    /// `USBPIPE_CAP_*` bits.
    pub capabilities: u64,
    /// Release of the device.
    #[doc(alias = "bcdDevice")]
    pub device_release: Release,
    /// Release of USB that the device follows.
    #[doc(alias = "bcdUSB")]
    pub usb_release: Release,
    /// Number of the bus.
    pub bus: u16,
    /// Address on the bus.
    pub device: u16,
    /// Signalling rate.
    pub speed: Speed,
    /// Number of the interface.
    #[doc(alias = "bInterfaceNumber")]
    pub interface: u8,
    /// Altsetting in use.
    #[doc(alias = "bAlternateSetting")]
    pub altsetting: u8,
    /// Class, subclass and protocol.
    #[doc(alias = "bInterfaceClass")]
    pub class: [u8; 3],
    /// Where read() takes its data from.
    pub read_endpoint: Option<Address>,
    /// Where write() sends its data to.
    pub write_endpoint: Option<Address>,
    /// Endpoints in the order of their descriptors.
    pub endpoints: Vec<Endpoint>,
}

impl Info {
    pub(crate) fn from_raw(raw: &uapi::usbpipe_info) -> Self {
        let speed = Speed::from_raw(raw.speed);
        let count = usize::from(raw.num_endpoints).min(raw.endpoints.len());
        let endpoints = raw.endpoints[..count].iter();
        Info {
            id: Id {
                vendor: raw.vendor,
                product: raw.product,
            },
            capabilities: raw.capabilities,
            device_release: Release(raw.device_release),
            usb_release: Release(raw.usb_release),
            bus: raw.bus,
            device: raw.device,
            speed,
            interface: raw.interface_number,
            altsetting: raw.altsetting,
            class: [
                raw.interface_class,
                raw.interface_subclass,
                raw.interface_protocol,
            ],
            read_endpoint: present(raw.read_endpoint),
            write_endpoint: present(raw.write_endpoint),
            endpoints: endpoints
                .map(|endpoint| Endpoint::from_raw(endpoint, speed))
                .collect(),
        }
    }
}

fn present(address: u8) -> Option<Address> {
    (address != 0).then_some(Address(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        use Speed::{Full, High, Low, Super};
        use TransferType::{Bulk, Interrupt, Isochronous};
        for (transfer_type, speed, interval, micros) in [
            (Interrupt, Low, 10, Some(10_000)),
            (Interrupt, Full, 255, Some(255_000)),
            (Interrupt, High, 1, Some(125)),
            (Interrupt, High, 7, Some(8_000)),
            (Interrupt, Super, 16, Some(4_096_000)),
            (Interrupt, Super, 255, Some(4_096_000)),
            (Isochronous, Full, 1, Some(1_000)),
            (Isochronous, Full, 4, Some(8_000)),
            (Isochronous, High, 4, Some(1_000)),
            (Interrupt, High, 0, None),
            (Bulk, High, 5, None),
        ] {
            let found = period(transfer_type, speed, interval);
            assert_eq!(
                found,
                micros.map(Duration::from_micros),
                "{transfer_type:?} {speed:?}"
            );
        }
    }

    #[test]
    fn a_count_past_the_table_is_cut() {
        let raw = uapi::usbpipe_info {
            num_endpoints: 255,
            ..Default::default()
        };
        assert_eq!(Info::from_raw(&raw).endpoints.len(), 30);
    }

    #[test]
    fn numbers_nobody_knows_yet() {
        assert_eq!(Speed::from_raw(0), Speed::Unknown);
        assert_eq!(Speed::from_raw(7), Speed::Unknown);
        assert_eq!(TransferType::from_raw(0xfe), TransferType::Bulk);
    }

    #[test]
    fn layout_is_the_same_everywhere() {
        assert_eq!(size_of::<uapi::usbpipe_endpoint>(), 8);
        assert_eq!(size_of::<uapi::usbpipe_info>(), 272);
        assert_eq!(size_of::<uapi::usbpipe_control>(), 32);
    }
}
