// SPDX-License-Identifier: GPL-2.0
/*
 * Scenes in which the device, or the whole system, sleeps. USB_DEVICE is the device in sysfs.
 */
#include "calls.h"
#include "scenes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_MS 20000

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (write(fd, value, strlen(value)) < 0)
		say(path, -errno);
	close(fd);
}

static void attribute(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/power/%s", getenv("USB_DEVICE") ?: "", name);
}

static void set_attribute(const char *name, const char *value)
{
	char path[256];

	attribute(path, sizeof(path), name);
	set(path, value);
}

static bool is_suspended(void)
{
	char path[256], status[16] = "";
	int fd;

	attribute(path, sizeof(path), "runtime_status");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read(fd, status, sizeof(status) - 1) < 0)
		say(path, -errno);
	close(fd);
	return !strncmp(status, "suspended", 9);
}

/* Says whether the device falls asleep within some time. */
static void say_suspends(long patience_ms)
{
	long end = now_ms() + patience_ms;

	while (!is_suspended() && now_ms() < end)
		pause_ms(10);
	printf("suspended: %s\n", is_suspended() ? "yes" : "no");
}

/* A device that nobody has open may sleep, and wakes up when it is opened. */
void suspend(void)
{
	set_attribute("autosuspend_delay_ms", "0");
	set_attribute("control", "auto");
	say_suspends(2000);
	say_write(5);
	say_read(5);
	say_close();
	say_suspends(DEADLINE_MS);
	node = open_node(0);
	say("open", node < 0 ? -errno : 0);
	say_suspends(0);
	say_write(5);
	say_read(5);
	set_attribute("control", "on");
}

/* Devices are suspended and resumed as if the system slept. */
static void sleep_system(void)
{
	set("/sys/module/suspend/parameters/pm_test_delay", "0");
	set("/sys/power/pm_test", "devices");
	set("/sys/power/state", "freeze");
}

void sleep_idle(void)
{
	sleep_system();
	say_write(5);
	say_read(5);
}

void sleep_behind_reader(void)
{
	struct call reader = { run_read_5, node, "blocked read" };

	call_block(&reader);
	sleep_system();
	say_write(5);
	call_say(&reader);
}

/* With a device that never takes what is written. */
void sleep_writes(void)
{
	say_write(5);
	sleep_system();
	say_write(5);
}
