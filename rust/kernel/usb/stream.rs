// SPDX-License-Identifier: GPL-2.0

//! Bulk streams: several queues of one endpoint, told apart by a number (USB 3.2, 8.12.1.4).
//!
//! C reference: `usb_alloc_streams()` in `drivers/usb/core/hcd.c`.

use super::{
    endpoint::{
        Bulk,
        Direction,
        Endpoint, //
    },
    gate::{
        Gate,
        Pause, //
    },
    memory::Memory,
    urb::Urb,
    Handler,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    prelude::*, //
};

/// The bulk streams of some endpoints of an interface.
///
/// Dropping it gives the streams back; so does unbinding, and a change of the altsetting, which is
/// not possible as long as it lives. After a reset of the device there are none, as the driver is
/// told by [`post_reset`](super::Callbacks::post_reset) or
/// [`reset_resume`](super::Callbacks::reset_resume), until this is dropped and they are allocated
/// anew. A URB of a stream that is gone is refused with `ESTALE`.
///
/// # Invariants
///
/// The endpoints with these addresses, of the altsetting in use, were given streams.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Reads with up to 16 commands at once, each in a stream of its own.
/// fn read_all<H>(intf: &usb::Interface<Bound>, handlers: KVec<H>) -> Result
/// where
///     H: usb::Handler<usb::Bulk, usb::In>,
/// {
///     let data = intf.find_endpoint::<usb::Bulk, usb::In>().ok_or(ENXIO)?;
///     let streams: usb::Streams<'_> = intf.alloc_streams(&[data.address()], 16)?;
///     for (id, handler) in (1..=streams.count()).zip(handlers) {
///         let mut urb = usb::Urb::new(&data, usb::Buffer::new(4096, GFP_KERNEL)?, handler)?;
///         urb.set_stream(&streams, &data, id)?;
///         urb.submit(intf)?;
///     }
///     // Wait for the answers...
///     Ok(())
/// }
/// ```
pub struct Streams<'a> {
    interface: &'a Interface<device::Bound>,
    gate: &'a Gate,
    addresses: KVec<u8>,
    count: u16,
}

impl Interface<device::Bound> {
    /// Gives bulk endpoints streams, each up to `wanted` of them, after all I/O of the interface
    /// has ended. There may be fewer, see [`Streams::count`].
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: there is no such endpoint, it is not a bulk endpoint, it is listed twice, or
    ///   `wanted` is 0; or the connection is slower than 5 Gbit/s, or the host controller has no
    ///   streams.
    /// - `EBUSY`: somebody else changes the endpoints, or has streams.
    /// - `ENODEV`: the driver is being unbound.
    /// - `EHOSTUNREACH`: I/O is paused: the device is suspended or being reset.
    /// - `ENOSPC`, `ENOMEM`, and what else the host controller driver returns.
    #[doc(alias = "usb_alloc_streams")]
    pub fn alloc_streams(&self, addresses: &[u8], wanted: u16) -> Result<Streams<'_>> {
        let twice = |(i, address)| addresses.iter().skip(i + 1).any(|other| other == address);
        if wanted == 0 || addresses.is_empty() || addresses.iter().enumerate().any(twice) {
            return Err(EINVAL);
        }
        let gate = self.gate()?;
        gate.begin_replacing()?;
        // Gives the right back where something fails.
        let mut streams = Streams {
            interface: self,
            gate,
            addresses: KVec::new(),
            count: 0,
        };
        let mut owned = KVec::with_capacity(addresses.len(), GFP_KERNEL)?;
        owned.extend_from_slice(addresses, GFP_KERNEL)?;
        let mut endpoints = streams.endpoints(&owned)?;
        gate.pause_to_replace()?;
        // SAFETY: The interface is bound, and the endpoints are those of its altsetting in use.
        // Nothing is in flight.
        let count = unsafe {
            bindings::usb_alloc_streams(
                self.as_raw(),
                endpoints.as_mut_ptr(),
                endpoints.len() as u32,
                wanted.into(),
                GFP_KERNEL.as_raw(),
            )
        };
        // The highest number; 0 is reserved.
        let highest = u16::try_from(count).unwrap_or(0).min(wanted);
        gate.set_streams(highest);
        gate.resume(Pause::Endpoints);
        to_result(count)?;
        // A host controller driver that has none may say so by giving none.
        if highest == 0 {
            return Err(EINVAL);
        }
        streams.count = highest;
        // INVARIANT: They have streams now.
        streams.addresses = owned;
        Ok(streams)
    }
}

impl Streams<'_> {
    /// How many streams each endpoint has: their numbers are 1 to this.
    pub fn count(&self) -> u16 {
        self.count
    }

    /// The endpoints in the altsetting in use.
    fn endpoints(&self, addresses: &[u8]) -> Result<KVec<*mut bindings::usb_host_endpoint>> {
        let altsetting = self.interface.altsetting();
        let mut endpoints = KVec::with_capacity(addresses.len(), GFP_KERNEL)?;
        for address in addresses {
            let endpoint = altsetting.raw_endpoint(*address).ok_or(EINVAL)?;
            endpoints.push(endpoint, GFP_KERNEL)?;
        }
        Ok(endpoints)
    }

    fn free(&self) -> Result {
        self.gate.pause(Pause::Endpoints)?;
        self.gate.set_streams(0);
        let result = self.free_paused();
        self.gate.resume(Pause::Endpoints);
        result
    }

    fn free_paused(&self) -> Result {
        let mut endpoints = self.endpoints(&self.addresses)?;
        // SAFETY: The gate could be paused, so that the interface is bound. By the type invariants
        // the endpoints have streams, and nothing is in flight.
        unsafe {
            bindings::usb_free_streams(
                self.interface.as_raw(),
                endpoints.as_mut_ptr(),
                endpoints.len() as u32,
                GFP_KERNEL.as_raw(),
            )
        };
        Ok(())
    }
}

impl Drop for Streams<'_> {
    fn drop(&mut self) {
        if !self.addresses.is_empty() {
            // Where this fails, unbinding frees them.
            let _ = self.free();
        }
        self.gate.end_replacing();
    }
}

impl<D: Direction, H: Handler<Bulk, D, B>, B: Memory> Urb<Bulk, D, H, B> {
    /// Makes the transfer one of a stream of its endpoint.
    ///
    /// # Errors
    ///
    /// `EINVAL`: `endpoint` has no such stream; the URB stays as it was.
    #[doc(alias = "stream_id")]
    pub fn set_stream(
        &mut self,
        streams: &Streams<'_>,
        endpoint: &Endpoint<'_, Bulk, D>,
        id: u16,
    ) -> Result {
        let known = streams.addresses.contains(&endpoint.address());
        if id == 0 || id > streams.count || !known || !self.is_for(endpoint) {
            return Err(EINVAL);
        }
        self.set_stream_id(id);
        Ok(())
    }
}
