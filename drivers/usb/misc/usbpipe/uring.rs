// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_URING_TRANSFER`: one transfer, as a command of io_uring.
//!
//! The command is with the handler of its URB. What an IN endpoint has sent is copied to the program
//! when that gets to it, by a [`Reply`]; until then the memory stays charged. The lane is left as
//! soon as the URB has come back.
//!
//! Commands keep their file open. But one that io_uring cancels is over before its URB is idle, so
//! that those who release the file wait for that: what comes afterwards is for whoever comes then.
//!
//! Nothing here ever waits, so that no command is handed to a thread that can: those of one ring
//! begin in the order in which they were submitted, and end in it where they share an endpoint.

use crate::{
    any_endpoint::AnyEndpoint,
    budget::{
        Budget,
        Charge, //
    },
    lane::{
        LaneGuard,
        Lanes,
        Purpose, //
    },
    pipe::{
        awake,
        Pipe, //
    },
    stats::Stats, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    uaccess::{
        UserPtr,
        UserSlice, //
    },
    uapi,
    usb::{
        self,
        BulkOrInterrupt,
        Completed,
        In,
        Operation,
        Out,
        UringCommand, //
    }, //
};

/// bEndpointAddress bit 7 (USB 2.0, table 9-13).
const DIRECTION_IN: u8 = 0x80;

const SHORT_NOT_OK: u32 = uapi::USBPIPE_TRANSFER_SHORT_NOT_OK;
const ZERO_PACKET: u32 = uapi::USBPIPE_TRANSFER_ZERO_PACKET;

/// What a program asks for, as far as it can be judged without the endpoint.
struct Request {
    endpoint: u8,
    flags: u32,
    length: usize,
    /// Address of the data in the program.
    place: usize,
    timeout: Option<usb::Timeout>,
}

impl Request {
    /// # Errors
    ///
    /// - `EINVAL`: an unknown flag, one of the other direction, or too long a timeout.
    /// - `EMSGSIZE`: too long.
    /// - `EFAULT`: no address of this machine.
    fn new(raw: &uapi::usbpipe_uring) -> Result<Self> {
        let flags = u32::from(raw.flags);
        let known = match raw.endpoint & DIRECTION_IN {
            0 => ZERO_PACKET,
            _ => SHORT_NOT_OK,
        };
        if flags & !known != 0 {
            return Err(EINVAL);
        }
        if raw.length > uapi::USBPIPE_MAX_TRANSFER {
            return Err(EMSGSIZE);
        }
        let timeout = match raw.timeout_ms {
            0 => None,
            millis => Some(usb::Timeout::try_from_millis(millis.into())?),
        };
        Ok(Self {
            endpoint: raw.endpoint,
            flags,
            // CAST: At most `USBPIPE_MAX_TRANSFER`.
            length: raw.length as usize,
            place: usize::try_from(raw.data).map_err(|_| EFAULT)?,
            timeout,
        })
    }
}

/// What is taken for as long as a transfer is in flight.
struct Hold {
    charge: Charge,
    lane: LaneGuard,
    awake: usb::PowerGuard,
    stats: Arc<Stats>,
}

/// The commands of one file.
pub(crate) struct Commands {
    transfers: usb::Anchor,
    lanes: Arc<Lanes>,
    budget: Arc<Budget>,
    stats: Arc<Stats>,
}

impl Commands {
    pub(crate) fn new(pipe: &Pipe) -> Result<Self> {
        Ok(Self {
            transfers: usb::Anchor::new()?,
            lanes: pipe.lanes.clone(),
            budget: pipe.budget.clone(),
            stats: pipe.stats.clone(),
        })
    }

    /// Begins a command.
    ///
    /// # Errors
    ///
    /// - `ENOTTY`: another command.
    /// - `EPERM`: the file was not opened for writing.
    /// - `EINVAL`: an unknown flag, a timeout that is too long.
    /// - `ENXIO`: the interface has no such bulk or interrupt endpoint.
    /// - `EMSGSIZE`: too long.
    /// - `EBUSY`: the endpoint is used for something else.
    /// - `ENOBUFS`: a limit of memory would be exceeded.
    /// - `EFAULT`: what is to be sent cannot be read.
    /// - `ENOMEM`, and those of [`usb::Urb::submit`].
    pub(crate) fn begin(&self, operation: &Operation<'_>, command: UringCommand) -> Result {
        if command.cmd_op() != uapi::usbpipe_ioctl_USBPIPE_URING_TRANSFER {
            return Err(ENOTTY);
        }
        if !operation.is_writable() {
            return Err(EPERM);
        }
        let request = Request::new(&command.payload())?;
        let hold = self.hold(operation, &request)?;
        let begun = match AnyEndpoint::find(operation.interface(), request.endpoint)? {
            AnyEndpoint::BulkIn(endpoint) => self.receive(&endpoint, &request, hold, command),
            AnyEndpoint::InterruptIn(endpoint) => self.receive(&endpoint, &request, hold, command),
            AnyEndpoint::BulkOut(endpoint) => self.send(&endpoint, &request, hold, command),
            AnyEndpoint::InterruptOut(endpoint) => self.send(&endpoint, &request, hold, command),
            _ => Err(ENXIO),
        };
        match begun {
            // The device is waking up: io_uring comes again, and can wait then.
            Err(EHOSTUNREACH) if operation.is_nonblocking() => Err(EAGAIN),
            begun => begun,
        }
    }

