#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# profile.sh PLACE JOB: runs it once, while QEMU watches. Leaves the addresses of the kernel's
# functions in kallsyms. For scripts/bench/profile.
set -e
# shellcheck source=SCRIPTDIR/stream.sh
. ./stream.sh

place=$1
load_drivers
arrive plain
parse "$2"
bind
cat /proc/kallsyms >kallsyms
stream -c
