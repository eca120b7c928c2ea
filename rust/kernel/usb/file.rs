// SPDX-License-Identifier: GPL-2.0

//! Device nodes of the USB class: `/dev/<name>N`, N being a minor of the USB major number.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h) (`struct usb_class_driver`)
//!
//! An open file outlives the binding of its device. The node is owned by the adapter, not by the
//! driver: it disappears when the driver is unbound, whatever the driver forgets. Each operation
//! but release goes through the node's door, which is shut by then: it fails with `ENODEV`, and
//! unbinding waits for those that are inside. The `&Interface<Bound>` that an operation gets is
//! therefore valid for as long as it runs.

use super::{
    operation::Operation,
    PollEvents,
    UringCommand, //
};
use crate::{
    bindings,
    error::VTABLE_DEFAULT_ERROR,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    sync::ArcBorrow, //
};

/// The ioctl that asks how many bytes a `read()` would return without waiting, into an `int`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     prelude::*,
///     uaccess::{UserPtr, UserSlice},
///     usb,
/// };
///
/// fn ioctl(waiting: i32, cmd: u32, arg: usize) -> Result<isize> {
///     match cmd {
///         usb::FIONREAD => UserSlice::new(UserPtr::from_addr(arg), size_of::<i32>())
///             .writer()
///             .write_slice(&waiting.to_ne_bytes())
///             .map(|()| 0),
///         _ => Err(ENOTTY),
///     }
/// }
/// ```
pub const FIONREAD: u32 = bindings::FIONREAD;

