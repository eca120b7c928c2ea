// SPDX-License-Identifier: GPL-2.0

//! What all crimes need: transfers whose handlers misbehave, somebody who counts them, and places
//! where several threads can lay hands on the same thing.

use crate::{
    crimes::{
        pool::Producer,
        queue::Consumer,
        work::Worker, //
    },
    deeds::happened,
    module_parameters, //
};
use core::{
    mem,
    ops::ControlFlow, //
};
use kernel::{
    device::Bound,
    new_spinlock_irq,
    prelude::*,
    static_lock_class,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        LockClassKey,
        SpinLockIrq, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    usb, //
};

/// Transfers for one crime.
pub(crate) const COUNT: usize = 8;

/// How long a crime waits for something that may not come.
pub(crate) const MOMENT: usb::Timeout = usb::Timeout::from_millis::<10>();

/// What a handler does with its URB.
#[derive(Clone, Copy)]
pub(crate) enum Crime {
    /// Submits it again, for ever, and forgets it when that is refused.
    Resubmit,
    /// Submits it again, and frees it when that is refused.
    Persist,
    /// Forgets it, and with it buffer and handler.
    Forget,
    /// Frees it.
    Drop,
}

impl Crime {
    /// For who does it again and again: transfers that go on, and are forgotten now and then.
    pub(crate) fn go_on() -> Self {
        match now_and_then() {
            true => Self::Resubmit,
            false => Self::Persist,
        }
    }

    /// As [`Self::go_on`], but the handler ends them.
    pub(crate) fn stop() -> Self {
        match now_and_then() {
            true => Self::Forget,
            false => Self::Drop,
        }
    }

    /// Whether cancellers of such transfers are forgotten, too.
    pub(crate) fn forgets(self) -> bool {
        matches!(self, Self::Resubmit | Self::Forget)
    }
}

/// Whether nothing may be left behind.
pub(crate) fn is_careful() -> bool {
    module_parameters::careful.value() != 0
}

/// One time in 256, whoever asks; never for who is careful.
///
/// In a fight something is forgotten by that only: who lists leaks has to go through all of them
/// for each few.
pub(crate) fn now_and_then() -> bool {
    static TIMES: Atomic<usize> = Atomic::new(0);
    !is_careful() && TIMES.fetch_add(1, Relaxed) % 256 == 0
}

pub(crate) struct Accomplice {
    pub(crate) crime: Crime,
    /// Keeps the shared data alive through a cycle that nobody breaks.
    pub(crate) scene: Arc<Scene>,
}

pub(crate) type HostileUrb = usb::Urb<usb::Bulk, usb::In, Accomplice>;

impl<T, D, B> usb::Handler<T, D, B> for Accomplice
where
    T: usb::TransferType,
    D: usb::Direction,
    B: usb::Memory,
{
    fn complete(done: usb::Completed<'_, T, D, Self, B>) {
        done.handler().scene.witness();
        match done.handler().crime {
            Crime::Resubmit => mem::forget(done.resubmit()),
            Crime::Persist => drop(done.resubmit()),
            Crime::Forget => mem::forget(done),
            Crime::Drop => drop(done),
        }
    }
}

/// A place for one thing that several threads use, replace and take away, handlers too.
#[pin_data]
pub(crate) struct Slot<T> {
    #[pin]
    thing: SpinLockIrq<Option<Arc<T>>>,
}

impl<T> Slot<T> {
    fn new(name: &'static CStr, class: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            thing <- SpinLockIrq::new(None, name, class),
        })
    }

    pub(crate) fn get(&self) -> Option<Arc<T>> {
        self.thing.lock().clone()
    }

    pub(crate) fn take(&self) -> Option<Arc<T>> {
        self.thing.lock().take()
    }

    /// Drops what was there, unless somebody else is using it.
    pub(crate) fn put(&self, thing: T) -> Result {
        let thing = Arc::new(thing, GFP_KERNEL)?;
        let before = self.thing.lock().replace(thing);
        drop(before);
        Ok(())
    }
}

/// What all open files share.
#[pin_data]
pub(crate) struct Scene {
    pub(crate) completions: Atomic<u64>,
    pub(crate) events: Arc<usb::Events>,
    /// Whose turn it is where several threads do the same.
    turn: Atomic<usize>,
    /// Callbacks fail, and whoever opens the node waits.
    pub(crate) obstinate: Atomic<bool>,
    pub(crate) slow: Atomic<bool>,
    pub(crate) anchor: usb::Anchor,
    #[pin]
    pub(crate) queue: Slot<usb::Queue<Consumer>>,
    #[pin]
    pub(crate) pool: Slot<usb::Pool<Producer>>,
    #[pin]
    pub(crate) gather: Slot<usb::GatherCanceller>,
    #[pin]
    pub(crate) canceller: Slot<usb::Canceller>,
    #[pin]
    pub(crate) claim: Slot<usb::Claim>,
    #[pin]
    pub(crate) work: Slot<usb::Work<Worker>>,
    #[pin]
    pub(crate) pages: Slot<Arc<usb::Pages>>,
    #[pin]
    pub(crate) slots: Slot<Arc<usb::Slots>>,
    /// A command of io_uring that somebody else is to end.
    #[pin]
    pub(crate) command: SpinLockIrq<Option<usb::UringCommand>>,
}

