// SPDX-License-Identifier: GPL-2.0

//! What QEMU gets. Lengths depend on the agreed capabilities, and QEMU insists on them.

use std::fmt;

use refdev::description::{Class, Configuration, Description, Endpoint};
use refdev::{Address, Device, EndpointSet, Setup, Speed};

use crate::message::VERSION_SIZE;
use crate::wire::{Caps, Header, Status, kind};

/// Type of an isochronous endpoint.
pub(crate) const ISOCHRONOUS: u8 = 1;
/// Type of an interrupt endpoint.
pub(crate) const INTERRUPT: u8 = 3;
/// Type of an endpoint that does not exist.
const NO_ENDPOINT: u8 = 255;

/// Shows in QEMU's log.
const VERSION: &str = concat!("usbpipe refdevd ", env!("CARGO_PKG_VERSION"));

/// Interfaces of the current configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// Class of each, by number.
    pub classes: Vec<Class>,
}

/// What is said of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointInfo {
    /// Transfer type as in `bmAttributes`.
    pub kind: u8,
    /// `bInterval`.
    pub interval: u8,
    /// Interface that it belongs to.
    pub interface: u8,
    /// `wMaxPacketSize`.
    pub max_packet: u16,
    /// Bulk streams, 0 if there are none.
    pub max_streams: u32,
}

/// Endpoints of the current settings, at [`Address::index`].
pub type EndpointTable = [Option<EndpointInfo>; Address::COUNT];

/// What a message says, without its id. Data goes behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// What we can do.
    Hello,
    /// The device is there.
    DeviceConnect {
        /// How fast it is.
        speed: Speed,
        /// What it is.
        class: Class,
        /// `idVendor`.
        vendor: u16,
        /// `idProduct`.
        product: u16,
        /// `bcdDevice`.
        release: u16,
    },
    /// Its interfaces.
    InterfaceInfo(InterfaceInfo),
    /// Its endpoints.
    EpInfo(Box<EndpointTable>),
    /// Its configuration.
    ConfigurationStatus(Status, u8),
    /// An alternate setting.
    AlternateStatus {
        /// How the request ended.
        status: Status,
        /// Of this interface.
        interface: u8,
        /// This one.
        alternate: u8,
    },
    /// Data of an isochronous IN endpoint.
    Iso(PacketEnd),
    /// State of isochronous transfers.
    IsoStatus(Status, Address),
    /// State of interrupt polling.
    InterruptStatus(Status, Address),
    /// Whether these endpoints have so many streams now.
    StreamsStatus(Status, EndpointSet, u32),
    /// End of a control transfer. The length in the setup packet is that of the data.
    Control(Status, Setup),
    /// End of a bulk transfer.
    Bulk(PacketEnd),
    /// End of an interrupt OUT transfer, or data of an interrupt IN endpoint.
    Interrupt(PacketEnd),
}

/// End of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketEnd {
    /// Where it went.
    pub address: Address,
    /// How it ended.
    pub status: Status,
    /// Bytes that moved.
    pub actual: usize,
    /// Stream of a bulk endpoint, as it was asked for.
    pub stream: u32,
}

impl Body {
    /// The header and the fixed part of a message that `data` bytes follow.
    pub fn to_bytes(&self, caps: Caps, id: u64, data: usize) -> Vec<u8> {
        let mut body = Vec::new();
        self.push(caps, &mut body);
        let length = body.len() + data;
        let mut raw = Vec::with_capacity(caps.header_size() + body.len());
        Header {
            kind: self.kind(),
            length,
            id,
        }
        .push(caps, &mut raw);
        raw.extend(body);
        raw
    }

    fn kind(&self) -> u32 {
        match self {
            Self::Hello => kind::HELLO,
            Self::DeviceConnect { .. } => kind::DEVICE_CONNECT,
            Self::InterfaceInfo(_) => kind::INTERFACE_INFO,
            Self::EpInfo(_) => kind::EP_INFO,
            Self::ConfigurationStatus(..) => kind::CONFIGURATION_STATUS,
            Self::AlternateStatus { .. } => kind::ALT_SETTING_STATUS,
            Self::Iso(_) => kind::ISO_PACKET,
            Self::IsoStatus(..) => kind::ISO_STREAM_STATUS,
            Self::InterruptStatus(..) => kind::INTERRUPT_RECEIVING_STATUS,
            Self::StreamsStatus(..) => kind::BULK_STREAMS_STATUS,
            Self::Control(..) => kind::CONTROL_PACKET,
            Self::Bulk(_) => kind::BULK_PACKET,
            Self::Interrupt(_) => kind::INTERRUPT_PACKET,
        }
    }

