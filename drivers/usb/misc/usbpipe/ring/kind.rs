// SPDX-License-Identifier: GPL-2.0

//! What differs between the types of transfers.

use super::{
    engine::{
        Done,
        Port,
        SlotUrb, //
    },
    shared::{
        PacketReport,
        Shared, //
    }, //
};
use kernel::{
    device::Bound,
    prelude::*,
    usb, //
};

/// A type of transfers that a ring can have.
pub(super) trait Kind: usb::TransferType + Sized {
    /// Whether a transfer that failed stops the ring.
    const STOPS: bool;

    /// Makes the URB of a slot.
    ///
    /// # Errors
    ///
    /// - `ENXIO`: there is no such endpoint.
    /// - `ENODEV`, `ENOMEM`.
    fn allocate<D: usb::Direction>(
        interface: &usb::Interface<Bound>,
        shared: &Shared,
        port: Port<Self, D>,
    ) -> Result<SlotUrb<Self, D>>;

    /// Gives the URB of a slot the lengths that the program has written.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE`: one is too long.
    fn prepare<D: usb::Direction>(urb: &mut SlotUrb<Self, D>, shared: &Shared) -> Result;

    /// Tells the program what there is only in transfers of this type. Returns how many packets
    /// were late.
    fn report<D: usb::Direction>(done: &Done<'_, Self, D>, shared: &Shared) -> u32;

    /// Ends the halt of the ring's endpoint.
    ///
    /// # Errors
    ///
    /// Those of the request.
    fn clear_halt<D: usb::Direction>(interface: &usb::Interface<Bound>, address: u8) -> Result;
}

/// The types whose transfers are one piece.
macro_rules! whole_transfers {
    ($($kind:ident),*) => {$(
        impl Kind for usb::$kind {
            const STOPS: bool = true;

            fn allocate<D: usb::Direction>(
                interface: &usb::Interface<Bound>,
                shared: &Shared,
                port: Port<Self, D>,
            ) -> Result<SlotUrb<Self, D>> {
                let endpoint = interface.endpoint(shared.layout().address).ok_or(ENXIO)?;
                let memory = shared.slot_memory(port.index())?;
                usb::Urb::new(&endpoint, memory, port)
            }

            #[inline]
            fn prepare<D: usb::Direction>(
                urb: &mut SlotUrb<Self, D>,
                shared: &Shared,
            ) -> Result {
                let size = shared.layout().slot_size;
                let length = match shared.slot_length(urb.handler().index()) {
                    0 if D::IS_IN => size,
                    length => length,
                };
                urb.set_length(length).map_err(|_| EMSGSIZE)
            }

            #[inline]
            fn report<D: usb::Direction>(_done: &Done<'_, Self, D>, _shared: &Shared) -> u32 {
                0
            }

            fn clear_halt<D: usb::Direction>(
                interface: &usb::Interface<Bound>,
                address: u8,
            ) -> Result {
                let endpoint = interface.endpoint::<Self, D>(address).ok_or(ENODEV)?;
                endpoint.clear_halt()
            }
        }
    )*};
}

whole_transfers!(Bulk, Interrupt);

impl Kind for usb::Isochronous {
    const STOPS: bool = false;

    fn allocate<D: usb::Direction>(
        interface: &usb::Interface<Bound>,
        shared: &Shared,
        port: Port<Self, D>,
    ) -> Result<SlotUrb<Self, D>> {
        let layout = shared.layout();
        let endpoint = interface.endpoint(layout.address).ok_or(ENXIO)?;
        let memory = shared.slot_memory(port.index())?;
        usb::Urb::isochronous(&endpoint, memory, layout.packets, layout.packet_size, port)
    }

    /// An IN packet has room for all that the endpoint may send.
    fn prepare<D: usb::Direction>(urb: &mut SlotUrb<Self, D>, shared: &Shared) -> Result {
        if D::IS_IN {
            return Ok(());
        }
        let slot = urb.handler().index();
        for index in 0..shared.layout().packets {
            let length = shared.packet_length(slot, index);
            urb.set_packet_length(index, length).map_err(|_| EMSGSIZE)?;
        }
        Ok(())
    }

    fn report<D: usb::Direction>(done: &Done<'_, Self, D>, shared: &Shared) -> u32 {
        let slot = done.handler().index();
        let (mut errors, mut late) = (0, 0);
        for (index, packet) in done.packets().enumerate() {
            let error = packet.result.err();
            errors += u32::from(error.is_some());
            late += u32::from(error == Some(usb::TransferError::PartialPacket));
            let report = PacketReport {
                actual: packet.actual_length,
                status: error.map_or(0, |error| Error::from(error).to_errno()),
            };
            shared.set_packet(slot, index, &report);
        }
        shared.set_packet_results(slot, done.start_frame(), errors);
        late
    }

    /// An isochronous endpoint does not halt (USB 2.0, 5.6.4).
    fn clear_halt<D: usb::Direction>(_interface: &usb::Interface<Bound>, _address: u8) -> Result {
        Ok(())
    }
}
