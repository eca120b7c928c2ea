// SPDX-License-Identifier: GPL-2.0

//! What the class of an interface asks of the descriptors in it.
//!
//! Of the classes that have views here: communication, human interface devices, firmware update
//! and USB attached SCSI. Of audio and video, only that there is a subtype.

use super::{
    functional::Functional,
    AltSetting,
    ClassSpecific,
    DescriptorType,
    DfuFunctional,
    Error,
    ErrorKind,
    Hid,
    PipeUsage,
    Raw, //
};

const AUDIO: u8 = 0x01;
const COMMUNICATION: u8 = 0x02;
const HUMAN_INTERFACE: u8 = 0x03;
const VIDEO: u8 = 0x0e;

/// Class, subclass and protocol.
type Triple = (u8, u8, u8);

/// The rules of an altsetting, and what they must know of the descriptors before.
#[derive(Clone, Copy, Default)]
pub(super) struct Rules {
    triple: Triple,
    functional: Functional,
}

impl Rules {
    pub(super) fn new(setting: AltSetting<'_>) -> Self {
        Self {
            triple: (setting.class(), setting.subclass(), setting.protocol()),
            functional: Functional::default(),
        }
    }

    /// Whether `raw`, which is of a class or a vendor, may be the next one.
    pub(super) fn check(&mut self, raw: Raw<'_>) -> Result<(), Error> {
        let kind = raw.descriptor_type();
        match self.triple {
            (COMMUNICATION, ..) => self.functional.check(raw),
            (HUMAN_INTERFACE, ..) if kind == DescriptorType::HID => Hid::new(raw)?.check(),
            (0xfe, 0x01, _) if kind == DescriptorType::DFU_FUNCTIONAL => {
                DfuFunctional::new(raw).map(|_| ())
            }
            (0x08, 0x06, 0x62) if kind == DescriptorType::PIPE_USAGE => pipe(raw),
            (AUDIO | VIDEO, ..) if is_specific(kind) => ClassSpecific::new(raw).map(|_| ()),
            _ => Ok(()),
        }
    }
}

fn is_specific(kind: DescriptorType) -> bool {
    matches!(
        kind,
        DescriptorType::CS_INTERFACE | DescriptorType::CS_ENDPOINT
    )
}

fn pipe(raw: Raw<'_>) -> Result<(), Error> {
    let usage = PipeUsage::new(raw)?;
    let known = usage.pipe().map(|_| ());
    known.ok_or(raw.error(ErrorKind::OutOfRange))
}
