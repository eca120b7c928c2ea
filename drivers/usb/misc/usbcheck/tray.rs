// SPDX-License-Identifier: GPL-2.0

//! A handler that keeps the URB for the check that waits for it.

use crate::{
    look::{
        Look,
        View, //
    },
    verdict::{
        Failure,
        Verdict, //
    }, //
};
use kernel::{
    device::Bound,
    new_condvar,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        CondVar,
        CondVarTimeoutResult,
        SpinLockIrq, //
    },
    time::msecs_to_jiffies,
    usb::{
        self,
        BulkOrInterrupt,
        Direction,
        In,
        Out,
        TransferError,
        TransferType, //
    }, //
};

/// How long a check waits for a transfer that has to end, in milliseconds: the slowest guests need
/// a second.
const PATIENCE_MS: u32 = 10_000;

/// A URB as the checks use it.
pub(crate) type TestUrb<T, D, B = usb::Buffer> = usb::Urb<T, D, Catcher<T, D, B>, B>;

/// A transfer that has ended, with what its handler has seen.
pub(crate) struct Ended<T: TransferType, D: Direction, B: Look<T, D> = usb::Buffer> {
    urb: TestUrb<T, D, B>,
    result: Result<(), TransferError>,
    actual_length: usize,
    /// Where the interface is that the handler was told of.
    place: usize,
    pub(crate) view: View,
}

/// The refusal of one.
pub(crate) type Refused<T, D, B = usb::Buffer> = usb::SubmitError<T, D, Catcher<T, D, B>, B>;

/// Puts the URB on a tray, after it has resubmitted it as often as it was told to.
pub(crate) struct Catcher<T: TransferType, D: Direction, B: Look<T, D>>(Arc<Tray<T, D, B>>);

/// A URB that has come back.
#[expect(
    clippy::large_enum_variant,
    reason = "a box could not be allocated in a handler"
)]
pub(crate) enum Returned<T: TransferType, D: Direction, B: Look<T, D>> {
    /// Its transfer ended.
    Ended(Ended<T, D, B>),
    /// The handler could not resubmit it.
    Refused(Refused<T, D, B>),
}

struct State<T: TransferType, D: Direction, B: Look<T, D>> {
    returned: Option<Returned<T, D, B>>,
    completions: usize,
    resubmissions_left: usize,
}

/// A URB does not care where it is, whatever its type parameters say.
impl<T: TransferType, D: Direction, B: Look<T, D>> Unpin for State<T, D, B> {}

#[pin_data]
struct Tray<T: TransferType, D: Direction, B: Look<T, D>> {
    #[pin]
    state: SpinLockIrq<State<T, D, B>>,
    #[pin]
    filled: CondVar,
}

impl<T: TransferType, D: Direction, B: Look<T, D>> Catcher<T, D, B> {
    pub(crate) fn new() -> Result<Self> {
        let state = State {
            returned: None,
            completions: 0,
            resubmissions_left: 0,
        };
        let tray = Arc::pin_init(
            pin_init!(Tray {
                state <- new_spinlock_irq!(state, "usbcheck::Tray::state"),
                filled <- new_condvar!("usbcheck::Tray::filled"),
            }),
            GFP_KERNEL,
        )?;
        Ok(Self(tray))
    }

    /// Has the handler resubmit the URB, whatever became of it, `count` times.
    pub(crate) fn resubmit(&self, count: usize) {
        self.0.state.lock().resubmissions_left = count;
    }

    /// How often the handler has run.
    pub(crate) fn completions(&self) -> usize {
        self.0.state.lock().completions
    }
}

impl<T: TransferType, D: Direction, B: Look<T, D>> usb::Handler<T, D, B> for Catcher<T, D, B> {
    fn complete(done: usb::Completed<'_, T, D, Self, B>) {
        let tray = done.handler().0.clone();
        let mut state = tray.state.lock();
        state.completions += 1;
        let again = state.resubmissions_left > 0;
        state.resubmissions_left -= usize::from(again);
        drop(state);
        let returned = match again {
            false => Returned::Ended(Ended::new(done)),
            true => match done.resubmit() {
                Ok(()) => return,
                Err(refused) => Returned::Refused(refused),
            },
        };
        tray.state.lock().returned = Some(returned);
        tray.filled.notify_all();
    }
}

fn place_of(interface: &usb::Interface) -> usize {
    core::ptr::from_ref(interface).addr()
}

impl<T: TransferType, D: Direction, B: Look<T, D>> Ended<T, D, B> {
    fn new(done: usb::Completed<'_, T, D, Catcher<T, D, B>, B>) -> Self {
        Self {
            result: done.result(),
            actual_length: done.actual_length(),
            place: place_of(done.interface()),
            view: B::look(&done),
            urb: done.into_urb(),
        }
    }

