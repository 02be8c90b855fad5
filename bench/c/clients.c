/* The clients of a server that is measured, the same for all contestants; prints how many a second.
 *   clients connections <port> <threads> <warm> <seconds>: each sends one byte, gets it back, and reads to the end.
 *   clients line <port> <warm> <seconds>: a line there and back, again and again, on one connection. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address;
static long done;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_connection(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
        fail("connect");
    return fd;
}

static void *connections(void *unused)
{
    /* Closed with a reset, so that no port stays taken. */
    struct linger reset = {1, 0};
    char byte = 'x';

    for (;;) {
        int fd = open_connection();
        if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1)
            fail("echo");
        while (recv(fd, &byte, 1, 0) > 0)
            ;
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
        __atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
    }
    return unused;
}

static void *lines(void *unused)
{
    static const char line[] = "a line of thirty-two characters.\n";
    char answer[sizeof line - 1];
    int fd = open_connection(), on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (;;) {
        if (send(fd, line, sizeof answer, 0) != sizeof answer
            || recv(fd, answer, sizeof answer, MSG_WAITALL) != sizeof answer)
            fail("line");
        __atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
    }
    return unused;
}

static void pause_for(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

int main(int argc, char **argv)
{
    int is_line = argc > 4 && !strcmp(argv[1], "line");
    int threads = is_line ? 1 : argc > 5 ? atoi(argv[3]) : 0;
    double start;
    long before;

    if (threads < 1)
        return 2;
    address.sin_family = AF_INET;
    address.sin_port = htons(atoi(argv[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, is_line ? lines : connections, NULL);
    }
    pause_for(atof(argv[argc - 2]));
    start = now();
    before = __atomic_load_n(&done, __ATOMIC_RELAXED);
    pause_for(atof(argv[argc - 1]));
    printf("%.0f\n", (__atomic_load_n(&done, __ATOMIC_RELAXED) - before) / (now() - start));
    return 0;
}
