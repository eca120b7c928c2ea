// SPDX-License-Identifier: GPL-2.0

//! Synchronous transfers: start one and sleep until it has ended.
//!
//! Unlike their C counterparts in `drivers/usb/core/message.c` they go through the interface's I/O
//! gate: when the driver is unbound or the device suspended, a caller that waits comes back at
//! once. The memory comes back however a transfer ends, also if it was not even started.

use super::{
    call::Call,
    control::ControlRequest,
    endpoint::{
        BulkOrInterrupt,
        Control,
        Direction,
        Endpoint,
        In,
        Out,
        TransferType, //
    },
    memory::Memory,
    proof::{
        IsBound,
        Receives,
        RequestOf,
        Sends, //
    },
    urb::Urb,
    Buffer,
    Interface,
    Sleep,
    StartError,
    TransferError,
    TransferFailure,
    Transferred, //
};
use crate::{
    device,
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// A transfer buffer with a copy of `bytes`.
fn copy_of(bytes: &[u8]) -> Result<Buffer, TransferFailure> {
    let mut buffer = Buffer::new(bytes.len(), GFP_KERNEL).map_err(TransferFailure::unstarted)?;
    // PANIC: It was just allocated with that length.
    buffer[..].copy_from_slice(bytes);
    Ok(buffer)
}

/// A transfer buffer as long as `bytes`, which is to be filled.
fn room_for(bytes: &[u8]) -> Result<Buffer, TransferFailure> {
    match bytes.is_empty() {
        true => Err(TransferError::Invalid.into()),
        false => Buffer::new(bytes.len(), GFP_KERNEL).map_err(TransferFailure::unstarted),
    }
}

/// Copies what has come to the beginning of `bytes`, and returns how much that is.
fn copy_data(done: &Transferred, bytes: &mut [u8]) -> usize {
    let data = done.data();
    // There is as much room here as there was for the transfer.
    if let Some(room) = bytes.get_mut(..data.len()) {
        room.copy_from_slice(data);
    }
    data.len()
}

/// [`Interface::control`], in one copy for whatever proves that the driver is bound.
fn control<D: Direction, B: Memory>(
    interface: &Interface<device::Bound>,
    request: &ControlRequest<D>,
    buffer: B,
    sleep: Sleep,
) -> Result<Transferred<B>, StartError<B>> {
    let call = match request.check().and_then(|()| Call::new()) {
        Ok(call) => call,
        Err(error) => return Err(StartError::new(error, buffer)),
    };
    let setup = request.setup_packet();
    let urb = Urb::<Control, D, _, B>::with_setup(interface, setup, buffer, call.clone())?;
    let transferred = call.carry_out(urb, interface, sleep);
    interface.linger();
    Ok(transferred)
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// Carries out a control request on endpoint 0 and waits for its end.
    ///
    /// The data stage is `buffer`, whole; an empty one means that there is none. How to wait is a
    /// [`Timeout`](super::Timeout) or a [`Sleep`].
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, unless `sleep` says otherwise, and at once when
    /// the driver is unbound, or the device suspended or reset.
    ///
    /// # Errors
    ///
    /// How the request went is in [`Transferred::result`]. There was none for those of
    /// [`StartError`], with which the memory comes back as well:
    ///
    /// - [`Rejected`](TransferError::Rejected): the request
    ///   [belongs to the USB core](ControlRequest::belongs_to_core).
    /// - [`MessageSize`](TransferError::MessageSize): the buffer is longer than 65,535 bytes.
    /// - [`Invalid`](TransferError::Invalid): the memory was allocated for another interface or
    ///   direction.
    /// - [`Other(EOPNOTSUPP)`](TransferError::Other): the memory consists of pieces.
    /// - [`NoDevice`](TransferError::NoDevice): the driver's data is being dropped.
    /// - [`NoMemory`](TransferError::NoMemory).
    #[doc(alias("usb_control_msg"))]
    pub fn control<D: Direction, B: Memory>(
        &self,
        request: &ControlRequest<D>,
        buffer: B,
        sleep: impl Into<Sleep>,
    ) -> Result<Transferred<B>, StartError<B>>
    where
        Self: IsBound,
    {
        control(self.bound(), request, buffer, sleep.into())
    }

    /// Pauses after a control request for devices that cannot do without (`quirks.c`).
    fn linger(&self)
    where
        Self: IsBound,
    {
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
    /// /// Sets the brightness of a lamp, if it is one that can be dimmed.
    /// fn set_brightness(intf: &usb::Interface<Bound>, percent: u8) -> Result {
    ///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 0x10, 0, 0);
    ///     let sleep = usb::Sleep::Uninterruptible(SECOND);
    ///     match intf.control_send(&request, &[percent], sleep) {
    ///         Err(failure) if failure.error == usb::TransferError::Stall => Ok(()),
    ///         result => Ok(result?),
    ///     }
    /// }
    /// ```
    #[doc(alias("usb_control_msg_send"))]
    pub fn control_send(
        &self,
        request: &impl RequestOf<Out>,
        bytes: &[u8],
        sleep: impl Into<Sleep>,
    ) -> Result<(), TransferFailure>
    where
        Self: IsBound,
    {
        self.control(request.request(), copy_of(bytes)?, sleep)?
            .whole()?;
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
    /// - [`Invalid`](TransferError::Invalid): `bytes` is empty.
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
        request: &impl RequestOf<In>,
        bytes: &mut [u8],
        sleep: impl Into<Sleep>,
    ) -> Result<(), TransferFailure>
    where
        Self: IsBound,
    {
        let buffer = self
            .control(request.request(), room_for(bytes)?, sleep)?
            .whole()?;
        // PANIC: The buffer was allocated with the length of `bytes`.
        bytes.copy_from_slice(&buffer);
        Ok(())
    }
}

impl<T: BulkOrInterrupt, D: Direction> Endpoint<'_, T, D> {
    /// Moves the whole of `memory`, and waits for the end.
    fn transfer<B: Memory>(
        &self,
        memory: B,
        sleep: Sleep,
    ) -> Result<Transferred<B>, StartError<B>> {
        let call = match Call::new() {
            Ok(call) => call,
            Err(error) => return Err(StartError::new(error, memory)),
        };
        let urb = Urb::with_memory(self, memory, call.clone())?;
        Ok(call.carry_out(urb, self.interface(), sleep))
    }
}

impl<T: TransferType, D: Direction> Endpoint<'_, T, D> {
    /// Reads until `memory` is full or the device sends a short packet, and waits for that.
    ///
    /// The memory should be a multiple of the endpoint's packet size, see [`Urb::new`]. How to
    /// wait is a [`Timeout`](super::Timeout) or a [`Sleep`].
    ///
    /// # Context
    ///
    /// As [`Interface::control`].
    ///
    /// # Errors
    ///
    /// How the transfer went is in [`Transferred::result`]. There was none for those of
    /// [`StartError`], with which the memory comes back as well:
    ///
    /// - [`Invalid`](TransferError::Invalid): the memory was allocated for another interface or
    ///   direction.
    /// - [`Other(EOPNOTSUPP)`](TransferError::Other): the host controller cannot gather that many
    ///   pieces.
    /// - [`NoDevice`](TransferError::NoDevice): the driver's data is being dropped.
    /// - [`NoMemory`](TransferError::NoMemory).
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
    pub fn read<B: Memory>(
        &self,
        memory: B,
        sleep: impl Into<Sleep>,
    ) -> Result<Transferred<B>, StartError<B>>
    where
        T: BulkOrInterrupt,
        Self: Receives,
    {
        self.transfer(memory, sleep.into())
    }

    /// Reads into `bytes` by way of a transfer buffer. Returns how many came. What came before an
    /// error is there as well: the first [`actual_length`](TransferFailure::actual_length) bytes.
    ///
    /// # Context
    ///
    /// As [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`Transferred::result`], and:
    ///
    /// - [`Invalid`](TransferError::Invalid): `bytes` is empty.
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
    pub fn receive(
        &self,
        bytes: &mut [u8],
        sleep: impl Into<Sleep>,
    ) -> Result<usize, TransferFailure>
    where
        T: BulkOrInterrupt,
        Self: Receives,
    {
        let done = self.read(room_for(bytes)?, sleep)?;
        let length = copy_data(&done, bytes);
        match done.result {
            Ok(()) => Ok(length),
            Err(error) => Err(done.failure(error)),
        }
    }

    /// Fills `bytes`, whole, by way of a transfer buffer. After an error they are as before.
    ///
    /// # Context
    ///
    /// As [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`Transferred::whole`], and:
    ///
    /// - [`Invalid`](TransferError::Invalid): `bytes` is empty.
    pub fn receive_exact(
        &self,
        bytes: &mut [u8],
        sleep: impl Into<Sleep>,
    ) -> Result<(), TransferFailure>
    where
        T: BulkOrInterrupt,
        Self: Receives,
    {
        let buffer = self.read(room_for(bytes)?, sleep)?.whole()?;
        // PANIC: The buffer was allocated with the length of `bytes`.
        bytes.copy_from_slice(&buffer);
        Ok(())
    }
}

