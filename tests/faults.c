/* A disk that fails, or a power cut, at the n-th thing that is asked of it below one folder.

   Loaded before the C library, so that whatever engine writes goes through here. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long calls, fail_at;
static int fault, lasting;

/* fault: an errno to answer with, or -1 to be killed; lasting: from the n-th call on. */
void arm(const char *path, long at, int what, int for_good) {
    strncpy(folder, path, sizeof folder - 1);
    calls = 0, fail_at = at, fault = what, lasting = for_good;
}

long counted(void) { return calls; }

static int hit(const char *path) {
    if (!folder[0] || !path || strncmp(path, folder, strlen(folder))) return 0;
    calls++;
    if (!fail_at || (lasting ? calls < fail_at : calls != fail_at)) return 0;
    if (fault == -1) kill(getpid(), SIGKILL);
    errno = fault;
    return 1;
}

static int hit_descriptor(int descriptor) {
    char name[64], path[PATH_MAX];
    int saved = errno;
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t length = folder[0] ? readlink(name, path, sizeof path - 1) : -1;
    errno = saved;
    if (length < 0) return 0;
    path[length] = 0;
    return hit(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MODE(flags, arguments) ((flags) & (O_CREAT | O_TMPFILE) ? va_arg(arguments, int) : 0)
#define WRITES(flags) ((flags) & (O_CREAT | O_TRUNC))

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = MODE(flags, arguments);
    va_end(arguments);
    return WRITES(flags) && hit(path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = MODE(flags, arguments);
    va_end(arguments);
    return WRITES(flags) && hit(path) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = MODE(flags, arguments);
    va_end(arguments);
    return WRITES(flags) && hit(path) ? -1 : REAL(openat)(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int mode = MODE(flags, arguments);
    va_end(arguments);
    return WRITES(flags) && hit(path) ? -1 : REAL(openat64)(at, path, flags, mode);
}

ssize_t write(int descriptor, const void *data, size_t size) {
    return hit_descriptor(descriptor) ? -1 : REAL(write)(descriptor, data, size);
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t offset) {
    return hit_descriptor(descriptor) ? -1 : REAL(pwrite64)(descriptor, data, size, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int n) {
    return hit_descriptor(descriptor) ? -1 : REAL(writev)(descriptor, parts, n);
}

int fsync(int descriptor) { return hit_descriptor(descriptor) ? -1 : REAL(fsync)(descriptor); }

int fdatasync(int descriptor) {
    return hit_descriptor(descriptor) ? -1 : REAL(fdatasync)(descriptor);
}

int ftruncate64(int descriptor, off64_t size) {
    return hit_descriptor(descriptor) ? -1 : REAL(ftruncate64)(descriptor, size);
}

int rename(const char *from, const char *to) { return hit(from) ? -1 : REAL(rename)(from, to); }

int renameat(int at, const char *from, int to_at, const char *to) {
    return hit(from) ? -1 : REAL(renameat)(at, from, to_at, to);
}

int link(const char *from, const char *to) { return hit(to) ? -1 : REAL(link)(from, to); }

int linkat(int at, const char *from, int to_at, const char *to, int flags) {
    return hit(to) ? -1 : REAL(linkat)(at, from, to_at, to, flags);
}

int mkdir(const char *path, mode_t mode) { return hit(path) ? -1 : REAL(mkdir)(path, mode); }

int unlink(const char *path) { return hit(path) ? -1 : REAL(unlink)(path); }

int unlinkat(int at, const char *path, int flags) {
    return (at == AT_FDCWD ? hit(path) : hit_descriptor(at)) ? -1 : REAL(unlinkat)(at, path, flags);
}
