// SPDX-License-Identifier: GPL-2.0

//! What the fields of an endpoint's descriptors mean, wherever they are found: in the bytes of a
//! device, or in the structs that the C core keeps them in.

use crate::usb::{
    Speed,
    TransferKind, //
};

/// Of `bmAttributes` (USB 2.0, table 9-13).
pub(in crate::usb) fn kind(attributes: u8) -> TransferKind {
    match attributes & 3 {
        0 => TransferKind::Control,
        1 => TransferKind::Isochronous,
        2 => TransferKind::Bulk,
        _ => TransferKind::Interrupt,
    }
}

/// In bytes: bits 10:0 of `wMaxPacketSize`.
pub(in crate::usb) fn max_packet(raw: u16) -> u16 {
    raw & 0x7ff
}

/// 1 to 3: bits 12:11 of `wMaxPacketSize`, of which 3 is reserved.
pub(in crate::usb) fn packets_per_microframe(raw: u16) -> u8 {
    // CAST: Two bits.
    let additional = ((raw >> 11) & 3) as u8;
    1 + additional.min(2)
}

/// Of `bInterval`, in frames of 1 ms at low and full speed, in microframes of 125 us above (USB
/// 2.0, table 9-13); [`None`] for bulk and control endpoints. A field outside of its range counts
/// as the nearest one in it.
pub(in crate::usb) fn period(kind: TransferKind, interval: u8, speed: Speed) -> Option<u32> {
    match kind {
        TransferKind::Interrupt if speed < Speed::High => Some(interval.max(1).into()),
        TransferKind::Interrupt | TransferKind::Isochronous => {
            Some(1 << (interval.clamp(1, 16) - 1))
        }
        TransferKind::Bulk | TransferKind::Control => None,
    }
}

/// As [`period`], in microseconds.
pub(in crate::usb) fn period_us(kind: TransferKind, interval: u8, speed: Speed) -> Option<u32> {
    let unit_us = if speed >= Speed::High { 125 } else { 1000 };
    Some(period(kind, interval, speed)? * unit_us)
}

/// 1 to 16: `bMaxBurst` of a SuperSpeed companion (USB 3.2, 9.6.7).
pub(in crate::usb) fn packets_per_burst(max_burst: u8) -> u8 {
    1 + max_burst.min(15)
}

/// Of a bulk endpoint, 0 to 65,536: bits 4:0 of a SuperSpeed companion's `bmAttributes`.
pub(in crate::usb) fn max_streams(attributes: u8) -> u32 {
    match attributes & 0x1f {
        0 => 0,
        exponent => 1 << exponent.min(16),
    }
}

/// Of an isochronous endpoint, 1 to 3: bits 1:0 of a SuperSpeed companion's `bmAttributes`.
pub(in crate::usb) fn bursts_per_interval(attributes: u8) -> u8 {
    1 + (attributes & 3).min(2)
}
