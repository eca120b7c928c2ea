// SPDX-License-Identifier: GPL-2.0

//! Which endpoints of a device the cases use.

use crate::models::Model;
use kernel::{
    fmt,
    prelude::*,
    usb::{
        EndpointDescriptor,
        TransferKind, //
    }, //
};

/// An endpoint for cases that work with two types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) address: u8,
    pub(crate) kind: TransferKind,
}

/// Addresses of the endpoints that a device has for us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pipes {
    pub(crate) source: Option<Place>,
    pub(crate) sink: Option<Place>,
    pub(crate) interrupt_in: Option<u8>,
    pub(crate) interrupt_out: Option<u8>,
    pub(crate) iso_in: Option<u8>,
    pub(crate) iso_out: Option<u8>,
}

/// Bit 7 of an address (USB 2.0, 9.6.6).
const IN: u8 = 0x80;

impl Pipes {
    /// Those that a model is known to have.
    pub(crate) fn known(model: &Model, kind: TransferKind) -> Self {
        let place = |number, direction| match number {
            0 => None,
            number => Some(Place {
                address: number | direction,
                kind,
            }),
        };
        Self {
            source: place(model.source, IN),
            sink: place(model.sink, 0),
            ..Self::default()
        }
    }

    /// The first ones of each kind that an altsetting has and the model has cases for; [`None`] if
    /// there is not enough to test with.
    pub(crate) fn of(
        endpoints: impl Iterator<Item = EndpointDescriptor>,
        model: &Model,
    ) -> Option<Self> {
        Self::among(endpoints.map(|one| (one.address(), one.kind())), model)
    }

    fn among(endpoints: impl Iterator<Item = (u8, TransferKind)>, model: &Model) -> Option<Self> {
        let mut pipes = Self::default();
        for (address, kind) in endpoints {
            pipes.take(address, kind, model);
        }
        pipes.are_enough().then_some(pipes)
    }

    fn take(&mut self, address: u8, kind: TransferKind, model: &Model) {
        let is_in = address & IN != 0;
        let place = Place { address, kind };
        match (kind, is_in) {
            (TransferKind::Bulk, true) => _ = self.source.get_or_insert(place),
            (TransferKind::Bulk, false) => _ = self.sink.get_or_insert(place),
            (TransferKind::Interrupt, _) if !model.interrupt => (),
            (TransferKind::Interrupt, true) => _ = self.interrupt_in.get_or_insert(address),
            (TransferKind::Interrupt, false) => _ = self.interrupt_out.get_or_insert(address),
            (TransferKind::Isochronous, _) if !model.isochronous => (),
            (TransferKind::Isochronous, true) => _ = self.iso_in.get_or_insert(address),
            (TransferKind::Isochronous, false) => _ = self.iso_out.get_or_insert(address),
            (TransferKind::Control, _) => (),
        }
    }

    fn are_enough(&self) -> bool {
        let both = self.source.is_some() && self.sink.is_some();
        let others = [
            self.interrupt_in,
            self.interrupt_out,
            self.iso_in,
            self.iso_out,
        ];
        both || others.iter().any(Option::is_some)
    }
}

/// The list, as in "source 81, sink 01, iso out 02".
impl fmt::Display for Pipes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = |place: Option<Place>| place.map(|place| place.address);
        let all = [
            ("source", address(self.source)),
            ("sink", address(self.sink)),
            ("interrupt in", self.interrupt_in),
            ("interrupt out", self.interrupt_out),
            ("iso in", self.iso_in),
            ("iso out", self.iso_out),
        ];
        f.write_str("control")?;
        for (name, address) in all {
            if let Some(address) = address {
                f.write_fmt(fmt!(", {name} {address:02x}"))?;
            }
        }
        Ok(())
    }
}

#[kunit_tests(rust_usbtest_pipes)]
mod tests {
    use super::*;
    use crate::models::{
        GADGET_ZERO,
        GENERIC,
        USER_MODE,
        USER_MODE_ISO, //
    };
    use TransferKind::{
        Bulk,
        Control,
        Interrupt,
        Isochronous, //
    };

    const ALL: [(u8, TransferKind); 7] = [
        (0x01, Bulk),
        (0x82, Interrupt),
        (0x03, Isochronous),
        (0x81, Bulk),
        (0x04, Interrupt),
        (0x85, Isochronous),
        (0x86, Control),
    ];

    fn bulk(address: u8) -> Option<Place> {
        Some(Place {
            address,
            kind: Bulk,
        })
    }

    #[test]
    fn a_model_gets_what_it_has_cases_for() {
        let all = Pipes {
            source: bulk(0x81),
            sink: bulk(0x01),
            interrupt_in: Some(0x82),
            interrupt_out: Some(0x04),
            iso_in: Some(0x85),
            iso_out: Some(0x03),
        };
        let bulk_only = Pipes {
            source: all.source,
            sink: all.sink,
            ..Pipes::default()
        };
        let no_interrupt = Pipes {
            interrupt_in: None,
            interrupt_out: None,
            ..all
        };
        for (model, pipes) in [
            (&GADGET_ZERO, all),
            (&USER_MODE, bulk_only),
            (&USER_MODE_ISO, no_interrupt),
        ] {
            assert_eq!(Pipes::among(ALL.into_iter(), model), Some(pipes));
        }
    }

    #[test]
    fn the_first_ones_count() {
        let twice = [(0x01, Bulk), (0x02, Bulk), (0x81, Bulk), (0x82, Bulk)];
        let pipes = Pipes::among(twice.into_iter(), &GADGET_ZERO).unwrap_or_default();
        assert_eq!((pipes.source, pipes.sink), (bulk(0x81), bulk(0x01)));
    }

    #[test]
    fn one_bulk_endpoint_is_not_enough() {
        for lonely in [(0x01, Bulk), (0x81, Bulk), (0x81, Control)] {
            assert_eq!(Pipes::among([lonely].into_iter(), &GADGET_ZERO), None);
        }
        for enough in [(0x01, Interrupt), (0x81, Interrupt), (0x01, Isochronous)] {
            assert!(Pipes::among([enough].into_iter(), &GADGET_ZERO).is_some());
            assert_eq!(Pipes::among([enough].into_iter(), &USER_MODE), None);
        }
        assert_eq!(Pipes::known(&GENERIC, Bulk), Pipes::default());
    }
}
