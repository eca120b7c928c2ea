// SPDX-License-Identifier: GPL-2.0

//! The C table of operations on the open files of a device node.
//!
//! # Locks
//!
//! Nobody ever blocks to enter the door of a node; only unbinding waits for it, with the device
//! locked, for those inside to leave. What they may be waiting for:
//!
//! - transfers and [`Operation::wait`](super::Operation::wait), which unbinding ends first;
//! - the `mmap_lock` of their process, when they touch user memory, or were called for `mmap()`
//!   with it held, and whoever provides a page that they touch. Unbinding doesn't hold one: it
//!   starts from a work item, a write to sysfs, an ioctl or the unloading of a module, and never
//!   from within a page fault or a change of a mapping. (A file whose last reference went with a
//!   mapping is released later, when the task returns to user space.)
//! - those who open a node, with the lock of all minors held for reading. Removing a node takes that
//!   lock for writing, after its door was shut and all of its transfers cancelled, so that whoever
//!   is in its `open` leaves. Those who open the node of another device are told, too, see
//!   [`tasks`](super::tasks);
//! - the lock of a ring of io_uring, which they were called with, and which is held to complete its
//!   commands, too. Unbinding only makes them end: their tasks complete them;
//! - the lock of the device itself, to change an altsetting. They only try to get it, until the I/O
//!   gate closes.
//!
//! Signals need none of this: taking a file off the list of subscribers is done without entering.

use super::{
    file::FileOperations,
    node::Node,
    operation::{
        Manner,
        Operation, //
    },
    trace::Record,
    uring,
    PollEvents,
    UringCommand, //
};
use crate::{
    bindings,
    error::from_result,
    fs::File,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    module::this_module,
    page::PAGE_SHIFT,
    prelude::*,
    seq_file::SeqFile,
    sync::{
        poll::PollTable,
        Arc,
        ArcBorrow, //
    },
    types::ForeignOwnable, //
};
use core::marker::PhantomData;

/// What an open file of a node points to.
struct OpenNode<F: FileOperations> {
    node: Arc<Node<F>>,
    file: F::OpenFile,
}

impl<F: FileOperations> OpenNode<F> {
    fn data(&self) -> ArcBorrow<'_, F> {
        self.node.data.as_arc_borrow()
    }
}

/// The file operations of open files; each is: pointers, borrow, dispatch, errno.
pub(super) struct FileVTable<F: FileOperations>(PhantomData<F>);

