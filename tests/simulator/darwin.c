/*
 * macOS's socket calls on Linux, for tests: Darwin's numbers and layouts, and the rules of its kernel that differ from
 * Linux's. Built by the tests with
 *
 *     cc -shared -fPIC -nodefaultlibs -O1 -o libdarwin.so darwin.c
 *
 * and given to the core in the place of libc. It is linked to no library, so that a function which macOS has not cannot
 * be found by way of this one: such an import fails with EntryPointNotFoundException.
 *
 * Each rule names its source in xnu 11417.101.15, below bsd/: US kern/uipc_socket.c, S2 kern/uipc_socket2.c,
 * UU kern/uipc_usrreq.c, SC kern/uipc_syscalls.c, TU netinet/tcp_usrreq.c, PI sys/proc_info.h, P4 netinet/in_pcb.c,
 * P6 netinet6/in6_pcb.c, GE kern/sys_generic.c, KE kern/kern_event.c.
 *
 * What it does not keep: what .NET calls by itself goes to Linux, or to darwin-runtime.c. A send that would block for
 * ever fails after some seconds with EDEADLK, which a test sees, and not with a hang.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "rules.h"

/* ---- errno: sys/errno.h ---- */

static const unsigned char darwin_errno[134] = {
    [EAGAIN] = 35, [EDEADLK] = 11, [ENAMETOOLONG] = 63, [ENOLCK] = 77, [ENOSYS] = 78, [ENOTEMPTY] = 66, [ELOOP] = 62,
    [ENOMSG] = 91, [EIDRM] = 90, [ENOSTR] = 99, [ENODATA] = 96, [ETIME] = 101, [ENOSR] = 98, [EPROTO] = 100,
    [EBADMSG] = 94, [EOVERFLOW] = 84, [EILSEQ] = 92, [EUSERS] = 68, [ENOTSOCK] = 38, [EDESTADDRREQ] = 39,
    [EMSGSIZE] = 40, [EPROTOTYPE] = 41, [ENOPROTOOPT] = 42, [EPROTONOSUPPORT] = 43, [ESOCKTNOSUPPORT] = 44,
    [EOPNOTSUPP] = 102, [EPFNOSUPPORT] = 46, [EAFNOSUPPORT] = 47, [EADDRINUSE] = 48, [EADDRNOTAVAIL] = 49,
    [ENETDOWN] = 50, [ENETUNREACH] = 51, [ENETRESET] = 52, [ECONNABORTED] = 53, [ECONNRESET] = 54, [ENOBUFS] = 55,
    [EISCONN] = 56, [ENOTCONN] = 57, [ESHUTDOWN] = 58, [ETOOMANYREFS] = 59, [ETIMEDOUT] = 60, [ECONNREFUSED] = 61,
    [EHOSTDOWN] = 64, [EHOSTUNREACH] = 65, [EALREADY] = 37, [EINPROGRESS] = 36, [ESTALE] = 70, [EDQUOT] = 69,
    [ECANCELED] = 89,
};

enum { DARWIN_ENOTSUP = 45 };

static int to_darwin_errno(int number)
{
    return number < 0 || number > 133 || darwin_errno[number] == 0 ? number : darwin_errno[number];
}

static long fail(int linux_number)
{
    errno = to_darwin_errno(linux_number);
    return -1;
}

/* A system call, its errno told in Darwin's numbers. */
static long checked(long result)
{
    return result < 0 ? fail(errno) : result;
}

#define CALL(...) checked(syscall(__VA_ARGS__))

/* ---- what a test asks for: the next call of this name fails so, with Darwin's number ---- */

static char next_call[32];
static int next_errno;

static int d_simulator_fail_next(const char *call, int darwin_number)
{
    strcpy(next_call, call);
    next_errno = darwin_number;
    return 0;
}

static int fails_now(const char *call)
{
    if (next_errno == 0 || strcmp(next_call, call) != 0) {
        return 0;
    }

    errno = next_errno;
    next_errno = 0;
    return 1;
}

/* ---- what is known of each socket, by its inode ---- */

enum { KNOWN = 1 << 16 };

struct known {
    uint64_t inode;
    uint64_t peer;       /* of a connected or paired datagram socket */
    int fd;              /* one that it had */
    int send_space, receive_space;
    int queued;          /* bytes in a datagram socket's queue */
    int linger;          /* so_linger, a short in hundredths of a second; or 0 */
    int no_sigpipe, connection_timeout, more_acks, bound_if, shares_port;
    char name[108];      /* where it is bound */
};

static struct known known[KNOWN];
static int lock_word;

static void lock(void)
{
    while (__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE)) {
    }
}

static void unlock(void)
{
    __atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE);
}

static uint64_t inode_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

static int is_datagram(int fd) { return type_of(fd) == SOCK_DGRAM && family_of(fd) == AF_UNIX; }

/* UU:960 unpst_sendspace, unpdg_sendspace, unpdg_recvspace; tcp_sendspace. */
static void set_spaces(struct known *socket, int fd)
{
    int is_unix = family_of(fd) == AF_UNIX;
    int is_message = type_of(fd) == SOCK_DGRAM;
    socket->send_space = !is_unix ? 131072 : is_message ? 2048 : 8192;
    socket->receive_space = !is_unix ? 131072 : is_message ? 4096 : 8192;
}

/* Under the lock. The oldest at a full place is forgotten. */
static struct known *find(uint64_t inode, int fd)
{
    if (inode == 0) {
        return NULL;
    }

    struct known *place = &known[inode % KNOWN];
    if (place->inode != inode) {
        memset(place, 0, sizeof *place);
        place->inode = inode;
        place->fd = fd;
        set_spaces(place, fd);
    }

    return place;
}

static struct known *find_bound(const char *name)
{
    for (int i = 0; i < KNOWN; i++) {
        if (known[i].inode != 0 && strcmp(known[i].name, name) == 0) {
            return &known[i];
        }
    }

    return NULL;
}

/* Has the receiver gone? Then the kernel says what there is to say. */
static int is_served(struct known *receiver)
{
    char byte;
    if (inode_of(receiver->fd) == receiver->inode) {
        /* .NET may have read it behind our back. */
        if (syscall(SYS_recvfrom, receiver->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL) < 0 && errno == EAGAIN) {
            receiver->queued = 0;
        }

        return 1;
    }

    char line[512];
    char wanted[32];
    FILE *sockets = fopen("/proc/net/unix", "re");
    int found = 0;
    snprintf(wanted, sizeof wanted, " %lu", (unsigned long)receiver->inode);
    while (sockets != NULL && !found && fgets(line, sizeof line, sockets) != NULL) {
        found = strstr(line, wanted) != NULL;
    }

    if (sockets != NULL) {
        fclose(sockets);
    }

    return found;
}

/* ---- addresses: a length byte, then a family of one byte: sys/socket.h, sys/un.h ---- */

enum { DARWIN_AF_INET6 = 30, LONG_NAMES = 64 };

/* Names longer than Linux's sun_path; they are bound by way of an open folder. */
static struct { char here[108]; char there[256]; } long_names[LONG_NAMES];
static int long_name_count;

