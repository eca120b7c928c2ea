// SPDX-License-Identifier: GPL-2.0
/*
 * calls < SCRIPT: makes the system calls of a script, and prints what an application sees of each:
 * what it returned or its errno, and what it read. For transcripts that can be compared.
 *
 *   open PATH [nonblock]   to read and write; the calls below are about the file opened last
 *   close
 *   read LENGTH            and shows the bytes
 *   pread LENGTH           the same at offset 1
 *   write TEXT             with \xHH and \\ in it; TEXT may have blanks
 *   fill LENGTH            writes so many x
 *   empty                  writes nothing
 *   bad                    writes 8 bytes from where there is no memory
 *   seek OFFSET
 *   poll                   what is possible at once
 *   ioctl COMMAND [bad]    with room for 30 bytes, which are shown, or with no address
 *   begin CALL             as above, in a thread
 *   waits                  whether that is still under way after a while
 *   signal                 interrupts it, with a handler that has calls restarted (SA_RESTART)
 *   end                    waits for it, and shows how it ended
 *   usbfs PATH             a node of /dev/bus/usb
 *   control TYPE REQUEST VALUE LENGTH   a control request through that; shows the answer
 *   run COMMAND            a command of the shell, with nothing printed but its failure
 *   say TEXT
 *
 * Lines that begin with # are left out. Exit status: 0, or 1 if a line is not understood.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>

#define ROOM (1 << 20)
#define MOMENT_US 300000

/* A call that goes on in a thread. */
static struct {
	pthread_t thread;
	volatile bool done;
	char line[512];
	/* What came of it. */
	char *answer;
} later;

static int file = -1;
static int usbfs = -1;

/* What came of a call. */
static __thread char *answer;
static __thread size_t answered;

static void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	answered += vsnprintf(answer + answered, ROOM - answered, format, arguments);
	va_end(arguments);
}

static void say_bytes(const uint8_t *bytes, ssize_t length)
{
	say(" \"");
	for (ssize_t i = 0; i < length; i++) {
		if (bytes[i] >= ' ' && bytes[i] < 127)
			say("%c", bytes[i]);
		else
			say("\\x%02x", bytes[i]);
	}
	say("\"");
}

static long say_result(long result)
{
	if (result < 0)
		say(" = %s", strerrorname_np(errno));
	else
		say(" = %ld", result);
	return result;
}

/* Understands \xHH and \\; returns how many bytes there are. */
static size_t unescape(const char *text, uint8_t *bytes)
{
	size_t length = 0;

	while (*text) {
		unsigned int byte = (uint8_t)*text++;

		if (byte == '\\' && *text == '\\')
			text++;
		else if (byte == '\\' && sscanf(text, "x%2x", &byte) == 1)
			text += 3;
		bytes[length++] = byte;
	}
	return length;
}

static void do_read(bool positioned, size_t length)
{
	uint8_t *bytes = calloc(1, length + 1);
	ssize_t count;

	count = say_result(positioned ? pread(file, bytes, length, 1) : read(file, bytes, length));
	if (count > 0)
		say_bytes(bytes, count);
	free(bytes);
}

static void do_write(const char *text, size_t repeat)
{
	uint8_t *bytes = malloc(repeat + strlen(text) + 1);
	size_t length = repeat;

	memset(bytes, 'x', repeat);
	if (!repeat)
		length = unescape(text, bytes);
	say_result(write(file, bytes, length));
	free(bytes);
}

static void do_poll(void)
{
	struct pollfd one = { .fd = file, .events = POLLIN | POLLOUT };

	say_result(poll(&one, 1, 0));
	say(" %s%s%s%s", one.revents & POLLIN ? "in " : "", one.revents & POLLOUT ? "out " : "",
	    one.revents & POLLERR ? "err " : "", one.revents & POLLHUP ? "hup " : "");
}

static void do_ioctl(unsigned int command, bool bad)
{
	char text[31] = "";

	say_result(ioctl(file, command, bad ? NULL : text));
	if (*text)
		say(" \"%s\"", text);
}

