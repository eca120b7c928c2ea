// SPDX-License-Identifier: GPL-2.0

//! Interrupt IN endpoints, which QEMU has us poll.

use refdev::description::Transfer;

use super::*;

impl<D: Device> Session<D> {
    pub(super) fn start_interrupt(&mut self, id: u64, address: Address) {
        if self.packet_size(address, reply::INTERRUPT).is_none() {
            return self.interrupt_status(id, Status::Invalid, address);
        }
        self.interrupt_status(id, Status::Success, address);
        self.end_poll(address);
        self.poll(address);
    }

    fn poll(&mut self, address: Address) {
        if let Some(max_packet) = self.packet_size(address, reply::INTERRUPT) {
            self.engine
                .submit_in(Token::Poll(address), address, max_packet);
        }
    }

    fn end_poll(&mut self, address: Address) {
        self.engine.cancel(Token::Poll(address));
        self.due_polls.remove(&address);
    }

    /// Begins the next poll where it is time. A device that always has something to say gets one
    /// packet a period through, as on a bus.
    pub(super) fn begin_due_polls(&mut self, now: Duration) {
        self.now = now;
        let mut due = self.due_polls.clone();
        due.retain(|_, &mut time| time <= now);
        for address in due.into_keys() {
            self.due_polls.remove(&address);
            self.poll(address);
        }
    }

    /// When [`Self::begin_due_polls`] has something to do.
    pub(super) fn next_poll(&self) -> Option<Duration> {
        self.due_polls.values().min().copied()
    }

    fn poll_later(&mut self, address: Address) {
        let endpoint = self.engine.device().endpoint(address);
        if let Some(Transfer::Interrupt { period_us, .. }) = endpoint.map(|it| it.transfer) {
            let period = Duration::from_micros(period_us.into());
            self.due_polls.insert(address, self.now + period);
        }
    }

    pub(super) fn stop_interrupt(&mut self, id: u64, address: Address) {
        self.end_poll(address);
        self.stalled_polls.remove(address);
        self.interrupt_status(id, Status::Success, address);
    }

    fn interrupt_status(&mut self, id: u64, status: Status, address: Address) {
        self.send(
            id,
            &reply::Body::InterruptStatus(status, address),
            Vec::new(),
        );
    }

    /// Interrupt data goes out unasked, and the next poll begins a period later. A stall goes out once, as a
    /// packet, since QEMU would not wake the guest for a mere status; then polling rests until the
    /// halt is cleared.
    pub(super) fn polled(&mut self, address: Address, mut answer: Answer) {
        let stalled = answer.status != 0;
        let mut fate = Fate::Once;
        if let Some(lie) = self.faults.pick(address, None) {
            let asked = self.packet_size(address, reply::INTERRUPT).unwrap_or(0);
            distort(&lie, Direction::In, asked as u32, &mut answer);
            fate = lie.fate;
        }
        match fate {
            Fate::Never => {}
            Fate::Twice => {
                self.interrupt_in(address, answer.clone());
                self.interrupt_in(address, answer);
            }
            Fate::Once | Fate::Stray => self.interrupt_in(address, answer),
        }
        if stalled {
            self.stalled_polls.insert(address);
        } else {
            self.poll_later(address);
        }
    }

    fn interrupt_in(&mut self, address: Address, answer: Answer) {
        let end = PacketEnd {
            address,
            status: Status::from_raw(answer.status as u8),
            actual: answer.actual as usize,
            stream: 0,
        };
        let id = self.interrupts;
        self.interrupts += 1;
        self.send(id, &reply::Body::Interrupt(end), answer.data);
    }

    /// The guest cleared the halt of an endpoint that may have been polled.
    pub(super) fn resume_poll(&mut self, setup: Setup) {
        let clears_halt = setup.request_type == 0x02
            && setup.request == request::CLEAR_FEATURE
            && setup.value == feature::ENDPOINT_HALT;
        let Some(address) = Address::new(setup.index as u8).filter(|_| clears_halt) else {
            return;
        };
        if self.stalled_polls.contains(address) {
            self.stalled_polls.remove(address);
            self.poll(address);
        }
    }
}