    /// The file is closed: all commands have been completed.
    pub(crate) fn end(&self, operation: &Operation<'_>) {
        self.transfers.kill(operation.interface());
    }

    fn hold(&self, operation: &Operation<'_>, request: &Request) -> Result<Hold> {
        Ok(Hold {
            awake: awake(operation)?,
            stats: self.stats.clone(),
            lane: self.lanes.enter(request.endpoint, Purpose::Transfer)?,
            charge: self.budget.charge(request.length)?,
        })
    }

    fn receive<T: BulkOrInterrupt>(
        &self,
        endpoint: &usb::Endpoint<'_, T, In>,
        request: &Request,
        Hold {
            charge,
            lane,
            awake,
            stats,
        }: Hold,
        command: UringCommand,
    ) -> Result
    where
        usb::ShortNotOk: usb::Flag<T, In>,
    {
        let buffer = usb::Buffer::new(request.length, GFP_KERNEL)?;
        let receiver = Receiver {
            command,
            reply: Reply::new(request, charge)?,
            lane,
            awake,
            stats,
        };
        let mut urb = usb::Urb::new(endpoint, buffer, receiver)?;
        if request.flags & SHORT_NOT_OK != 0 {
            urb.set_flag(usb::ShortNotOk);
        }
        urb.set_anchor(&self.transfers);
        let command = &urb.handler().command;
        command.set_transfer(endpoint.interface(), urb.canceller(), request.timeout)?;
        Ok(urb.submit(endpoint.interface())?)
    }

    fn send<T: BulkOrInterrupt>(
        &self,
        endpoint: &usb::Endpoint<'_, T, Out>,
        request: &Request,
        hold: Hold,
        command: UringCommand,
    ) -> Result
    where
        usb::ZeroPacket: usb::Flag<T, Out>,
    {
        let mut buffer = usb::Buffer::new(request.length, GFP_KERNEL)?;
        let user = UserSlice::new(UserPtr::from_addr(request.place), request.length);
        user.reader().read_slice(&mut buffer)?;
        let mut urb = usb::Urb::new(endpoint, buffer, Sender { command, hold })?;
        if request.flags & ZERO_PACKET != 0 {
            urb.set_flag(usb::ZeroPacket);
        }
        urb.set_anchor(&self.transfers);
        let command = &urb.handler().command;
        command.set_transfer(endpoint.interface(), urb.canceller(), request.timeout)?;
        Ok(urb.submit(endpoint.interface())?)
    }
}

/// What a device has sent, on its way to the program.
struct Reply {
    place: usize,
    buffer: usb::Buffer,
    length: usize,
    /// Given back with the buffer.
    _charge: Charge,
}

impl Reply {
    /// Room for it, but for the buffer, which the URB has.
    fn new(request: &Request, charge: Charge) -> Result<KBox<Self>> {
        let reply = Self {
            place: request.place,
            buffer: usb::Buffer::new(0, GFP_KERNEL)?,
            length: 0,
            _charge: charge,
        };
        Ok(KBox::new(reply, GFP_KERNEL)?)
    }
}

impl usb::UringReply for Reply {
    fn deliver(&mut self) -> Result<u32> {
        let user = UserSlice::new(UserPtr::from_addr(self.place), self.length);
        user.writer().write_slice(&self.buffer[..self.length])?;
        // CAST: At most `USBPIPE_MAX_TRANSFER`.
        Ok(self.length as u32)
    }
}

/// A command that waits for a device to send something.
struct Receiver {
    command: UringCommand,
    reply: KBox<Reply>,
    lane: LaneGuard,
    awake: usb::PowerGuard,
    stats: Arc<Stats>,
}

impl<T: BulkOrInterrupt> usb::Handler<T, In> for Receiver {
    fn complete(done: Completed<'_, T, In, Self>) {
        let (error, length) = (done.error(), done.actual_length());
        let (
            buffer,
            Self {
                command,
                mut reply,
                lane,
                awake,
                stats,
            },
        ) = done.into_urb().into_parts();
        stats.count::<In>(error.map_or(Ok(()), Err), length);
        drop((lane, awake));
        match error {
            None => {
                reply.length = length;
                reply.buffer = buffer;
                command.reply(reply);
            }
            Some(error) => {
                let error = to_program(error, &command);
                command.complete(Err(error));
            }
        }
    }
}

/// A command that waits for a device to take something.
struct Sender {
    command: UringCommand,
    hold: Hold,
}

impl<T: BulkOrInterrupt> usb::Handler<T, Out> for Sender {
    fn complete(done: Completed<'_, T, Out, Self>) {
        let (error, length) = (done.error(), done.actual_length());
        let (buffer, Self { command, hold }) = done.into_urb().into_parts();
        hold.stats.count::<Out>(error.map_or(Ok(()), Err), length);
        drop((buffer, hold));
        let result = match error {
            // CAST: At most `USBPIPE_MAX_TRANSFER`.
            None => Ok(length as u32),
            Some(error) => Err(to_program(error, &command)),
        };
        command.complete(result);
    }
}

fn to_program(error: usb::TransferError, command: &UringCommand) -> Error {
    match error {
        error if error.is_cancelled() && command.has_expired() => ETIMEDOUT,
        error => error.into(),
    }
}
