// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_TRANSACT`: commands and their replies, in one call.
//!
//! All commands of a batch are checked before the first one is sent. They are carried out one after
//! the other, up to the first that fails.
//!
//! A reply that does not come in time may come later, and must not be taken for that of the next
//! command. If replies carry a tag, one with another tag is dropped. If they don't, the next command
//! is not sent before the reply that is missing has come, or the program has given it up
//! (`USBPIPE_FLUSH_REPLY`).

use crate::{
    any_endpoint::AnyEndpoint,
    deadline::Deadline,
    exchange,
    file::File,
    filter,
    lane::Purpose,
    pipe::Pipe,
    recovery::diagnose,
    request,
    room::{
        deliver,
        Room, //
    },
    tag::Tag,
    user, //
};
use kernel::{
    prelude::*,
    uapi::{
        self,
        usbpipe_transact,
        usbpipe_transaction, //
    },
    usb, //
};

const KIND_PIPES: u8 = uapi::usbpipe_transaction_kind_USBPIPE_TRANSACTION_PIPES as u8;
const KIND_CONTROL: u8 = uapi::usbpipe_transaction_kind_USBPIPE_TRANSACTION_CONTROL as u8;
const NOT_SENT: u8 = uapi::usbpipe_transaction_state_USBPIPE_TRANSACTION_NOT_SENT as u8;
const SENT: u8 = uapi::usbpipe_transaction_state_USBPIPE_TRANSACTION_SENT as u8;
const AWAITING: u8 = uapi::usbpipe_transaction_state_USBPIPE_TRANSACTION_AWAITING as u8;
const COMPLETED: u8 = uapi::usbpipe_transaction_state_USBPIPE_TRANSACTION_COMPLETED as u8;

/// # Errors
///
/// See `Documentation/usb/usbpipe.rst`.
pub(crate) fn ioctl(
    pipe: &Pipe,
    file: &File,
    operation: &usb::Operation<'_>,
    arg: usize,
) -> Result {
    user::update(arg, |batch: &mut usbpipe_transact| {
        batch.completed = 0;
        if batch.reserved != [0; 6] {
            return Err(EINVAL);
        }
        if batch.count == 0 || batch.count > uapi::USBPIPE_MAX_TRANSACTIONS {
            return Err(EMSGSIZE);
        }
        let mut transactions = fetch(operation, batch)?;
        let way = Way::open(pipe, file, operation, batch, &transactions)?;
        let result = transactions.iter_mut().try_for_each(|transaction| {
            way.carry_out(transaction)?;
            batch.completed += 1;
            Ok(())
        });
        store(batch, &transactions)?;
        result
    })
}

/// The commands, checked.
fn fetch(
    operation: &usb::Operation<'_>,
    batch: &usbpipe_transact,
) -> Result<KVec<usbpipe_transaction>> {
    let count = batch.count as usize;
    let mut transactions = KVec::with_capacity(count, GFP_KERNEL)?;
    let length = count * size_of::<usbpipe_transaction>();
    let mut reader = user::memory(batch.transactions, length)?.reader();
    for _ in 0..count {
        let mut transaction: usbpipe_transaction = Zeroable::zeroed();
        reader.read_slice(transaction.as_mut_bytes())?;
        check(operation, &transaction)?;
        transaction.sequence = 0;
        transaction.out_actual = 0;
        transaction.in_actual = 0;
        transaction.stale = 0;
        transaction.result = 0;
        transaction.state = NOT_SENT;
        transactions.push(transaction, GFP_KERNEL)?;
    }
    Ok(transactions)
}

fn check(operation: &usb::Operation<'_>, transaction: &usbpipe_transaction) -> Result {
    if transaction.reserved != 0 || transaction.reserved0 != [0; 3] {
        return Err(EINVAL);
    }
    usb::Timeout::try_from_millis(transaction.timeout_ms)?;
    Tag::check(transaction)?;
    match transaction.kind {
        KIND_PIPES => check_pipes(transaction),
        KIND_CONTROL => check_control(operation, transaction),
        _ => Err(EINVAL),
    }
}

fn check_pipes(transaction: &usbpipe_transaction) -> Result {
    let longest = transaction.out_length.max(transaction.in_length);
    if transaction.setup != [0; 8] || longest == 0 {
        return Err(EINVAL);
    }
    match longest > uapi::USBPIPE_MAX_TRANSFER {
        true => Err(EMSGSIZE),
        false => Ok(()),
    }
}

