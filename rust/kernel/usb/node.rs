// SPDX-License-Identifier: GPL-2.0

//! A device node, from its registration to its removal.
//!
//! C reference: `drivers/usb/core/file.c`

use super::{
    drain::Drain,
    file::FileOperations,
    fops::FileVTable,
    operation::{
        Manner,
        Operation, //
    },
    proof::{
        IsBound,
        IsLocked, //
    },
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
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    types::Opaque, //
};
use core::ptr;

/// How long the whole name of a node may be, without its number, in bytes: the core has 20 for it
/// with up to three digits and a NUL.
const MAX_NAME: usize = 16;

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
    /// With a `%d` for the number.
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

impl<Ctx: device::DeviceContext> Interface<Ctx> {
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
    /// - `ENODEV`: the driver is being unbound.
    /// - `EXFULL`: all 256 minors of the USB class are taken.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Core, prelude::*, sync::Arc, usb};
    ///
    /// /// What a driver keeps of its node: to tell those who wait.
    /// struct Node(Arc<usb::Events>);
    ///
    /// /// The end of `probe`.
    /// fn publish<F: usb::FileOperations>(
    ///     intf: &usb::Interface<Core<'_>>,
    ///     data: F,
    /// ) -> Result<Node> {
    ///     let events = usb::Events::new()?;
    ///     intf.register_node(Arc::new(data, GFP_KERNEL)?, events.clone())?;
    ///     Ok(Node(events))
    /// }
    /// ```
    #[doc(alias = "usb_register_dev")]
    pub fn register_node<F: FileOperations>(&self, data: Arc<F>, events: Arc<Events>) -> Result
    where
        Self: IsLocked,
    {
        self.locked(|interface| Node::register(interface, data, events))
    }

    /// The minor number of its node, if there is one. On kernels with `CONFIG_USB_DYNAMIC_MINORS`
    /// it is also the number in the node's name.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// fn announce(interface: &usb::Interface<Bound>) -> Result {
    ///     let minor = interface.minor().ok_or(ENOENT)?;
    ///     dev_dbg!(interface, "now has minor {minor}\n");
    ///     Ok(())
    /// }
    /// ```
    pub fn minor(&self) -> Option<u8>
    where
        Self: IsBound,
    {
        // SAFETY: The interface is valid by the type invariants. The core may set it just now, in
        // one piece; it is negative while there is no node.
        let minor = unsafe { (&raw const (*self.as_raw()).minor).read_volatile() };
        minor.try_into().ok()
    }
}

impl<F: FileOperations> Node<F> {
    /// `F::NAME` in two parts: the folders in front, with a slash, and what is left.
    const NAME: (&'static str, &'static str) = match split_name(F::NAME) {
        Some(parts) => parts,
        None => panic!("the name of a device node is too long, or has a character it may not have"),
    };

    fn register(
        interface: &Interface<device::Core<'_>>,
        data: Arc<F>,
        events: Arc<Events>,
    ) -> Result {
        interface.bond()?.add_node(|| {
            let node = Self::new(interface, data, events)?;
            // SAFETY: The interface is valid, and stays bound meanwhile: the core has locked its
            // device for the callback that we are in. `class` and all it points to live until the
            // adapter, which gets the node, has unregistered it.
            to_result(unsafe { bindings::usb_register_dev(interface.as_raw(), node.class.get()) })?;
            Ok(node as Arc<dyn NodeOps>)
        })
    }

