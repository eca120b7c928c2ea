// SPDX-License-Identifier: GPL-2.0
/*
 * check-compat32 NODE DEVICE: what a 32-bit program gets from a 64-bit kernel, through the node and
 * through the device's own node of usbfs.
 *
 * Such a program needs no library if it does without one; the headers are those of the host, so
 * that it does without them, too.
 */

/* System calls (arch/x86/entry/syscalls/syscall_32.tbl). */
#define EXIT 1
#define READ 3
#define WRITE 4
#define OPEN 5
#define IOCTL 54

#define O_RDWR 2
#define ENOTTY 25
#define EFAULT 14

/* Numbers of commands (include/uapi/asm-generic/ioctl.h). */
#define NUMBER(direction, type, number, size) \
	((direction) << 30 | (size) << 16 | (type) << 8 | (number))
#define USBCHECK_TICKS NUMBER(0U, 'c', 0x30, 0)
#define USBCHECK_LONG NUMBER(2U, 'c', 0x31, sizeof(long))
#define USBCHECK_LONG_64 NUMBER(2U, 'c', 0x31, 8)
#define USBCHECK_REVERSE NUMBER(3U, 'c', 0x20, 16)
#define USBDEVFS_IOCTL NUMBER(3U, 'U', 18, sizeof(struct usbdevfs_ioctl))

struct usbdevfs_ioctl {
	int ifno;
	int ioctl_code;
	void *data;
};

static int call(int number, long a, long b, long c)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return result;
}

static int length(const char *text)
{
	int count = 0;

	while (text[count])
		count++;
	return count;
}

static int differ(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a != *b;
}

#define EXPECT(condition) do {						\
	static const char message[] = "check-compat32.c: expected " #condition "\n"; \
									\
	if (!(condition)) {						\
		call(WRITE, 2, (long)message, length(message));		\
		call(EXIT, 1, 0, 0);					\
	}								\
} while (0)

static void the_node(const char *path)
{
	int fd = call(OPEN, (long)path, O_RDWR, 0);
	long bits[2] = { 0, 0x77777777 };
	char byte = 0;

	EXPECT(fd >= 0);
	EXPECT(call(IOCTL, fd, USBCHECK_LONG, (long)bits) == 0);
	EXPECT(bits[0] == 32 && bits[1] == 0x77777777);
	EXPECT(call(IOCTL, fd, USBCHECK_LONG_64, (long)bits) == -ENOTTY);
	EXPECT(call(IOCTL, fd, USBCHECK_LONG, 0) == -EFAULT);
	/* A command that is the same for everybody. */
	EXPECT(call(IOCTL, fd, USBCHECK_TICKS, 0) == 0);
	EXPECT(call(WRITE, fd, (long)"tick", 4) == 4);
	EXPECT(call(READ, fd, (long)&byte, 1) == 1 && byte == 't');
}

static void usbfs(const char *path)
{
	int fd = call(OPEN, (long)path, O_RDWR, 0);
	char text[] = "fedcba9876543210";
	struct usbdevfs_ioctl command = {
		.ifno = 0,
		.ioctl_code = USBCHECK_REVERSE,
		.data = text,
	};

	EXPECT(fd >= 0);
	EXPECT(call(IOCTL, fd, USBDEVFS_IOCTL, (long)&command) == 7);
	EXPECT(!differ(text, "0123456789abcdef"));
}

/* The stack as the kernel leaves it: the number of arguments, and the arguments. */
__attribute__((used)) static void start(long *stack)
{
	const char **arguments = (const char **)(stack + 1);

	EXPECT(stack[0] == 3);
	the_node(arguments[1]);
	usbfs(arguments[2]);
	call(EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov %esp, %eax\n"
	"	and $-16, %esp\n"
	"	sub $12, %esp\n"
	"	push %eax\n"
	"	call start\n");