static void do_control(const char *arguments)
{
	uint8_t bytes[256] = "";
	unsigned int type, request, value, length;
	struct usbdevfs_ctrltransfer transfer = { .timeout = 1000, .data = bytes };
	long result;

	if (sscanf(arguments, "%i %i %i %u", &type, &request, &value, &length) != 4)
		exit(1);
	transfer.bRequestType = type;
	transfer.bRequest = request;
	transfer.wValue = value;
	transfer.wLength = length < sizeof(bytes) ? length : sizeof(bytes);
	result = say_result(ioctl(usbfs, USBDEVFS_CONTROL, &transfer));
	if (result > 0)
		say_bytes(bytes, result);
}

/* Makes one of the calls that may be made in a thread; false if it is none. */
static bool call(const char *line)
{
	const char *rest = strchr(line, ' ');
	size_t name = rest ? (size_t)(rest - line) : strlen(line);

	rest = rest ? rest + 1 : "";
#define IS(text) (name == strlen(text) && !strncmp(line, text, name))
	if (IS("read"))
		do_read(false, atoi(rest));
	else if (IS("pread"))
		do_read(true, atoi(rest));
	else if (IS("write"))
		do_write(rest, 0);
	else if (IS("fill"))
		do_write("", atoi(rest));
	else if (IS("empty"))
		do_write("", 0);
	else if (IS("bad"))
		say_result(syscall(SYS_write, file, 8, 8));
	else if (IS("seek"))
		say_result(lseek(file, atoi(rest), SEEK_SET));
	else if (IS("poll"))
		do_poll();
	else if (IS("ioctl"))
		do_ioctl(strtoul(rest, NULL, 0), strstr(rest, " bad"));
	else if (IS("control"))
		do_control(rest);
	else if (IS("close"))
		say_result(close(file));
	else
		return false;
	return true;
#undef IS
}

/* Makes a call; NULL if it is none, else what came of it. */
static char *try(const char *line)
{
	answer = calloc(1, ROOM);
	answered = 0;
	if (call(line))
		return answer;
	free(answer);
	return NULL;
}

/* Prints a line and what came of it. */
static bool show(const char *line, char *came)
{
	if (came)
		printf("%s%s\n", line, came);
	free(came);
	return came;
}

static void *in_thread(void *unused)
{
	later.answer = try(later.line);
	later.done = true;
	return unused;
}

static void begin(const char *line)
{
	later.done = false;
	memcpy(later.line, line, strlen(line) + 1);
	pthread_create(&later.thread, NULL, in_thread, NULL);
}

static void waits(void)
{
	usleep(MOMENT_US);
	printf("%s %s\n", later.line, later.done ? "does not wait" : "waits");
}

static void run(const char *command)
{
	int status;

	fflush(stdout);
	status = system(command);
	if (status)
		printf("status %d of %s\n", status, command);
}

/* Carries out a line that is not about a file, or else hands it on. */
static bool understand(const char *line)
{
	char path[200], how[20] = "";

	if (sscanf(line, "open %199s %19s", path, how) >= 1) {
		file = open(path, O_RDWR | (*how ? O_NONBLOCK : 0));
		printf("%s%s\n", line, file < 0 ? strerrorname_np(errno) : "");
	} else if (sscanf(line, "usbfs %199s", path) == 1) {
		usbfs = open(path, O_RDWR);
	} else if (!strncmp(line, "begin ", 6)) {
		begin(line + 6);
	} else if (!strcmp(line, "waits")) {
		waits();
	} else if (!strcmp(line, "signal")) {
		pthread_kill(later.thread, SIGUSR1);
	} else if (!strcmp(line, "end")) {
		pthread_join(later.thread, NULL);
		return show(later.line, later.answer);
	} else if (!strncmp(line, "run ", 4)) {
		run(line + 4);
	} else if (!strncmp(line, "say ", 4)) {
		puts(line + 4);
	} else {
		return !*line || *line == '#' || show(line, try(line));
	}
	return true;
}

static void nothing(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction interrupting = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	char line[512];

	sigaction(SIGUSR1, &interrupting, NULL);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!understand(line)) {
			fprintf(stderr, "calls: not understood: %s\n", line);
			return 1;
		}
	}
	return 0;
}
