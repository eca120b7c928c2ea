// SPDX-License-Identifier: GPL-2.0

//! The arguments of ioctls.

use kernel::{
    prelude::*,
    uaccess::{
        UserPtr,
        UserSlice, //
    }, //
};

/// Memory of a program: `length` bytes from `address` on.
///
/// # Errors
///
/// `EFAULT`: there is no such address.
pub(crate) fn memory(address: u64, length: usize) -> Result<UserSlice> {
    let address = usize::try_from(address).map_err(|_| EFAULT)?;
    Ok(UserSlice::new(UserPtr::from_addr(address), length))
}

/// What the program passes.
///
/// # Errors
///
/// `EFAULT`.
pub(crate) fn get<T: FromBytes + IntoBytes>(arg: usize) -> Result<T> {
    let mut value = T::new_zeroed();
    UserSlice::new(UserPtr::from_addr(arg), size_of::<T>())
        .reader()
        .read_slice(value.as_mut_bytes())?;
    Ok(value)
}

/// What the program gets.
///
/// # Errors
///
/// `EFAULT`.
pub(crate) fn put(arg: usize, bytes: &[u8]) -> Result {
    UserSlice::new(UserPtr::from_addr(arg), bytes.len())
        .writer()
        .write_slice(bytes)
}

/// Carries out a command that changes its argument, also where it fails.
///
/// # Errors
///
/// Those of `command`, and `EFAULT`.
pub(crate) fn update<T: FromBytes + IntoBytes>(
    arg: usize,
    command: impl FnOnce(&mut T) -> Result,
) -> Result {
    let mut value = get::<T>(arg)?;
    let result = command(&mut value);
    put(arg, value.as_mut_bytes())?;
    result
}
