// SPDX-License-Identifier: GPL-2.0

//! Submissions from where nobody may sleep.

use crate::{
    bench::{
        pattern,
        Bench, //
    },
    checks::pools::in_time,
    tray::{
        urb,
        Flight,
        TestUrb, //
    },
    verdict::{
        equal,
        expect,
        Verdict, //
    }, //
};
use kernel::{
    impl_has_hr_timer,
    new_spinlock_irq,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        ArcBorrow,
        SpinLockIrq, //
    },
    time::{
        hrtimer::{
            HrTimer,
            HrTimerCallback,
            HrTimerCallbackContext,
            HrTimerPointer,
            HrTimerRestart,
            RelativeMode, //
        },
        Delta,
        Monotonic, //
    },
    usb::{
        Buffer,
        Bulk,
        Out, //
    }, //
};

type OutUrb = TestUrb<Bulk, Out>;

const LENGTH: usize = 100;

fn out_urb(bench: &Bench<'_>) -> Result<OutUrb> {
    let mut urb = urb(&bench.bulk_out()?, Buffer::new(LENGTH, GFP_KERNEL)?)?;
    urb.buffer_mut().copy_from_slice(&pattern::<LENGTH>(0x77));
    Ok(urb)
}

/// What was sent comes back.
fn arrived(bench: &Bench<'_>, flight: &Flight<'_, Bulk, Out, Buffer>) -> Verdict {
    let done = flight.wait()?;
    expect(done.is_complete(), "the device to take all bytes")?;
    bench.read(&pattern::<LENGTH>(0x77))
}

/// With a spinlock held, and interrupts off.
pub(super) fn locked(bench: &Bench<'_>) -> Verdict {
    let urb = out_urb(bench)?;
    let flight = Flight::of(bench.interface, &urb);
    let idle = KBox::pin_init(
        new_spinlock_irq!(Some(urb), "usbcheck::atomic::idle"),
        GFP_KERNEL,
    )?;
    let mut guard = idle.lock();
    let submitted = guard.take().map(OutUrb::submit_atomic);
    drop(guard);
    submitted.ok_or(EIO)??;
    arrived(bench, &flight)
}

/// Without memory that would have to be written out first.
pub(super) fn without_io(bench: &Bench<'_>) -> Verdict {
    let urb = out_urb(bench)?;
    let flight = Flight::of(bench.interface, &urb);
    urb.submit_noio(bench.interface)?;
    arrived(bench, &flight)
}

/// Submits a URB when its time has come.
#[pin_data]
struct Later {
    #[pin]
    timer: HrTimer<Self>,
    #[pin]
    urb: SpinLockIrq<Option<OutUrb>>,
    /// What came of it, 1 before that.
    errno: Atomic<i32>,
}

impl Later {
    fn new(urb: OutUrb) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                timer <- HrTimer::new(),
                urb <- new_spinlock_irq!(Some(urb), "usbcheck::Later::urb"),
                errno: Atomic::new(1),
            }),
            GFP_KERNEL,
        )
    }
}

impl HrTimerCallback for Later {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        let mut urb = this.urb.lock();
        let errno = match urb.take().map(OutUrb::submit_atomic) {
            Some(Ok(())) => 0,
            Some(Err(refused)) => {
                let errno = Error::from(refused.error).to_errno();
                *urb = Some(refused.urb);
                errno
            }
            None => ENOENT.to_errno(),
        };
        this.errno.store(errno, Relaxed);
        HrTimerRestart::NoRestart
    }
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Later {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

/// In the interrupt of a timer, and of one whose URB is poisoned.
pub(super) fn timer(bench: &Bench<'_>) -> Verdict {
    let urb = out_urb(bench)?;
    let flight = Flight::of(bench.interface, &urb);
    let later = Later::new(urb)?;
    let _handle = later.clone().start(Delta::from_micros(500));
    arrived(bench, &flight)?;
    equal(0, later.errno.load(Relaxed), "what came of a submission")?;

    let urb = out_urb(bench)?;
    urb.canceller().block();
    let later = Later::new(urb)?;
    let _handle = later.clone().start(Delta::from_micros(500));
    expect(in_time(|| later.errno.load(Relaxed) <= 0), "a timer to run")?;
    let errno = later.errno.load(Relaxed);
    equal(EPERM.to_errno(), errno, "what came of a submission")?;
    let back = later.urb.lock().take();
    expect(back.is_some(), "the URB to come back")
}
