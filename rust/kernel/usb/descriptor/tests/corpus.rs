// SPDX-License-Identifier: GPL-2.0

//! Descriptors of devices, and what they say: thirty kinds written from the class specifications,
//! each without a flaw, and those of [devices that exist](mod@recorded).

mod audio;
mod comm;
mod input;
mod recorded;
mod storage;
pub(super) mod strings;
mod video;

use crate::usb::Speed;

pub(super) const CONTROL: u8 = 0;
pub(super) const ISOCHRONOUS: u8 = 1;
pub(super) const BULK: u8 = 2;
pub(super) const INTERRUPT: u8 = 3;

/// A device.
pub(super) struct Sample {
    pub(super) name: &'static str,
    /// How fast it is connected.
    pub(super) speed: Speed,
    /// Its device descriptor.
    pub(super) device: &'static [u8],
    /// Its binary device object store, empty if it has none.
    pub(super) bos: &'static [u8],
    pub(super) configurations: &'static [&'static [u8]],
    /// What the configurations have in them.
    pub(super) expected: &'static [Part],
}

/// A part of a configuration, in the order of the descriptors, associations first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A configuration: number, interfaces, milliamperes, extra descriptors.
    Conf(u8, usize, u16, usize),
    /// An association: first interface, how many, class.
    Assoc(u8, u8, u8),
    /// An altsetting: interface, number, class, extra descriptors.
    Alt(u8, u8, u8, usize),
    /// An endpoint: address, kind, bytes of a packet, packets per microframe, extra descriptors.
    End(u8, u8, u16, u8, usize),
    /// An endpoint's companions: packets per burst, streams, bytes per interval.
    Comp(u8, u32, u32),
}

/// The devices that were written.
pub(super) fn written() -> impl Iterator<Item = &'static Sample> {
    let families = [input::ALL, storage::ALL, comm::ALL, audio::ALL, video::ALL];
    families.into_iter().flatten()
}

/// The devices that exist.
pub(super) fn recorded() -> impl Iterator<Item = &'static Sample> {
    recorded::ALL.into_iter().flatten()
}

/// All devices.
pub(super) fn all() -> impl Iterator<Item = &'static Sample> {
    written().chain(recorded())
}