impl<F: FileOperations> FileVTable<F> {
    /// # Safety
    ///
    /// `file` must be undergoing its opening, with the `fops` of a registered `Node<F>`.
    pub(super) unsafe extern "C" fn open(
        inode: *mut bindings::inode,
        file: *mut bindings::file,
    ) -> c_int {
        // SAFETY: `fops` is the first field of a `Node<F>` in an `Arc`. The node stays registered
        // during this call, since the core lets nobody unregister a minor that is being opened.
        let node = unsafe { ArcBorrow::from_raw((*file).f_op.cast::<Node<F>>()) };
        // Files outlive the node, so they get a table that lives as long as the module. It has the
        // same owner, which the core took a reference of.
        //
        // SAFETY: The file is ours while it is being opened.
        unsafe { (*file).f_op = &Self::VTABLE };
        if !F::IGNORES_SEEK {
            // SAFETY: Both are valid. It makes the file a stream: without position or its lock.
            unsafe { bindings::stream_open(inode, file) };
        }
        if F::NOWAIT {
            // SAFETY: The file is valid, and ours while it is being opened: nobody else reads or
            // writes its mode yet.
            unsafe { (*file).f_mode |= bindings::FMODE_NOWAIT };
        }
        from_result(|| {
            // SAFETY: The file is valid.
            let manner = unsafe { manner_of(file) };
            let data = node.data.as_arc_borrow();
            // First, so that nothing can fail between `F::open` and `F::release`.
            let slot = KBox::<OpenNode<F>>::new_uninit(GFP_KERNEL)?;
            let opened = node.enter(manner, |operation| {
                let bond = operation.interface().bond()?;
                bond.tasks().opening(|| F::open(data, operation))
            })?;
            let open = KBox::write(
                slot,
                OpenNode {
                    node: node.into(),
                    file: opened,
                },
            );
            // SAFETY: The file is ours while it is being opened.
            unsafe { (*file).private_data = open.into_foreign() };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// `file` must be a file that [`open`](Self::open) succeeded for and that is being released.
    unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: `open` has put the box there, and nobody uses the file any more.
        let open = unsafe { KBox::<OpenNode<F>>::from_foreign((*file).private_data) };
        let OpenNode { node, file: opened } = KBox::into_inner(open);
        if F::ASYNC {
            // The kernel does this by itself where the file's flags say so. But they may not:
            // threads that change them at the same time overwrite each other's.
            //
            // SAFETY: The file is valid until we return.
            unsafe { node.events.unsubscribe(file) };
        }
        let data = node.data.as_arc_borrow();
        node.enter_if_bound(false, |operation| F::release(data, opened, operation));
        0
    }

    /// # Safety
    ///
    /// `file` must be open: between [`open`](Self::open) and [`release`](Self::release).
    unsafe fn opened<'a>(file: *mut bindings::file) -> &'a OpenNode<F> {
        // SAFETY: `open` has put the box there, and it stays until `release`.
        unsafe { KBox::<OpenNode<F>>::borrow((*file).private_data) }
    }

    /// # Safety
    ///
    /// `kiocb` must belong to an open file of this kind, `iter` must be one for writing to.
    unsafe extern "C" fn read_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: The file of `kiocb` is open.
        let (open, manner) = unsafe { Self::kiocb(kiocb) };
        // SAFETY:
        // - `iter` is valid, and used by nobody else until this read returns.
        // - Its data goes to the reader, so that it is an `ITER_DEST`, whose memory may be written
        //   to for as long.
        let iov = unsafe { IovIterDest::from_raw(iter) };
        to_count(open.node.enter(manner, |operation| {
            F::read_iter(open.data(), &open.file, operation, iov)
        }))
    }

    /// # Safety
    ///
    /// `kiocb` must belong to an open file of this kind, `iter` must be one for reading from.
    unsafe extern "C" fn write_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: `kiocb` is that of a write to an open file.
        let (open, manner) = unsafe { Self::kiocb(kiocb) };
        // SAFETY:
        // - `iter` is valid, and used by nobody else until this write returns.
        // - Its data comes from the writer, so that it is an `ITER_SOURCE`, whose memory may be
        //   read for as long.
        let iov = unsafe { IovIterSource::from_raw(iter) };
        to_count(open.node.enter(manner, |operation| {
            F::write_iter(open.data(), &open.file, operation, iov)
        }))
    }