fn check_control(operation: &usb::Operation<'_>, transaction: &usbpipe_transaction) -> Result {
    let setup = filter::Setup::from_wire(transaction.setup);
    let (used, unused) = match setup.is_in() {
        true => (transaction.in_length, transaction.out_length),
        false => (transaction.out_length, transaction.in_length),
    };
    if used != u32::from(setup.length) || unused != 0 || transaction.tag_length != 0 {
        return Err(EINVAL);
    }
    if used > uapi::USBPIPE_CONTROL_MAX_LENGTH {
        return Err(EMSGSIZE);
    }
    setup.check(operation.interface())
}

fn store(batch: &usbpipe_transact, transactions: &[usbpipe_transaction]) -> Result {
    let length = size_of_val(transactions);
    let mut writer = user::memory(batch.transactions, length)?.writer();
    transactions
        .iter()
        .try_for_each(|transaction| writer.write_slice(transaction.as_bytes()))
}

/// The endpoints of a batch, which nobody else uses while it is there.
struct Way<'a> {
    pipe: &'a Pipe,
    operation: &'a usb::Operation<'a>,
    out_address: u8,
    in_address: u8,
    _turn: crate::replies::Turn<'a>,
    _out_lane: Option<crate::lane::LaneGuard>,
    _in_lane: Option<crate::lane::LaneGuard>,
}

impl<'a> Way<'a> {
    fn open(
        pipe: &'a Pipe,
        file: &File,
        operation: &'a usb::Operation<'a>,
        batch: &usbpipe_transact,
        transactions: &[usbpipe_transaction],
    ) -> Result<Self> {
        let interface = operation.interface();
        let (reading, writing) = file.addresses(interface);
        let pick = |wanted, default| if wanted == 0 { default } else { wanted };
        let out_address = pick(batch.out_endpoint, writing);
        let in_address = pick(batch.in_endpoint, reading);
        let pipes = || transactions.iter().filter(|t| t.kind == KIND_PIPES);
        let lane = |used: bool, address, is_in: bool| {
            if !used {
                return Ok(None);
            }
            let endpoint = AnyEndpoint::find(interface, address)?;
            if endpoint.is_isochronous() || endpoint.is_in() != is_in {
                return Err(EOPNOTSUPP);
            }
            pipe.enter(interface, address, Purpose::Command).map(Some)
        };
        let turn = pipe.replies.take_turn(operation, &pipe.changed)?;
        Ok(Self {
            pipe,
            operation,
            out_address,
            in_address,
            _turn: turn,
            _out_lane: lane(pipes().any(|t| t.out_length > 0), out_address, false)?,
            _in_lane: lane(pipes().any(|t| t.in_length > 0), in_address, true)?,
        })
    }

    /// Carries out one command, and notes how it went.
    fn carry_out(&self, transaction: &mut usbpipe_transaction) -> Result {
        transaction.sequence = self.pipe.replies.next_sequence();
        self.pipe.stats.transactions.add(1);
        let deadline = Deadline::new(transaction.timeout_ms);
        let command = usb::TracedCommand::start(self.operation.interface(), c"transaction");
        let result = match transaction.kind {
            KIND_CONTROL => self.control(transaction, &deadline),
            _ => self.command(transaction, &deadline),
        };
        transaction.result = result.map_or_else(|error| error.to_errno(), |()| 0);
        // CAST: At most `USBPIPE_MAX_TRANSFER`.
        command.end(result.map(|()| transaction.in_actual as usize));
        result
    }

    fn control(&self, transaction: &mut usbpipe_transaction, deadline: &Deadline) -> Result {
        let setup = filter::Setup::from_wire(transaction.setup);
        let data = match setup.is_in() {
            true => transaction.in_data,
            false => transaction.out_data,
        };
        let timeout = deadline.left()?;
        transaction.state = SENT;
        let (actual, result) = request::carry_out(self.pipe, self.operation, setup, data, timeout)?;
        match setup.is_in() {
            true => transaction.in_actual = actual,
            false => transaction.out_actual = actual,
        }
        result?;
        transaction.state = COMPLETED;
        Ok(())
    }