static void shorten(const char *path, char *result)
{
    char folder[256];
    for (int i = 0; i < long_name_count; i++) {
        if (strcmp(long_names[i].there, path) == 0) {
            strcpy(result, long_names[i].here);
            return;
        }
    }

    strcpy(folder, path);
    char *slash = strrchr(folder, '/');
    *slash = 0;
    int descriptor = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(result, 108, "/proc/self/fd/%d/%s", descriptor, slash + 1);
    if (long_name_count < LONG_NAMES) {
        strcpy(long_names[long_name_count].here, result);
        strcpy(long_names[long_name_count++].there, path);
    }
}

static const char *lengthen(const char *path)
{
    for (int i = 0; i < long_name_count; i++) {
        if (strcmp(long_names[i].here, path) == 0) {
            return long_names[i].there;
        }
    }

    return path;
}

/* A Darwin address for Linux; returns its length, 0 where there is none, -1 with errno. */
static int address_in(const unsigned char *from, socklen_t length, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (from == NULL || length < 2) {
        return 0;
    }

    int family = from[1];
    to->ss_family = family == DARWIN_AF_INET6 ? AF_INET6 : family;
    if (family != AF_UNIX) {
        memcpy((char *)to + 2, from + 2, length - 2);
        return length;
    }

    /* UU:1158 a length that leaves no path; UU:1164 SOCK_MAXADDRLEN */
    int path_length = (from[0] != 0 ? from[0] : length) - 2;
    char path[256] = { 0 };
    if (path_length <= 0 || path_length >= 255) {
        return fail(EINVAL);
    }

    memcpy(path, from + 2, path_length);
    struct sockaddr_un *name = (struct sockaddr_un *)to;
    if (strlen(path) > 107) {
        shorten(path, name->sun_path);
    } else {
        strcpy(name->sun_path, path);
    }

    return path[0] == 0 ? fail(ENOENT) : (int)(2 + strlen(name->sun_path) + 1);
}

/* A Linux address for Darwin, as copyout_sa gives it (SC:1978): cut to the room there is, its length told in full. */
static void address_out(struct sockaddr_storage *from, socklen_t length, unsigned char *to, uint32_t *room)
{
    unsigned char whole[256] = { 0 };
    uint32_t size;
    if (from->ss_family == AF_UNIX) {
        /* UU:801 a socket without a name has sun_noname, 16 bytes */
        const char *path = length > 2 ? ((struct sockaddr_un *)from)->sun_path : "";
        path = lengthen(path);
        size = path[0] == 0 ? 16 : 2 + strlen(path) + 1;
        memcpy(whole + 2, path, strlen(path));
    } else {
        size = from->ss_family == AF_INET6 ? 28 : 16;
        memcpy(whole + 2, (char *)from + 2, size - 2);
    }

    whole[0] = (unsigned char)size;
    whole[1] = from->ss_family == AF_INET6 ? DARWIN_AF_INET6 : from->ss_family;
    memcpy(to, whole, *room < size ? *room : size);
    *room = size;
}

/* ---- sockets ---- */

static int forget(int fd)
{
    lock();
    struct known *place = find(inode_of(fd), fd);
    if (place != NULL) {
        place->inode = 0;
        place = find(inode_of(fd), fd);
    }

    unlock();
    return fd;
}

static int linux_family(int family)
{
    return family == DARWIN_AF_INET6 ? AF_INET6 : family;
}

/* UU: localsw has SOCK_STREAM and SOCK_DGRAM alone (kern/uipc_proto.c:100); the type has no flags. */
static int has_type(int family, int type)
{
    return type == SOCK_STREAM || type == SOCK_DGRAM || (type == SOCK_RAW && family != AF_UNIX);
}

static int d_socket(int family, int type, int protocol)
{
    if (!has_type(family, type)) {
        return fail(EPROTONOSUPPORT);
    }

    int fd = CALL(SYS_socket, linux_family(family), type, protocol);
    return fd < 0 ? fd : forget(fd);
}

static int d_socketpair(int family, int type, int protocol, int ends[2])
{
    if (!has_type(family, type)) {
        return fail(EPROTONOSUPPORT);
    }

    if (CALL(SYS_socketpair, family, type, protocol, ends) < 0) {
        return -1;
    }

    forget(ends[0]);
    forget(ends[1]);
    lock();
    find(inode_of(ends[0]), ends[0])->peer = inode_of(ends[1]);
    find(inode_of(ends[1]), ends[1])->peer = inode_of(ends[0]);
    unlock();
    return 0;
}

/* UU:1189 a link that leads nowhere is followed (NDINIT CREATE, FOLLOW): the socket is made where it points */
static int follow(struct sockaddr_un *name, int size)
{
    char target[108];
    struct stat status;
    long length = syscall(SYS_readlinkat, AT_FDCWD, name->sun_path, target, sizeof target - 1);
    if (length <= 0 || stat(name->sun_path, &status) == 0) {
        return size;
    }

    target[length] = 0;
    strcpy(name->sun_path, target);
    return 2 + length + 1;
}

static int is_any(const struct sockaddr_storage *name)
{
    return name->ss_family == AF_INET
        ? ((struct sockaddr_in *)name)->sin_addr.s_addr == INADDR_ANY
        : IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)name)->sin6_addr);
}

static uint16_t port_of(const struct sockaddr_storage *name)
{
    return name->ss_family == AF_INET || name->ss_family == AF_INET6 ? ((struct sockaddr_in *)name)->sin_port : 0;
}

/* Under the lock. The next socket that has a TCP port without being a connection; NULL after the last. */
static struct known *next_at_port(struct known *place, uint16_t port, struct sockaddr_storage *name)
{
    for (place = place == NULL ? known : place + 1; place < known + KNOWN; place++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof *name;
        socklen_t peer_length = sizeof peer;
        if (place->inode != 0 && inode_of(place->fd) == place->inode && type_of(place->fd) == SOCK_STREAM
            && syscall(SYS_getsockname, place->fd, name, &length) == 0 && port_of(name) == port
            && syscall(SYS_getpeername, place->fd, &peer, &peer_length) < 0) {
            return place;
        }
    }

    return NULL;
}

/* P4:1087, P6:460 who sets SO_REUSEADDR asks for the very address alone (wild is 0): 0.0.0.0 finds a [::] that takes
   IPv4 too, but not the other way round. */
