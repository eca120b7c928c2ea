// SPDX-License-Identifier: GPL-2.0

//! What differs between the types of transfers.

use super::{
    layout::Layout,
    port::{
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

    /// Makes a URB for the slots of a ring.
    ///
    /// # Errors
    ///
    /// - `ENXIO`: there is no such endpoint.
    /// - `ENODEV`, `ENOMEM`.
    fn allocate<D: usb::Direction>(
        interface: &usb::Interface<Bound>,
        layout: &Layout,
        memory: usb::SlotBuffer,
        port: Port<Self, D>,
    ) -> Result<SlotUrb<Self, D>>;

    /// Has a URB move a slot, with the lengths that the program has written for it.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE`: one is too long.
    fn prepare<D: usb::Direction>(
        urb: &mut SlotUrb<Self, D>,
        slot: usize,
        shared: &Shared,
    ) -> Result;

    /// As [`prepare`](Kind::prepare), in its handler.
    fn prepare_again<D: usb::Direction>(
        done: &mut Done<'_, Self, D>,
        slot: usize,
        shared: &Shared,
    ) -> Result;

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

/// Bytes that the transfer of a slot moves, unless they are too many.
#[inline]
fn transfer_length<D: usb::Direction>(shared: &Shared, slot: usize) -> usize {
    match shared.slot_length(slot) {
        0 if D::IS_IN => shared.layout().slot_size,
        length => length,
    }
}

/// Sets the lengths of the packets of a slot. An IN packet has room for all that the endpoint may
/// send.
fn set_packets<D: usb::Direction>(
    shared: &Shared,
    slot: usize,
    mut set: impl FnMut(usize, usize) -> Result,
) -> Result {
    let packets = match D::IS_IN {
        true => 0,
        false => shared.layout().packets,
    };
    for index in 0..packets {
        set(index, shared.packet_length(slot, index)).map_err(|_| EMSGSIZE)?;
    }
    Ok(())
}

/// The types whose transfers are one piece.
macro_rules! whole_transfers {
    ($($kind:ident),*) => {$(
        impl Kind for usb::$kind {
            const STOPS: bool = true;

            fn allocate<D: usb::Direction>(
                interface: &usb::Interface<Bound>,
                layout: &Layout,
                memory: usb::SlotBuffer,
                port: Port<Self, D>,
            ) -> Result<SlotUrb<Self, D>> {
                let endpoint = interface.endpoint(layout.address).ok_or(ENXIO)?;
                usb::Urb::new(&endpoint, memory, port)
            }

            fn prepare<D: usb::Direction>(
                urb: &mut SlotUrb<Self, D>,
                slot: usize,
                shared: &Shared,
            ) -> Result {
                urb.set_slot(slot)?;
                let length = transfer_length::<D>(shared, slot);
                urb.set_length(length).map_err(|_| EMSGSIZE)
            }

            #[inline]
            fn prepare_again<D: usb::Direction>(
                done: &mut Done<'_, Self, D>,
                slot: usize,
                shared: &Shared,
            ) -> Result {
                done.set_slot(slot)?;
                let length = transfer_length::<D>(shared, slot);
                done.set_length(length).map_err(|_| EMSGSIZE)
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
                Ok(endpoint.clear_halt()?)
            }
        }
    )*};
}

whole_transfers!(Bulk, Interrupt);

impl Kind for usb::Isochronous {
    const STOPS: bool = false;

    fn allocate<D: usb::Direction>(
        interface: &usb::Interface<Bound>,
        layout: &Layout,
        memory: usb::SlotBuffer,
        port: Port<Self, D>,
    ) -> Result<SlotUrb<Self, D>> {
        let endpoint = interface.endpoint(layout.address).ok_or(ENXIO)?;
        usb::Urb::isochronous(&endpoint, memory, layout.packets, layout.packet_size, port)
    }

    fn prepare<D: usb::Direction>(
        urb: &mut SlotUrb<Self, D>,
        slot: usize,
        shared: &Shared,
    ) -> Result {
        urb.set_slot(slot)?;
        set_packets::<D>(shared, slot, |index, length| {
            urb.set_packet_length(index, length)
        })
    }

    fn prepare_again<D: usb::Direction>(
        done: &mut Done<'_, Self, D>,
        slot: usize,
        shared: &Shared,
    ) -> Result {
        done.set_slot(slot)?;
        set_packets::<D>(shared, slot, |index, length| {
            done.set_packet_length(index, length)
        })
    }

    fn report<D: usb::Direction>(done: &Done<'_, Self, D>, shared: &Shared) -> u32 {
        let slot = done.memory().index();
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
