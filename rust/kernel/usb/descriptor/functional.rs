// SPDX-License-Identifier: GPL-2.0

//! What the descriptors of a communication interface must be like (CDC 1.2, 5.2.3).

use super::{
    numbers::Numbers,
    CdcAcm,
    CdcCallManagement,
    CdcCountry,
    CdcDmm,
    CdcEthernet,
    CdcHeader,
    CdcMbim,
    CdcMbimExtended,
    CdcMdlm,
    CdcMdlmDetail,
    CdcNcm,
    CdcNetworkTerminal,
    CdcObex,
    CdcUnion,
    ClassSpecific,
    DescriptorType,
    Error,
    ErrorKind,
    Raw, //
};

const HEADER: u8 = 0x00;

/// What is remembered of the descriptors before.
#[derive(Clone, Copy, Default)]
pub(super) struct Functional {
    /// Their subtypes.
    seen: Numbers,
}

impl Functional {
    /// Whether `raw` may be the next one. What is not of CDC may.
    pub(super) fn check(&mut self, raw: Raw<'_>) -> Result<(), Error> {
        if raw.descriptor_type() != DescriptorType::CS_INTERFACE {
            return Ok(());
        }
        let subtype = ClassSpecific::new(raw)?.subtype();
        let is_first = self.seen.len() == 0;
        let is_again = !self.seen.insert(subtype);
        if is_first && subtype != HEADER {
            Err(raw.error(ErrorKind::MissingHeader))
        } else if is_again && is_single(subtype) {
            Err(raw.error(ErrorKind::Duplicate))
        } else {
            whole(subtype, raw)
        }
    }
}

/// Whether a function has one of it: not units and terminals (CDC 1.1, 5.2.3.5 to 5.2.3.15), nor
/// what is not known.
fn is_single(subtype: u8) -> bool {
    matches!(
        subtype,
        HEADER | 0x01 | 0x02 | 0x06 | 0x07 | 0x0f | 0x12..=0x15 | 0x1a..=0x1c
    )
}

/// Whether `raw` has all the bytes that one of its subtype must have.
fn whole(subtype: u8, raw: Raw<'_>) -> Result<(), Error> {
    match subtype {
        HEADER => CdcHeader::new(raw).map(|_| ()),
        0x01 => CdcCallManagement::new(raw).map(|_| ()),
        0x02 => CdcAcm::new(raw).map(|_| ()),
        0x06 => CdcUnion::new(raw).map(|_| ()),
        0x07 => CdcCountry::new(raw).and_then(whole_codes),
        0x0a => CdcNetworkTerminal::new(raw).map(|_| ()),
        0x0f => CdcEthernet::new(raw).map(|_| ()),
        0x12 => CdcMdlm::new(raw).map(|_| ()),
        0x13 => CdcMdlmDetail::new(raw).map(|_| ()),
        0x14 => CdcDmm::new(raw).map(|_| ()),
        0x15 => CdcObex::new(raw).map(|_| ()),
        0x1a => CdcNcm::new(raw).map(|_| ()),
        0x1b => CdcMbim::new(raw).map(|_| ()),
        0x1c => CdcMbimExtended::new(raw).map(|_| ()),
        _ => Ok(()),
    }
}

/// The codes of countries have two bytes each.
fn whole_codes(country: CdcCountry<'_>) -> Result<(), Error> {
    let raw = country.raw();
    if raw.bytes().len() % 2 != 0 {
        return Err(raw.error(ErrorKind::PartialEntry));
    }
    Ok(())
}
