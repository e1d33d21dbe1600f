/* Moves the counters of a simulated powercap tree, a thousand times a second, from power traces.
 *
 * Arguments: epoch_ns, period_us, then four a zone: file, trace, start_uj, wrap_uj.
 * It ends when its standard input is closed: with the process that started it. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include "trace.h"

#define MOST 32

int main(int argc, char **argv) {
    if (argc < 7 || (argc - 3) % 4 || (argc - 3) / 4 > MOST) return 2;
    long long epoch_ns = atoll(argv[1]);
    long period_us = atol(argv[2]);
    int n = (argc - 3) / 4, handles[MOST];
    trace_t traces[MOST];
    unsigned long long starts[MOST], wraps[MOST];
    for (int i = 0; i < n; i++) {
        char **zone = argv + 3 + 4 * i;
        handles[i] = open(zone[0], O_WRONLY);
        if (handles[i] < 0 || trace_load(&traces[i], zone[1])) return 3;
        starts[i] = strtoull(zone[2], NULL, 10);
        wraps[i] = strtoull(zone[3], NULL, 10);
    }
    struct pollfd input = {.fd = 0, .events = POLLIN};
    struct timespec pause = {.tv_sec = 0, .tv_nsec = period_us * 1000};
    for (;;) {
        double now_s = seconds_since(epoch_ns);
        for (int i = 0; i < n; i++) {
            char line[32];
            double uj = trace_energy_j(&traces[i], now_s) * 1e6;
            unsigned long long value = (starts[i] + (unsigned long long)uj) % wraps[i];
            int length = snprintf(line, sizeof line, "%020llu\n", value);
            if (pwrite(handles[i], line, length, 0) != length) return 4;
        }
        if (poll(&input, 1, 0) > 0) return 0;
        nanosleep(&pause, NULL);
    }
}
