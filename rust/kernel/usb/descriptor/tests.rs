// SPDX-License-Identifier: GPL-2.0

//! Tests of all parsers together: on the descriptors of devices as they are, cut off, and with each
//! byte wrong in every way, and on descriptors made to break each rule.

mod cdc;
mod classes;
mod corpus;
mod damage;
mod malformed;
mod summary;
mod walk;
