/*
 * The rules of macOS that hold whoever calls: the module, by way of darwin.c, and .NET by itself, by way of
 * darwin-runtime.c. Linux's numbers; the sources are named as in darwin.c.
 */
#pragma once
#include <errno.h>
#include <poll.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline int option_of(int fd, int level, int name, int otherwise)
{
    int value = otherwise;
    socklen_t length = sizeof value;
    return syscall(SYS_getsockopt, fd, level, name, &value, &length) == 0 ? value : otherwise;
}

static inline int family_of(int fd) { return option_of(fd, SOL_SOCKET, SO_DOMAIN, -1); }
static inline int type_of(int fd) { return option_of(fd, SOL_SOCKET, SO_TYPE, -1); }

/* Is it, or was it, a connection? */
static inline int is_connection(int fd, struct tcp_info *info)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    if (type_of(fd) != SOCK_STREAM || option_of(fd, SOL_SOCKET, SO_ACCEPTCONN, 0)) {
        return 0;
    }

    if (family_of(fd) == AF_UNIX) {
        return syscall(SYS_getpeername, fd, &name, &length) == 0;
    }

    length = sizeof *info;
    return syscall(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0 && info->tcpi_segs_in > 0;
}

static inline int hears(int fd, short events)
{
    struct pollfd row = { .fd = fd, .events = events };
    struct timespec now = { 0, 0 };
    struct tcp_info info;
    return is_connection(fd, &info) && syscall(SYS_ppoll, &row, 1, &now, NULL, 8) > 0 && (row.revents & events);
}

/* SS_CANTRCVMORE */
static inline int cannot_receive(int fd)
{
    return hears(fd, POLLRDHUP | POLLHUP);
}

/* Both, for good: the connection is over. */
static inline int is_finished(int fd)
{
    return hears(fd, POLLHUP);
}

/* SS_CANTSENDMORE */
static inline int cannot_send(int fd)
{
    struct tcp_info info = { 0 };
    if (!is_connection(fd, &info)) {
        return 0;
    }

    if (family_of(fd) == AF_UNIX) {
        return syscall(SYS_sendto, fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0) < 0 && errno == EPIPE;
    }

    enum { ESTABLISHED = 1, SYN_SENT, SYN_RECEIVED, CLOSE_WAIT = 8 };
    return info.tcpi_state > SYN_RECEIVED && info.tcpi_state != CLOSE_WAIT;
}

/* US:4442 soshutdown, US:4472 soshutdownlock_final: what is not connected, or no more; a direction that has ended */
static inline int refuses_shutdown(int fd, int how)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int is_alone = syscall(SYS_getpeername, fd, &peer, &length) < 0
        && (family_of(fd) == AF_UNIX || option_of(fd, SOL_SOCKET, SO_ACCEPTCONN, 0));
    return is_alone || (how != SHUT_WR && cannot_receive(fd)) || (how != SHUT_RD && cannot_send(fd)) ? ENOTCONN : 0;
}

/* SC:3226 both directions have ended */
static inline int refuses_peer_name(int fd)
{
    return is_finished(fd) ? EINVAL : 0;
}

/* US:4878 the same */
static inline int refuses_options(int fd)
{
    return is_finished(fd) ? EINVAL : 0;
}