static int is_in_the_way(const struct sockaddr_storage *wanted, const struct sockaddr_storage *other, int other_fd)
{
    if (wanted->ss_family != other->ss_family) {
        return wanted->ss_family == AF_INET && is_any(wanted) && is_any(other)
            && !option_of(other_fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }

    return wanted->ss_family == AF_INET
        ? ((struct sockaddr_in *)wanted)->sin_addr.s_addr == ((struct sockaddr_in *)other)->sin_addr.s_addr
        : IN6_ARE_ADDR_EQUAL(
            &((struct sockaddr_in6 *)wanted)->sin6_addr, &((struct sockaddr_in6 *)other)->sin6_addr);
}

/* Linux finds more in the way than macOS does: then, for Linux, they share the port. What the simulator does not know
   stays in the way. */
static int bind_beside(int fd, const struct sockaddr_storage *name, int size)
{
    int yes = 1;
    struct sockaddr_storage other;
    lock();
    int shares = find(inode_of(fd), fd)->shares_port;
    for (struct known *at = NULL; (at = next_at_port(at, port_of(name), &other)) != NULL;) {
        if (is_in_the_way(name, &other, at->fd) && !(shares && at->shares_port)) {
            unlock();
            return fail(EADDRINUSE);
        }
    }

    int result = CALL(SYS_bind, fd, name, size);
    if (result < 0 && errno == to_darwin_errno(EADDRINUSE)) {
        syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
        for (struct known *at = NULL; (at = next_at_port(at, port_of(name), &other)) != NULL;) {
            syscall(SYS_setsockopt, at->fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
        }

        result = CALL(SYS_bind, fd, name, size);
    }

    unlock();
    return result;
}

static int bind_to(int fd, const struct sockaddr_storage *name, int size)
{
    return port_of(name) != 0 && type_of(fd) == SOCK_STREAM && option_of(fd, SOL_SOCKET, SO_REUSEADDR, 0)
        ? bind_beside(fd, name, size)
        : CALL(SYS_bind, fd, name, size);
}

static int d_bind(int fd, const unsigned char *address, uint32_t length)
{
    struct sockaddr_storage name;
    int size = address_in(address, length, &name);
    if (size >= 0 && name.ss_family == AF_UNIX) {
        size = follow((struct sockaddr_un *)&name, size);
    }

    if (size < 0 || bind_to(fd, &name, size) < 0) {
        return -1;
    }

    if (name.ss_family == AF_UNIX) {
        const char *path = ((struct sockaddr_un *)&name)->sun_path;
        lock();
        struct known *before = find_bound(path);
        if (before != NULL) {
            before->name[0] = 0;
        }

        strcpy(find(inode_of(fd), fd)->name, path);
        unlock();
    }

    return 0;
}

/* US:1071 a backlog of 0 is somaxconn, 128 */
static int d_listen(int fd, int backlog)
{
    return CALL(SYS_listen, fd, backlog <= 0 || backlog > 128 ? 128 : backlog);
}

static int d_connect(int fd, const unsigned char *address, uint32_t length)
{
    struct sockaddr_storage name;
    int size = address_in(address, length, &name);
    if (size < 0) {
        return -1;
    }

    if (name.ss_family != AF_UNIX) {
        return CALL(SYS_connect, fd, &name, size);
    }

    /* UU:1336 what is no socket is ENOTSOCK */
    struct stat status;
    const char *path = ((struct sockaddr_un *)&name)->sun_path;
    if (stat(path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return fail(ENOTSOCK);
    }

    /* UU:1404 no connection waits: a full queue is ECONNREFUSED at once (sonewconn, US:1095) */
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    long result = syscall(SYS_connect, fd, &name, size);
    int error = errno;
    fcntl(fd, F_SETFL, flags);
    if (result < 0) {
        return fail(error == EAGAIN ? ECONNREFUSED : error);
    }

    /* Time for the server to do its work, and be done, before connect returns: nothing says that it may not. */
    struct timespec while_ = { 0, 500000 };
    syscall(SYS_nanosleep, &while_, NULL);
    if (is_datagram(fd)) {
        lock();
        struct known *receiver = find_bound(path);
        find(inode_of(fd), fd)->peer = receiver == NULL ? 0 : receiver->inode;
        unlock();
    }

    return 0;
}

/* SC:649 O_NONBLOCK is the listener's; SC:665 a connection that was reset has no name */
static int d_accept(int fd, unsigned char *address, uint32_t *length)
{
    struct sockaddr_storage name = { 0 };
    socklen_t size = sizeof name;
    int flags = fcntl(fd, F_GETFL) & O_NONBLOCK ? SOCK_NONBLOCK : 0;
    int accepted = CALL(SYS_accept4, fd, &name, &size, flags);
    if (accepted < 0) {
        return -1;
    }

    forget(accepted);
    if (address != NULL && name.ss_family != AF_UNIX && is_finished(accepted)) {
        *length = 0;
    } else if (address != NULL) {
        name.ss_family = family_of(accepted);
        address_out(&name, size, address, length);
    }

    return accepted;
}

static int d_getsockname(int fd, unsigned char *address, uint32_t *length)
{
    struct sockaddr_storage name = { 0 };
    socklen_t size = sizeof name;
    if (CALL(SYS_getsockname, fd, &name, &size) < 0) {
        return -1;
    }

    address_out(&name, size, address, length);
    return 0;
}

static int d_getpeername(int fd, unsigned char *address, uint32_t *length)
{
    struct sockaddr_storage name = { 0 };
    socklen_t size = sizeof name;
    int refused = refuses_peer_name(fd);
    if (refused != 0) {
        return fail(refused);
    }

    if (CALL(SYS_getpeername, fd, &name, &size) < 0) {
        return -1;
    }

    address_out(&name, size, address, length);
    return 0;
}

static int d_shutdown(int fd, int how)
{
    int refused = refuses_shutdown(fd, how);
    return refused != 0 ? fail(refused) : CALL(SYS_shutdown, fd, how);
}

static int d_dup2(int from, int to)
{
    return CALL(SYS_dup3, from, to, 0);
}

static uint32_t d_geteuid(void)
{
    return syscall(SYS_geteuid);
}

/* A socket is no vnode: fchmod1, kern/../vfs/vfs_syscalls.c */
static int d_fchmod(int fd, uint32_t mode)
{
    return inode_of(fd) != 0 ? fail(EINVAL) : CALL(SYS_fchmod, fd, mode & 0xffff);
}

/* GE:1749 without one of these nothing is looked at; GE:1859 POLLERR is of the descriptor, not of the socket: an error
   is an end. US:6621 the end of what comes is told whatever there is to read before it, as POLLHUP. */
enum { READS = POLLIN | POLLRDNORM | POLLPRI | POLLRDBAND | POLLHUP, WRITES = POLLOUT | POLLWRNORM | POLLWRBAND };

static short poll_events(short wanted)
{
    return (wanted & READS ? POLLIN | POLLRDHUP : 0) | (wanted & WRITES ? POLLOUT : 0);
}

static short poll_result(int fd, short wanted, short told)
{
    if (inode_of(fd) == 0) {
        return told & (wanted | POLLHUP | POLLNVAL);
    }

    int is_over = (wanted & READS && told & (POLLRDHUP | POLLHUP | POLLERR) && cannot_receive(fd))
        || (wanted & WRITES && told & POLLOUT && cannot_send(fd));
    short ready = told & POLLERR && !is_over ? READS | WRITES : told;
    return is_over ? POLLHUP | (wanted & POLLIN) : wanted & ready & (POLLIN | POLLOUT);
}

/* KE:4253 a descriptor has one knote of each kind: of two rows that ask for the same the later one is told. */
static short asked_of(const struct pollfd *rows, unsigned long count, unsigned long row)
{
    short asked = rows[row].events;
    for (unsigned long i = row + 1; count <= 64 && i < count; i++) {
        if (rows[i].fd == rows[row].fd) {
            asked &= ~((rows[i].events & READS ? READS : 0) | (rows[i].events & WRITES ? WRITES : 0));
        }
    }

    return asked;
}

static int d_poll(struct pollfd *rows, unsigned long count, int timeout)
{
    struct pollfd own[count];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + timeout;
    for (unsigned long i = 0; i < count; i++) {
        own[i].events = poll_events(asked_of(rows, count, i));
        own[i].fd = own[i].events == 0 ? -1 : rows[i].fd;
        rows[i].revents = 0;
    }

    while (1) {
        long left = end - now.tv_sec * 1000 - now.tv_nsec / 1000000;
        struct timespec limit = { left < 0 ? 0 : left / 1000, left < 0 ? 0 : left % 1000 * 1000000 };
        int told = CALL(SYS_ppoll, own, count, timeout < 0 ? NULL : &limit, NULL, 8);
        int ready = 0;
        for (unsigned long i = 0; told > 0 && i < count; i++) {
            if (own[i].fd >= 0 && own[i].revents != 0) {
                rows[i].revents = poll_result(rows[i].fd, asked_of(rows, count, i), own[i].revents);
                ready += rows[i].revents != 0;

                /* GE:1744 EV_ONESHOT: what came and was not asked for is not looked at again by this call */
                own[i].fd = -1;
            }
        }

        if (told <= 0 || ready > 0) {
            return told < 0 ? told : ready;
        }

        clock_gettime(CLOCK_MONOTONIC, &now);
    }
}

/* ---- sending: the flags of sys/socket.h ---- */

enum {
    D_PEEK = 0x2, D_TRUNC = 0x10, D_CTRUNC = 0x20, D_WAITALL = 0x40, D_DONTWAIT = 0x80, D_NBIO = 0x20000,
    D_NOSIGNAL = 0x80000, GIVE_UP = 5000,
};

/* US:2092 MSG_DONTWAIT is not looked at: only SS_NBIO and MSG_NBIO keep a send from waiting, and one that waits does so
   until all is sent (sosend, US:2310). */
static long send_message(int fd, const struct msghdr *message, int darwin_flags)
{
    int flags = MSG_DONTWAIT | (darwin_flags & D_NOSIGNAL ? MSG_NOSIGNAL : 0);
    int waits = !(darwin_flags & D_NBIO) && !(fcntl(fd, F_GETFL) & O_NONBLOCK);
    struct iovec part = message->msg_iov[0];
    struct msghdr rest = *message;
    rest.msg_iov = &part;
    if (!waits || message->msg_iovlen != 1) {
        return syscall(SYS_sendmsg, fd, message, flags);
    }

    for (int waited = 0; waited <= GIVE_UP; waited += 100) {
        long sent;
        while ((sent = syscall(SYS_sendmsg, fd, &rest, flags)) >= 0) {
            part.iov_base = (char *)part.iov_base + sent;
            part.iov_len -= sent;
            rest.msg_controllen = 0;
            if (part.iov_len == 0) {
                return message->msg_iov[0].iov_len;
            }
        }

        if (errno != EAGAIN) {
            return -1;
        }

        struct pollfd row = { .fd = fd, .events = POLLOUT };
        struct timespec slice = { 0, 100000000 };
        syscall(SYS_ppoll, &row, 1, &slice, NULL, 8);
    }

    fprintf(stderr, "darwin simulator: a send on a socket that blocks waited for %d ms\n", GIVE_UP);
    errno = EDEADLK;
    return -1;
}

/* UU:560 a message that the receiver has no room for is lost (sbappendaddr, S2): ENOBUFS. US:2072 one that is longer
   than the sender's buffer is EMSGSIZE. */
static long send_datagram(int fd, const struct msghdr *message, size_t length, int darwin_flags)
{
    struct sockaddr_un *to = message->msg_name;
    struct stat status;
    if (to != NULL && stat(to->sun_path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return fail(ENOTSOCK); /* UU:1336 */
    }

    lock();
    struct known *sender = find(inode_of(fd), fd);
    struct known *receiver = to != NULL ? find_bound(to->sun_path)
        : sender->peer == 0 ? NULL : &known[sender->peer % KNOWN];
    if (receiver != NULL && to == NULL && receiver->inode != sender->peer) {
        receiver = NULL;
    }

    size_t space = sender->send_space;
    int room = receiver == NULL ? INT32_MAX : receiver->receive_space - receiver->queued;
    if (length <= space && (int)length + 16 > room && is_served(receiver)) {
        room = receiver->receive_space - receiver->queued;
    } else if (length <= space && (int)length + 16 > room) {
        room = INT32_MAX;
    }

    unlock();
    if (length > space) {
        return fail(EMSGSIZE);
    }

    if ((int)length + 16 > room) {
        return fail(ENOBUFS);
    }

    long sent = syscall(SYS_sendmsg, fd, message, MSG_DONTWAIT | (darwin_flags & D_NOSIGNAL ? MSG_NOSIGNAL : 0));
    if (sent < 0) {
        return fail(errno == EAGAIN ? ENOBUFS : errno);
    }

    lock();
    if (receiver != NULL) {
        receiver->queued += length + 16;
    }

    unlock();
    return sent;
}

static size_t length_of(const struct msghdr *message)
{
    size_t length = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        length += message->msg_iov[i].iov_len;
    }

    return length;
}

static long transmit(int fd, const struct msghdr *message, int flags)
{
    if (fails_now("send")) {
        return -1;
    }

    if (is_datagram(fd)) {
        return send_datagram(fd, message, length_of(message), flags);
    }

    long sent = send_message(fd, message, flags);

    /* US:2074 the buffer of a full Unix stream has shrunk to less than the descriptors: EMSGSIZE, not a wait */
    if (sent < 0 && errno == EAGAIN && message->msg_controllen > 0) {
        errno = EMSGSIZE;
    }

    return checked(sent);
}

static ssize_t d_sendto(
    int fd, const void *data, size_t length, int flags, const unsigned char *address, uint32_t address_length)
{
    struct sockaddr_storage name;
    int size = address_in(address, address_length, &name);
    struct iovec part = { (void *)data, length };
    struct msghdr message = {
        .msg_name = size > 0 ? &name : NULL, .msg_namelen = size, .msg_iov = &part, .msg_iovlen = 1,
    };
    return size < 0 ? -1 : transmit(fd, &message, flags);
}

static ssize_t d_send(int fd, const void *data, size_t length, int flags)
{
    return d_sendto(fd, data, length, flags, NULL, 0);
}

/* struct msghdr and struct cmsghdr of sys/socket.h */
struct darwin_msghdr {
    unsigned char *name;
    uint32_t name_length;
    struct iovec *parts;
    int32_t part_count;
    unsigned char *control;
    uint32_t control_length;
    int32_t flags;
};

struct darwin_cmsghdr {
    uint32_t length;
    int32_t level;
    int32_t type;
};

_Static_assert(sizeof(struct darwin_msghdr) == 48, "msghdr");
_Static_assert(sizeof(struct darwin_cmsghdr) == 12, "cmsghdr");
enum { DARWIN_SOL_SOCKET = 0xffff, DARWIN_SCM_RIGHTS = 1 };

static ssize_t d_sendmsg(int fd, const struct darwin_msghdr *from, int flags)
{
    struct sockaddr_storage name;
    char control[2048] __attribute__((aligned(8)));
    int size = address_in(from->name, from->name_length, &name);
    struct msghdr message = {
        .msg_name = size > 0 ? &name : NULL, .msg_namelen = size, .msg_iov = from->parts,
        .msg_iovlen = from->part_count,
    };
    if (size < 0) {
        return -1;
    }

    if (from->control_length > 0) {
        struct darwin_cmsghdr *rights = (void *)from->control;
        if (from->control_length < sizeof *rights || rights->level != DARWIN_SOL_SOCKET
            || rights->type != DARWIN_SCM_RIGHTS || rights->length > from->control_length || family_of(fd) != AF_UNIX) {
            return fail(EINVAL);
        }

        struct cmsghdr *header = (void *)control;
        size_t bytes = rights->length - sizeof *rights;
        header->cmsg_len = CMSG_LEN(bytes);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        memcpy(CMSG_DATA(header), rights + 1, bytes);
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(bytes);
    }

    return transmit(fd, &message, flags);
}

/* ---- receiving ---- */

/* US:3574 a receive of no bytes returns 0 at once where there is nothing; US:3966 MSG_TRUNC is told, never read. */
static long receive(int fd, struct msghdr *message, int darwin_flags, int *told)
{
    size_t length = length_of(message);
    int flags = MSG_TRUNC | (darwin_flags & D_PEEK ? MSG_PEEK : 0) | (darwin_flags & D_WAITALL ? MSG_WAITALL : 0)
        | (darwin_flags & (D_DONTWAIT | D_NBIO) || length == 0 ? MSG_DONTWAIT : 0);
    int is_message = type_of(fd) == SOCK_DGRAM;
    long received = syscall(SYS_recvmsg, fd, message, is_message ? flags : flags & ~MSG_TRUNC);
    *told = 0;
    if (received < 0) {
        return length == 0 && errno == EAGAIN ? 0 : fail(errno);
    }

    if (is_message && !(darwin_flags & D_PEEK) && is_datagram(fd)) {
        lock();
        struct known *socket = find(inode_of(fd), fd);
        socket->queued -= received + 16;
        socket->queued = socket->queued < 0 ? 0 : socket->queued;
        unlock();
    }

    *told = (message->msg_flags & MSG_TRUNC ? D_TRUNC : 0) | (message->msg_flags & MSG_CTRUNC ? D_CTRUNC : 0);
    return is_message && received > (long)length ? (long)length : received;
}

static ssize_t d_recvfrom(int fd, void *data, size_t length, int flags, unsigned char *address, uint32_t *address_length)
{
    struct sockaddr_storage name = { 0 };
    struct iovec part = { data, length };
    struct msghdr message = { .msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &part, .msg_iovlen = 1 };
    int told;
    long received = receive(fd, &message, flags, &told);
    if (received >= 0 && address != NULL) {
        name.ss_family = message.msg_namelen == 0 ? family_of(fd) : name.ss_family;
        address_out(&name, message.msg_namelen, address, address_length);
    }

    return received;
}

static ssize_t d_recv(int fd, void *data, size_t length, int flags)
{
    return d_recvfrom(fd, data, length, flags, NULL, NULL);
}

/* SC:2051 without room for control messages nothing is said of them; US:3069 a look shows zeros for descriptors.
   Descriptors alone come with a message: of a Unix socket the kernel tells no time and no credentials. */
static void control_out(struct msghdr *message, struct darwin_msghdr *to, int is_look, int *told)
{
    uint32_t room = to->control_length;
    to->control_length = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }

        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        int *descriptors = (int *)CMSG_DATA(header);
        struct darwin_cmsghdr rights = { sizeof rights + bytes, DARWIN_SOL_SOCKET, DARWIN_SCM_RIGHTS };
        for (size_t i = 0; (is_look || rights.length > room) && i < bytes / sizeof(int); i++) {
            syscall(SYS_close, descriptors[i]);
            descriptors[i] = 0;
        }

        if (rights.length > room) {
            *told |= room > 0 ? D_CTRUNC : 0;
            continue;
        }

        memcpy(to->control, &rights, sizeof rights);
        memcpy(to->control + sizeof rights, descriptors, bytes);
        to->control_length = rights.length;
    }
}

static ssize_t d_recvmsg(int fd, struct darwin_msghdr *to, int flags)
{
    struct sockaddr_storage name = { 0 };
    char control[4096] __attribute__((aligned(8)));
    struct msghdr message = {
        .msg_name = &name, .msg_namelen = sizeof name, .msg_iov = to->parts, .msg_iovlen = to->part_count,
        .msg_control = control, .msg_controllen = sizeof control,
    };
    int told;
    long received = receive(fd, &message, flags, &told);
    if (received < 0) {
        return -1;
    }

    control_out(&message, to, flags & D_PEEK, &told);
    if (to->name != NULL && type_of(fd) == SOCK_DGRAM) {
        name.ss_family = message.msg_namelen == 0 ? family_of(fd) : name.ss_family;
        address_out(&name, message.msg_namelen, to->name, &to->name_length);
    } else {
        to->name_length = 0;
    }

    to->flags = told;
    return received;
}

/* ---- options ---- */

/* An option that Linux has too, under another number: the value is an int, or a struct of the same layout. */
struct same { int level, number, linux_level, linux_number; };

static const struct same same_options[] = {
    /* sys/socket.h */
    { 0xffff, 0x0004, SOL_SOCKET, SO_REUSEADDR }, { 0xffff, 0x0008, SOL_SOCKET, SO_KEEPALIVE },
    { 0xffff, 0x0010, SOL_SOCKET, SO_DONTROUTE }, { 0xffff, 0x0020, SOL_SOCKET, SO_BROADCAST },
    { 0xffff, 0x0100, SOL_SOCKET, SO_OOBINLINE }, { 0xffff, 0x0400, SOL_SOCKET, SO_TIMESTAMP },
    { 0xffff, 0x1004, SOL_SOCKET, SO_RCVLOWAT }, { 0xffff, 0x1005, SOL_SOCKET, SO_SNDTIMEO },
    { 0xffff, 0x1006, SOL_SOCKET, SO_RCVTIMEO }, { 0xffff, 0x1008, SOL_SOCKET, SO_TYPE },
    /* netinet/tcp.h */
    { IPPROTO_TCP, 0x01, IPPROTO_TCP, TCP_NODELAY }, { IPPROTO_TCP, 0x02, IPPROTO_TCP, TCP_MAXSEG },
    { IPPROTO_TCP, 0x04, IPPROTO_TCP, TCP_CORK }, { IPPROTO_TCP, 0x10, IPPROTO_TCP, TCP_KEEPIDLE },
    { IPPROTO_TCP, 0x101, IPPROTO_TCP, TCP_KEEPINTVL }, { IPPROTO_TCP, 0x102, IPPROTO_TCP, TCP_KEEPCNT },
    { IPPROTO_TCP, 0x201, IPPROTO_TCP, TCP_NOTSENT_LOWAT },
    /* netinet/in.h, netinet6/in6.h */
    { IPPROTO_IP, 3, IPPROTO_IP, IP_TOS }, { IPPROTO_IP, 4, IPPROTO_IP, IP_TTL },
    { IPPROTO_IPV6, 4, IPPROTO_IPV6, IPV6_UNICAST_HOPS }, { IPPROTO_IPV6, 27, IPPROTO_IPV6, IPV6_V6ONLY },
    { IPPROTO_IPV6, 36, IPPROTO_IPV6, IPV6_TCLASS },
};

enum {
    D_SO_ACCEPTCONN = 0x2, D_SO_LINGER = 0x80, D_SO_REUSEPORT = 0x200, D_SO_SNDBUF = 0x1001, D_SO_RCVBUF = 0x1002,
    D_SO_ERROR = 0x1007, D_SO_NREAD = 0x1020, D_SO_NOSIGPIPE = 0x1022, D_SO_NWRITE = 0x1024, D_SO_LINGER_SEC = 0x1080,
    D_TCP_CONNECTIONTIMEOUT = 0x20, D_TCP_RXT_CONNDROPTIME = 0x80, D_TCP_SENDMOREACKS = 0x103, D_TCP_FASTOPEN = 0x105,
    D_TCP_CONNECTION_INFO = 0x106, D_IP_BOUND_IF = 25, D_IPV6_BOUND_IF = 125, MAXIMUM_BUFFER = 7456540,
};

static const struct same *same_option(int level, int number)
{
    for (size_t i = 0; i < sizeof same_options / sizeof *same_options; i++) {
        if (same_options[i].level == level && same_options[i].number == number) {
            return &same_options[i];
        }
    }

    return NULL;
}

static int give(void *value, uint32_t *length, const void *bytes, uint32_t size)
{
    *length = *length < size ? *length : size;
    memcpy(value, bytes, *length);
    return 0;
}

static int give_int(void *value, uint32_t *length, int number)
{
    return give(value, length, &number, sizeof number);
}

/* UU:827 uipc_ctloutput looks at the number alone: whatever the level, these are the options of a Unix socket. */
static int get_unix(int fd, int number, void *value, uint32_t *length)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    struct sockaddr_storage name;
    if (number < 1 || number > 3) {
        return fail(EOPNOTSUPP);
    }

    int is_stream = type_of(fd) == SOCK_STREAM;
    if (syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid == (uid_t)-1) {
        return fail(is_stream || number != 1 ? ENOTCONN : EINVAL);
    }

    size = sizeof name;
    if (number == 1) {
        /* struct xucred: sys/ucred.h */
        struct { uint32_t version, user; int16_t count; uint32_t groups[16]; } credential = {
            0, peer.uid, 1, { peer.gid },
        };
        return is_stream ? give(value, length, &credential, sizeof credential) : fail(EINVAL);
    }

    /* UU:845 once the peer has closed there is no one to tell of */
    return is_finished(fd) || syscall(SYS_getpeername, fd, &name, &size) < 0
        ? fail(ENOTCONN)
        : give_int(value, length, peer.pid);
}

