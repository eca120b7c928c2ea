// SPDX-License-Identifier: GPL-2.0
//! Makes Rust types of the uAPI header, the one place where the ioctls are defined.

use std::env;
use std::panic;
use std::path::{Path, PathBuf};

const HEADER: &str = "../../../include/uapi/linux/usb/usbpipe.h";

const NO_LIBCLANG: &str = "libclang, which reads the uAPI header, is missing or unusable. \
    Install it (Debian: libclang-19-dev) or set LIBCLANG_PATH to the directory of libclang.so";

fn main() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join(HEADER);
    println!("cargo:rerun-if-changed={}", header.display());
    println!("cargo:rerun-if-env-changed=LIBCLANG_PATH");
    if !header.is_file() {
        fail(&format!(
            "the uAPI header is not at {}; build this crate inside its source tree",
            header.display()
        ));
    }
    require_libclang();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("uapi.rs");
    match generate(&header) {
        Ok(bindings) => bindings.write_to_file(&out).expect("OUT_DIR is writable"),
        Err(error) => fail(&format!(
            "bindgen cannot read {}: {error}",
            header.display()
        )),
    }
}

/// bindgen looks in all usual places by itself, but panics with a long text if it finds none.
fn require_libclang() {
    panic::set_hook(Box::new(|_| ()));
    let found = panic::catch_unwind(bindgen::clang_version);
    drop(panic::take_hook());
    if found.is_err() {
        fail(NO_LIBCLANG);
    }
}

/// The header needs only the kernel's own headers, which do not depend on the C library: no
/// standard search path, so that a musl target works with the system's copy of them.
fn generate(header: &Path) -> Result<bindgen::Bindings, bindgen::BindgenError> {
    bindgen::Builder::default()
        .header(header.to_string_lossy())
        .clang_arg("-nostdinc")
        .clang_args(
            system_includes()
                .iter()
                .map(|dir| format!("-isystem{}", dir.display())),
        )
        .allowlist_item("(usbpipe|USBPIPE)_.*")
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .derive_default(true)
        .use_core()
        .generate()
}

fn system_includes() -> Vec<PathBuf> {
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    [
        "/usr/include".to_owned(),
        format!("/usr/include/{arch}-linux-gnu"),
        format!("/usr/include/{arch}-linux-musl"),
    ]
    .into_iter()
    .map(PathBuf::from)
    .filter(|dir| dir.is_dir())
    .collect()
}

fn fail(reason: &str) -> ! {
    println!("cargo::error=usbpipe: {reason}");
    std::process::exit(1);
}
