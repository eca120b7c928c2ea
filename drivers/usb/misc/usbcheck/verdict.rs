// SPDX-License-Identifier: GPL-2.0

//! Expectations, and the failure to meet one.

use core::panic::Location;
use kernel::{
    fmt,
    prelude::*,
    str::CString, //
};

/// What a write returns where nothing failed but what was found is not what was expected.
const UNEXPECTED: Error = EBADMSG;

/// The first expectation of a check that was not met.
pub(crate) struct Failure {
    /// What the write returns.
    pub(crate) error: Error,
    place: &'static Location<'static>,
    /// [`None`] if a step failed that is not what the check is about, or memory is short.
    what: Option<CString>,
}

/// What a check, or a step of it, ends with.
pub(crate) type Verdict<T = ()> = Result<T, Failure>;

impl<E: Into<Error>> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            place: Location::caller(),
            what: None,
        }
    }
}

impl Failure {
    #[track_caller]
    fn new(error: Error, what: fmt::Arguments<'_>) -> Self {
        Self {
            error,
            place: Location::caller(),
            what: CString::try_from_fmt(what).ok(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.place.file(), self.place.line());
        // The path from the module's directory on is enough.
        let file = file.rsplit("usbcheck/").next().unwrap_or(file);
        write!(f, "{file}:{line}: ")?;
        match &self.what {
            Some(what) => fmt::Display::fmt(&**what, f),
            None => write!(f, "{:?}", self.error),
        }
    }
}

/// Something must be so.
#[track_caller]
pub(crate) fn expect(condition: bool, what: &str) -> Verdict {
    match condition {
        true => Ok(()),
        false => Err(Failure::new(UNEXPECTED, fmt!("expected {what}"))),
    }
}

/// A value must be a certain one.
#[track_caller]
pub(crate) fn equal<V: PartialEq + fmt::Debug>(wanted: V, found: V, what: &str) -> Verdict {
    match wanted == found {
        true => Ok(()),
        false => {
            let what = fmt!("{what}: wanted {wanted:?}, found {found:?}");
            Err(Failure::new(UNEXPECTED, what))
        }
    }
}

/// Bytes must be certain ones.
#[track_caller]
pub(crate) fn same_bytes(wanted: &[u8], found: &[u8], what: &str) -> Verdict {
    let differ = |(wanted, found)| wanted != found;
    match wanted.iter().zip(found).position(differ) {
        None if wanted.len() == found.len() => Ok(()),
        None => {
            let (wanted, found) = (wanted.len(), found.len());
            let what = fmt!("{what}: wanted {wanted} bytes, found {found}");
            Err(Failure::new(UNEXPECTED, what))
        }
        Some(at) => Err(Failure::new(UNEXPECTED, fmt!("{what}: wrong byte at {at}"))),
    }
}

/// Bytes must all be zero.
#[track_caller]
pub(crate) fn all_zero(found: &[u8], what: &str) -> Verdict {
    match found.iter().position(|byte| *byte != 0) {
        None => Ok(()),
        Some(at) => Err(Failure::new(UNEXPECTED, fmt!("{what}: not zero at {at}"))),
    }
}

/// Something must fail, in a certain way.
#[track_caller]
pub(crate) fn refused<V, E: Into<Error>>(
    wanted: Error,
    result: Result<V, E>,
    what: &str,
) -> Verdict {
    match result.map_err(Into::into) {
        Err(error) if error == wanted => Ok(()),
        Err(error) => {
            let what = fmt!("{what}: wanted {wanted:?}, found {error:?}");
            Err(Failure::new(error, what))
        }
        Ok(_) => {
            let what = fmt!("{what}: wanted {wanted:?}, but it succeeded");
            Err(Failure::new(UNEXPECTED, what))
        }
    }
}