impl<T: TransferType, D: Direction> Endpoint<'_, T, D> {
    /// Writes the whole of `memory`, and waits until the device has it.
    ///
    /// If that is empty, the device gets an empty packet. How to wait is a
    /// [`Timeout`](super::Timeout) or a [`Sleep`].
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
    pub fn write<B: Memory>(
        &self,
        memory: B,
        sleep: impl Into<Sleep>,
    ) -> Result<Transferred<B>, StartError<B>>
    where
        T: BulkOrInterrupt,
        Self: Sends,
    {
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
    ///     to.send(b"wake up", usb::Sleep::Killable(SECOND.into()))?;
    ///     Ok(())
    /// }
    /// ```
    pub fn send(&self, bytes: &[u8], sleep: impl Into<Sleep>) -> Result<(), TransferFailure>
    where
        T: BulkOrInterrupt,
        Self: Sends,
    {
        self.write(copy_of(bytes)?, sleep)?.whole()?;
        Ok(())
    }
}

#[kunit_tests(rust_usb_message)]
mod tests {
    use super::*;

    #[test]
    fn there_must_be_room() {
        assert_eq!(room_for(&[]).err(), Some(TransferError::Invalid.into()));
        for length in [1, 64] {
            let bytes = [7; 64];
            assert!(room_for(&bytes[..length]).is_ok_and(|room| room.len() == length));
        }
        assert!(copy_of(&[]).is_ok_and(|copy| copy.is_empty()));
        assert!(copy_of(b"abc").is_ok_and(|copy| &copy[..] == b"abc"));
    }

    #[test]
    fn what_came_before_an_error_is_kept() -> Result {
        for (actual_length, expected) in [(0, b"...."), (3, b"abc."), (4, b"abcd")] {
            let done = Transferred {
                buffer: copy_of(b"abcd")?,
                actual_length,
                result: Err(TransferError::TimedOut),
            };
            let mut bytes = *b"....";
            assert_eq!(copy_data(&done, &mut bytes), actual_length);
            assert_eq!(&bytes, expected);
            let failure = done.failure(TransferError::TimedOut);
            assert_eq!(failure.actual_length, actual_length);
        }
        Ok(())
    }
}
