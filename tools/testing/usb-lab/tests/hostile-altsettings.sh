#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# parts: 10
# A driver in safe Rust that waits for a change of its altsetting which the device does not
# answer is parted from it as soon as the core's own requests are over: nobody can cut them short.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# Each takes ten seconds, so the parts are of the cycles: each has all crimes, a tenth as often.
cycles=$(((cycles + 9) / 10))
part=1/1

# Whoever changes the altsetting has the device locked for it. The request is the core's own,
# which waits 5 s for an answer; and so is the one to go back to the altsetting as it was. Who
# tries again at once may get the lock before who waits for it, but only once: then it is handed on.
unanswered_altsetting() {
	begins 'transfer switch'
	patience=2000
	parted "$(interface)"
	[ "$took" -ge 400 ] || { echo "unbinding did not wait: $took centiseconds" && return 1; }
	without_device "$criminal"
	binds "$(interface)"
}

load 0
arrive high --fault ep=0,type=0x01,request=11,never
check_crime "unbinding waits for a change of the altsetting" afresh unanswered_altsetting
check_leaks "what is not forgotten does not leak" nothing
end_hostile
