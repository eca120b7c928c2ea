/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What surrounds the node: the plug of the device, and the module.
 *
 * Functions return 0 or a count, or a negative error number.
 */
#ifndef USBPIPE_TEST_ENVIRONMENT_H
#define USBPIPE_TEST_ENVIRONMENT_H

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "node.h"

/* Runs a program, its output among the diagnostics. */
static inline int run(char **arguments)
{
	posix_spawn_file_actions_t actions;
	int err, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	err = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return -err;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* Runs a command of the test environment. */
static inline int command(const char *variable, const char *fallback)
{
	char *name = strdup(getenv(variable) ?: fallback);
	char *arguments[2] = { name };
	int err = run(arguments);

	free(name);
	return err;
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

/* How many references to the module there are; -ENOENT if it is built in. */
static inline int module_uses(void)
{
	FILE *file = fopen("/sys/module/usbpipe/refcnt", "r");
	int uses = -EIO;

	if (!file)
		return -errno;
	if (fscanf(file, "%d", &uses) != 1)
		uses = -EIO;
	fclose(file);
	return uses;
}

static inline int module_unload(void)
{
	return syscall(SYS_delete_module, "usbpipe", O_NONBLOCK) ? -errno : 0;
}

static inline int module_load(void)
{
	char program[] = "modprobe", module[] = "usbpipe";
	char *arguments[3] = { program, module };

	return run(arguments);
}

#endif /* USBPIPE_TEST_ENVIRONMENT_H */
