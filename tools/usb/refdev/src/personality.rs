// SPDX-License-Identifier: GPL-2.0

//! The devices that there are, to choose from.

use crate::description::StringTooLong;
use crate::function::Function;
use crate::gadget_zero::GadgetZero;
use crate::lcd::Lcd;
use crate::reference::Reference;
use crate::sevseg::SevSeg;
use crate::strings::Strings;

/// One of the devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Personality {
    /// [`Reference::new`].
    #[default]
    Reference,
    /// [`Reference::two_interfaces`].
    TwoInterfaces,
    /// [`Strings`].
    Strings,
    /// [`Reference::with_streams`].
    Streams,
    /// [`GadgetZero`].
    GadgetZero,
    /// [`SevSeg`].
    SevSeg,
    /// [`Lcd`].
    Lcd,
}

impl Personality {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::Reference,
        Self::TwoInterfaces,
        Self::Strings,
        Self::Streams,
        Self::GadgetZero,
        Self::SevSeg,
        Self::Lcd,
    ];

    /// The device as it is after power-on.
    pub fn function(self, serial: &str) -> Result<Box<dyn Function>, StringTooLong> {
        Ok(match self {
            Self::Reference => Box::new(Reference::new(serial)?),
            Self::TwoInterfaces => Box::new(Reference::two_interfaces(serial)?),
            Self::Strings => Box::new(Strings::new(serial)?),
            Self::Streams => Box::new(Reference::with_streams(serial)?),
            Self::GadgetZero => Box::new(GadgetZero::new(serial)?),
            Self::SevSeg => Box::new(SevSeg::new(serial)?),
            Self::Lcd => Box::new(Lcd::new(serial)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_an_id_of_its_own() {
        let ids = Personality::ALL.map(|personality| {
            let function = personality.function("1").unwrap();
            let description = function.description();
            (description.vendor, description.product)
        });
        assert_eq!(
            ids,
            [
                (0x1209, 1),
                (0x1209, 2),
                (0x1209, 3),
                (0x1209, 4),
                (0x0525, 0xa4a0),
                (0x0fc5, 0x1227),
                (0x10d2, 1),
            ]
        );
        let too_long = "x".repeat(127);
        for personality in Personality::ALL {
            assert!(personality.function(&too_long).is_err());
        }
    }
}
