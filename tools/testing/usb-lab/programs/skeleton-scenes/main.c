// SPDX-License-Identifier: GPL-2.0
/*
 * skeleton-scenes SCENE: uses /dev/skel0 in one of many ways, and prints what came of each call.
 *
 * It knows nothing of the driver behind the node: what two drivers make of a scene is compared by
 * whoever calls it. USB_NODE names the device in usbfs, USB_DEVICE in sysfs. A scene may need a device with faults; the
 * test says which. With --empty it makes the device forget what it was sent.
 */
#include "calls.h"
#include "scenes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct scene {
	const char *name;
	void (*play)(void);
} scenes[] = {
	{ "node", the_node }, { "nothing", nothing }, { "loop", loop }, { "pieces", pieces },
	{ "large", large }, { "left-over", left_over }, { "nonblock", nonblock },
	{ "read-ahead", read_ahead }, { "close-reading", close_reading }, { "poll", polls },
	{ "unsupported", unsupported }, { "position", position }, { "vectors", vectors },
	{ "bad-memory", bad_memory }, { "signal-read", signal_read },
	{ "restarted-read", restarted_read }, { "write-behind-reader", write_behind_reader },
	{ "nonblock-behind-reader", nonblock_behind_reader },
	{ "close-behind-reader", close_behind_reader }, { "read-fails", read_fails },
	{ "write-fails", write_fails }, { "write-fails-close", write_fails_close },
	{ "write-fails-read", write_fails_read }, { "credit", credit }, { "credit-signal", credit_signal }, { "killed", killed },
	{ "reset-read", reset_read }, { "reset-write", reset_write }, { "reset-close", reset_close },
	{ "reset-writes", reset_writes }, { "reset-writer", reset_writer },
	{ "reset-behind-reader", reset_behind_reader }, { "unplugged", unplugged },
	{ "unplug-reader", unplug_reader }, { "unplug-writes", unplug_writes },
	{ "unplug-writer", unplug_writer }, { "suspend", suspend }, { "sleep-idle", sleep_idle },
	{ "sleep-behind-reader", sleep_behind_reader }, { "sleep-writes", sleep_writes },
};

static int play(const struct scene *scene)
{
	if (!begin_helper())
		node = open_node(0);
	if (node <= 0) {
		say("open", -errno);
		return 1;
	}
	scene->play();
	if (node >= 0)
		say_close();
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "--empty"))
		return !!empty();
	for (i = 0; argc == 2 && i < sizeof(scenes) / sizeof(*scenes); i++)
		if (!strcmp(argv[1], scenes[i].name))
			return play(&scenes[i]);
	fprintf(stderr, "usage: skeleton-scenes SCENE|--empty\n");
	return 2;
}
