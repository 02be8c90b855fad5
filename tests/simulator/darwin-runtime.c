/*
 * The rules of macOS's kernel for what .NET calls by itself on Linux, for tests: with Linux's numbers and layouts, as it
 * was built for them. Built by the tests with
 *
 *     cc -shared -fPIC -O1 -o libdarwin-runtime.so darwin-runtime.c
 *
 * and put before the C library of a process by LD_PRELOAD, beside darwin.c, whose calls do not come by here. The
 * sources are named as there.
 *
 * What it leaves to Linux: accept(2) makes a connection that blocks, as .NET's own code for macOS does after it;
 * bind(2); and poll(2), for .NET waits by epoll(7) here and by kqueue(2) there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/un.h>
#include "rules.h"

static long refuse(int number)
{
    errno = number;
    return -1;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    int refused = refuses_options(fd);
    return refused != 0 ? refuse(refused) : syscall(SYS_setsockopt, fd, level, name, value, length);
}

int shutdown(int fd, int how)
{
    int refused = refuses_shutdown(fd, how);
    return refused != 0 ? refuse(refused) : syscall(SYS_shutdown, fd, how);
}

int getpeername(int fd, struct sockaddr *name, socklen_t *length)
{
    int refused = refuses_peer_name(fd);
    return refused != 0 ? refuse(refused) : syscall(SYS_getpeername, fd, name, length);
}

/* SC:665 a connection that was reset has no name */
int accept4(int fd, struct sockaddr *name, socklen_t *length, int flags)
{
    int accepted = syscall(SYS_accept4, fd, name, length, flags);
    if (accepted >= 0 && length != NULL && family_of(accepted) != AF_UNIX && is_finished(accepted)) {
        *length = 0;
    }

    return accepted;
}

/* UU:1404 no connection to a Unix socket waits: a full queue is ECONNREFUSED at once */
int connect(int fd, const struct sockaddr *name, socklen_t length)
{
    if (name == NULL || name->sa_family != AF_UNIX) {
        return syscall(SYS_connect, fd, name, length);
    }

    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    int result = syscall(SYS_connect, fd, name, length);
    int number = errno == EAGAIN ? ECONNREFUSED : errno;
    fcntl(fd, F_SETFL, flags);
    return result < 0 ? refuse(number) : result;
}
