// SPDX-License-Identifier: GPL-2.0

//! How many of something there may be at a time.

use super::Events;
use crate::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};

/// What a limit and its permits share.
struct Shared {
    /// Permits that can be taken.
    left: Atomic<u32>,
    returned: Arc<Events>,
}

/// How many of something there may be at a time: writes that nobody waits for, say, whose data must
/// not take up all memory. Each needs a [`Permit`].
///
/// Where all of them have memory of the same size, a [`Pool`](super::Pool) does it, and allocates
/// nothing.
///
/// # Examples
///
/// ```
/// use kernel::{iov::IovIterSource, prelude::*, usb};
///
/// /// The permit is given back with the URB.
/// struct Sent(usb::Permit);
///
/// impl usb::Handler<usb::Bulk, usb::Out> for Sent {
///     fn complete(_done: usb::Completed<'_, usb::Bulk, usb::Out, Self>) {}
/// }
///
/// fn send(
///     operation: &usb::Operation<'_>,
///     limit: &usb::Limit,
///     iov: &mut IovIterSource<'_>,
/// ) -> Result<usize> {
///     let (interface, length) = (operation.interface(), iov.len());
///     let permit = operation.wait(|| limit.try_take())?;
///     let buffer = usb::Buffer::from_iov(iov, GFP_KERNEL)?;
///     let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
///     usb::Urb::new(&endpoint, buffer, Sent(permit))?.submit(interface)?;
///     Ok(length)
/// }
/// ```
#[doc(alias("semaphore", "down_interruptible"))]
#[derive(Clone)]
pub struct Limit(Arc<Shared>);

impl Limit {
    /// A limit of `count`. Whenever a permit comes back, `returned` is notified.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `count` is 0.
    /// - `ENOMEM`.
    pub fn new(count: u32, returned: Arc<Events>) -> Result<Self> {
        if count == 0 {
            return Err(EINVAL);
        }
        let left = Atomic::new(count);
        Ok(Self(Arc::new(Shared { left, returned }, GFP_KERNEL)?))
    }

    /// Takes a permit, if there is one left.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "down_trylock")]
    pub fn try_take(&self) -> Option<Permit> {
        let mut left = self.0.left.load(Relaxed);
        while let Some(fewer) = left.checked_sub(1) {
            match self.0.left.cmpxchg(left, fewer, Relaxed) {
                Ok(_) => return Some(Permit(self.0.clone())),
                Err(changed) => left = changed,
            }
        }
        None
    }

    /// How many permits could be taken now.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{Events, Limit};
    ///
    /// let limit = Limit::new(2, Events::new()?)?;
    /// let (first, second) = (limit.try_take(), limit.try_take());
    /// assert!(second.is_some() && limit.try_take().is_none());
    /// drop(first);
    /// assert_eq!(limit.available(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn available(&self) -> u32 {
        self.0.left.load(Relaxed)
    }
}

/// One of those that a [`Limit`] allows. Dropping it, in any context, gives it back; forgetting it
/// lowers the limit for good.
#[must_use = "it is given back as soon as it is dropped"]
pub struct Permit(Arc<Shared>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.left.fetch_add(1, Relaxed);
        // Who begins to wait takes the same lock as we here: one of us comes first, and is seen.
        self.0.returned.notify();
    }
}

#[kunit_tests(rust_usb_limit)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_more_than_the_limit() -> Result {
        for count in [1, 2, 5] {
            let limit = Limit::new(count, Events::new()?)?;
            let mut permits = KVec::new();
            while let Some(permit) = limit.try_take() {
                assert!(permits.len() < 5);
                permits.push(permit, GFP_KERNEL)?;
            }
            assert_eq!(permits.len(), count as usize);
            assert_eq!(limit.available(), 0);
            permits.pop();
            assert_eq!(limit.available(), 1);
            assert!(limit.try_take().is_some());
            permits.clear();
            assert_eq!(limit.available(), count);
        }
        Ok(())
    }

    #[test]
    fn what_is_forgotten_is_gone() -> Result {
        let limit = Limit::new(2, Events::new()?)?;
        core::mem::forget(limit.try_take());
        assert!(limit.try_take().is_some());
        assert_eq!(limit.available(), 1);
        Ok(())
    }

    #[test]
    fn a_limit_of_nothing_is_none() -> Result {
        assert!(Limit::new(0, Events::new()?).is_err_and(|error| error == EINVAL));
        Ok(())
    }

    #[test]
    fn permits_outlive_the_limit() -> Result {
        let limit = Limit::new(1, Events::new()?)?;
        let permit = limit.clone().try_take();
        let shared = limit.0.clone();
        drop(limit);
        assert_eq!(shared.left.load(Relaxed), 0);
        drop(permit);
        assert_eq!(shared.left.load(Relaxed), 1);
        Ok(())
    }
}
