// SPDX-License-Identifier: GPL-2.0

//! A device node, from its registration to its removal.
//!
//! C reference: `drivers/usb/core/file.c`

use super::{
    drain::Drain,
    file::{
        FileOperations,
        Operation, //
    },
    fops::FileVTable,
    Events,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    module::this_module,
    prelude::*,
    str::CString,
    sync::Arc,
    types::Opaque, //
};

/// What the adapter does with a node, whatever the type of its operations.
pub(super) trait NodeOps: Send + Sync {
    /// Makes the node disappear.
    fn unregister(&self);
    /// Refuses operations from now on, and wakes those that sleep.
    fn refuse(&self);
    /// Waits until no operation is running.
    fn wait_idle(&self);
}

/// A device node.
///
/// # Invariants
///
/// - `class` and `fops` stay unchanged while the node is registered.
/// - `interface` is valid, and bound while `door` is open or somebody is inside.
#[pin_data]
#[repr(C)]
pub(super) struct Node<F: FileOperations> {
    /// What the USB core calls to open a file. Each node has its own, and it comes first: its
    /// address leads to the node, without a table that could be out of date.
    fops: bindings::file_operations,
    class: Opaque<bindings::usb_class_driver>,
    name: CString,
    interface: *mut bindings::usb_interface,
    #[pin]
    door: Drain,
    pub(super) data: Arc<F>,
    pub(super) events: Arc<Events>,
}

// SAFETY: The raw pointers are used as the C API allows from any thread; the data is `Send + Sync`.
unsafe impl<F: FileOperations> Send for Node<F> {}

// SAFETY: As above; nothing is modified through a shared reference but what has locks.
unsafe impl<F: FileOperations> Sync for Node<F> {}

impl Interface<device::Core<'_>> {
    /// Makes a device node whose files share `data`, and whose waiters `events` wakes. There can be
    /// one for an interface.
    ///
    /// User space may open it before this returns, so it is the last thing that `probe` does. The
    /// node disappears by itself when the driver is unbound or `probe` fails.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: the interface has a node already.
    /// - `EINVAL`: the name is too long, or has a `%` or `/` in it.
    /// - `ENODEV`: the driver is being unbound.
    /// - `EXFULL`: all 256 minors of the USB class are taken.
    /// - `ENOMEM`.
    #[doc(alias = "usb_register_dev")]
    pub fn register_node<F: FileOperations>(&self, data: Arc<F>, events: Arc<Events>) -> Result {
        self.bond()?.add_node(|| {
            let node = Node::new(self, data, events)?;
            // SAFETY: The interface is valid and being probed; `class` and all it points to live
            // until the adapter, which gets the node, has unregistered it.
            to_result(unsafe { bindings::usb_register_dev(self.as_raw(), node.class.get()) })?;
            Ok(node as Arc<dyn NodeOps>)
        })
    }
}

impl<F: FileOperations> Node<F> {
    fn new(
        interface: &Interface<device::Core<'_>>,
        data: Arc<F>,
        events: Arc<Events>,
    ) -> Result<Arc<Self>> {
        let prefix = F::NAME.to_bytes();
        // The core uses the name as a format string for `snprintf()`, into 20 bytes.
        if prefix.len() > 16 || prefix.iter().any(|c| matches!(c, b'%' | b'/')) {
            return Err(EINVAL);
        }
        let name = CString::try_from_fmt(fmt!("{}%d", F::NAME))?;
        let interface = interface.as_raw();
        // INVARIANT: The interface is bound; the adapter shuts the door before it is unbound.
        let node = Arc::pin_init(
            pin_init!(Self {
                fops: Self::ENTRANCE,
                class: Opaque::uninit(),
                name,
                interface,
                door <- Drain::new(),
                data,
                events,
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: Nobody else has the node yet.
        unsafe {
            node.class.get().write(bindings::usb_class_driver {
                name: node.name.as_char_ptr().cast_mut(),
                devnode: Some(Self::devnode),
                fops: &raw const (*Arc::as_ptr(&node)).fops,
                minor_base: F::MINOR_BASE.into(),
            })
        };
        Ok(node)
    }

    /// Runs `f` if the driver is bound, and holds off its unbinding until `f` returns.
    pub(super) fn enter<R>(
        &self,
        nonblocking: bool,
        f: impl FnOnce(&Operation<'_>) -> Result<R>,
    ) -> Result<R> {
        if !self.door.enter() {
            return Err(ENODEV);
        }
        let result = f(&Operation {
            // SAFETY: By the type invariants the interface is valid, and bound while we are inside.
            interface: unsafe { &*self.interface.cast::<Interface<device::Bound>>() },
            door: &self.door,
            events: &self.events,
            nonblocking,
        });
        self.door.leave();
        result
    }

    extern "C" fn devnode(
        _dev: *const bindings::device,
        mode: *mut bindings::umode_t,
    ) -> *mut c_char {
        if !mode.is_null() {
            // SAFETY: A `mode` that is not null is the caller's variable.
            unsafe { *mode = F::MODE };
        }
        core::ptr::null_mut()
    }

    /// All that the C side finds of a node before it is open.
    const ENTRANCE: bindings::file_operations = bindings::file_operations {
        open: Some(FileVTable::<F>::open),
        owner: this_module::<F::OwnerModule>().as_ptr(),
        ..pin_init::zeroed()
    };
}

impl<F: FileOperations> NodeOps for Node<F> {
    fn unregister(&self) {
        // SAFETY: The interface is bound, and the node was registered for it. The core waits for
        // those who are opening it.
        unsafe { bindings::usb_deregister_dev(self.interface, self.class.get()) };
    }

    fn refuse(&self) {
        self.door.shut();
        self.events.notify();
    }

    fn wait_idle(&self) {
        self.door.wait_empty();
    }
}
