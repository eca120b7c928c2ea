// SPDX-License-Identifier: GPL-2.0
//! `usbpipe control`

use std::io::{self, Write};
use std::time::Duration;

use clap::ValueEnum;
use usbpipe::{Blocking, Device, Node, Recipient, RequestType, Setup};

use crate::exit::Exit;
use crate::{hex, size};

/// Send a control request to the device, and show its answer
///
/// With --length the request asks for data, otherwise it takes --data to the device, or nothing.
/// The driver carries vendor requests to the device, to this interface and to its endpoints, class
/// requests to the last two, and standard requests that only read. Numbers are decimal, or
/// hexadecimal with 0x.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The node: /dev/usbpipe0, usbpipe0 or 0
    node: Node,

    /// Who defines the request
    #[arg(long = "type", value_name = "TYPE", default_value = "vendor")]
    request_type: TypeArg,

    /// Whom it is for; the number of an interface or endpoint goes into --index
    #[arg(long, value_name = "WHO", default_value = "device")]
    recipient: RecipientArg,

    /// bRequest
    #[arg(short, long, value_name = "N", value_parser = number::<u8>)]
    request: u8,

    /// wValue
    #[arg(long, value_name = "N", default_value = "0", value_parser = number::<u16>)]
    value: u16,

    /// wIndex
    #[arg(long, value_name = "N", default_value = "0", value_parser = number::<u16>)]
    index: u16,

    /// Ask for this many bytes
    #[arg(short, long, value_name = "N", value_parser = number::<u16>)]
    length: Option<u16>,

    /// Send these bytes: pairs of hexadecimal digits
    #[arg(short, long, value_name = "HEX", conflicts_with = "length", value_parser = bytes)]
    data: Option<Bytes>,

    /// Time for the device to answer
    #[arg(short, long, value_name = "MS", default_value_t = 5000)]
    timeout: u32,

    /// Print the answer as it is instead of in hexadecimal
    #[arg(long, requires = "length")]
    raw: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TypeArg {
    Standard,
    Class,
    Vendor,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RecipientArg {
    Device,
    Interface,
    Endpoint,
}

/// A data stage; clap would take a bare `Vec` for an option that may be repeated.
#[derive(Clone, Debug)]
struct Bytes(Vec<u8>);

pub(crate) fn run(args: &Args) -> Result<(), Exit> {
    let device = Device::open(&args.node, Blocking::Wait)?;
    match args.length {
        Some(length) => ask(&device, args, length),
        None => tell(&device, args),
    }
}

fn ask(device: &Device, args: &Args, length: u16) -> Result<(), Exit> {
    let mut room = vec![0; length.into()];
    let count = device.control_in(setup(args), &mut room)?;
    let answer = &room[..count];
    let written = match args.raw {
        true => io::stdout().write_all(answer),
        false => io::stdout().write_all(hex::dump(answer).as_bytes()),
    };
    written.map_err(|error| Exit::file("stdout", &error))
}

fn tell(device: &Device, args: &Args) -> Result<(), Exit> {
    let data = args.data.as_ref().map_or(&[][..], |bytes| &bytes.0);
    device.control_out(setup(args), data)?;
    Ok(())
}

fn setup(args: &Args) -> Setup {
    Setup::vendor(args.request)
        .request_type(args.request_type.into())
        .recipient(args.recipient.into())
        .value(args.value)
        .index(args.index)
        .timeout(Duration::from_millis(args.timeout.into()))
}

impl From<TypeArg> for RequestType {
    fn from(arg: TypeArg) -> Self {
        match arg {
            TypeArg::Standard => RequestType::Standard,
            TypeArg::Class => RequestType::Class,
            TypeArg::Vendor => RequestType::Vendor,
        }
    }
}

impl From<RecipientArg> for Recipient {
    fn from(arg: RecipientArg) -> Self {
        match arg {
            RecipientArg::Device => Recipient::Device,
            RecipientArg::Interface => Recipient::Interface,
            RecipientArg::Endpoint => Recipient::Endpoint,
        }
    }
}

fn number<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let number = size::number(text)?;
    T::try_from(number).map_err(|_| format!("larger than {} bits", 8 * size_of::<T>()))
}

fn bytes(text: &str) -> Result<Bytes, String> {
    hex::parse(text).map(Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_size() {
        assert_eq!(number::<u8>("0xff"), Ok(0xff));
        assert_eq!(number::<u8>("256"), Err("larger than 8 bits".into()));
        assert_eq!(number::<u16>("65535"), Ok(0xffff));
        assert!(number::<u16>("0x10000").is_err());
    }
}
