/* The other end of bulk data, the same for all contestants; prints its port, and then MiB a second.
 *   bulk source <MiB>: sends so much to who connects, and waits for it to close.
 *   bulk sink: receives all that comes, from the first byte to the end. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
    long long total = 0, wanted = argc > 2 ? atoll(argv[2]) << 20 : 0;
    double start = 0;
    ssize_t count;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1))
        return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    fd = accept(listener, NULL, NULL);
    if (wanted) {
        start = now();
        for (; total < wanted && (count = send(fd, buffer, sizeof buffer, MSG_NOSIGNAL)) > 0; total += count)
            ;
        shutdown(fd, SHUT_WR);
        while (recv(fd, buffer, sizeof buffer, 0) > 0)
            ;
    } else {
        for (; (count = recv(fd, buffer, sizeof buffer, 0)) > 0; total += count)
            if (!start)
                start = now();
    }
    printf("%.1f\n", total / 1048576.0 / (now() - start));
    return total >= wanted ? 0 : 1;
}