    fn push(&self, caps: Caps, raw: &mut Vec<u8>) {
        match self {
            Self::Hello => push_hello(raw),
            Self::DeviceConnect {
                speed,
                class,
                vendor,
                product,
                release,
            } => {
                raw.extend([
                    speed_code(*speed),
                    class.class,
                    class.subclass,
                    class.protocol,
                ]);
                let with_release = caps.has(Caps::CONNECT_DEVICE_VERSION);
                let words = [vendor, product]
                    .into_iter()
                    .chain(with_release.then_some(release));
                raw.extend(words.flat_map(|word| word.to_le_bytes()));
            }
            Self::InterfaceInfo(info) => info.push(raw),
            Self::EpInfo(table) => push_endpoints(table, caps, raw),
            Self::ConfigurationStatus(status, value) => raw.extend([status.raw(), *value]),
            Self::AlternateStatus {
                status,
                interface,
                alternate,
            } => {
                raw.extend([status.raw(), *interface, *alternate]);
            }
            Self::IsoStatus(status, address) | Self::InterruptStatus(status, address) => {
                raw.extend([status.raw(), address.raw()]);
            }
            Self::StreamsStatus(status, endpoints, count) => {
                raw.extend(endpoints.raw().to_le_bytes());
                raw.extend(count.to_le_bytes());
                raw.push(status.raw());
            }
            Self::Control(status, setup) => push_control(*status, *setup, raw),
            Self::Bulk(end) => end.push_bulk(caps, raw),
            Self::Iso(end) | Self::Interrupt(end) => end.push_small(raw),
        }
    }
}

fn push_hello(raw: &mut Vec<u8>) {
    let start = raw.len();
    raw.extend(VERSION.as_bytes());
    raw.resize(start + VERSION_SIZE, 0);
    raw.extend(Caps::OURS.raw().to_le_bytes());
}

/// Not the numbers of the kernel.
fn speed_code(speed: Speed) -> u8 {
    match speed {
        Speed::Full => 1,
        Speed::High => 2,
        Speed::Super => 3,
    }
}

fn push_control(status: Status, setup: Setup, raw: &mut Vec<u8>) {
    let endpoint = setup.request_type & 0x80;
    raw.extend([endpoint, setup.request, setup.request_type, status.raw()]);
    for word in [setup.value, setup.index, setup.length] {
        raw.extend(word.to_le_bytes());
    }
}

fn push_endpoints(table: &EndpointTable, caps: Caps, raw: &mut Vec<u8>) {
    let bytes = |of: fn(&EndpointInfo) -> u8, none: u8| {
        table
            .iter()
            .map(move |endpoint| endpoint.as_ref().map_or(none, of))
    };
    raw.extend(bytes(|endpoint| endpoint.kind, NO_ENDPOINT));
    raw.extend(bytes(|endpoint| endpoint.interval, 0));
    raw.extend(bytes(|endpoint| endpoint.interface, 0));
    if caps.has(Caps::EP_INFO_MAX_PACKET_SIZE) {
        let sizes = table
            .iter()
            .map(|endpoint| endpoint.map_or(0, |endpoint| endpoint.max_packet));
        raw.extend(sizes.flat_map(u16::to_le_bytes));
    }
    if caps.has(Caps::BULK_STREAMS) {
        let counts = table
            .iter()
            .map(|endpoint| endpoint.map_or(0, |endpoint| endpoint.max_streams));
        raw.extend(counts.flat_map(u32::to_le_bytes));
    }
}

impl InterfaceInfo {
    fn push(&self, raw: &mut Vec<u8>) {
        let count = self.classes.len().min(32);
        raw.extend((count as u32).to_le_bytes());
        let mut column = |of: &dyn Fn(usize, &Class) -> u8| {
            let start = raw.len();
            raw.extend(
                self.classes
                    .iter()
                    .take(count)
                    .enumerate()
                    .map(|(index, class)| of(index, class)),
            );
            raw.resize(start + 32, 0);
        };
        column(&|index, _| index as u8);
        column(&|_, class| class.class);
        column(&|_, class| class.subclass);
        column(&|_, class| class.protocol);
    }
}

