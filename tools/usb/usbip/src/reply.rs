// SPDX-License-Identifier: GPL-2.0

//! Messages to the host.

use std::fmt;

use refdev::fault::IsoPacket;

use crate::HEADER_SIZE;
use crate::command::ISO_PACKET_SIZE;

/// USBIP_RET_SUBMIT.
const RET_SUBMIT: u32 = 3;
/// USBIP_RET_UNLINK.
const RET_UNLINK: u32 = 4;

/// A transfer ended. IN data follows, then the packets of an isochronous transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetSubmit {
    /// Number of the submit.
    pub sequence: u32,
    /// Negative error number, or 0.
    pub status: i32,
    /// Bytes that moved.
    pub actual: u32,
    /// First frame, isochronous only.
    pub start_frame: i32,
    /// Isochronous packets that follow.
    pub packets: u32,
    /// How many of those failed.
    pub errors: u32,
}

/// A transfer was taken back, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetUnlink {
    /// Number of the unlink.
    pub sequence: u32,
    /// [`UNLINKED`](crate::status::UNLINKED), or 0 if the transfer had ended before.
    pub status: i32,
}

impl RetSubmit {
    /// The wire form.
    pub fn to_bytes(self) -> [u8; HEADER_SIZE] {
        let body = [
            self.status as u32,
            self.actual,
            self.start_frame as u32,
            self.packets,
            self.errors,
        ];
        header(RET_SUBMIT, self.sequence, &body)
    }
}

impl RetUnlink {
    /// The wire form.
    pub fn to_bytes(self) -> [u8; HEADER_SIZE] {
        header(RET_UNLINK, self.sequence, &[self.status as u32])
    }
}

/// The wire form of a packet.
pub fn packet_bytes(packet: IsoPacket) -> [u8; ISO_PACKET_SIZE] {
    let IsoPacket {
        offset,
        length,
        actual,
        status,
    } = packet;
    let mut raw = [0; ISO_PACKET_SIZE];
    put(&mut raw, &[offset, length, actual, status as u32]);
    raw
}

/// Device, direction and endpoint are zero in all replies.
fn header(command: u32, sequence: u32, body: &[u32]) -> [u8; HEADER_SIZE] {
    let mut raw = [0; HEADER_SIZE];
    put(&mut raw, &[command, sequence]);
    put(&mut raw[20..], body);
    raw
}

fn put(raw: &mut [u8], words: &[u32]) {
    for (place, word) in raw.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_be_bytes());
    }
}

impl fmt::Display for RetSubmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sequence,
            status,
            actual,
            packets,
            ..
        } = self;
        write!(
            f,
            "ret_submit seq={sequence} status={status} actual={actual}"
        )?;
        if *packets > 0 {
            write!(f, " packets={packets} errors={}", self.errors)?;
        }
        Ok(())
    }
}

impl fmt::Display for RetUnlink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ret_unlink seq={} status={}", self.sequence, self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ret_submit_has_its_fields_in_place() {
        let reply = RetSubmit {
            sequence: 0x0102_0304,
            status: -32,
            actual: 0x1112_1314,
            start_frame: 5,
            packets: 6,
            errors: 7,
        };
        let mut wanted = [0; 48];
        wanted[..8].copy_from_slice(&[0, 0, 0, 3, 1, 2, 3, 4]);
        wanted[20..28].copy_from_slice(&[0xff, 0xff, 0xff, 0xe0, 0x11, 0x12, 0x13, 0x14]);
        (wanted[31], wanted[35], wanted[39]) = (5, 6, 7);
        assert_eq!(reply.to_bytes(), wanted);
        assert_eq!(
            reply.to_string(),
            "ret_submit seq=16909060 status=-32 actual=286397204 packets=6 errors=7"
        );
    }

    #[test]
    fn a_ret_unlink_has_its_fields_in_place() {
        let reply = RetUnlink {
            sequence: 9,
            status: -104,
        };
        let mut wanted = [0; 48];
        (wanted[3], wanted[7]) = (4, 9);
        wanted[20..24].copy_from_slice(&[0xff, 0xff, 0xff, 0x98]);
        assert_eq!(reply.to_bytes(), wanted);
        assert_eq!(reply.to_string(), "ret_unlink seq=9 status=-104");
    }

    #[test]
    fn an_isochronous_packet_has_its_fields_in_place() {
        let packet = IsoPacket {
            offset: 1,
            length: 2,
            actual: 3,
            status: -1,
        };
        let wanted = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 255, 255, 255, 255];
        assert_eq!(packet_bytes(packet), wanted);
    }
}