/// The operations of a device node.
///
/// `Self` is what all open files of one device share. An operation that is not implemented is
/// missing from the C table, so that the kernel answers in its usual way. Once the driver is being
/// unbound, operations fail with `ENODEV` without being called, but for those that get an
/// `Option<&Operation>`.
///
/// Files are streams: they have no position, and `lseek()`, `pread()` and `pwrite()` fail with
/// `ESPIPE`, unless the driver [says otherwise](FileOperations::IGNORES_SEEK). Reads and writes of
/// one file are not serialised.
///
/// # Context
///
/// All operations may sleep. Those that wait for the device do so in [`Operation::wait`] or in a
/// transfer, which unbinding ends. They may take locks that are held while copying from or to
/// user memory, except for [`mmap`](FileOperations::mmap).
///
/// # Examples
///
/// A device whose buffer can be read, mapped and looked up in `/proc/PID/fdinfo/FD`:
///
/// ```
/// use kernel::{
///     iov::IovIterDest,
///     mm::virt::VmaNew,
///     prelude::*,
///     seq_file::SeqFile,
///     seq_print,
///     sync::{Arc, ArcBorrow},
///     usb,
/// };
///
/// struct Scope {
///     pages: Arc<usb::Pages>,
/// }
///
/// #[vtable]
/// impl usb::FileOperations for Scope {
///     type OpenFile = ();
///
///     const NAME: &'static CStr = c"scope/trace";
///     const ASYNC: bool = true;
///
///     fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result {
///         Ok(())
///     }
///
///     fn read_iter(
///         this: ArcBorrow<'_, Self>,
///         _file: &Self::OpenFile,
///         _operation: &usb::Operation<'_>,
///         iov: &mut IovIterDest<'_>,
///     ) -> Result<usize> {
///         let mut sample = [0; 8];
///         this.pages.read(0, &mut sample)?;
///         Ok(iov.copy_to_iter(&sample))
///     }
///
///     fn mmap(
///         this: ArcBorrow<'_, Self>,
///         _file: &Self::OpenFile,
///         _operation: &usb::Operation<'_>,
///         vma: &VmaNew,
///         offset: u64,
///     ) -> Result {
///         if offset != 0 {
///             return Err(EINVAL);
///         }
///         vma.try_clear_maywrite()?;
///         this.pages.map(vma, 0)
///     }
///
///     fn show_fdinfo(
///         this: ArcBorrow<'_, Self>,
///         _file: &Self::OpenFile,
///         operation: Option<&usb::Operation<'_>>,
///         seq: &SeqFile,
///     ) {
///         seq_print!(seq, "bytes:\t{}\n", this.pages.length());
///         seq_print!(seq, "gone:\t{}\n", u8::from(operation.is_none()));
///     }
/// }
/// ```
#[vtable]
pub trait FileOperations: Sized + Send + Sync + 'static {
    /// What belongs to one open file.
    type OpenFile: Send + Sync + 'static;

    /// The node's path in `/dev`, without its number: a name, or, as in `usb/lp`, folders and a
    /// name. At most 16 bytes, as the core has no more room. The compiler refuses it if it is
    /// longer, begins or ends with a slash, or has a part that is empty or begins with a dot, or
    /// a `%`, `!`, space or anything else that is no visible ASCII character.
    #[doc(alias = "usb_class_driver")]
    const NAME: &'static CStr;

    /// Access bits of the node in devtmpfs; udev may change them. The compiler refuses others than
    /// reading and writing, and none.
    const MODE: u16 = 0o600;

    /// First minor number on kernels without `CONFIG_USB_DYNAMIC_MINORS`. The number in the
    /// node's name counts from there.
    const MINOR_BASE: u8 = 0;

    /// Whether programs can ask for a signal (`O_ASYNC`) when the node's
    /// [`Events`](super::Events) are notified; by default it is `SIGIO`. When the driver is
    /// unbound, a last one says `POLL_HUP`.
    #[doc(alias("fasync", "kill_fasync"))]
    const ASYNC: bool = false;

    /// Whether reads and writes do not wait where [`Operation::is_nonblocking`] says so. Then
    /// programs can ask for that call by call (`RWF_NOWAIT`, `EOPNOTSUPP` otherwise), and io_uring
    /// tries it before it takes a thread that can wait.
    #[doc(alias = "FMODE_NOWAIT")]
    const NOWAIT: bool = false;

    /// Whether `lseek()` succeeds and does nothing, and `pread()` and `pwrite()` are the same as
    /// `read()` and `write()`: for programs that were written for a driver that was so.
    #[doc(alias = "noop_llseek")]
    const IGNORES_SEEK: bool = false;

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// Any: `open()` fails with it, and there is no file to release.
    ///
    /// Once the driver is being unbound, operations that always have an `operation` are not called
    /// any more: programs get `ENODEV`, and from `poll()` that everything is over.
    fn open(this: ArcBorrow<'_, Self>, operation: &Operation<'_>) -> Result<Self::OpenFile>;

    /// The last reference to an open file is gone. `operation` is there if the driver is still
    /// bound.
    fn release(this: ArcBorrow<'_, Self>, file: Self::OpenFile, operation: Option<&Operation<'_>>) {
        let _ = (this, file, operation);
    }

    /// Reads. Returns the number of bytes; 0 is the end of the file.
    ///
    /// # Errors
    ///
    /// Any: the program gets it from `read()`.
    fn read_iter(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes. Returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Any: the program gets it from `write()`.
    fn write_iter(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// What is possible without blocking? Must not wait.
    fn poll(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _wanted: PollEvents,
    ) -> PollEvents {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// What a command is called by those who watch it, see [`TracedCommand`](super::TracedCommand):
    /// one of [`ioctl`](FileOperations::ioctl) or [`uring_cmd`](FileOperations::uring_cmd). It may
    /// be any number that a program comes up with.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::prelude::*;
    ///
    /// const BLINK: u32 = kernel::ioctl::_IO(b'L' as u32, 1);
    ///
    /// fn command_name(cmd: u32) -> &'static CStr {
    ///     match cmd {
    ///         BLINK => c"blink",
    ///         _ => c"unknown",
    ///     }
    /// }
    /// ```
    fn command_name(_cmd: u32) -> &'static CStr {
        c"command"
    }

    /// Carries out a device specific command. 32-bit programs come here too, with an `arg` that
    /// is taken for an address, unless there is a [`compat_ioctl`](FileOperations::compat_ioctl).
    ///
    /// # Errors
    ///
    /// Any: the program gets it from `ioctl()`. `ENOTTY` is for unknown commands.
    fn ioctl(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _cmd: u32,
        _arg: usize,
    ) -> Result<isize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out a command of a 32-bit program on a 64-bit kernel: for commands whose structs
    /// differ between them. Not called on kernels without `CONFIG_COMPAT`.
    ///
    /// # Errors
    ///
    /// As [`ioctl`](FileOperations::ioctl).
    fn compat_ioctl(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _cmd: u32,
        _arg: usize,
    ) -> Result<isize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Maps memory of the driver's into the caller's address space, see
    /// [`Pages::map`](super::Pages::map). `offset` is the one that the caller gave, in bytes and
    /// whole pages; it has no other meaning than what the driver gives it.
    ///
    /// What is mapped stays when the file is closed and when the driver is unbound.
    ///
    /// # Context
    ///
    /// May sleep. The caller's `mmap_lock` is held: its other threads stop at their next page
    /// fault until this returns, so that a lock which is held while copying from or to user memory
    /// must not be taken.
    ///
    /// # Errors
    ///
    /// Any: `mmap()` fails with it, and what was mapped already goes again.
    fn mmap(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _vma: &VmaNew,
        _offset: u64,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// A program closes one of its descriptors of the file. There may be others, and it comes
    /// without a close that the program has asked for, too: when it ends. `operation` is there if
    /// the driver is still bound.
    ///
    /// # Errors
    ///
    /// Any: it is what `close()` returns, but closed it is. It may be that of a write that failed
    /// after it had returned, say, be the device gone or not. Where a signal ends the wait, as it
    /// does for a program that is being killed, it is `EINTR`.
    fn flush(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: Option<&Operation<'_>>,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Waits until everything that was written is with the device.
    ///
    /// # Errors
    ///
    /// Any: the program gets it from `fsync()`. What failed since the last call can be told here,
    /// too.
    fn fsync(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Somebody reads `/proc/PID/fdinfo/FD`. What is printed with
    /// [`seq_print!`](macro@crate::seq_print) follows what the kernel says of each file, in the
    /// form `name:\tvalue\n`. `operation` is there if the driver is still bound; it is
    /// non-blocking.
    fn show_fdinfo(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: Option<&Operation<'_>>,
        _seq: &SeqFile,
    ) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Begins a command that a program has submitted with io_uring (`IORING_OP_URING_CMD`).
    ///
    /// The driver keeps `command` until it has ended, see there for an example.
    ///
    /// # Context
    ///
    /// May sleep where the operation is not nonblocking. Otherwise it must not wait for the device:
    /// the lock of the ring is held.
    ///
    /// # Errors
    ///
    /// Any: it is the result, whatever became of the command; but `EAGAIN` where
    /// [`Operation::is_nonblocking`] says so makes io_uring call this again with a thread that can
    /// wait, and commands that were submitted behind it overtake it.
    fn uring_cmd(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &Operation<'_>,
        _command: UringCommand,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}