    /// # Safety
    ///
    /// `kiocb` must belong to an open file of this kind.
    unsafe fn kiocb<'a>(kiocb: *mut bindings::kiocb) -> (&'a OpenNode<F>, Manner) {
        // SAFETY: `kiocb` is valid by the safety requirement.
        let (file, flags) = unsafe { ((*kiocb).ki_filp, (*kiocb).ki_flags) };
        let nowait = flags & bindings::IOCB_NOWAIT != 0;
        // SAFETY: The file is valid and open.
        unsafe { (Self::opened(file), manner_of(file).or_nonblocking(nowait)) }
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind, `table` null or a valid poll table.
    unsafe extern "C" fn poll(
        file: *mut bindings::file,
        table: *mut bindings::poll_table_struct,
    ) -> bindings::__poll_t {
        // SAFETY: The file is open.
        let open = unsafe { Self::opened(file) };
        let wanted = match table.is_null() {
            // Nobody waits: everything is asked for.
            true => PollEvents(u32::MAX),
            // SAFETY: `table` is valid if it is not null.
            false => PollEvents(unsafe { (*table)._key }),
        };
        // SAFETY:
        // - The file is valid for this call, and no `fdget_pos` region of it is on this thread.
        // - `table` is null or valid for this call.
        let (file, table) = unsafe { (File::from_raw_file(file), PollTable::from_raw(table)) };
        table.register_wait(file, &open.node.events.queue);
        let events = open.node.enter(true, |operation| {
            Ok(F::poll(open.data(), &open.file, operation, wanted))
        });
        events.unwrap_or(PollEvents::GONE).0
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind.
    unsafe extern "C" fn ioctl(file: *mut bindings::file, cmd: c_uint, arg: c_ulong) -> c_long {
        // SAFETY: An ioctl comes on an open file, which stays open for its duration.
        let (open, manner) = unsafe { (Self::opened(file), manner_of(file)) };
        to_long(open.node.enter(manner, |operation| {
            traced::<F>(operation, cmd, || {
                F::ioctl(open.data(), &open.file, operation, cmd, arg)
            })
        }))
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind.
    #[cfg(CONFIG_COMPAT)]
    unsafe extern "C" fn compat_ioctl(
        file: *mut bindings::file,
        cmd: c_uint,
        arg: c_ulong,
    ) -> c_long {
        // SAFETY: The file was opened by a 32-bit program, and stays open for this call.
        let (open, manner) = unsafe { (Self::opened(file), manner_of(file)) };
        to_long(open.node.enter(manner, |operation| {
            traced::<F>(operation, cmd, || {
                F::compat_ioctl(open.data(), &open.file, operation, cmd, arg)
            })
        }))
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind, `vma` an area of it that is being set up, with
    /// the `mmap_lock` held for writing.
    unsafe extern "C" fn mmap(
        file: *mut bindings::file,
        vma: *mut bindings::vm_area_struct,
    ) -> c_int {
        // SAFETY: A file that is being mapped is open.
        let (open, manner) = unsafe { (Self::opened(file), manner_of(file)) };
        // SAFETY: By the safety requirement; it is undergoing its setup until we return.
        let (area, first_page) = unsafe { (VmaNew::from_raw(vma), (*vma).vm_pgoff) };
        // Nothing is lost: the kernel refuses offsets of more bytes than fit an `unsigned long`.
        let offset = (first_page as u64) << PAGE_SHIFT;
        to_errno(open.node.enter(manner, |operation| {
            F::mmap(open.data(), &open.file, operation, area, offset)
        }))
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind.
    unsafe extern "C" fn flush(file: *mut bindings::file, _id: bindings::fl_owner_t) -> c_int {
        // SAFETY: A file is flushed before the reference that is closed is given up.
        let open = unsafe { Self::opened(file) };
        to_errno(open.node.enter_if_bound(false, |operation| {
            F::flush(open.data(), &open.file, operation)
        }))
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind.
    unsafe extern "C" fn fsync(
        file: *mut bindings::file,
        _start: bindings::loff_t,
        _end: bindings::loff_t,
        _datasync: c_int,
    ) -> c_int {
        // SAFETY: The caller holds a reference to the open file that it wants synced.
        let open = unsafe { Self::opened(file) };
        to_errno(open.node.enter(false, |operation| {
            F::fsync(open.data(), &open.file, operation)
        }))
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind.
    unsafe extern "C" fn fasync(fd: c_int, file: *mut bindings::file, on: c_int) -> c_int {
        // SAFETY: Its flags are changed by one who holds a reference to the open file.
        let open = unsafe { Self::opened(file) };
        let node = &open.node;
        if on == 0 {
            // SAFETY: The file is that of `open`.
            unsafe { node.events.unsubscribe(file) };
            return 0;
        }
        // SAFETY: The file is open, and holds the node with its events until `release`, which
        // unsubscribes it.
        let result = node.enter(true, |_| unsafe { node.events.subscribe(fd, file) });
        // Unbinding shuts the door before it sends the last signal. Leaving the door is a full
        // barrier: either the signal found the file on the list, or we find the door shut.
        if node.is_gone() {
            // SAFETY: As above; it is still open.
            unsafe { node.events.unsubscribe(file) };
            return ENODEV.to_errno();
        }
        to_errno(result)
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind, `seq` one that the caller may write to.
    unsafe extern "C" fn show_fdinfo(seq: *mut bindings::seq_file, file: *mut bindings::file) {
        // SAFETY: The caller, a reader of procfs, holds a reference to the open file.
        let open = unsafe { Self::opened(file) };
        // SAFETY: Nobody else uses it during this call.
        let seq = unsafe { SeqFile::from_raw(seq) };
        open.node.enter_if_bound(true, |operation| {
            F::show_fdinfo(open.data(), &open.file, operation, seq)
        });
    }

    /// # Safety
    ///
    /// `cmd` must be a request for an open file of this kind, which is issued or cancelled with
    /// `flags`.
    unsafe extern "C" fn uring_cmd(cmd: *mut bindings::io_uring_cmd, flags: c_uint) -> c_int {
        // CAST: They are bits.
        if flags & bindings::io_uring_cmd_flags_IO_URING_F_CANCEL as c_uint != 0 {
            // SAFETY: It is a request of ours, and these are the flags that it is cancelled with.
            unsafe { uring::cancel(cmd, flags) };
            return 0;
        }
        // SAFETY: The request holds a reference to the open file while it is being issued.
        let (file, open) = unsafe { ((*cmd).file, Self::opened((*cmd).file)) };
        // CAST: As above.
        let nowait = flags & bindings::io_uring_cmd_flags_IO_URING_F_NONBLOCK as c_uint != 0;
        // SAFETY: The request holds the file.
        let manner = unsafe { manner_of(file) }.or_nonblocking(nowait);
        let begin = |command: UringCommand| {
            open.node.enter(manner, |operation| {
                let name = F::command_name(command.cmd_op());
                command.watch(Record::start(operation.interface(), name));
                F::uring_cmd(open.data(), &open.file, operation, command)
            })
        };
        // SAFETY: It is being issued, since it is not being cancelled.
        unsafe { uring::issue(cmd, flags, begin) }
    }

    const VTABLE: bindings::file_operations = {
        // What a driver has not implemented is missing here, too. Without `llseek`, as befits a
        // stream, seeking fails with `ESPIPE`, and so do `pread()` and `pwrite()`.
        let mut table = bindings::file_operations {
            open: Some(Self::open),
            release: Some(Self::release),
            owner: this_module::<F::OwnerModule>().as_ptr(),
            ..pin_init::zeroed()
        };
        if F::IGNORES_SEEK {
            table.llseek = Some(bindings::noop_llseek);
        }
        // What can be read and written can be spliced, through pages of the pipe's.
        if F::HAS_READ_ITER {
            table.read_iter = Some(Self::read_iter);
            table.splice_read = Some(bindings::copy_splice_read);
        }
        if F::HAS_WRITE_ITER {
            table.write_iter = Some(Self::write_iter);
            table.splice_write = Some(bindings::iter_file_splice_write);
        }
        if F::HAS_POLL {
            table.poll = Some(Self::poll);
        }
        if F::HAS_IOCTL {
            table.unlocked_ioctl = Some(Self::ioctl);
        }
        #[cfg(CONFIG_COMPAT)]
        if F::HAS_COMPAT_IOCTL {
            table.compat_ioctl = Some(Self::compat_ioctl);
        } else if F::HAS_IOCTL {
            table.compat_ioctl = bindings::compat_ptr_ioctl;
        }
        if F::HAS_MMAP {
            table.mmap = Some(Self::mmap);
        }
        if F::HAS_FLUSH {
            table.flush = Some(Self::flush);
        }
        if F::HAS_FSYNC {
            table.fsync = Some(Self::fsync);
        }
        if F::ASYNC {
            table.fasync = Some(Self::fasync);
        }
        if F::HAS_SHOW_FDINFO {
            table.show_fdinfo = Some(Self::show_fdinfo);
        }
        if F::HAS_URING_CMD {
            table.uring_cmd = Some(Self::uring_cmd);
        }
        table
    };
}

/// Carries out a command, and tells those who watch.
fn traced<F: FileOperations>(
    operation: &Operation<'_>,
    cmd: u32,
    f: impl FnOnce() -> Result<isize>,
) -> Result<isize> {
    let record = Record::start(operation.interface(), F::command_name(cmd));
    let result = f();
    // CAST: An errno is a small number.
    record.end(result.unwrap_or_else(|error| error.to_errno() as isize));
    result
}

/// # Safety
///
/// `file` must be valid.
unsafe fn manner_of(file: *mut bindings::file) -> Manner {
    // SAFETY: The file is valid; its flags may change at any time, and either value is fine.
    let flags = unsafe { (&raw const (*file).f_flags).read_volatile() };
    // SAFETY: It is valid, and how it was opened does not change.
    let mode = unsafe { (*file).f_mode };
    Manner {
        nonblocking: flags & bindings::O_NONBLOCK != 0,
        writable: mode & bindings::FMODE_WRITE != 0,
    }
}

fn to_count(result: Result<usize>) -> isize {
    match result {
        // CAST: The kernel limits the size of a read or write to less than `isize::MAX`.
        Ok(count) => count as isize,
        Err(error) => error.to_errno() as isize,
    }
}

fn to_long(result: Result<isize>) -> c_long {
    match result {
        Ok(value) => value as c_long,
        Err(error) => error.to_errno() as c_long,
    }
}

fn to_errno(result: Result) -> c_int {
    match result {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}
