# SPDX-License-Identifier: GPL-2.0
"""What a run may be asked for."""

from dataclasses import dataclass, field

LABS = ("fast", "fast-debug", "real", "real-debug")


def is_debug(lab):
    return lab.endswith("-debug")


@dataclass
class Options:
    """Settings of one guest. A number of 0 is the lab's own default.

    Of the real labs alone: `devices`, words to add to QEMU's command line, and
    `counted`, where the guest's clock counts instructions, one a nanosecond.
    """

    memory: int = 0
    cpus: int = 0
    limit_s: float = 0
    append: list = field(default_factory=list)
    pci_testdev: bool = False
    kunit: str = ""
    leaks: bool = False
    modules: list = field(default_factory=list)
    devices: list = field(default_factory=list)
    counted: bool = False
    cycles: int = 0
    part: str = ""

    def kernel_arguments(self, lab):
        """Words of the kernel's command line; those without a dot reach init as variables."""
        kunit = ["kunit.autorun=0"]
        if self.kunit:
            kunit = [f"kunit.filter_glob={self.kunit}"]
        debug = ["kasan_multi_shot"] if is_debug(lab) else []
        cycles = [f"cycles={self.cycles}"] if self.cycles else []
        part = [f"part={self.part}"] if self.part else []
        return [f"lab={lab}", "loglevel=8", "printk.devkmsg=on", *debug, *kunit, *cycles, *part, *self.append]