/* TCP_CONNECTION_INFO: netinet/tcp.h, tcp_connection_fill_info in TU */
static int get_connection_info(int fd, void *value, uint32_t *length)
{
    static const unsigned char states[] = { 0, 4, 2, 3, 6, 9, 10, 0, 5, 8, 1, 7, 3 };
    struct tcp_info from = { 0 };
    socklen_t size = sizeof from;
    unsigned char to[112] = { 0 };
    if (CALL(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, &from, &size) < 0) {
        return -1;
    }

    uint32_t words[] = {
        (from.tcpi_options & TCPI_OPT_TIMESTAMPS ? 1 : 0) | (from.tcpi_options & TCPI_OPT_SACK ? 2 : 0)
            | (from.tcpi_options & TCPI_OPT_WSCALE ? 4 : 0),
        from.tcpi_ca_state >= 3, from.tcpi_rto / 1000, from.tcpi_snd_mss, from.tcpi_snd_ssthresh,
        from.tcpi_snd_cwnd * from.tcpi_snd_mss, from.tcpi_snd_wnd, 0, from.tcpi_rcv_space, from.tcpi_rtt / 1000,
        from.tcpi_rtt / 1000, from.tcpi_rttvar / 1000,
    };
    uint64_t longs[] = {
        from.tcpi_segs_out, from.tcpi_bytes_sent, from.tcpi_bytes_retrans, from.tcpi_segs_in, from.tcpi_bytes_received,
        0, from.tcpi_total_retrans,
    };
    int unsent = 0;
    ioctl(fd, TIOCOUTQ, &unsent);
    words[7] = unsent;
    to[0] = from.tcpi_state < sizeof states ? states[from.tcpi_state] : 0;
    to[1] = from.tcpi_snd_wscale;
    to[2] = from.tcpi_rcv_wscale;
    memcpy(to + 4, words, sizeof words);
    memcpy(to + 56, longs, sizeof longs);
    return give(value, length, to, sizeof to);
}