impl PacketEnd {
    fn push_bulk(&self, caps: Caps, raw: &mut Vec<u8>) {
        let [l0, l1, l2, l3] = (self.actual as u32).to_le_bytes();
        raw.extend([self.address.raw(), self.status.raw(), l0, l1]);
        raw.extend(self.stream.to_le_bytes());
        if caps.has(Caps::BULK_LENGTH_32BITS) {
            raw.extend([l2, l3]);
        }
    }

    fn push_small(&self, raw: &mut Vec<u8>) {
        raw.extend([self.address.raw(), self.status.raw()]);
        raw.extend((self.actual as u16).to_le_bytes());
    }
}

/// Interfaces of a device. Without a configuration it shows those of its first one, since QEMU
/// wants to know them before the guest chooses.
pub fn interface_info(device: &impl Device) -> InterfaceInfo {
    let interfaces = shown(device).map_or(&[][..], |configuration| &configuration.interfaces);
    let settings = interfaces.iter().enumerate();
    let class = |(number, alternates): (usize, &Vec<refdev::description::Alternate>)| {
        alternates
            .get(selected(device, number))
            .map(|alternate| alternate.class)
    };
    InterfaceInfo {
        classes: settings.filter_map(class).collect(),
    }
}

/// Endpoints of a device, likewise.
pub fn endpoint_table(device: &impl Device) -> EndpointTable {
    let mut table = [None; Address::COUNT];
    let control = EndpointInfo {
        kind: 0,
        interval: 0,
        interface: 0,
        max_packet: 64,
        max_streams: 0,
    };
    (table[0], table[16]) = (Some(control), Some(control));
    let interfaces = shown(device).map_or(&[][..], |configuration| &configuration.interfaces);
    for (number, alternates) in interfaces.iter().enumerate() {
        let setting = alternates.get(selected(device, number));
        for endpoint in setting.map_or(&[][..], |setting| &setting.endpoints) {
            let info = endpoint_info(endpoint, number, device.speed());
            table[endpoint.address.index()] = Some(info);
        }
    }
    table
}

fn endpoint_info(endpoint: &Endpoint, interface: usize, speed: Speed) -> EndpointInfo {
    EndpointInfo {
        kind: endpoint.transfer.code(),
        interval: endpoint.transfer.interval(speed),
        interface: interface as u8,
        max_packet: endpoint.transfer.max_packet(speed),
        max_streams: endpoint.transfer.streams(speed),
    }
}

fn shown(device: &impl Device) -> Option<&Configuration> {
    let description: &Description = device.description();
    description
        .by_value(device.configuration())
        .or(description.configurations.first())
}

fn selected(device: &impl Device, interface: usize) -> usize {
    device.alternate(interface as u8).unwrap_or(0).into()
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello => write!(f, "hello caps={:#x}", Caps::OURS.raw()),
            Self::DeviceConnect {
                speed,
                vendor,
                product,
                ..
            } => {
                write!(f, "device_connect {vendor:04x}:{product:04x} speed={speed}")
            }
            Self::InterfaceInfo(info) => write!(f, "interface_info {}", info.classes.len()),
            Self::EpInfo(table) => write!(f, "ep_info {}", table.iter().flatten().count()),
            Self::ConfigurationStatus(status, value) => {
                write!(f, "configuration_status {status} {value}")
            }
            Self::AlternateStatus {
                status,
                interface,
                alternate,
            } => {
                write!(
                    f,
                    "alt_setting_status {status} interface={interface} alt={alternate}"
                )
            }
            Self::Iso(end) => write!(f, "iso {end}"),
            Self::IsoStatus(status, address) => {
                write!(f, "iso_stream_status {status} ep={address}")
            }
            Self::InterruptStatus(status, address) => {
                write!(f, "interrupt_receiving_status {status} ep={address}")
            }
            Self::StreamsStatus(status, endpoints, count) => {
                let endpoints = endpoints.raw();
                write!(f, "bulk_streams_status {status} {endpoints:#x} {count}")
            }
            Self::Control(status, setup) => write!(f, "control {status} actual={}", setup.length),
            Self::Bulk(end) => write!(f, "bulk {end}"),
            Self::Interrupt(end) => write!(f, "interrupt {end}"),
        }
    }
}

impl fmt::Display for PacketEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ep={} actual={}",
            self.status, self.address, self.actual
        )
    }
}

#[cfg(test)]
mod tests;
