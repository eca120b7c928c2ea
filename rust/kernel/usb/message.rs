// SPDX-License-Identifier: GPL-2.0

//! Synchronous transfers: start one and sleep until it has ended.
//!
//! Unlike their C counterparts in `drivers/usb/core/message.c` they go through the interface's I/O
//! gate: when the driver is unbound or the device suspended, a caller that waits comes back at
//! once. The memory comes back however a transfer ends, also if it was not even started.

use super::{
    control::{
        ControlRequest,
        Recipient,
        RequestType, //
    },
    endpoint::{
        BulkOrInterrupt,
        Control,
        Direction,
        Endpoint,
        In,
        Out,
        TransferType, //
    },
    gate::Gate,
    memory::Memory,
    urb::Urb,
    waiter::{
        Patience,
        Waiter, //
    },
    Buffer,
    Completed,
    Handler,
    Interface,
    Sleep,
    SubmitError,
    Timeout,
    TransferError, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    static_lock_class,
    sync::{
        Arc,
        SpinLockIrq, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// A synchronous transfer that was carried out, well or not.
pub struct Transferred<B: Memory = Buffer> {
    /// The memory it was started with.
    pub buffer: B,
    /// Bytes that were moved, also where it ended badly.
    pub actual_length: usize,
    /// How it ended:
    ///
    /// - [`TimedOut`](TransferError::TimedOut): it was cancelled when its time was over.
    /// - [`Interrupted`](TransferError::Interrupted): it was cancelled because of a signal.
    /// - [`NoDevice`](TransferError::NoDevice): it was cancelled or not started because the driver
    ///   is being unbound, or the device is gone.
    /// - [`Suspended`](TransferError::Suspended): it was cancelled or not started because I/O is
    ///   paused: the device is suspended or being reset, or its endpoints are being replaced.
    /// - [`Stale`](TransferError::Stale), [`NoBandwidth`](TransferError::NoBandwidth),
    ///   [`NoMemory`](TransferError::NoMemory): it was not started.
    /// - any other that the device or the host controller can cause.
    pub result: Result<(), TransferError>,
}

impl<B: Memory> Transferred<B> {
    /// A transfer that was not started.
    fn refused(buffer: B, error: TransferError) -> Self {
        Self {
            buffer,
            actual_length: 0,
            result: Err(error),
        }
    }

    /// The memory of a transfer that ended well and moved all of it.
    ///
    /// # Errors
    ///
    /// - [`Short`](TransferError::Short) if it ended well, but was short.
    /// - Otherwise that of [`result`](Transferred::result).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn read_header(from: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result<usb::Buffer> {
    ///     let header = usb::Buffer::new(512, GFP_KERNEL)?;
    ///     Ok(from.read(header, SECOND)?.whole()?)
    /// }
    /// ```
    pub fn whole(self) -> Result<B, TransferError> {
        self.result?;
        match self.actual_length == self.buffer.length() {
            true => Ok(self.buffer),
            false => Err(TransferError::Short),
        }
    }
}

impl Transferred {
    /// The bytes that were moved.
    pub fn data(&self) -> &[u8] {
        self.buffer.get(..self.actual_length).unwrap_or(&[])
    }
}

/// Where the handler leaves the transfer for the caller who sleeps.
#[pin_data]
struct Call<B: Memory> {
    #[pin]
    outcome: SpinLockIrq<Option<Outcome<B>>>,
    #[pin]
    ended: Waiter,
}

struct Outcome<B> {
    buffer: B,
    actual_length: usize,
    result: Result<(), TransferError>,
}

// Nothing in it is ever pinned.
impl<B> Unpin for Outcome<B> {}

impl<T: TransferType, D: Direction, B: Memory> Handler<T, D, B> for Arc<Call<B>> {
    fn complete(done: Completed<'_, T, D, Self, B>) {
        let (result, actual_length) = (done.result(), done.actual_length());
        let (buffer, call) = done.into_urb().into_parts();
        *call.outcome.lock() = Some(Outcome {
            buffer,
            actual_length,
            result,
        });
        call.ended.signal();
    }
}

impl<B: Memory> Call<B> {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                outcome <- SpinLockIrq::new(
                    None,
                    lock_name!(c"usb::Call::outcome"),
                    static_lock_class!()
                ),
                ended <- Waiter::new(),
            }),
            GFP_KERNEL,
        )
    }

    /// Submits the URB of this call and sleeps until it has ended.
    fn carry_out<T: TransferType, D: Direction>(
        &self,
        urb: Urb<T, D, Arc<Self>, B>,
        interface: &Interface<device::Bound>,
        sleep: Sleep,
    ) -> Result<Transferred<B>> {
        let gate = interface.gate()?;
        let _caller = match gate.enter() {
            Ok(caller) => caller,
            Err(error) => {
                let error = TransferError::from_refusal(error);
                return Ok(Transferred::refused(urb.into_parts().0, error));
            }
        };
        let canceller = urb.canceller();
        if let Err(SubmitError { error, urb }) = urb.submit(interface) {
            return Ok(Transferred::refused(urb.into_parts().0, error));
        }
        let reason = self.ended.wait(&mut Patience::new(sleep, gate)).err();
        if reason.is_some() {
            // Its handler has returned then. It may have ended well at the last moment.
            canceller.kill(interface)?;
        }
        let outcome = self.outcome.lock().take().ok_or(EIO)?;
        Ok(outcome.into_transferred(reason, gate))
    }
}