/* The length of the first message, or of all that a stream has: US:5985 */
static int get_unread(int fd, void *value, uint32_t *length)
{
    int unread = 0;
    if (type_of(fd) == SOCK_DGRAM) {
        char byte;
        long first = syscall(SYS_recvfrom, fd, &byte, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, NULL, NULL);
        unread = first < 0 ? 0 : first;
    } else {
        ioctl(fd, FIONREAD, &unread);
    }

    return give_int(value, length, unread);
}

static int get_socket_option(int fd, struct known *socket, int number, void *value, uint32_t *length)
{
    struct linger linger = { 0, 0 };
    socklen_t size = sizeof linger;
    int unsent = 0;
    switch (number) {
    case D_SO_SNDBUF: return give_int(value, length, socket->send_space);
    case D_SO_RCVBUF: return give_int(value, length, socket->receive_space);
    case D_SO_ERROR: return give_int(value, length, to_darwin_errno(option_of(fd, SOL_SOCKET, SO_ERROR, 0)));
    case D_SO_NREAD: return get_unread(fd, value, length);
    case D_SO_REUSEPORT: return give_int(value, length, socket->shares_port);
    case D_SO_NOSIGPIPE: return give_int(value, length, socket->no_sigpipe);
    case D_SO_NWRITE: ioctl(fd, TIOCOUTQ, &unsent); return give_int(value, length, unsent);
    case D_SO_LINGER:
    case D_SO_LINGER_SEC:
        syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_LINGER, &linger, &size);
        linger.l_linger = number == D_SO_LINGER ? socket->linger : socket->linger / 100;
        return give(value, length, &linger, sizeof linger);
    default: return fail(ENOPROTOOPT); /* US:5908 SO_ACCEPTCONN among them */
    }
}

