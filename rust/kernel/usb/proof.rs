// SPDX-License-Identifier: GPL-2.0

//! What a call asks of an interface, an endpoint or a request, in words that the compiler can say.
//!
//! Functions could ask for an `Interface<Bound>` or an `Endpoint<'_, T, Out>` by name, and for
//! somebody who has another one, the compiler would compare types. A trait that is missing can tell
//! how to come by what is needed.

use super::{
    endpoint::{
        BulkOrInterrupt,
        Direction,
        In,
        Out,
        TransferType, //
    },
    Completed,
    ControlRequest,
    Endpoint,
    Handler,
    Interface, //
};
use crate::device;

mod private {
    use super::*;

    pub trait Sealed {}

    impl<Ctx: device::DeviceContext> Sealed for Interface<Ctx> {}
    impl<T: TransferType, D: Direction> Sealed for Endpoint<'_, T, D> {}
    impl<D: Direction> Sealed for ControlRequest<D> {}
    impl<T: TransferType, D: Direction, H: Handler<T, D>> Sealed for Completed<'_, T, D, H> {}
}

/// An interface whose driver is bound: an `Interface<Bound>`, and those of callbacks for which the
/// device is locked.
///
/// # Examples
///
/// ```
/// use kernel::{device::DeviceContext, prelude::*, usb};
///
/// fn blink<Ctx: DeviceContext>(intf: &usb::Interface<Ctx>) -> Result
/// where
///     usb::Interface<Ctx>: usb::IsBound,
/// {
///     const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 1, 0, 0);
///     Ok(intf.control_send(&request, &[], SECOND)?)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing says that the driver is bound to this `{Self}`",
    label = "an `&usb::Interface<Bound>` is needed",
    note = "the callbacks of a driver get one, `usb::Operation::interface()` and \
            `usb::Endpoint::interface()` return one, `usb::Claim::with()` lends one",
    note = "a completion handler has none, since it must not sleep: it can use \
            `usb::Completed::resubmit()` and `usb::Urb::submit_atomic()`, unlink by a \
            `usb::Canceller` or `usb::Anchor`, have the device woken up by a `usb::Power`, and \
            leave the rest to a `usb::Work`"
)]
pub trait IsBound: private::Sealed {
    #[doc(hidden)]
    fn bound(&self) -> &Interface<device::Bound>;
}

impl IsBound for Interface<device::Bound> {
    #[inline(always)]
    fn bound(&self) -> &Interface<device::Bound> {
        self
    }
}

impl IsBound for Interface<device::Core<'_>> {
    #[inline(always)]
    fn bound(&self) -> &Interface<device::Bound> {
        self
    }
}

impl IsBound for Interface<device::CoreInternal<'_>> {
    #[inline(always)]
    fn bound(&self) -> &Interface<device::Bound> {
        self
    }
}

/// An interface whose device is locked: that of a callback of the core, an `Interface<Core<'_>>`.
///
/// # Examples
///
/// ```
/// use kernel::{device::DeviceContext, prelude::*, usb};
///
/// /// Takes over the interface behind ours, if it is one for data (CDC 1.2, 4.5).
/// fn claim_data<Ctx: DeviceContext>(intf: &usb::Interface<Ctx>) -> Result<usb::Claim>
/// where
///     usb::Interface<Ctx>: usb::IsLocked,
/// {
///     const DATA: u8 = 0x0a;
///     let number = intf.number().checked_add(1).ok_or(ENODEV)?;
///     match intf.bound_device().find_interface(number) {
///         Some(info) if info.class().0 == DATA => intf.claim(number),
///         _ => Err(ENODEV),
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing says that the device of this `{Self}` is locked",
    label = "an `&usb::Interface<Core<'_>>` is needed",
    note = "`usb::Driver::probe()`, `usb::Driver::disconnect()` and `usb::Callbacks::ioctl()` get one",
    note = "do it in `probe()`: keep the `usb::Claim` of a `claim()`, whose `with()` lends the \
            interface later, and make a `register_node()` the last thing",
    note = "what works elsewhere: `usb::BoundDevice::reset()` and `queue_reset()` for a device that \
            is to begin anew, `usb::Interface::keep_awake()` for one that is to stay awake"
)]
pub trait IsLocked: IsBound {
    // Lends it, since what `Core` stands for ends with the callback: `self` may be borrowed for as
    // long as the driver is bound.
    #[doc(hidden)]
    fn locked<R>(&self, f: impl FnOnce(&Interface<device::Core<'_>>) -> R) -> R;
}

// These two and no others: methods that ask for this trait rely on the lock.

impl IsLocked for Interface<device::Core<'_>> {
    #[inline(always)]
    fn locked<R>(&self, f: impl FnOnce(&Interface<device::Core<'_>>) -> R) -> R {
        f(self)
    }
}

impl IsLocked for Interface<device::CoreInternal<'_>> {
    #[inline(always)]
    fn locked<R>(&self, f: impl FnOnce(&Interface<device::Core<'_>>) -> R) -> R {
        f(self)
    }
}

/// What data is sent through: a bulk or interrupt OUT endpoint.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// fn wake<T, D>(endpoint: &usb::Endpoint<'_, T, D>) -> Result
/// where
///     T: usb::BulkOrInterrupt,
///     D: usb::Direction,
///     for<'a> usb::Endpoint<'a, T, D>: usb::Sends,
/// {
///     Ok(endpoint.send(b"wake", usb::Timeout::from_millis::<100>())?)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not send data",
    label = "not of direction `usb::Out`",
    note = "take an endpoint that can be written to, as from \
            `interface.find_endpoint::<usb::Bulk, usb::Out>()`"
)]
pub trait Sends: private::Sealed {}

impl<T: BulkOrInterrupt> Sends for Endpoint<'_, T, Out> {}

/// What data is received through: a bulk or interrupt IN endpoint, or a transfer of direction IN
/// that has completed.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// fn version<D: usb::Direction>(endpoint: &usb::Endpoint<'_, usb::Interrupt, D>) -> Result<u8>
/// where
///     for<'a> usb::Endpoint<'a, usb::Interrupt, D>: usb::Receives,
/// {
///     let mut bytes = [0; 8];
///     endpoint.receive(&mut bytes, usb::Timeout::from_millis::<100>())?;
///     Ok(bytes[0])
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not receive data",
    label = "not of direction `usb::In`",
    note = "take an endpoint that can be read from, as from \
            `interface.find_endpoint::<usb::Bulk, usb::In>()`"
)]
pub trait Receives: private::Sealed {}

impl<T: BulkOrInterrupt> Receives for Endpoint<'_, T, In> {}
impl<T: TransferType, H: Handler<T, In>> Receives for Completed<'_, T, In, H> {}

/// A control request whose data goes in direction `D`.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///
/// fn ask(intf: &usb::Interface<Bound>, question: &impl usb::RequestOf<usb::In>) -> Result<u8> {
///     let mut answer = [0];
///     intf.control_receive(question, &mut answer, SECOND)?;
///     Ok(answer[0])
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this needs a control request of direction `{D}`",
    label = "not a request whose data goes in direction `{D}`",
    note = "say so where the request is made, as in `usb::ControlRequest::<usb::Out>::vendor(..)`: \
            data goes `Out` of the host or `In`; `control_send()` is for the one, \
            `control_receive()` for the other"
)]
pub trait RequestOf<D: Direction>: private::Sealed {
    #[doc(hidden)]
    fn request(&self) -> &ControlRequest<D>;
}

impl<D: Direction> RequestOf<D> for ControlRequest<D> {
    #[inline(always)]
    fn request(&self) -> &Self {
        self
    }
}
