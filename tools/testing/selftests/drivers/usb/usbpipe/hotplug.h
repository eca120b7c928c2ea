/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking the device away, and bringing it back.
 *
 * Commands that do so: USBPIPE_UNPLUG and USBPIPE_PLUG, by default "unplug" and "plug".
 */
#ifndef USBPIPE_TEST_HOTPLUG_H
#define USBPIPE_TEST_HOTPLUG_H

#include <spawn.h>
#include <sys/wait.h>

#include "node.h"

/* Runs a command of the test environment, its output among the diagnostics. */
static inline int command(const char *variable, const char *fallback)
{
	char *name = strdup(getenv(variable) ?: fallback);
	char *arguments[2] = { name };
	posix_spawn_file_actions_t actions;
	int err, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	err = posix_spawnp(&pid, name, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	free(name);
	if (err)
		return -err;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static inline int unplug(void)
{
	return command("USBPIPE_UNPLUG", "unplug");
}

/* Brings the device and waits for a node of it, which may have another number than before. */
static inline int plug(struct node *node)
{
	int err = command("USBPIPE_PLUG", "plug");

	if (err)
		return err;
	unsetenv("USBPIPE_NODE");
	return wait_until(!node_find(node)) ? 0 : -ETIME;
}

#endif /* USBPIPE_TEST_HOTPLUG_H */