static int d_getsockopt(int fd, int level, int number, void *value, uint32_t *length)
{
    uint64_t inode = inode_of(fd);
    if (inode == 0) {
        return fail(fcntl(fd, F_GETFD) < 0 ? EBADF : ENOTSOCK);
    }

    int family = family_of(fd);
    int is_tcp = family != AF_UNIX && type_of(fd) == SOCK_STREAM;
    if (level != DARWIN_SOL_SOCKET && family == AF_UNIX) {
        return get_unix(fd, number, value, length);
    }

    const struct same *same = same_option(level, number);
    lock();
    struct known socket = *find(inode, fd);
    unlock();

    /* ip_ctloutput, ip6_ctloutput: another family's level, and TCP's on what is not TCP, is EINVAL */
    if ((level == IPPROTO_TCP && !is_tcp) || (level == IPPROTO_IP && family == AF_INET6)
        || (level == IPPROTO_IPV6 && family == AF_INET)) {
        return fail(EINVAL);
    }

    if (same != NULL) {
        return CALL(SYS_getsockopt, fd, same->linux_level, same->linux_number, value, length);
    }

    if (level == DARWIN_SOL_SOCKET) {
        return get_socket_option(fd, &socket, number, value, length);
    }

    switch (level << 16 | number) {
    case IPPROTO_TCP << 16 | D_TCP_CONNECTIONTIMEOUT: return give_int(value, length, socket.connection_timeout);
    case IPPROTO_TCP << 16 | D_TCP_SENDMOREACKS: return give_int(value, length, socket.more_acks);
    case IPPROTO_TCP << 16 | D_TCP_CONNECTION_INFO: return get_connection_info(fd, value, length);
    case IPPROTO_TCP << 16 | D_TCP_RXT_CONNDROPTIME: /* TU:2561 seconds */
        return give_int(value, length, option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 0) / 1000);
    case IPPROTO_TCP << 16 | D_TCP_FASTOPEN: errno = DARWIN_ENOTSUP; return -1; /* TU:2895 */
    case IPPROTO_IP << 16 | D_IP_BOUND_IF:
    case IPPROTO_IPV6 << 16 | D_IPV6_BOUND_IF: return give_int(value, length, socket.bound_if);
    default: return fail(ENOPROTOOPT);
    }
}