impl<B: Memory> Outcome<B> {
    /// Ends up with the reason for which a transfer was cancelled, rather than with the fact.
    fn into_transferred(self, reason: Option<Error>, gate: &Gate) -> Transferred<B> {
        let result = self.result.map_err(|error| match (error, reason) {
            (error, Some(reason)) if error.is_cancelled() => TransferError::from_impatience(reason),
            // Nobody but the gate cancels a transfer that has a caller.
            (error, None) if error.is_cancelled() => TransferError::from_refusal(gate.refusal()),
            (TransferError::Shutdown, _) => TransferError::NoDevice,
            (error, _) => error,
        });
        Transferred {
            buffer: self.buffer,
            actual_length: self.actual_length,
            result,
        }
    }
}

/// A transfer buffer with a copy of `bytes`.
fn copy_of(bytes: &[u8]) -> Result<Buffer> {
    let mut buffer = Buffer::new(bytes.len(), GFP_KERNEL)?;
    Memory::copy_from_slice(&mut buffer, 0, bytes)?;
    Ok(buffer)
}

impl Interface<device::Bound> {
    /// Carries out a control request on endpoint 0 and waits for its end.
    ///
    /// The data stage is `buffer`, whole; an empty one means that there is none. How to wait is a
    /// [`Timeout`] or a [`Sleep`].
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, unless `sleep` says otherwise, and at once when
    /// the driver is unbound, or the device suspended or reset.
    ///
    /// # Errors
    ///
    /// How the request went is in [`Transferred::result`]. There was none for:
    ///
    /// - `EPERM`: the request [belongs to the USB core](ControlRequest::belongs_to_core).
    /// - `EMSGSIZE`: the buffer is longer than 65,535 bytes.
    /// - `EINVAL`: the memory was allocated for another interface or direction.
    /// - `EOPNOTSUPP`: the memory consists of pieces.
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    #[doc(alias("usb_control_msg"))]
    pub fn control<D: Direction, B: Memory>(
        &self,
        request: &ControlRequest<D>,
        buffer: B,
        sleep: impl Into<Sleep>,
    ) -> Result<Transferred<B>> {
        request.check()?;
        let call = Call::new()?;
        let setup = request.setup_packet();
        let urb = Urb::<Control, D, _, B>::with_setup(self, setup, buffer, call.clone())?;
        let transferred = call.carry_out(urb, self, sleep.into());
        self.linger();
        transferred
    }

    /// Pauses after a control request for devices that cannot do without (`quirks.c`).
    fn linger(&self) {
        // `USB_QUIRK_DELAY_CTRL_MSG`, whose header is not part of the bindings.
        const DELAY_AFTER_CONTROL: u32 = 1 << 13;

        // SAFETY: The interface is bound, so that its device is valid.
        let quirks = unsafe { (*self.device().as_raw()).quirks };
        if quirks & DELAY_AFTER_CONTROL != 0 {
            fsleep(Delta::from_millis(200));
        }
    }

    /// Carries out a control request that sends `bytes`, all of them; none if that is empty.
    ///
    /// The bytes are copied, and may be anywhere.
    ///
    /// # Context
    ///
    /// As [`control`](Self::control).
    ///
    /// # Errors
    ///
    /// As [`control`](Self::control) and [`Transferred::whole`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn set_brightness(intf: &usb::Interface<Bound>, percent: u8) -> Result {
    ///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 0x10, 0, 0);
    ///     intf.control_send(&request, &[percent], usb::Sleep::Uninterruptible(SECOND))
    /// }
    /// ```
    #[doc(alias("usb_control_msg_send"))]
    pub fn control_send(
        &self,
        request: &ControlRequest<Out>,
        bytes: &[u8],
        sleep: impl Into<Sleep>,
    ) -> Result {
        self.control(request, copy_of(bytes)?, sleep)?.whole()?;
        Ok(())
    }

