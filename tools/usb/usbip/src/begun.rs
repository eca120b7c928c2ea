// SPDX-License-Identifier: GPL-2.0

//! What is remembered of a transfer until it is answered.

use refdev::fault::{Fate, IsoPacket, Lie, Unlink};
use refdev::{Answer, Direction, Isochronous};

use crate::command::Submit;
use crate::reply::{RetSubmit, packet_bytes};
use crate::status;

/// Microseconds in a frame.
const FRAME_US: u64 = 1000;

/// A transfer that was begun and is isochronous or to be lied about.
pub(crate) struct Begun {
    asked: u32,
    direction: Direction,
    packets: Vec<IsoPacket>,
    lie: Lie,
}

/// An answer as it goes out.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    pub(crate) header: RetSubmit,
    pub(crate) data: Vec<u8>,
    pub(crate) packets: Vec<IsoPacket>,
}

impl Reply {
    /// That of a transfer that is not isochronous.
    pub(crate) fn new(sequence: u32, answer: Answer) -> Self {
        let header = RetSubmit {
            sequence,
            status: answer.status,
            actual: answer.actual,
            ..RetSubmit::default()
        };
        Self {
            header,
            data: answer.data,
            packets: Vec::new(),
        }
    }

    /// The packets, behind the data.
    pub(crate) fn packet_bytes(&self) -> Vec<u8> {
        self.packets
            .iter()
            .copied()
            .flat_map(packet_bytes)
            .collect()
    }
}

impl Begun {
    pub(crate) fn new(submit: &Submit<'_>, lie: Option<Lie>) -> Self {
        Self {
            asked: submit.length as u32,
            direction: submit.address.direction(),
            packets: submit.packets.iter().collect(),
            lie: lie.unwrap_or_default(),
        }
    }

    pub(crate) fn fate(&self) -> Fate {
        self.lie.fate
    }

    pub(crate) fn unlink(&self) -> Unlink {
        self.lie.unlink
    }

    /// Whether what is answered is not all true.
    pub(crate) fn lies(&self) -> bool {
        let honest = Lie {
            unlink: self.lie.unlink,
            ..Lie::default()
        };
        self.lie != honest
    }

    /// What the host is told.
    pub(crate) fn reply(
        self,
        sequence: u32,
        mut answer: Answer,
        iso: Option<Isochronous>,
    ) -> Reply {
        if self.packets.is_empty() {
            self.distort(&mut answer);
            return Reply::new(sequence, answer);
        }
        let count = self.packets.len() as u32;
        let mut packets = self.ended_packets(iso.as_ref());
        self.lie.iso.distort(&mut packets);
        // The kernel reads so many, and none if there are more than it asked for.
        let told = self.lie.iso.packets(count);
        packets.truncate(told as usize);
        let sum = |sum: u32, packet: &IsoPacket| sum.wrapping_add(packet.actual);
        answer.actual = packets.iter().fold(0, sum);
        self.distort(&mut answer);
        let failed = packets.iter().filter(|packet| packet.status != 0).count();
        let mut reply = Reply::new(sequence, answer);
        reply.header.packets = told;
        reply.header.errors = self.lie.iso.errors(count, failed as u32);
        reply.header.start_frame = iso.map_or(0, |iso| (iso.start_us / FRAME_US) as i32);
        if told <= count {
            reply.packets = packets;
        }
        reply
    }

    /// The packets as they should be told; all of them failed if the device refused.
    fn ended_packets(&self, iso: Option<&Isochronous>) -> Vec<IsoPacket> {
        let ended = |(index, packet): (usize, &IsoPacket)| {
            let actual = iso.and_then(|iso| iso.actual.get(index));
            IsoPacket {
                actual: actual.map_or(0, |&actual| actual as u32),
                status: if iso.is_some() {
                    status::OK
                } else {
                    status::STALL
                },
                ..*packet
            }
        };
        self.packets.iter().enumerate().map(ended).collect()
    }

    fn distort(&self, answer: &mut Answer) {
        let asked = self.asked;
        // The kernel reads so many bytes behind the header; a length that is negative to it means
        // none, and after one that is too large it does not read on.
        let in_step = |actual| if actual <= asked { actual as usize } else { 0 };
        match self.direction {
            Direction::In => self.lie.distort_in(asked, answer, in_step),
            Direction::Out => self.lie.distort_out(asked, answer),
        }
    }
}