    pub(crate) fn result(&self) -> Result<(), TransferError> {
        self.result
    }

    pub(crate) fn actual_length(&self) -> usize {
        self.actual_length
    }

    /// Whether the handler was told of this interface.
    pub(crate) fn was_of(&self, interface: &usb::Interface<Bound>) -> bool {
        self.place == place_of(interface)
    }

    pub(crate) fn handler(&self) -> &Catcher<T, D, B> {
        self.urb.handler()
    }

    pub(crate) fn memory(&self) -> &B {
        self.urb.memory()
    }

    pub(crate) fn into_urb(self) -> TestUrb<T, D, B> {
        self.urb
    }
}

impl<T: TransferType> Ended<T, In>
where
    usb::Buffer: Look<T, In>,
{
    /// What the device sent.
    pub(crate) fn data(&self) -> &[u8] {
        self.urb.buffer().get(self.view.data.clone()).unwrap_or(&[])
    }
}

impl<T: TransferType, B: Look<T, Out>> Ended<T, Out, B> {
    pub(crate) fn is_complete(&self) -> bool {
        self.view.is_complete
    }
}

/// A URB of a bulk or interrupt endpoint that comes back on a tray.
pub(crate) fn urb<T: BulkOrInterrupt, D: Direction, B: Look<T, D>>(
    endpoint: &usb::Endpoint<'_, T, D>,
    memory: B,
) -> Result<TestUrb<T, D, B>> {
    usb::Urb::new(endpoint, memory, Catcher::new()?)
}

/// A URB that was submitted. It is cancelled where the check does not wait for it.
pub(crate) struct Flight<'a, T: TransferType, D: Direction, B: Look<T, D>> {
    interface: &'a usb::Interface<Bound>,
    canceller: usb::Canceller,
    tray: Arc<Tray<T, D, B>>,
}

/// Submits a URB.
pub(crate) fn launch<T: TransferType, D: Direction, B: Look<T, D>>(
    interface: &usb::Interface<Bound>,
    urb: TestUrb<T, D, B>,
) -> Result<Flight<'_, T, D, B>, Refused<T, D, B>> {
    let flight = Flight::of(interface, &urb);
    urb.submit(interface)?;
    Ok(flight)
}

impl<'a, T: TransferType, D: Direction, B: Look<T, D>> Flight<'a, T, D, B> {
    /// That of a URB which is about to be submitted.
    pub(crate) fn of(interface: &'a usb::Interface<Bound>, urb: &TestUrb<T, D, B>) -> Self {
        Self {
            interface,
            canceller: urb.canceller(),
            tray: urb.handler().0.clone(),
        }
    }

    pub(crate) fn canceller(&self) -> &usb::Canceller {
        &self.canceller
    }

    /// Whether the URB is back.
    pub(crate) fn is_over(&self) -> bool {
        self.tray.state.lock().returned.is_some()
    }

    /// How often the handler has run.
    pub(crate) fn completions(&self) -> usize {
        self.tray.state.lock().completions
    }

    /// Waits until the transfer has ended, well or not.
    #[track_caller]
    pub(crate) fn wait(&self) -> Verdict<Ended<T, D, B>> {
        match self.returned() {
            Ok(Returned::Ended(ended)) => Ok(ended),
            Ok(Returned::Refused(refused)) => Err(Failure::from(refused.error)),
            Err(error) => Err(Failure::from(error)),
        }
    }

    /// Waits until the handler could not resubmit the URB.
    #[track_caller]
    pub(crate) fn wait_refused(&self) -> Verdict<Refused<T, D, B>> {
        match self.returned() {
            Ok(Returned::Refused(refused)) => Ok(refused),
            Ok(Returned::Ended(_)) => Err(Failure::from(ENODATA)),
            Err(error) => Err(Failure::from(error)),
        }
    }

    fn returned(&self) -> Result<Returned<T, D, B>> {
        let mut state = self.tray.state.lock();
        let mut left = msecs_to_jiffies(PATIENCE_MS);
        loop {
            if let Some(returned) = state.returned.take() {
                return Ok(returned);
            }
            let filled = &self.tray.filled;
            match filled.wait_interruptible_timeout(&mut state, left) {
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Signal { .. } => return Err(EINTR),
                CondVarTimeoutResult::Timeout => return state.returned.take().ok_or(ETIMEDOUT),
            }
        }
    }
}

impl<T: TransferType, D: Direction, B: Look<T, D>> Drop for Flight<'_, T, D, B> {
    /// Breaks the cycle of URB, handler and tray.
    fn drop(&mut self) {
        let _ = self.canceller.kill(self.interface);
        drop(self.tray.state.lock().returned.take());
    }
}