    fn command(&self, transaction: &mut usbpipe_transaction, deadline: &Deadline) -> Result {
        let tag = Tag::of(transaction)?;
        if tag.is_none() && transaction.in_length > 0 {
            self.drop_late_replies(transaction, deadline)?;
        }
        // Before anything is sent, so that there is no reply without room for it.
        let room = self.room(transaction.in_length)?;
        if transaction.out_length > 0 {
            self.send(transaction, deadline)?;
        }
        if let Some(room) = room {
            transaction.state = AWAITING;
            let replies = &self.pipe.replies;
            replies.begin(self.in_address, transaction.in_length);
            self.receive(transaction, deadline, tag.as_ref(), room)?;
        }
        transaction.state = COMPLETED;
        Ok(())
    }

    /// Memory for a reply of up to `length` bytes, if there is to be one.
    fn room(&self, length: u32) -> Result<Option<Room>> {
        if length == 0 {
            return Ok(None);
        }
        let endpoint = AnyEndpoint::find(self.operation.interface(), self.in_address)?;
        Room::new(self.pipe, &endpoint, length).map(Some)
    }

    /// Waits for the replies to earlier commands, which nobody waits for any more.
    fn drop_late_replies(
        &self,
        transaction: &mut usbpipe_transaction,
        deadline: &Deadline,
    ) -> Result {
        while let Some(length) = self.pipe.replies.awaited(self.in_address) {
            if let Some(room) = self.room(length)? {
                self.judge(&self.read(room.buffer, deadline)?)?;
                self.count_stale(transaction);
            }
        }
        Ok(())
    }

    fn count_stale(&self, transaction: &mut usbpipe_transaction) {
        transaction.stale += 1;
        self.pipe.stats.stale_replies.add(1);
    }

    fn send(&self, transaction: &mut usbpipe_transaction, deadline: &Deadline) -> Result {
        let length = transaction.out_length as usize;
        let _charge = self.pipe.budget.charge(length)?;
        let mut buffer = usb::Buffer::new(length, GFP_KERNEL)?;
        user::memory(transaction.out_data, length)?
            .reader()
            .read_slice(&mut buffer)?;
        let endpoint = AnyEndpoint::find(self.operation.interface(), self.out_address)?;
        let timeout = deadline.left()?;
        let done = exchange::send(&endpoint, &self.pipe.stats, buffer, timeout, false)?;
        transaction.state = SENT;
        // CAST: At most `out_length`.
        transaction.out_actual = done.actual_length as u32;
        if done.result == Err(usb::TransferError::Stall) {
            endpoint.clear_halt()?;
        }
        self.judge(&done)
    }

    /// The reply with that tag, or the next one.
    fn receive(
        &self,
        transaction: &mut usbpipe_transaction,
        deadline: &Deadline,
        tag: Option<&Tag>,
        room: Room,
    ) -> Result {
        let mut buffer = room.buffer;
        loop {
            let done = self.read(buffer, deadline)?;
            if has_come(&done) {
                transaction.state = SENT;
            }
            if done.result.is_err() || tag.is_none_or(|tag| tag.is_in(done.data())) {
                let (place, room) = (transaction.in_data, transaction.in_length);
                let taken = deliver(done.data(), place, room, &mut transaction.in_actual);
                return self.judge(&done).and(taken);
            }
            // That of an earlier command. Its own is still to come.
            transaction.state = AWAITING;
            self.count_stale(transaction);
            buffer = done.buffer;
        }
    }

    /// What the device has to say. A halt is the reply as well, to all commands: none other will
    /// come.
    fn read(&self, buffer: usb::Buffer, deadline: &Deadline) -> Result<usb::Transferred> {
        let replies = &self.pipe.replies;
        let endpoint = AnyEndpoint::find(self.operation.interface(), self.in_address)?;
        let done = exchange::receive(&endpoint, &self.pipe.stats, buffer, deadline.left()?)?;
        if done.result == Err(usb::TransferError::Stall) {
            replies.give_up(self.in_address);
            endpoint.clear_halt()?;
        } else if has_come(&done) {
            replies.end(self.in_address);
        }
        Ok(done)
    }

    fn judge(&self, done: &usb::Transferred) -> Result {
        done.result
            .map_err(|error| diagnose(error.into(), self.operation))
    }
}

/// Whether a reply is over, for better or worse.
fn has_come(done: &usb::Transferred) -> bool {
    use usb::TransferError::{
        Overflow,
        Stall, //
    };
    matches!(done.result, Ok(()) | Err(Stall | Overflow))
}
