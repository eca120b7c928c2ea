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
    exchange,
    file::File,
    filter,
    lane::Purpose,
    pipe::Pipe,
    request,
    tag::Tag,
    user, //
};
use kernel::{
    dev_dbg,
    prelude::*,
    time::{
        Instant,
        Monotonic, //
    },
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

/// How long one command may still take.
struct Deadline {
    begun: Instant<Monotonic>,
    millis: u32,
}

impl Deadline {
    fn new(millis: u32) -> Self {
        Self {
            begun: Instant::now(),
            millis,
        }
    }

    /// # Errors
    ///
    /// `ETIMEDOUT`.
    fn left(&self) -> Result<usb::Timeout> {
        let elapsed = self.begun.elapsed().as_millis();
        let left = i64::from(self.millis).saturating_sub(elapsed);
        let left = u32::try_from(left).map_err(|_| ETIMEDOUT)?;
        usb::Timeout::try_from_millis(left).map_err(|_| ETIMEDOUT)
    }
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
        let lane = |used: bool, address, is_in: bool| match used {
            true if AnyEndpoint::find(interface, address)?.is_in() != is_in => Err(EOPNOTSUPP),
            true => pipe.enter(interface, address, Purpose::Transfer).map(Some),
            false => Ok(None),
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
        let result = match transaction.kind {
            KIND_CONTROL => self.control(transaction, &deadline),
            _ => self.command(transaction, &deadline),
        };
        transaction.result = result.map_or_else(|error| error.to_errno(), |()| 0);
        dev_dbg!(
            self.operation.interface(),
            "command {}: sent {}, received {}, {} late, state {}, result {}\n",
            transaction.sequence,
            transaction.out_actual,
            transaction.in_actual,
            transaction.stale,
            transaction.state,
            transaction.result
        );
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
        let replies = &self.pipe.replies;
        let tag = Tag::of(transaction)?;
        if tag.is_none() && transaction.in_length > 0 && replies.is_awaited(self.in_address) {
            self.drop_late_reply(transaction, deadline)?;
        }
        if transaction.out_length > 0 {
            self.send(transaction, deadline)?;
        }
        if transaction.in_length > 0 {
            transaction.state = AWAITING;
            replies.set_awaited(self.in_address, true);
            self.receive(transaction, deadline, tag.as_ref())?;
        }
        transaction.state = COMPLETED;
        Ok(())
    }

    /// Waits for the reply to an earlier command, which nobody waits for any more.
    fn drop_late_reply(
        &self,
        transaction: &mut usbpipe_transaction,
        deadline: &Deadline,
    ) -> Result {
        let done = self.read(transaction, deadline)?;
        self.check_reply(&done)?;
        self.count_stale(transaction);
        self.pipe.replies.set_awaited(self.in_address, false);
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
        Ok(done.result?)
    }

    /// The reply with that tag, or the next one.
    fn receive(
        &self,
        transaction: &mut usbpipe_transaction,
        deadline: &Deadline,
        tag: Option<&Tag>,
    ) -> Result {
        loop {
            let done = self.read(transaction, deadline)?;
            self.check_reply(&done)?;
            let data = &done.buffer[..done.actual_length];
            if tag.is_none_or(|tag| tag.is_in(data)) {
                self.pipe.replies.set_awaited(self.in_address, false);
                return take_reply(transaction, data);
            }
            self.count_stale(transaction);
        }
    }

    /// What the device has to say. Its reply may be longer than there is room for, by less than a
    /// packet.
    fn read(
        &self,
        transaction: &usbpipe_transaction,
        deadline: &Deadline,
    ) -> Result<usb::Transferred> {
        let endpoint = AnyEndpoint::find(self.operation.interface(), self.in_address)?;
        let length = (transaction.in_length as usize).next_multiple_of(endpoint.max_packet());
        let _charge = self.pipe.budget.charge(length)?;
        let buffer = usb::Buffer::new(length, GFP_KERNEL)?;
        exchange::receive(&endpoint, &self.pipe.stats, buffer, deadline.left()?)
    }

    /// A halt is the reply as well: none other will come.
    fn check_reply(&self, done: &usb::Transferred) -> Result {
        if done.result == Err(usb::TransferError::Stall) {
            self.pipe.replies.set_awaited(self.in_address, false);
            AnyEndpoint::find(self.operation.interface(), self.in_address)?.clear_halt()?;
        }
        Ok(done.result?)
    }
}

fn take_reply(transaction: &mut usbpipe_transaction, data: &[u8]) -> Result {
    let room = transaction.in_length as usize;
    let length = data.len().min(room);
    // CAST: At most `in_length`.
    transaction.in_actual = length as u32;
    user::memory(transaction.in_data, length)?
        .writer()
        .write_slice(&data[..length])?;
    match data.len() > room {
        true => Err(EOVERFLOW),
        false => Ok(()),
    }
}