    /// Carries out a control request that fills `bytes`, whole. After an error they are as before.
    ///
    /// # Context
    ///
    /// As [`control`](Self::control).
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `bytes` is empty.
    /// - Those of [`control`](Self::control) and [`Transferred::whole`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn temperature(intf: &usb::Interface<Bound>) -> Result<u16> {
    ///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 0x11, 0, 0);
    ///     let mut bytes = [0; 2];
    ///     intf.control_receive(&request, &mut bytes, SECOND)?;
    ///     Ok(u16::from_le_bytes(bytes))
    /// }
    /// ```
    #[doc(alias("usb_control_msg_recv"))]
    pub fn control_receive(
        &self,
        request: &ControlRequest<In>,
        bytes: &mut [u8],
        sleep: impl Into<Sleep>,
    ) -> Result {
        if bytes.is_empty() {
            return Err(EINVAL);
        }
        let buffer = Buffer::new(bytes.len(), GFP_KERNEL)?;
        let buffer = self.control(request, buffer, sleep)?.whole()?;
        buffer.copy_to_slice(0, bytes)
    }
}

impl<T: BulkOrInterrupt, D: Direction> Endpoint<'_, T, D> {
    /// Moves the whole of `memory`, and waits for the end.
    fn transfer<B: Memory>(&self, memory: B, sleep: Sleep) -> Result<Transferred<B>> {
        let call = Call::new()?;
        let urb = Urb::new(self, memory, call.clone())?;
        call.carry_out(urb, self.interface(), sleep)
    }

    /// Ends the halt of the endpoint, on both sides: the device is told, and the host controller
    /// starts its packet sequence anew (USB 2.0, 9.4.5).
    ///
    /// Nothing must be in flight on the endpoint.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// As [`Interface::control`] and [`Transferred::result`]; `EPIPE` if the device refuses.
    #[doc(alias = "usb_clear_halt")]
    pub fn clear_halt(&self) -> Result {
        const CLEAR_FEATURE: u8 = 1;
        const ENDPOINT_HALT: u16 = 0;
        const LIMIT: Timeout = Timeout::from_millis::<5000>();

        let address = self.address();
        let request = ControlRequest::<Out>::new(
            RequestType::Standard,
            Recipient::Endpoint,
            CLEAR_FEATURE,
            ENDPOINT_HALT,
            address.into(),
        );
        self.interface().control_send(&request, &[], LIMIT)?;
        // A reset of the device, or another altsetting, replaces what the host controller has of
        // the endpoint: they wait for us, or we are refused.
        let _caller = self.interface().gate()?.enter()?;
        let udev = self.interface().device().as_raw();
        // SAFETY: The interface is bound, so `udev` is valid and configured; the address is one
        // of its endpoints'. The function may sleep, as we may.
        unsafe { bindings::usb_reset_endpoint(udev, address.into()) };
        Ok(())
    }
}

impl<T: BulkOrInterrupt> Endpoint<'_, T, In> {
    /// Reads until `memory` is full or the device sends a short packet, and waits for that.
    ///
    /// The memory should be a multiple of the endpoint's packet size, see [`Urb::new`]. How to
    /// wait is a [`Timeout`] or a [`Sleep`].
    ///
    /// # Context
    ///
    /// As [`Interface::control`].
    ///
    /// # Errors
    ///
    /// How the transfer went is in [`Transferred::result`]. There was none for:
    ///
    /// - `EINVAL`: the memory was allocated for another interface or direction.
    /// - `EOPNOTSUPP`: the host controller cannot gather that many pieces.
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn answer(intf: &usb::Interface<Bound>) -> Result<usize> {
    ///     let from = intf.find_endpoint::<usb::Bulk, usb::In>().ok_or(ENXIO)?;
    ///     let done = from.read(usb::Buffer::new(4096, GFP_KERNEL)?, SECOND)?;
    ///     match done.result {
    ///         // What came until then is there.
    ///         Ok(()) | Err(usb::TransferError::TimedOut) => Ok(done.data().len()),
    ///         Err(error) => Err(error.into()),
    ///     }
    /// }
    /// ```
    #[doc(alias("usb_bulk_msg", "usb_bulk_msg_killable", "usb_interrupt_msg"))]
    pub fn read<B: Memory>(&self, memory: B, sleep: impl Into<Sleep>) -> Result<Transferred<B>> {
        self.transfer(memory, sleep.into())
    }

    /// Reads into `bytes` by way of a transfer buffer. Returns how many came.
    ///
    /// # Context
    ///
    /// As [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`Transferred::result`]. What came before an error is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// /// Reads a line of text, and how it was measured.
    /// fn measure(
    ///     from: &usb::Endpoint<'_, usb::Bulk, usb::In>,
    ///     line: &mut [u8],
    /// ) -> Result<(usize, u8)> {
    ///     let length = from.receive(line, SECOND)?;
    ///     let mut status = [0; 1];
    ///     from.receive_exact(&mut status, SECOND)?;
    ///     Ok((length, status[0]))
    /// }
    /// ```
    pub fn receive(&self, bytes: &mut [u8], sleep: impl Into<Sleep>) -> Result<usize> {
        let buffer = Buffer::new(bytes.len(), GFP_KERNEL)?;
        let done = self.read(buffer, sleep)?;
        done.result?;
        let data = done.data();
        // The buffer is as long as `bytes`.
        let came = bytes.get_mut(..data.len()).ok_or(EIO)?;
        came.copy_from_slice(data);
        Ok(data.len())
    }

    /// Fills `bytes`, whole, by way of a transfer buffer. After an error they are as before.
    ///
    /// # Context
    ///
    /// As [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`Transferred::whole`].
    pub fn receive_exact(&self, bytes: &mut [u8], sleep: impl Into<Sleep>) -> Result {
        let buffer = Buffer::new(bytes.len(), GFP_KERNEL)?;
        self.read(buffer, sleep)?.whole()?.copy_to_slice(0, bytes)
    }
}

