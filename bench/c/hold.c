/* Holds sockets in several processes, with nothing sent: "hold tcp|unix <sockets in all> <processes>". Both ends of each
 * connection are held by the same process. Prints the port of one connection of the last process (0 for unix) once all
 * stand, and ends with its input. Linger 0: none stays behind in TIME-WAIT. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int hold_tcp(int count)
{
    struct linger reset = {1, 0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = -1;

    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 16)
        || getsockname(listener, (struct sockaddr *)&address, &length))
        return -1;
    for (int i = 0; i < count / 2; i++) {
        client = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(client, (struct sockaddr *)&address, length) || accept(listener, NULL, NULL) < 0)
            return -1;
        setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    if (getsockname(client, (struct sockaddr *)&address, &length))
        return -1;
    return ntohs(address.sin_port);
}

static int hold_unix(int count)
{
    int pair[2];

    for (int i = 0; i < count / 2; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int count = atoi(argv[2]) / atoi(argv[3]), end[2], told[2], port = 0;
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < (rlim_t)count + 64)
        limit.rlim_max = count + 64; /* root may */
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (pipe(end) || pipe(told))
        return 1;
    for (int i = 0; i < atoi(argv[3]); i++) {
        if (fork() == 0) {
            char byte;
            close(end[1]);
            port = strcmp(argv[1], "tcp") ? hold_unix(count) : hold_tcp(count);
            if (write(told[1], &port, sizeof port) != sizeof port)
                return 1;
            return read(end[0], &byte, 1) != 0;
        }
        if (read(told[0], &port, sizeof port) != sizeof port || port < 0)
            return 1;
    }
    printf("%d\n", port);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    close(end[1]);
    while (wait(NULL) > 0)
        ;
    return 0;
}
