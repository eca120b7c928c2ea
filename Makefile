# SPDX-License-Identifier: GPL-2.0
#
# Verbs. Each calls a script that does the work and has its own --help; those
# that need tools or sources call scripts/setup first, which is quick once they
# are there. (Kbuild reads the file Kbuild beside this one, never this.)

.DEFAULT_GOAL := help
.NOTPARALLEL:

# Read by scripts/setup, scripts/kernel and what calls them.
export KERNEL

LAB ?= fast
DRIVER ?= drivers/usb/misc/usbpipe

help: ## show this text
	@echo 'usbpipe: USB drivers in Rust for Linux'
	@echo
	@echo 'verbs:'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'variables:'
	@awk -F '= *' '/^## [A-Z]+=/ { sub(/^## /, ""); n = index($$0, " "); \
		printf "  %-9s %s\n", substr($$0, 1, n - 1), substr($$0, n + 1) }' Makefile

## FILE= demo: the file to send through the device (default: a new one of 64 MiB)
## DRIVER= try: folder of the driver to rebuild (default: drivers/usb/misc/usbpipe)
## ARGS= usbtest, bench, soak: arguments of scripts/usbtest, scripts/bench/usbpipe or scripts/soak
## LAB= build, shell: fast, fast-debug, real or real-debug (default: fast)
## KERNEL= a kernel source tree to use instead of the downloaded one (copied, not modified)

setup: ## install and download what is missing; nothing if all is there
	@scripts/setup

doctor: ## say what is wanted, what was found and how to mend it
	@scripts/doctor

demo: setup ## send a file through a USB device, unplug it half way, plug it in again
	@scripts/demo $(if $(FILE),"$(FILE)")

usbtest: setup ## compare usbtest in Rust with the one in C, case by case, in both labs
	@scripts/usbtest $(ARGS)

bench: setup ## compare usbpipe with usbfs, usb-skeleton and usbtest, a URB in Rust with one in C
	@failed=0; scripts/bench/urb-cost || failed=1; scripts/bench/allocations || failed=1; \
		scripts/bench/usbpipe $(ARGS) || failed=1; exit $$failed

test: setup ## run everything that can fail: crates, KUnit, both labs, checks
	@scripts/test

soak: setup ## let misbehaving drivers loose, a thousand times each, under KASAN; takes hours
	@scripts/soak $(ARGS)

check: setup ## run the checks of sources and texts alone
	@scripts/check/all

format: setup ## format the Rust sources
	@scripts/check/rustfmt --fix

build: setup ## build the kernel of LAB
	@scripts/kernel $(LAB)

try: setup ## rebuild one DRIVER and try it with a device in the fast lab
	@scripts/try $(DRIVER)

shell: setup ## start LAB and get a shell in it
	@scripts/lab shell $(LAB)

clean: ## remove what was built from the cache; downloads stay
	@scripts/clean

.PHONY: help setup doctor demo usbtest bench test soak check format build try shell clean