impl Scene {
    pub(crate) fn new() -> Result<Arc<Self>> {
        let init = try_pin_init!(Self {
            completions: Atomic::new(0),
            events: usb::Events::new()?,
            turn: Atomic::new(0),
            obstinate: Atomic::new(false),
            slow: Atomic::new(false),
            anchor: usb::Anchor::new()?,
            queue <- Slot::new(c"usbhostile::queue", static_lock_class!()),
            pool <- Slot::new(c"usbhostile::pool", static_lock_class!()),
            gather <- Slot::new(c"usbhostile::gather", static_lock_class!()),
            canceller <- Slot::new(c"usbhostile::canceller", static_lock_class!()),
            claim <- Slot::new(c"usbhostile::claim", static_lock_class!()),
            work <- Slot::new(c"usbhostile::work", static_lock_class!()),
            pages <- Slot::new(c"usbhostile::pages", static_lock_class!()),
            slots <- Slot::new(c"usbhostile::slots", static_lock_class!()),
            command <- new_spinlock_irq!(None, "usbhostile::command"),
        });
        Arc::pin_init(init, GFP_KERNEL)
    }

    /// Counts a completion.
    pub(crate) fn witness(&self) {
        self.completions.add(1, Relaxed);
        happened(b"completion");
        self.events.notify();
    }

    /// Ends all cycles that something in it is part of.
    pub(crate) fn clear(&self) {
        drop((self.queue.take(), self.pool.take()));
        drop((self.gather.take(), self.canceller.take()));
        drop((self.claim.take(), self.work.take()));
        drop((self.pages.take(), self.slots.take()));
    }

    pub(crate) fn next_turn(&self) -> usize {
        self.turn.fetch_add(1, Relaxed)
    }

    pub(crate) fn urb(
        scene: &Arc<Self>,
        interface: &usb::Interface<Bound>,
        crime: Crime,
    ) -> Result<HostileUrb> {
        let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
        let scene = scene.clone();
        HostileUrb::new(
            &endpoint,
            usb::Buffer::new(512, GFP_KERNEL)?,
            Accomplice { crime, scene },
        )
    }

    /// Starts some transfers and keeps no track of them.
    pub(crate) fn commit(
        scene: &Arc<Self>,
        interface: &usb::Interface<Bound>,
        crime: Crime,
    ) -> Result {
        for _ in 0..COUNT {
            let urb = Self::urb(scene, interface, crime)?;
            if crime.forgets() {
                mem::forget(urb.canceller());
            }
            urb.submit(interface)?;
        }
        Ok(())
    }
}

/// Asks the reference device for something that it does not answer, and gives it a minute.
pub(crate) fn never_answered(interface: &usb::Interface<Bound>) -> Result {
    let minute = usb::Timeout::from_millis::<60_000>();
    ask_in_vain(interface, minute.into())
}

/// As [`never_answered`], for so long.
pub(crate) fn ask_in_vain(interface: &usb::Interface<Bound>, sleep: usb::Sleep) -> Result {
    const NEVER_ANSWER: u8 = 8;
    let request =
        usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, NEVER_ANSWER, 0, 0);
    let buffer = usb::Buffer::new(8, GFP_KERNEL)?;
    interface.control(&request, buffer, sleep)?.result?;
    Ok(())
}

/// Makes the reference device send without end, and take whatever it is sent.
pub(crate) fn open_the_tap(interface: &usb::Interface<Bound>) -> Result {
    set_mode(interface, 1)
}

/// Makes the reference device send nothing, as long as nothing is sent to it.
pub(crate) fn close_the_tap(interface: &usb::Interface<Bound>) -> Result {
    set_mode(interface, 0)
}

fn set_mode(interface: &usb::Interface<Bound>, mode: u16) -> Result {
    const SET_MODE: u8 = 1;
    let request =
        usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, SET_MODE, mode, 0);
    interface.control_send(&request, &[], usb::Timeout::from_millis::<1000>())?;
    Ok(())
}

/// Whether the driver is being unbound from the interface.
pub(crate) fn is_over(interface: &usb::Interface<Bound>) -> bool {
    interface.bound_device().frame_number() == Err(ENODEV)
}

/// Lets others commit theirs: crimes come in bursts, so that what takes time by itself, as a reset
/// does, does not only wait for processors.
pub(crate) fn rest_after(crimes: usize) {
    fsleep(match crimes % 8 {
        0 => Delta::from_millis(10),
        _ => Delta::from_micros(50),
    });
}

/// Does `crime` again and again until the driver is unbound, also while the device is suspended,
/// being reset, or changing its endpoints.
pub(crate) fn until_unbound(
    interface: &usb::Interface<Bound>,
    mut crime: impl FnMut() -> Result<ControlFlow<()>>,
) -> Result {
    let mut crimes = 0;
    while !is_over(interface) {
        if let Ok(ControlFlow::Break(())) = crime() {
            return Ok(());
        }
        crimes += 1;
        rest_after(crimes);
    }
    Err(ENODEV)
}