impl<T: BulkOrInterrupt> Endpoint<'_, T, Out> {
    /// Writes the whole of `memory`, and waits until the device has it.
    ///
    /// If that is empty, the device gets an empty packet. How to wait is a [`Timeout`] or a
    /// [`Sleep`].
    ///
    /// # Context
    ///
    /// As [`Interface::control`].
    ///
    /// # Errors
    ///
    /// As [`read`](Endpoint::read).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// /// Writes a block, at most twice: however the first attempt went, the memory is there.
    /// fn write_block(to: &usb::Endpoint<'_, usb::Bulk, usb::Out>, block: usb::Buffer) -> Result {
    ///     let mut done: usb::Transferred = to.write(block, SECOND)?;
    ///     if done.result.is_err_and(|error| error.is_bus_error()) {
    ///         done = to.write(done.buffer, SECOND)?;
    ///     }
    ///     done.whole()?;
    ///     Ok(())
    /// }
    /// ```
    #[doc(alias("usb_bulk_msg", "usb_bulk_msg_killable", "usb_interrupt_msg"))]
    pub fn write<B: Memory>(&self, memory: B, sleep: impl Into<Sleep>) -> Result<Transferred<B>> {
        self.transfer(memory, sleep.into())
    }

    /// Writes all of `bytes` by way of a transfer buffer.
    ///
    /// # Context
    ///
    /// As [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write) and [`Transferred::whole`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// fn wake(intf: &usb::Interface<Bound>) -> Result {
    ///     let to = intf.find_endpoint::<usb::Interrupt, usb::Out>().ok_or(ENXIO)?;
    ///     to.send(b"wake up", usb::Sleep::Killable(SECOND.into()))
    /// }
    /// ```
    pub fn send(&self, bytes: &[u8], sleep: impl Into<Sleep>) -> Result {
        self.write(copy_of(bytes)?, sleep)?.whole()?;
        Ok(())
    }
}

#[kunit_tests(rust_usb_message)]
mod tests {
    use super::*;

    fn transferred(actual_length: usize, result: Result<(), TransferError>) -> Result<Transferred> {
        let buffer = copy_of(b"four")?;
        Ok(Transferred {
            buffer,
            actual_length,
            result,
        })
    }

    #[test]
    fn whole_is_neither_short_nor_failed() -> Result {
        assert_eq!(&transferred(4, Ok(()))?.whole()?[..], b"four");
        for (actual, result, error) in [
            (3, Ok(()), TransferError::Short),
            (0, Ok(()), TransferError::Short),
            (4, Err(TransferError::Stall), TransferError::Stall),
            (0, Err(TransferError::TimedOut), TransferError::TimedOut),
        ] {
            assert_eq!(transferred(actual, result)?.whole().err(), Some(error));
        }
        Ok(())
    }

    #[test]
    fn data_is_what_was_moved() -> Result {
        assert_eq!(transferred(0, Ok(()))?.data(), b"");
        assert_eq!(transferred(3, Err(TransferError::Protocol))?.data(), b"fou");
        assert_eq!(transferred(4, Ok(()))?.data(), b"four");
        // Nobody makes that, but the fields are public.
        assert_eq!(transferred(5, Ok(()))?.data(), b"");
        Ok(())
    }
}
