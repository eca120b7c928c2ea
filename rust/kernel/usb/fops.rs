// SPDX-License-Identifier: GPL-2.0

//! The C table of operations on the open files of a device node.

use super::{
    file::FileOperations,
    node::Node,
    PollEvents, //
};
use crate::{
    bindings,
    error::from_result,
    fs::File,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    module::this_module,
    prelude::*,
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
        // SAFETY: Both are valid. It makes the file a stream: without position or its lock.
        unsafe { bindings::stream_open(inode, file) };
        from_result(|| {
            // SAFETY: The file is valid.
            let nonblocking = unsafe { is_nonblocking(file) };
            let data = node.data.as_arc_borrow();
            // First, so that nothing can fail between `F::open` and `F::release`.
            let slot = KBox::<OpenNode<F>>::new_uninit(GFP_KERNEL)?;
            let opened = node.enter(nonblocking, |operation| F::open(data, operation))?;
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
        let data = node.data.as_arc_borrow();
        let mut opened = Some(opened);
        let _ = node.enter(false, |operation| {
            if let Some(opened) = opened.take() {
                F::release(data, opened, Some(operation));
            }
            Ok(())
        });
        if let Some(opened) = opened {
            F::release(data, opened, None);
        }
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
        let (open, nonblocking) = unsafe { Self::kiocb(kiocb) };
        // SAFETY: By the safety requirement.
        let iov = unsafe { IovIterDest::from_raw(iter) };
        let data = open.node.data.as_arc_borrow();
        to_count(open.node.enter(nonblocking, |operation| {
            F::read_iter(data, &open.file, operation, iov)
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
        let (open, nonblocking) = unsafe { Self::kiocb(kiocb) };
        // SAFETY: `iter` is the source of that write, ours until we return.
        let iov = unsafe { IovIterSource::from_raw(iter) };
        let data = open.node.data.as_arc_borrow();
        to_count(open.node.enter(nonblocking, |operation| {
            F::write_iter(data, &open.file, operation, iov)
        }))
    }

    /// # Safety
    ///
    /// `kiocb` must belong to an open file of this kind.
    unsafe fn kiocb<'a>(kiocb: *mut bindings::kiocb) -> (&'a OpenNode<F>, bool) {
        // SAFETY: `kiocb` is valid by the safety requirement.
        let (file, flags) = unsafe { ((*kiocb).ki_filp, (*kiocb).ki_flags) };
        let nowait = flags & bindings::IOCB_NOWAIT != 0;
        // SAFETY: The file is valid and open.
        unsafe { (Self::opened(file), nowait || is_nonblocking(file)) }
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
        let data = open.node.data.as_arc_borrow();
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
            Ok(F::poll(data, &open.file, operation, wanted))
        });
        events.unwrap_or(PollEvents::GONE).0
    }

    /// # Safety
    ///
    /// `file` must be an open file of this kind.
    unsafe extern "C" fn ioctl(file: *mut bindings::file, cmd: c_uint, arg: c_ulong) -> c_long {
        // SAFETY: An ioctl comes on an open file, which stays open for its duration.
        let (open, nonblocking) = unsafe { (Self::opened(file), is_nonblocking(file)) };
        let data = open.node.data.as_arc_borrow();
        let result = open.node.enter(nonblocking, |operation| {
            F::ioctl(data, &open.file, operation, cmd, arg)
        });
        match result {
            Ok(value) => value as c_long,
            Err(error) => error.to_errno() as c_long,
        }
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
        let data = open.node.data.as_arc_borrow();
        from_result(|| {
            open.node
                .enter(false, |operation| F::fsync(data, &open.file, operation))
                .map(|()| 0)
        })
    }

    const VTABLE: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open),
        release: Some(Self::release),
        read_iter: if F::HAS_READ_ITER {
            Some(Self::read_iter)
        } else {
            None
        },
        write_iter: if F::HAS_WRITE_ITER {
            Some(Self::write_iter)
        } else {
            None
        },
        poll: if F::HAS_POLL { Some(Self::poll) } else { None },
        unlocked_ioctl: if F::HAS_IOCTL {
            Some(Self::ioctl)
        } else {
            None
        },
        #[cfg(CONFIG_COMPAT)]
        compat_ioctl: if F::HAS_IOCTL {
            bindings::compat_ptr_ioctl
        } else {
            None
        },
        fsync: if F::HAS_FSYNC {
            Some(Self::fsync)
        } else {
            None
        },
        owner: this_module::<F::OwnerModule>().as_ptr(),
        ..pin_init::zeroed()
    };
}

/// # Safety
///
/// `file` must be valid.
unsafe fn is_nonblocking(file: *mut bindings::file) -> bool {
    // SAFETY: The file is valid; its flags may change at any time, and either value is fine.
    unsafe { (&raw const (*file).f_flags).read_volatile() & bindings::O_NONBLOCK != 0 }
}

fn to_count(result: Result<usize>) -> isize {
    match result {
        // CAST: The kernel limits the size of a read or write to less than `isize::MAX`.
        Ok(count) => count as isize,
        Err(error) => error.to_errno() as isize,
    }
}
