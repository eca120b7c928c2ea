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
    power::PowerGuard,
    proof::IsBound,
    raw::address_of,
    urb::Urb,
    Handler,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use core::ptr;

/// So many endpoints can a device have (USB 3.2, 9.6.6): numbers 0 to 15, in each direction.
const ENDPOINTS: usize = 32;

/// Which streams an interface has.
pub(super) struct StreamNumbers {
    /// The highest number that can be used; there is none if it is 0.
    count: Atomic<u32>,
    /// The endpoints that have them, a bit for each, also where nobody can use them any more.
    endpoints: Atomic<u32>,
}

impl StreamNumbers {
    pub(super) fn new() -> Self {
        Self {
            count: Atomic::new(0),
            endpoints: Atomic::new(0),
        }
    }

    /// Says that there are streams up to `count`, of these endpoints.
    pub(super) fn set(&self, count: u16, addresses: &[u8]) {
        let endpoints = addresses.iter().map(|address| endpoint_bit(*address));
        self.endpoints.store(endpoints.sum(), Relaxed);
        self.count.store(count.into(), Relaxed);
    }

    /// Says that there are none.
    pub(super) fn clear(&self) {
        self.set(0, &[]);
    }

    /// Has URBs of streams refused from now on. The endpoints still have them.
    fn revoke(&self) {
        self.count.store(0, Relaxed);
    }

    pub(super) fn count(&self) -> u32 {
        self.count.load(Relaxed)
    }

    /// Whether the endpoint with an address has some, be it that nobody can use them.
    fn are_of(&self, address: u8) -> bool {
        self.endpoints.load(Relaxed) & endpoint_bit(address) != 0
    }

    /// Whether the endpoint of a pipe has a stream with that number, which is not 0.
    pub(super) fn has(&self, number: u32, pipe: u32) -> bool {
        number <= self.count() && self.are_of(address_of(pipe))
    }
}

/// IN endpoints are in the upper half.
fn endpoint_bit(address: u8) -> u32 {
    1 << (address & 0xf | address >> 3 & 0x10)
}

/// The bulk streams of some endpoints of an interface.
///
/// Dropping it gives the streams back, which may sleep; so does unbinding, and a change of the
/// altsetting, which is not possible as long as it lives. Where the device is suspended or being
/// reset just then, they are given back before others are allocated. After a reset of the device
/// there are none, as the driver is told by [`post_reset`](super::Callbacks::post_reset) or
/// [`reset_resume`](super::Callbacks::reset_resume), until this is dropped and they are allocated
/// anew. A URB of a stream that is gone is refused with `ESTALE`.
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

impl<Ctx: device::DeviceContext> Interface<Ctx> {
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
    pub fn alloc_streams(&self, addresses: &[u8], wanted: u16) -> Result<Streams<'_>>
    where
        Self: IsBound,
    {
        self.bound().allocate_streams(addresses, wanted)
    }
}

impl Interface<device::Bound> {
    /// [`Interface::alloc_streams`], in one copy for whatever proves that the driver is bound.
    fn allocate_streams(&self, addresses: &[u8], wanted: u16) -> Result<Streams<'_>> {
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
        self.give_back_streams(gate);
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
        if count > 0 {
            gate.streams().set(highest, addresses);
        }
        gate.resume(Pause::Endpoints);
        to_result(count)?;
        // A host controller driver that has none may say so by giving none.
        if highest == 0 {
            return Err(EINVAL);
        }
        streams.count = highest;
        streams.addresses = owned;
        Ok(streams)
    }

    /// Takes the streams away from endpoints that have any. The gate is paused for that.
    pub(super) fn give_back_streams(&self, gate: &Gate) {
        let mut endpoints = [ptr::null_mut(); ENDPOINTS];
        let mut count = 0;
        for endpoint in self.altsetting().raw_endpoints().take(ENDPOINTS) {
            // SAFETY: It is one of an altsetting of the interface, which is bound.
            let address = unsafe { (*endpoint).desc.bEndpointAddress };
            if gate.streams().are_of(address) {
                endpoints[count] = endpoint;
                count += 1;
            }
        }
        gate.streams().clear();
        if count == 0 {
            return;
        }
        // SAFETY: As the gate could be paused, the interface is bound. So many endpoints of its
        // altsetting in use have streams, and nothing is in flight.
        unsafe {
            bindings::usb_free_streams(
                self.as_raw(),
                endpoints.as_mut_ptr(),
                count as u32,
                GFP_KERNEL.as_raw(),
            )
        };
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
        // Whatever comes of it, nobody may use them any more.
        self.gate.streams().revoke();
        let _awake = self.pause_awake()?;
        self.interface.give_back_streams(self.gate);
        self.gate.resume(Pause::Endpoints);
        Ok(())
    }

    /// Pauses I/O with the device awake: a host controller that sleeps would not answer.
    fn pause_awake(&self) -> Result<Option<PowerGuard>> {
        let awake = self.interface.keep_awake().ok();
        match awake {
            Some(_) => self.gate.pause(Pause::Endpoints)?,
            // In a callback, or where the driver does not support autosuspend, it is awake unless
            // I/O is paused already.
            None => self.gate.pause_to_replace()?,
        }
        Ok(awake)
    }
}

impl Drop for Streams<'_> {
    fn drop(&mut self) {
        if !self.addresses.is_empty() {
            // Where this fails, they are given back before the next ones are allocated, or the
            // altsetting is changed, or by the core when the driver is unbound.
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

#[kunit_tests(rust_usb_stream)]
mod tests {
    use super::*;

    #[test]
    fn streams_that_were_revoked_are_still_to_be_given_back() {
        let streams = StreamNumbers::new();
        assert!(!streams.are_of(0x81));
        streams.set(4, &[0x01, 0x8f, 0x0f, 0x81]);
        assert!(streams.has(4, pipe(0x81)));
        streams.revoke();
        for address in [0x01, 0x8f, 0x0f, 0x81] {
            assert!(streams.are_of(address) && !streams.has(1, pipe(address)));
        }
        for address in [0x02, 0x82, 0x00, 0x80] {
            assert!(!streams.are_of(address));
        }
        streams.clear();
        assert!(!streams.are_of(0x81));
    }

    /// Bulk, of device 5.
    fn pipe(address: u8) -> u32 {
        let (number, direction) = (u32::from(address & 0xf), u32::from(address & 0x80));
        3 << 30 | number << 15 | 5 << 8 | direction
    }

    #[test]
    fn only_the_endpoints_that_were_named_have_streams() {
        let streams = StreamNumbers::new();
        assert!(!streams.has(1, pipe(0x81)));
        streams.set(4, &[0x81, 0x02, 0x8f]);
        for (number, address, wanted) in [
            (1, 0x81, true),
            (4, 0x81, true),
            (5, 0x81, false),
            (4, 0x02, true),
            (4, 0x82, false),
            (4, 0x01, false),
            (4, 0x8f, true),
            (4, 0x0f, false),
        ] {
            assert_eq!(
                (address, wanted),
                (address, streams.has(number, pipe(address)))
            );
        }
        streams.set(0, &[]);
        assert!(!streams.has(1, pipe(0x81)));
    }
}
