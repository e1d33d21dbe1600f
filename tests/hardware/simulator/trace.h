/* Power over time in straight pieces, repeated, with its exact integral. Lines of the file:
 * "duration_s start_w end_w". The Python twin is ipyfootprint.testing.Trace. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    int n;
    double *seconds, *start_w, *end_w, *ends_s, *ends_j;
} trace_t;

static int trace_load(trace_t *t, const char *path) {
    FILE *f = fopen(path, "r");
    double s, a, b;
    int room = 0;
    t->n = 0;
    t->seconds = t->start_w = t->end_w = t->ends_s = t->ends_j = NULL;
    if (!f) return -1;
    while (fscanf(f, "%lf %lf %lf", &s, &a, &b) == 3) {
        if (t->n == room) {
            room = room ? 2 * room : 64;
            t->seconds = realloc(t->seconds, room * sizeof(double));
            t->start_w = realloc(t->start_w, room * sizeof(double));
            t->end_w = realloc(t->end_w, room * sizeof(double));
            t->ends_s = realloc(t->ends_s, room * sizeof(double));
            t->ends_j = realloc(t->ends_j, room * sizeof(double));
        }
        int i = t->n++;
        t->seconds[i] = s;
        t->start_w[i] = a;
        t->end_w[i] = b;
        t->ends_s[i] = s + (i ? t->ends_s[i - 1] : 0);
        t->ends_j[i] = s * (a + b) / 2 + (i ? t->ends_j[i - 1] : 0);
    }
    fclose(f);
    return t->n ? 0 : -1;
}

static int trace_piece(const trace_t *t, double rest) {
    int low = 0, high = t->n - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (t->ends_s[middle] <= rest) low = middle + 1;
        else high = middle;
    }
    return low;
}

static double trace_energy_j(const trace_t *t, double at_s) {
    if (at_s <= 0) return 0;
    double round_s = t->ends_s[t->n - 1], rounds = floor(at_s / round_s);
    double rest = at_s - rounds * round_s;
    int i = trace_piece(t, rest);
    double into = rest - (i ? t->ends_s[i - 1] : 0);
    double slope = (t->end_w[i] - t->start_w[i]) / t->seconds[i];
    return rounds * t->ends_j[t->n - 1] + (i ? t->ends_j[i - 1] : 0)
        + into * (t->start_w[i] + slope * into / 2);
}

static double trace_power_w(const trace_t *t, double at_s) {
    if (at_s < 0) at_s = 0;
    double rest = fmod(at_s, t->ends_s[t->n - 1]);
    int i = trace_piece(t, rest);
    double into = rest - (i ? t->ends_s[i - 1] : 0);
    return t->start_w[i] + (t->end_w[i] - t->start_w[i]) * into / t->seconds[i];
}

static double seconds_since(long long epoch_ns) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec * 1000000000LL + now.tv_nsec - epoch_ns) / 1e9;
}
