// SPDX-License-Identifier: GPL-2.0

//! Tests of all parsers together: on the descriptors of thirty kinds of devices as they are, cut
//! off, and with every byte wrong, and on descriptors made to break each rule.

mod cdc;
mod corpus;
mod damage;
mod malformed;
mod summary;
mod walk;