    fn new(
        interface: &Interface<device::Core<'_>>,
        data: Arc<F>,
        events: Arc<Events>,
    ) -> Result<Arc<Self>> {
        let (folder, name) = const { Self::NAME };
        // A format string for `snprintf()`.
        let name = CString::try_from_fmt(fmt!("{folder}{name}%d"))?;
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

    /// Runs `f` and holds off the unbinding of the driver until `f` returns. If the driver is
    /// being unbound already, there is no operation.
    pub(super) fn enter_if_bound<R>(
        &self,
        manner: impl Into<Manner>,
        f: impl FnOnce(Option<&Operation<'_>>) -> R,
    ) -> R {
        if !self.door.enter() {
            return f(None);
        }
        let result = f(Some(&Operation {
            // SAFETY: By the type invariants the interface is valid, and bound while we are inside.
            interface: unsafe { &*self.interface.cast::<Interface<device::Bound>>() },
            door: &self.door,
            events: &self.events,
            manner: manner.into(),
        }));
        self.door.leave();
        result
    }

    /// As [`enter_if_bound`](Node::enter_if_bound), but fails with `ENODEV` rather than to run `f`
    /// without an operation.
    pub(super) fn enter<R>(
        &self,
        manner: impl Into<Manner>,
        f: impl FnOnce(&Operation<'_>) -> Result<R>,
    ) -> Result<R> {
        self.enter_if_bound(manner, |operation| f(operation.ok_or(ENODEV)?))
    }

    /// Whether operations are refused, for ever.
    pub(super) fn is_gone(&self) -> bool {
        self.door.is_shut()
    }

    /// Tells devtmpfs the access bits of the node, and its path if it is in a folder.
    ///
    /// # Safety
    ///
    /// `dev` must be the device of a node of this kind, `mode` null or valid for writes.
    unsafe extern "C" fn devnode(
        dev: *const bindings::device,
        mode: *mut bindings::umode_t,
    ) -> *mut c_char {
        if !mode.is_null() {
            // SAFETY: A `mode` that is not null is the caller's variable.
            unsafe { *mode = const { checked_mode(F::MODE) } };
        }
        let (folder, _) = const { Self::NAME };
        if folder.is_empty() {
            return ptr::null_mut();
        }
        // SAFETY: The device is valid, and has had its name since before it was registered.
        let name = unsafe { CStr::from_char_ptr(bindings::dev_name(dev)) };
        match CString::try_from_fmt(fmt!("{folder}{name}")) {
            // SAFETY: The string is NUL-terminated. The caller frees the copy.
            Ok(path) => unsafe { bindings::kstrdup(path.as_char_ptr(), GFP_KERNEL.as_raw()) },
            // Then it is made without a folder.
            Err(_) => ptr::null_mut(),
        }
    }

    /// All that the C side finds of a node before it is open.
    const ENTRANCE: bindings::file_operations = bindings::file_operations {
        open: Some(FileVTable::<F>::open),
        owner: this_module::<F::OwnerModule>().as_ptr(),
        ..pin_init::zeroed()
    };
}

/// How many nodes are being unregistered now, of all drivers.
static UNREGISTERING: Atomic<usize> = Atomic::new(0);

/// Whether somebody waits until no node is being opened any more.
pub(super) fn is_being_unregistered() -> bool {
    UNREGISTERING.load(Relaxed) != 0
}

/// Access bits that devtmpfs makes a node with; of others it makes something else.
const fn checked_mode(mode: u16) -> u16 {
    assert!(
        mode & !0o666 == 0,
        "a device node can be read and written by user, group and others, and that's all"
    );
    assert!(mode != 0, "a node that nobody can open is of no use");
    mode
}

impl<F: FileOperations> NodeOps for Node<F> {
    fn unregister(&self) {
        UNREGISTERING.fetch_add(1, Relaxed);
        // SAFETY: The interface is bound, and the node was registered for it. The core waits for
        // those who are opening it.
        unsafe { bindings::usb_deregister_dev(self.interface, self.class.get()) };
        UNREGISTERING.fetch_sub(1, Relaxed);
    }

    fn refuse(&self) {
        self.door.shut();
        self.events.hang_up();
    }

    fn wait_idle(&self) {
        self.door.wait_empty();
    }
}

/// The folders that a name begins with, if any, and the rest of it. `None` if it is none that the
/// core can take: it uses it as a format string, and the last part as the name of a device.
const fn split_name(name: &CStr) -> Option<(&str, &str)> {
    let bytes = name.to_bytes();
    if bytes.len() > MAX_NAME {
        return None;
    }
    let (mut start, mut i) = (0, 0);
    while i < bytes.len() {
        match bytes[i] {
            // A part that is empty or begins with a dot: the way to somewhere else.
            b'/' | b'.' if i == start => return None,
            b'/' => start = i + 1,
            // In the name of a device, `!` stands for a slash.
            b'%' | b'!' | 0..=b' ' | 0x7f.. => return None,
            _ => {}
        }
        i += 1;
    }
    let (folder, rest) = bytes.split_at(start);
    match (core::str::from_utf8(folder), core::str::from_utf8(rest)) {
        (Ok(folder), Ok(rest)) if !rest.is_empty() => Some((folder, rest)),
        _ => None,
    }
}

#[kunit_tests(rust_usb_node)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split() {
        for (name, parts) in [
            (c"skel", Some(("", "skel"))),
            (c"usb/lp", Some(("usb/", "lp"))),
            (c"a/b/c", Some(("a/b/", "c"))),
            (c"a.b", Some(("", "a.b"))),
            (c"0123456789abcdef", Some(("", "0123456789abcdef"))),
            (c"usb/456789abcdef", Some(("usb/", "456789abcdef"))),
        ] {
            assert!(split_name(name) == parts);
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            c"",
            c"/",
            c"/a",
            c"a/",
            c"a//b",
            c"..",
            c"../a",
            c"a/../b",
            c"a/.b",
            c"a%s",
            c"a!b",
            c"a b",
            c"a\n",
            c"a\x7f",
            c"\xc3\xa9",
            c"0123456789abcdefg",
            c"usb/456789abcdefg",
        ] {
            assert!(split_name(name).is_none());
        }
    }
}
