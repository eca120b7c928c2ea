# SPDX-License-Identifier: GPL-2.0
"""Who goes first on this machine.

The processors of a guest of the fast labs are threads here. Where two of them share a
processor, one is stopped now and then while it holds a spinlock, and the other spins
until it goes on, so that the guest stands still for up to a second. They do share one
next to any program that computes, even one with SCHED_IDLE: as long as both processors
have something to run, the scheduler sees no reason to move a thread.
"""

import os


def go_first():
    """Puts this thread, and what it starts from now on, before all others that did not ask for it.

    True if that is allowed, which takes CAP_SYS_NICE or a limit RLIMIT_RTPRIO.
    """
    lowest = os.sched_param(os.sched_get_priority_min(os.SCHED_RR))
    try:
        os.sched_setscheduler(0, os.SCHED_RR, lowest)
    except PermissionError:
        return False
    return True
