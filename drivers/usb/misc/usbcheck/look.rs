// SPDX-License-Identifier: GPL-2.0

//! What a handler sees of a completed transfer.
//!
//! A [`usb::Completed`] does not outlive its handler, so what it says is taken down there: where
//! data lies in the buffer, for one, rather than the data.

use crate::tray::Catcher;
use core::ops::Range;
use kernel::usb::{
    self,
    Buffer,
    Bulk,
    CoherentBuffer,
    Completed,
    Control,
    Direction,
    In,
    Interrupt,
    Isochronous,
    Memory,
    NoncoherentBuffer,
    Out,
    PageBuffer,
    Part,
    ScatterBuffer,
    TransferType, //
};

/// The most packets that a check looks at.
pub(crate) const PACKETS: usize = 10;

/// What there was to be seen; what such a transfer does not have is empty.
#[derive(Default)]
pub(crate) struct View {
    /// `Completed::is_complete`.
    pub(crate) is_complete: bool,
    /// `Completed::data`, as a part of the buffer.
    pub(crate) data: Range<usize>,
    /// `Completed::packet`, and as many of `Completed::packets`.
    pub(crate) packets: [Option<usb::Packet>; PACKETS],
    /// `Completed::packets`.
    pub(crate) packet_count: usize,
    /// `Completed::packet_data`, as parts of the buffer.
    pub(crate) packet_data: [Range<usize>; PACKETS],
    /// `Completed::error_count`.
    pub(crate) error_count: usize,
    /// `Completed::start_frame`.
    pub(crate) start_frame: i32,
}

/// Memory whose transfers of type `T` in direction `D` can be looked at.
pub(crate) trait Look<T: TransferType, D: Direction>: Memory {
    fn look(done: &Completed<'_, T, D, Catcher<T, D, Self>, Self>) -> View
    where
        Self: Sized;
}

macro_rules! look {
    ($($memory:ty, $type:ty, $direction:ty => $look:expr;)*) => {
        $(
            impl Look<$type, $direction> for $memory {
                fn look(
                    done: &Completed<'_, $type, $direction, Catcher<$type, $direction, Self>, Self>,
                ) -> View {
                    $look(done)
                }
            }
        )*
    };
}

look! {
    Buffer, Bulk, In => data;
    Buffer, Interrupt, In => data;
    Buffer, Control, In => data;
    Buffer, Isochronous, In => packets_in;
    Buffer, Bulk, Out => sent;
    Buffer, Interrupt, Out => sent;
    Buffer, Control, Out => sent;
    Buffer, Isochronous, Out => packets;
    CoherentBuffer, Bulk, In => nothing;
    CoherentBuffer, Bulk, Out => sent;
    NoncoherentBuffer<In>, Bulk, In => nothing;
    NoncoherentBuffer<In>, Bulk, Out => sent;
    NoncoherentBuffer<Out>, Bulk, Out => sent;
    ScatterBuffer, Bulk, In => nothing;
    ScatterBuffer, Bulk, Out => sent;
    ScatterBuffer, Interrupt, In => nothing;
    ScatterBuffer, Isochronous, In => nothing;
    PageBuffer, Bulk, In => nothing;
    PageBuffer, Bulk, Out => sent;
    Part<Buffer>, Bulk, In => nothing;
    Part<Buffer>, Bulk, Out => sent;
    Part<CoherentBuffer>, Bulk, In => nothing;
    Part<CoherentBuffer>, Bulk, Out => sent;
    Part<NoncoherentBuffer<In>>, Bulk, In => nothing;
    Part<NoncoherentBuffer<Out>>, Bulk, Out => sent;
}

/// Where a part of the buffer lies in it.
fn part(buffer: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().wrapping_sub(buffer.as_ptr().addr());
    match part.is_empty() {
        true => 0..0,
        false => start..start.wrapping_add(part.len()),
    }
}

fn nothing<T: TransferType, B: Look<T, In>>(
    _done: &Completed<'_, T, In, Catcher<T, In, B>, B>,
) -> View {
    View::default()
}

fn data<T: TransferType>(done: &Completed<'_, T, In, Catcher<T, In, Buffer>, Buffer>) -> View
where
    Buffer: Look<T, In>,
{
    View {
        data: part(done.memory(), done.data()),
        ..View::default()
    }
}

fn sent<T: TransferType, B: Look<T, Out>>(
    done: &Completed<'_, T, Out, Catcher<T, Out, B>, B>,
) -> View {
    View {
        is_complete: done.is_complete(),
        ..View::default()
    }
}

fn packets<D: Direction>(
    done: &Completed<'_, Isochronous, D, Catcher<Isochronous, D, Buffer>, Buffer>,
) -> View
where
    Buffer: Look<Isochronous, D>,
{
    let mut view = View {
        packet_count: done.packets().count(),
        error_count: done.error_count(),
        start_frame: done.start_frame(),
        ..View::default()
    };
    for (index, packet) in done.packets().enumerate().take(PACKETS) {
        // Both ways to get at it must lead to the same.
        view.packets[index] = done.packet(index).filter(|other| *other == packet);
    }
    view
}

fn packets_in(
    done: &Completed<'_, Isochronous, In, Catcher<Isochronous, In, Buffer>, Buffer>,
) -> View {
    let mut view = packets(done);
    for (index, range) in view.packet_data.iter_mut().enumerate() {
        *range = part(done.memory(), done.packet_data(index));
    }
    view.data = part(done.memory(), done.data());
    view
}
