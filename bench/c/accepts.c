/* Accepts connections and closes them; prints how many a second. "accepts load <port>" is the other side, the same for all
 * contestants: it keeps 64 connections under way, each closed with a reset once the server has closed it, so that no port
 * stays taken. "threaded" has a second thread, which does nothing, as .NET always has; "stoppable" waits so that another
 * thread could end the wait. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WINDOW 64

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void begin(int poll_fd, struct sockaddr_in *address)
{
    struct linger reset = {1, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event event = {.events = EPOLLRDHUP, .data.fd = fd};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(fd, (struct sockaddr *)address, sizeof *address) && errno != EINPROGRESS)
        exit(1);
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

__attribute__((noreturn)) static void load(int port)
{
    struct sockaddr_in address = loopback(port);
    struct epoll_event events[WINDOW];
    int poll_fd = epoll_create1(0);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < WINDOW; i++)
        begin(poll_fd, &address);
    for (;;) {
        int count = epoll_wait(poll_fd, events, WINDOW, -1);
        for (int i = 0; i < count; i++) {
            close(events[i].data.fd);
            begin(poll_fd, &address);
        }
    }
}

static void *idle(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static int next(int listener, struct pollfd *wait)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 || errno != EAGAIN || poll(wait, 2, -1) < 1 || wait[1].revents)
            return fd;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = loopback(0);
    struct pollfd wait[2];
    int type = SOCK_STREAM;
    socklen_t length = sizeof address;
    int listener, accepted = 0;
    double start;
    pid_t child;

    if (argc == 3 && !strcmp(argv[1], "load"))
        load(atoi(argv[2]));
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "threaded"))
            pthread_create(&(pthread_t){0}, NULL, idle, NULL);
        if (!strcmp(argv[i], "stoppable"))
            type |= SOCK_NONBLOCK;
    }
    listener = socket(AF_INET, type, 0);
    wait[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    wait[1] = (struct pollfd){.fd = eventfd(0, 0), .events = POLLIN};
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 511);
    getsockname(listener, (struct sockaddr *)&address, &length);
    if ((child = fork()) == 0)
        load(ntohs(address.sin_port));
    for (int phase = 0; phase < 2; phase++) {
        accepted = 0;
        start = now();
        while (now() - start < 0.5 + phase * 0.5) {
            int fd = next(listener, wait);
            if (fd < 0)
                return 1;
            close(fd);
            accepted++;
        }
    }
    printf("%.0f\n", accepted / (now() - start));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return 0;
}
