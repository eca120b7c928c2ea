// SPDX-License-Identifier: GPL-2.0

//! Making a ring.

use super::{
    engine::Ring,
    kind::Kind,
    layout::Layout,
    port::Port,
    recovery::Operations,
    shared::Shared,
    state::State,
    table::Table, //
};
use crate::lane::Purpose;
use kernel::{
    device::Bound,
    new_mutex,
    new_spinlock_irq,
    prelude::*,
    sync::{
        Arc,
        SetOnce, //
    },
    uapi,
    usb, //
};

/// Makes the ring that a program asks for, and tells it where things are.
///
/// # Errors
///
/// - `ENXIO`: there is no such endpoint.
/// - `EINVAL`, `EMSGSIZE`: see [`Layout::new`].
/// - `EBUSY`: the endpoint is being used.
/// - `ENOBUFS`: there is no memory left of what the node or the module may take.
/// - `ENOMEM`, `ENODEV`.
pub(super) fn open(
    table: &Table,
    interface: &usb::Interface<Bound>,
    setup: &mut uapi::usbpipe_ring_setup,
) -> Result<Arc<dyn Operations>> {
    use usb::TransferKind as Kind;

    let endpoint = interface
        .endpoints()
        .find(|endpoint| endpoint.address() == setup.endpoint)
        .ok_or(ENXIO)?;
    let layout = Layout::new(setup, &endpoint, interface.device().speed())?;
    layout.describe(setup)?;
    match (endpoint.kind(), endpoint.is_in()) {
        (Kind::Bulk, true) => make::<usb::Bulk, usb::In>(table, interface, layout),
        (Kind::Bulk, false) => make::<usb::Bulk, usb::Out>(table, interface, layout),
        (Kind::Interrupt, true) => make::<usb::Interrupt, usb::In>(table, interface, layout),
        (Kind::Interrupt, false) => make::<usb::Interrupt, usb::Out>(table, interface, layout),
        (Kind::Isochronous, true) => make::<usb::Isochronous, usb::In>(table, interface, layout),
        (Kind::Isochronous, false) => make::<usb::Isochronous, usb::Out>(table, interface, layout),
        (Kind::Control, _) => Err(EINVAL),
    }
}

fn make<T: Kind, D: usb::Direction>(
    table: &Table,
    interface: &usb::Interface<Bound>,
    layout: Layout,
) -> Result<Arc<dyn Operations>> {
    let lane = table.lanes.enter(layout.address, Purpose::Ring)?;
    let charge = table.budget.charge(layout.memory()?)?;
    let awake = interface.keep_awake()?;
    let state = State::<T, D>::new(&layout)?;
    let ring = Arc::pin_init(
        try_pin_init!(Ring {
            shared: Shared::new(layout)?,
            state <- new_spinlock_irq!(state, "usbpipe::Ring::state"),
            cancellers: SetOnce::new(),
            restarting <- new_mutex!((), "usbpipe::Ring::restarting"),
            events: table.events.clone(),
            stats: table.stats.clone(),
            held <- new_mutex!(Some((lane, awake)), "usbpipe::Ring::held"),
            _charge: charge,
        }),
        GFP_KERNEL,
    )?;
    if let Err(error) = add_urbs(&ring, interface) {
        ring.free(Some(interface));
        return Err(error);
    }
    Ok(ring)
}

fn add_urbs<T: Kind, D: usb::Direction>(
    ring: &Arc<Ring<T, D>>,
    interface: &usb::Interface<Bound>,
) -> Result {
    let depth = ring.shared.layout().depth;
    let mut cancellers = KVec::with_capacity(depth, GFP_KERNEL)?;
    for index in 0..depth {
        let urb = Port::urb(ring, interface, index)?;
        cancellers.push_within_capacity(urb.canceller())?;
        ring.state.lock().idle.put(urb);
    }
    ring.cancellers.populate(cancellers);
    Ok(())
}
