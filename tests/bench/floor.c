// SPDX-License-Identifier: GPL-2.0-or-later
// The least that any program must do: pin the functions, insert exactly the modules needed, read the driver links.
// Nothing is decided, checked or repaired. `floor MODULE... -- ADDRESS...`; writes "floor: N us" to the kernel log.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

int main(int count, char **arguments)
{
    const long started = microseconds();
    char text[512];
    int bound = 0;
    int first = 1;
    while (first < count && strcmp(arguments[first], "--") != 0)
        ++first;
    for (int index = first + 1; index < count; ++index) {
        snprintf(text, sizeof text, "/sys/bus/pci/devices/%s/driver_override", arguments[index]);
        const int file = open(text, O_WRONLY | O_CLOEXEC);
        if (write(file, "vfio-pci", 8) != 8)
            return 1;
        close(file);
    }
    for (int index = 1; index < first; ++index) {
        const int file = open(arguments[index], O_RDONLY | O_CLOEXEC);
        if (syscall(SYS_finit_module, file, "", 0) != 0)
            return 2;
        close(file);
    }
    for (int index = first + 1; index < count; ++index) {
        snprintf(text, sizeof text, "/sys/bus/pci/devices/%s/driver", arguments[index]);
        char link[256];
        const ssize_t length = readlink(text, link, sizeof link);
        bound += length >= 8 && memcmp(link + length - 8, "vfio-pci", 8) == 0;
    }
    const int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    const int length = snprintf(text, sizeof text, "floor: %ld us, %d bound\n", microseconds() - started, bound);
    return write(log, text, (size_t)length) == length ? 0 : 3;
}
