/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs for 32 bits share that do without a library, so that none has to be installed, and
 * without the headers of the host, which are those of its own word size. A program includes this
 * once, and has check(), which is given its arguments and returns if all was as expected.
 */
#ifndef USB_LAB_CHECK32_H
#define USB_LAB_CHECK32_H

/* System calls (arch/x86/entry/syscalls/syscall_32.tbl). */
#define EXIT 1
#define READ 3
#define WRITE 4
#define OPEN 5
#define IOCTL 54

#define O_RDWR 2
#define EFAULT 14
#define EINVAL 22
#define ENOTTY 25

/* Numbers of commands (include/uapi/asm-generic/ioctl.h). */
#define NUMBER(direction, type, number, size) \
	((direction) << 30 | (size) << 16 | (type) << 8 | (number))

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

static int differ(const char *a, const char *b, int count)
{
	while (count && *a == *b) {
		a++;
		b++;
		count--;
	}
	return count;
}

/* Compilers ask for it. */
void *memset(void *to, int value, unsigned int count)
{
	volatile char *bytes = to;

	while (count--)
		*bytes++ = value;
	return to;
}

/* Something must be so. */
#define EXPECT(condition) do {						\
	static const char message[] = __FILE__ ": expected " #condition "\n"; \
									\
	if (!(condition)) {						\
		call(WRITE, 2, (long)message, length(message));		\
		call(EXIT, 1, 0, 0);					\
	}								\
} while (0)

static void check(int count, const char **arguments);

/* The stack as the kernel leaves it: the number of arguments, and the arguments. */
__attribute__((used)) static void start(long *stack)
{
	check(stack[0], (const char **)(stack + 1));
	call(EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov %esp, %eax\n"
	"	and $-16, %esp\n"
	"	sub $12, %esp\n"
	"	push %eax\n"
	"	call start\n");

#endif /* USB_LAB_CHECK32_H */
