# SPDX-License-Identifier: GPL-2.0
"""The real lab: x86_64 in QEMU with an xHCI controller on PCI.

The guest tree is its initramfs, the share and the modules are 9p mounts, and
the reference device is a program outside.
"""

import os
import socket

from lab import kvm, tree
from lab.plugs import Plugs

MEMORY = {"real": 512, "real-debug": 1024}
CPUS = 1


class Machine:
    """How a real guest is started."""

    def __init__(self, lab, kernel, run, options):
        self._lab, self._kernel, self._run, self._options = lab, kernel, run, options
        self._tree = tree.root()
        self._port, self._guest_port = socket.socketpair()
        self._plugs = None

    def command(self, channels, log):
        """The argument list; descriptors are named in it by their numbers."""
        return [
            "qemu-system-x86_64", *self._board(), *self._boot(), *self._files(),
            *self._consoles(channels, log), *self._usb(),
            *(["-device", "pci-testdev"] if self._options.pci_testdev else []), *self._options.devices,
        ]

    @staticmethod
    def environment():
        return dict(os.environ)

    def inherited(self):
        return [self._guest_port.fileno()]

    def attach(self, loop):
        self._guest_port.close()
        self._plugs = Plugs(loop, self._port, self._tree / "lab/bin/refdevd", self._run)

    def close(self):
        if self._plugs:
            self._plugs.close()
        self._port.close()
        self._guest_port.close()

    def _board(self):
        # Without five-level page tables: while the kernel identifies the boot CPU it forgets for a
        # moment that it uses them, and KASAN takes an interrupt at that moment for a wild access.
        memory = self._options.memory or MEMORY[self._lab]
        return ["-M", "pc", *self._cpu(), "-smp", self._options.cpus or CPUS, "-m", memory,
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]

    def _cpu(self):
        if self._options.counted:
            # QEMU takes much longer for a "rep movsb" than for a loop, but counts one instruction.
            return ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
                    "-cpu", "max,la57=off,erms=off,fsrm=off"]
        return [*kvm.acceleration(self._kernel / "kernel"), "-cpu", "max,la57=off"]

    def _boot(self):
        arguments = ["console=ttyS0", "panic=-1", "pci=noacpi", "lab_out=/dev/hvc0", "lab_err=/dev/hvc1",
                     *self._options.kernel_arguments(self._lab)]
        return ["-kernel", self._kernel / "kernel", "-initrd", tree.archive(self._tree),
                "-append", " ".join(arguments)]

    def _files(self):
        share = f"local,path={self._run.share},mount_tag=share,security_model=none"
        modules = f"local,path={self._kernel / 'lib/modules'},mount_tag=modules,security_model=none"
        return ["-virtfs", share, "-virtfs", f"{modules},readonly=on"]

    def _consoles(self, channels, log):
        return [
            "-chardev", f"file,id=log,path=/dev/fd/{log.fileno()},append=on", "-serial", "chardev:log",
            "-device", "virtio-serial-pci",
            "-chardev", f"socket,id=out,fd={channels.out.fileno()}", "-device", "virtconsole,chardev=out",
            "-chardev", f"socket,id=err,fd={channels.err.fileno()}", "-device", "virtconsole,chardev=err",
            "-chardev", f"socket,id=plug,fd={self._guest_port.fileno()}",
            "-device", "virtserialport,chardev=plug,name=usb-lab.plug",
        ]

    def _usb(self):
        device = self._run.path / "usb0.sock"
        return ["-device", "qemu-xhci,id=xhci,p2=8,p3=8",
                "-chardev", f"socket,id=usb0,path={device},server=on,wait=off",
                "-device", "usb-redir,chardev=usb0,bus=xhci.0"]
