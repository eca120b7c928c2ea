// SPDX-License-Identifier: GPL-2.0

//! What is told instead of the truth.

use crate::engine::Answer;

/// The byte that makes data longer.
const FILL: u8 = 0xa5;

/// A number of 32 bits that may depend on the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// This one.
    Exactly(u32),
    /// What the host asked for, and so much more or less.
    Asked(i64),
    /// What would be the truth, and so much more or less.
    Truth(i64),
}

impl Amount {
    /// Its value; what is too large or negative wraps around.
    pub const fn of(self, asked: u32, truth: u32) -> u32 {
        match self {
            Self::Exactly(value) => value,
            Self::Asked(more) => (asked as i64).wrapping_add(more) as u32,
            Self::Truth(more) => (truth as i64).wrapping_add(more) as u32,
        }
    }
}

fn told(amount: Option<Amount>, asked: u32, truth: u32) -> u32 {
    amount.map_or(truth, |amount| amount.of(asked, truth))
}

/// How often an answer goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Once, as it should.
    #[default]
    Once,
    /// Not at all.
    Never,
    /// Two times.
    Twice,
    /// Once, behind an answer to a transfer that there never was.
    Stray,
}

/// What the host is told when it takes a transfer back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unlink {
    /// That it has it back.
    #[default]
    Truth,
    /// Nothing, and the transfer goes on.
    Never,
    /// That it ended with this status.
    Status(i32),
}

/// One packet of an isochronous transfer, as the header has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IsoPacket {
    /// Where its data begins in the buffer of the transfer.
    pub offset: u32,
    /// Size of its part of the buffer.
    pub length: u32,
    /// Bytes that moved.
    pub actual: u32,
    /// As the protocol has it.
    pub status: i32,
}

/// What is told of an isochronous transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IsoLie {
    /// Packets in it.
    pub packets: Option<Amount>,
    /// Packets that failed.
    pub errors: Option<Amount>,
    /// The packet that the others are about; all of them without.
    pub packet: Option<usize>,
    /// Where it begins.
    pub offset: Option<Amount>,
    /// Its size.
    pub length: Option<Amount>,
    /// Bytes that moved in it.
    pub actual: Option<Amount>,
    /// Its status.
    pub status: Option<i32>,
}

impl IsoLie {
    /// Distorts the packets that it is about.
    pub fn distort(&self, packets: &mut [IsoPacket]) {
        for (index, packet) in packets.iter_mut().enumerate() {
            if self.packet.is_none_or(|only| only == index) {
                self.distort_one(packet);
            }
        }
    }

    fn distort_one(&self, packet: &mut IsoPacket) {
        let asked = packet.length;
        packet.actual = told(self.actual, asked, packet.actual);
        packet.offset = told(self.offset, asked, packet.offset);
        packet.length = told(self.length, asked, packet.length);
        packet.status = self.status.unwrap_or(packet.status);
    }

    /// How many packets the header has.
    pub fn packets(&self, asked: u32) -> u32 {
        told(self.packets, asked, asked)
    }

    /// How many of them failed, by the header.
    pub fn errors(&self, asked: u32, truth: u32) -> u32 {
        told(self.errors, asked, truth)
    }
}

/// What is told instead of the truth; what is not given stays true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lie {
    /// How the transfer ended.
    pub status: Option<i32>,
    /// Bytes that moved.
    pub actual: Option<Amount>,
    /// Bytes of data behind the header.
    pub data: Option<Amount>,
    /// Other data.
    pub reply: Option<Vec<u8>>,
    /// Bytes to put into the data, and where.
    pub patches: Vec<(usize, Vec<u8>)>,
    /// What makes data longer.
    pub fill: Option<u8>,
    /// How often the answer goes out.
    pub fate: Fate,
    /// Where the host takes it back.
    pub unlink: Unlink,
    /// Isochronous transfers only.
    pub iso: IsoLie,
}

impl Lie {
    /// Bytes of data that `data` can ask for at most.
    pub const MAX_DATA: usize = 1 << 24;

    /// Distorts an answer that carries IN data. `in_step` tells how many bytes of data the host
    /// will take behind a header with such an actual length.
    pub fn distort_in(&self, asked: u32, answer: &mut Answer, in_step: impl Fn(u32) -> usize) {
        self.distort_data(asked, answer);
        let truth = answer.actual;
        self.distort_header(asked, answer);
        let length = match self.data {
            Some(amount) => amount.of(asked, truth) as usize,
            None => in_step(answer.actual),
        };
        self.resize(&mut answer.data, length);
    }

    /// Distorts an answer without data.
    pub fn distort_out(&self, asked: u32, answer: &mut Answer) {
        self.distort_header(asked, answer);
        if let Some(amount) = self.data {
            self.resize(&mut answer.data, amount.of(asked, 0) as usize);
        }
    }

    fn distort_header(&self, asked: u32, answer: &mut Answer) {
        answer.status = self.status.unwrap_or(answer.status);
        answer.actual = told(self.actual, asked, answer.actual);
    }

    fn distort_data(&self, asked: u32, answer: &mut Answer) {
        if self.reply.is_none() && self.patches.is_empty() {
            return;
        }
        if let Some(reply) = &self.reply {
            answer.data.clone_from(reply);
        }
        for (offset, bytes) in &self.patches {
            let end = offset + bytes.len();
            if answer.data.len() < end {
                self.resize(&mut answer.data, end);
            }
            answer.data[*offset..end].copy_from_slice(bytes);
        }
        answer.data.truncate(asked as usize);
        answer.actual = answer.data.len() as u32;
    }

    fn resize(&self, data: &mut Vec<u8>, length: usize) {
        data.resize(length.min(Self::MAX_DATA), self.fill.unwrap_or(FILL));
    }
}