/* US:4905 so_linger is a short, in hundredths of a second; Linux's must agree on off, 0 and more */
static int set_linger(int fd, struct known *socket, int number, const int *value)
{
    struct linger linger = { value[0], value[1] < 1 ? value[1] : 1 };
    socket->linger = (short)(number == D_SO_LINGER ? value[1] : value[1] * 100);
    return CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* US:4990 sbreserve: more than kern.ipc.maxsockbuf allows is ENOBUFS; there is no doubling */
static int set_buffer(int fd, int *space, int linux_number, int size)
{
    int real = size + 8192;
    if (size < 1) {
        return fail(EINVAL);
    }

    if (size > MAXIMUM_BUFFER) {
        return fail(ENOBUFS);
    }

    *space = size;
    if (syscall(SYS_setsockopt, fd, SOL_SOCKET, linux_number == SO_SNDBUF ? SO_SNDBUFFORCE : SO_RCVBUFFORCE, &real,
            sizeof real) < 0) {
        syscall(SYS_setsockopt, fd, SOL_SOCKET, linux_number, &real, sizeof real);
    }

    return 0;
}

static int set_other(int fd, struct known *socket, int level, int number, const int *value)
{
    int milliseconds = *value > INT32_MAX / 1000 ? INT32_MAX : *value * 1000;
    switch (level << 16 | number) {
    case IPPROTO_TCP << 16 | D_TCP_CONNECTIONTIMEOUT: socket->connection_timeout = *value; return 0;
    case IPPROTO_TCP << 16 | D_TCP_SENDMOREACKS: socket->more_acks = *value; return 0;
    case IPPROTO_TCP << 16 | D_TCP_RXT_CONNDROPTIME: /* TU:2552 seconds */
        return *value < 0
            ? fail(EINVAL)
            : CALL(SYS_setsockopt, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
    case IPPROTO_TCP << 16 | D_TCP_FASTOPEN: errno = DARWIN_ENOTSUP; return -1; /* TU:2651 */
    case IPPROTO_IP << 16 | D_IP_BOUND_IF:
    case IPPROTO_IPV6 << 16 | D_IPV6_BOUND_IF: socket->bound_if = *value; return 0;
    default: return fail(ENOPROTOOPT);
    }
}

static int d_setsockopt(int fd, int level, int number, const void *value, uint32_t length)
{
    uint64_t inode = inode_of(fd);
    if (inode == 0) {
        return fail(fcntl(fd, F_GETFD) < 0 ? EBADF : ENOTSOCK);
    }

    /* US:4878 a connection that is over takes no options */
    if (is_finished(fd)) {
        return fail(EINVAL);
    }

    int family = family_of(fd);
    int is_tcp = family != AF_UNIX && type_of(fd) == SOCK_STREAM;
    if (level != DARWIN_SOL_SOCKET && family == AF_UNIX) {
        return fail(EOPNOTSUPP); /* UU:939 */
    }

    if ((level == IPPROTO_TCP && !is_tcp) || (level == IPPROTO_IP && family == AF_INET6)
        || (level == IPPROTO_IPV6 && family == AF_INET)) {
        return fail(EINVAL);
    }

    const struct same *same = same_option(level, number);
    if (same != NULL) {
        return CALL(SYS_setsockopt, fd, same->linux_level, same->linux_number, value, length);
    }

    if (length < sizeof(int)) {
        return fail(EINVAL);
    }

    lock();
    struct known *socket = find(inode, fd);
    int result;
    switch (level == DARWIN_SOL_SOCKET ? number : -1) {
    case D_SO_SNDBUF: result = set_buffer(fd, &socket->send_space, SO_SNDBUF, *(const int *)value); break;
    case D_SO_RCVBUF: result = set_buffer(fd, &socket->receive_space, SO_RCVBUF, *(const int *)value); break;
    case D_SO_NOSIGPIPE: socket->no_sigpipe = *(const int *)value != 0; result = 0; break;
    case D_SO_LINGER:
    case D_SO_LINGER_SEC: result = set_linger(fd, socket, number, value); break;
    case D_SO_REUSEPORT:
        socket->shares_port = *(const int *)value != 0;
        result = CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEPORT, value, length);
        break;
    case -1: result = set_other(fd, socket, level, number, value); break;
    default: result = fail(ENOPROTOOPT); break;
    }

    unlock();
    return result;
}

/* ---- files: struct stat of sys/stat.h with 8-byte inodes ---- */

static int file_status(const char *path, unsigned char *to)
{
    struct stat from;
    if (fstatat(AT_FDCWD, path, &from, AT_SYMLINK_NOFOLLOW) < 0) {
        return fail(errno);
    }

    uint32_t device = from.st_dev;
    uint16_t mode = from.st_mode;
    uint64_t inode = from.st_ino;
    memset(to, 0, 144);
    memcpy(to, &device, 4);
    memcpy(to + 4, &mode, 2);
    memcpy(to + 8, &inode, 8);
    return 0;
}

/* On Intel the plain name is the old call, with 4-byte inodes: sys/cdefs.h, __DARWIN_INODE64 */
static int d_lstat(const char *path, unsigned char *to)
{
#ifdef __x86_64__
    (void)path;
    (void)to;
    return fail(ENOSYS);
#else
    return file_status(path, to);
#endif
}

static int d_lstat_inode64(const char *path, unsigned char *to)
{
    return file_status(path, to);
}

/* ---- libproc: PI; of this process alone ---- */

enum { FDINFO = 792, PROC_PIDLISTFDS = 1, PROC_PIDFDSOCKETINFO = 3, MOST_DESCRIPTORS = 4096 };

/* Two processes: this one, and one of somebody else. */
static int d_proc_listallpids(int *to, int size)
{
    if (to != NULL && size >= 8) {
        to[0] = 1;
        to[1] = getpid();
    }

    return to == NULL ? 22 : 2;
}

/* struct proc_fdinfo; without room the answer is how much it takes (kern/proc_info.c, proc_pidfdlist) */
static int d_proc_pidinfo(int process, int flavor, uint64_t argument, unsigned char *to, int size)
{
    int length = 0;
    (void)argument;
    if (process != getpid() || flavor != PROC_PIDLISTFDS) {
        fail(EPERM);
        return 0;
    }

    for (int fd = 0; fd < MOST_DESCRIPTORS && (to == NULL || length + 8 <= size); fd++) {
        struct { int32_t fd; uint32_t type; } row = { fd, inode_of(fd) != 0 ? 2 : 1 };
        if (fcntl(fd, F_GETFD) < 0) {
            continue;
        }

        if (to != NULL) {
            memcpy(to + length, &row, sizeof row);
        }

        length += sizeof row;
    }

    return to == NULL ? length + 160 : length;
}

/* struct in_sockinfo: ports and addresses in network order */
static void name_info(unsigned char *to, const struct sockaddr_storage *name, int port, int address)
{
    memcpy(to + port, (char *)name + 2, 2);
    if (name->ss_family == AF_INET6) {
        memcpy(to + address, &((struct sockaddr_in6 *)name)->sin6_addr, 16);
    } else {
        memcpy(to + address + 12, &((struct sockaddr_in *)name)->sin_addr, 4);
    }
}

/* struct socket_fdinfo */
static int d_proc_pidfdinfo(int process, int fd, int flavor, unsigned char *to, int size)
{
    int listening = option_of(fd, SOL_SOCKET, SO_ACCEPTCONN, 0);
    int type = type_of(fd);
    int family = family_of(fd) == AF_INET6 ? DARWIN_AF_INET6 : family_of(fd);
    int kind = family == AF_UNIX ? 3 : type == SOCK_STREAM ? 2 : 1;
    int protocol = option_of(fd, SOL_SOCKET, SO_PROTOCOL, 0);
    int16_t options = listening ? D_SO_ACCEPTCONN : 0;
    if (process != getpid() || fcntl(fd, F_GETFD) < 0) {
        fail(process != getpid() ? EPERM : EBADF);
        return 0;
    }

    if (inode_of(fd) == 0 || flavor != PROC_PIDFDSOCKETINFO || size < FDINFO) {
        fail(inode_of(fd) == 0 ? EOPNOTSUPP : ENOMEM);
        return 0;
    }

    struct sockaddr_storage local = { 0 };
    struct sockaddr_storage peer = { 0 };
    socklen_t local_length = sizeof local;
    socklen_t peer_length = sizeof peer;
    memset(to, 0, FDINFO);
    memcpy(to + 176, &type, 4);
    memcpy(to + 180, &protocol, 4);
    memcpy(to + 184, &family, 4);
    memcpy(to + 188, &options, 2);
    memcpy(to + 256, &kind, 4);
    if (kind == 3) {
        return FDINFO;
    }

    syscall(SYS_getsockname, fd, &local, &local_length);
    name_info(to, &local, 268, 312);
    if (syscall(SYS_getpeername, fd, &peer, &peer_length) == 0) {
        name_info(to, &peer, 264, 296);
    }

    to[288] = local.ss_family == AF_INET6 ? 2 : 1;
    return FDINFO;
}

/* ---- sysctlbyname: netinet/tcp_timer.c, milliseconds ---- */

static int keep_idle = 7200000, keep_interval = 75000, keep_count = 8;

static int d_sysctlbyname(const char *name, void *old, size_t *old_length, const void *new, size_t new_length)
{
    int *number = strcmp(name, "net.inet.tcp.keepidle") == 0 ? &keep_idle
        : strcmp(name, "net.inet.tcp.keepintvl") == 0 ? &keep_interval
        : strcmp(name, "net.inet.tcp.keepcnt") == 0 ? &keep_count
        : NULL;
    if (number == NULL) {
        return fail(ENOENT);
    }

    if (new != NULL && syscall(SYS_geteuid) != 0) {
        return fail(EPERM);
    }

    if (new != NULL && new_length != sizeof(int)) {
        return fail(EINVAL);
    }

    if (old != NULL) {
        uint32_t room = *old_length;
        give_int(old, &room, *number);
        *old_length = room;
    }

    if (new != NULL) {
        memcpy(number, new, sizeof(int));
    }

    return 0;
}

/* ---- folders, as far as one is locked: DIR is a descriptor and no null ---- */

static void *d_opendir(const char *path)
{
    long fd = CALL(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? NULL : (void *)(fd + 1);
}

static int d_dirfd(void *folder)
{
    return (long)folder - 1;
}

static int d_closedir(void *folder)
{
    return CALL(SYS_close, d_dirfd(folder));
}

static int d_flock(int fd, int operation)
{
    return CALL(SYS_flock, fd, operation);
}

/* ---- what macOS offers, by its own names ---- */

#define OFFER_AS(name, symbol) \
    extern __typeof__(d_##name) offered_##name __asm__(symbol) \
        __attribute__((visibility("default"), alias("d_" #name)))
#define OFFER(name) OFFER_AS(name, #name)

OFFER(accept);
OFFER(bind);
OFFER(closedir);
OFFER(connect);
OFFER(dirfd);
OFFER(dup2);
OFFER(fchmod);
OFFER(flock);
OFFER(geteuid);
OFFER(getpeername);
OFFER(getsockname);
OFFER(getsockopt);
OFFER(listen);
OFFER(lstat);
OFFER(opendir);
OFFER(poll);
OFFER(proc_listallpids);
OFFER(proc_pidfdinfo);
OFFER(proc_pidinfo);
OFFER(recv);
OFFER(recvfrom);
OFFER(recvmsg);
OFFER(send);
OFFER(sendmsg);
OFFER(sendto);
OFFER(setsockopt);
OFFER(shutdown);
OFFER(socket);
OFFER(socketpair);
OFFER(simulator_fail_next);
OFFER(sysctlbyname);
OFFER_AS(lstat_inode64, "lstat$INODE64");
