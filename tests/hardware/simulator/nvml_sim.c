/* A libnvidia-ml.so.1 without a GPU: it answers from power traces and CLOCK_MONOTONIC.
 *
 * The file that NVML_SIM names is read at each nvmlInit. Lines "key value" set all GPUs, or one
 * after a line "gpu N": see `Options` in nvml.py beside this file for every key and its unit. */
#include <string.h>
#include <unistd.h>
#include "trace.h"

#define MOST 16
enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7,
       GPU_IS_LOST = 15, UNKNOWN = 999 };

typedef struct {
    int index;
    trace_t trace;
    char name[96], processes[512];
    int has_energy, has_power, has_instant, is_mig;
    double period_s, phase_s, power_period_s, window_s, duty;
    double reset_at_s, frozen_at_s, error_from_s, error_to_s, hang_s, hang_from_s, hang_to_s;
    int error;
    unsigned long long start_mj;
} gpu_t;

static gpu_t gpus[MOST];
static int count = 0, open_count = 0, init_error = 0;
static double init_hang_s = 0;
static long long epoch_ns = 0;

static void set(gpu_t *g, const char *key, const char *value) {
    double x = atof(value);
    if (!strcmp(key, "trace")) trace_load(&g->trace, value);
    else if (!strcmp(key, "name")) snprintf(g->name, sizeof g->name, "%s", value);
    else if (!strcmp(key, "processes")) snprintf(g->processes, sizeof g->processes, "%s", value);
    else if (!strcmp(key, "has_energy")) g->has_energy = (int)x;
    else if (!strcmp(key, "has_power")) g->has_power = (int)x;
    else if (!strcmp(key, "has_instant")) g->has_instant = (int)x;
    else if (!strcmp(key, "is_mig")) g->is_mig = (int)x;
    else if (!strcmp(key, "period_s")) g->period_s = x;
    else if (!strcmp(key, "phase_s")) g->phase_s = x;
    else if (!strcmp(key, "power_period_s")) g->power_period_s = x;
    else if (!strcmp(key, "window_s")) g->window_s = x;
    else if (!strcmp(key, "duty")) g->duty = x;
    else if (!strcmp(key, "reset_at_s")) g->reset_at_s = x;
    else if (!strcmp(key, "frozen_at_s")) g->frozen_at_s = x;
    else if (!strcmp(key, "error")) g->error = (int)x;
    else if (!strcmp(key, "error_from_s")) g->error_from_s = x;
    else if (!strcmp(key, "error_to_s")) g->error_to_s = x;
    else if (!strcmp(key, "hang_s")) g->hang_s = x;
    else if (!strcmp(key, "hang_from_s")) g->hang_from_s = x;
    else if (!strcmp(key, "hang_to_s")) g->hang_to_s = x;
    else if (!strcmp(key, "start_mj")) g->start_mj = (unsigned long long)x;
}

static int load(void) {
    const char *path = getenv("NVML_SIM");
    FILE *f = path ? fopen(path, "r") : NULL;
    char line[1024], key[64], value[900];
    int only = -1;
    if (!f) return -1;
    memset(gpus, 0, sizeof gpus);
    count = init_error = 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%63s %899[^\n]", key, value) != 2) continue;
        if (!strcmp(key, "epoch_ns")) epoch_ns = atoll(value);
        else if (!strcmp(key, "count")) count = atoi(value) > MOST ? MOST : atoi(value);
        else if (!strcmp(key, "init_error")) init_error = atoi(value);
        else if (!strcmp(key, "init_hang_s")) init_hang_s = atof(value);
        else if (!strcmp(key, "gpu")) only = atoi(value);
        else if (only >= 0 && only < MOST) set(&gpus[only], key, value);
    }
    fclose(f);
    for (int i = 0; i < count; i++) gpus[i].index = i;
    return 0;
}

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    if (load()) return UNKNOWN;
    if (init_hang_s > 0) usleep((useconds_t)(init_hang_s * 1e6));
    if (init_error) return init_error;
    open_count++;
    return OK;
}
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlInit(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) {
    if (!open_count) return UNINITIALIZED;
    open_count--;
    return OK;
}
const char *nvmlErrorString(int code) {
    static char text[40];
    snprintf(text, sizeof text, "simulated NVML error %d", code);
    return text;
}
static int put(char *to, unsigned size, const char *from) {
    if (strlen(from) + 1 > size) return TOO_SMALL;
    strcpy(to, from);
    return OK;
}
int nvmlSystemGetDriverVersion(char *to, unsigned size) { return put(to, size, "570.00.sim"); }
int nvmlSystemGetNVMLVersion(char *to, unsigned size) { return put(to, size, "12.570.00.sim"); }
int nvmlSystemGetCudaDriverVersion(int *v) { *v = 12080; return OK; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = count; return open_count ? OK : UNINITIALIZED; }
int nvmlDeviceGetCount(unsigned *n) { return nvmlDeviceGetCount_v2(n); }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, gpu_t **g) {
    if (!open_count) return UNINITIALIZED;
    if (i >= (unsigned)count) return INVALID;
    *g = &gpus[i];
    return OK;
}
int nvmlDeviceGetHandleByIndex(unsigned i, gpu_t **g) { return nvmlDeviceGetHandleByIndex_v2(i, g); }
static void uuid(const gpu_t *g, char *to) {
    sprintf(to, "GPU-00000000-0000-0000-0000-%012d", g->index);
}
int nvmlDeviceGetHandleByUUID(const char *wanted, gpu_t **g) {
    char own[80];
    for (int i = 0; i < count; i++) {
        uuid(&gpus[i], own);
        if (!strcmp(own, wanted)) { *g = &gpus[i]; return OK; }
    }
    return NOT_FOUND;
}

/* Every device call passes here: it may hang, and the device may be in a scripted error. */
static int state(const gpu_t *g, double *now_s) {
    if (!open_count) return UNINITIALIZED;
    *now_s = seconds_since(epoch_ns);
    if (g->hang_s > 0 && *now_s >= g->hang_from_s && *now_s < g->hang_to_s) {
        usleep((useconds_t)(g->hang_s * 1e6));
        *now_s = seconds_since(epoch_ns);
    }
    if (g->error && *now_s >= g->error_from_s && *now_s < g->error_to_s) return g->error;
    return OK;
}
static double step(double now_s, double period_s, double phase_s) {
    return period_s > 0 ? floor((now_s - phase_s) / period_s) * period_s + phase_s : now_s;
}

int nvmlDeviceGetTotalEnergyConsumption(gpu_t *g, unsigned long long *mj) {
    double now_s;
    int code = state(g, &now_s);
    if (code) return code;
    if (!g->has_energy) return NOT_SUPPORTED;
    double seen_s = step(now_s, g->period_s, g->phase_s), from_j = 0;
    unsigned long long start = g->start_mj;
    if (g->frozen_at_s > 0 && seen_s > g->frozen_at_s) seen_s = g->frozen_at_s;
    if (g->reset_at_s > 0 && now_s >= g->reset_at_s) {
        from_j = trace_energy_j(&g->trace, g->reset_at_s);
        start = 0;
    }
    double joules = trace_energy_j(&g->trace, seen_s) - from_j;
    *mj = start + (unsigned long long)(joules > 0 ? joules * 1e3 : 0);
    return OK;
}

/* The mean over a window before the last update; with a duty cycle over its last part only. */
static double watts(const gpu_t *g, double now_s, double window_s) {
    double seen_s = step(now_s, g->power_period_s, g->phase_s);
    if (g->duty > 0 && g->duty < 1) window_s = g->duty * g->power_period_s;
    if (window_s <= 0) return trace_power_w(&g->trace, seen_s);
    double from_s = seen_s > window_s ? seen_s - window_s : 0;
    if (seen_s <= from_s) return trace_power_w(&g->trace, seen_s);
    return (trace_energy_j(&g->trace, seen_s) - trace_energy_j(&g->trace, from_s)) / (seen_s - from_s);
}
int nvmlDeviceGetPowerUsage(gpu_t *g, unsigned *mw) {
    double now_s;
    int code = state(g, &now_s);
    if (code) return code;
    if (!g->has_power) return NOT_SUPPORTED;
    *mw = (unsigned)(watts(g, now_s, g->window_s) * 1e3 + 0.5);
    return OK;
}

typedef struct {
    unsigned field, scope;
    long long timestamp, latency;
    int type, code;
    union { double d; unsigned u; unsigned long long ull; } value;
} field_t;
int nvmlDeviceGetFieldValues(gpu_t *g, int n, field_t *fields) {
    double now_s;
    int code = state(g, &now_s);
    if (code) return code;
    for (int i = 0; i < n; i++) {
        fields[i].timestamp = (long long)(now_s * 1e6);
        fields[i].code = NOT_SUPPORTED;
        if (fields[i].field == 186 && g->has_instant && fields[i].scope < 2) {
            fields[i].type = 1;
            fields[i].value.u = (unsigned)(watts(g, now_s, 0) * 1e3 + 0.5);
            fields[i].code = OK;
        } else if (fields[i].field == 185 && g->has_power && fields[i].scope < 2) {
            fields[i].type = 1;
            fields[i].value.u = (unsigned)(watts(g, now_s, g->window_s) * 1e3 + 0.5);
            fields[i].code = OK;
        } else if (fields[i].field == 83 && g->has_energy) {
            unsigned long long mj = 0;
            fields[i].code = nvmlDeviceGetTotalEnergyConsumption(g, &mj);
            fields[i].type = 3;
            fields[i].value.ull = mj;
        }
    }
    return OK;
}

/* Processes: a file of lines "pid sm_percent", read at each call. */
static int processes(const gpu_t *g, unsigned *pids, unsigned *sm, int room) {
    FILE *f = g->processes[0] ? fopen(g->processes, "r") : NULL;
    int n = 0;
    if (!f) return 0;
    while (n < room && fscanf(f, "%u %u", &pids[n], &sm[n]) == 2) n++;
    fclose(f);
    return n;
}
typedef struct { unsigned pid; unsigned long long memory; unsigned gpu_instance, instance; } process_t;
int nvmlDeviceGetComputeRunningProcesses_v3(gpu_t *g, unsigned *n, process_t *to) {
    unsigned pids[64], sm[64];
    double now_s;
    int code = state(g, &now_s), found;
    if (code) return code;
    found = processes(g, pids, sm, 64);
    if (!to || *n < (unsigned)found) {
        *n = found;
        return found ? TOO_SMALL : OK;
    }
    for (int i = 0; i < found; i++) to[i] = (process_t){pids[i], 1ULL << 30, ~0u, ~0u};
    *n = found;
    return OK;
}
int nvmlDeviceGetComputeRunningProcesses_v2(gpu_t *g, unsigned *n, process_t *to) {
    return nvmlDeviceGetComputeRunningProcesses_v3(g, n, to);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(gpu_t *g, unsigned *n, process_t *to) {
    (void)g; (void)to;
    *n = 0;
    return OK;
}
int nvmlDeviceGetGraphicsRunningProcesses_v2(gpu_t *g, unsigned *n, process_t *to) {
    return nvmlDeviceGetGraphicsRunningProcesses_v3(g, n, to);
}
typedef struct { unsigned pid; unsigned long long timestamp; unsigned sm, mem, enc, dec; } usage_t;
int nvmlDeviceGetProcessUtilization(gpu_t *g, usage_t *to, unsigned *n, unsigned long long since) {
    unsigned pids[64], sm[64];
    double now_s;
    int code = state(g, &now_s), found;
    (void)since;
    if (code) return code;
    if (g->is_mig) return NOT_SUPPORTED;
    found = processes(g, pids, sm, 64);
    if (!found) return NOT_FOUND;
    if (!to || *n < (unsigned)found) {
        *n = found;
        return TOO_SMALL;
    }
    for (int i = 0; i < found; i++)
        to[i] = (usage_t){pids[i], (unsigned long long)(now_s * 1e6), sm[i], 0, 0, 0};
    *n = found;
    return OK;
}

/* What peers ask besides. */
int nvmlDeviceGetName(gpu_t *g, char *to, unsigned size) {
    double now_s;
    int code = state(g, &now_s);
    return code ? code : put(to, size, g->name);
}
int nvmlDeviceGetUUID(gpu_t *g, char *to, unsigned size) {
    char own[80];
    uuid(g, own);
    return put(to, size, own);
}
int nvmlDeviceGetIndex(gpu_t *g, unsigned *i) { *i = g->index; return OK; }
int nvmlDeviceGetMinorNumber(gpu_t *g, unsigned *i) { *i = g->index; return OK; }
int nvmlDeviceGetMigMode(gpu_t *g, unsigned *now, unsigned *next) {
    *now = *next = g->is_mig;
    return OK;
}
int nvmlDeviceGetUtilizationRates(gpu_t *g, unsigned *both) {
    (void)g;
    both[0] = both[1] = 50;
    return OK;
}
int nvmlDeviceGetMemoryInfo(gpu_t *g, unsigned long long *three) {
    (void)g;
    three[0] = 80ULL << 30; three[1] = 60ULL << 30; three[2] = 20ULL << 30;
    return OK;
}
int nvmlDeviceGetTemperature(gpu_t *g, int sensor, unsigned *celsius) {
    (void)g; (void)sensor;
    *celsius = 50;
    return OK;
}
static int limit(unsigned *mw) { *mw = 400000; return OK; }
int nvmlDeviceGetPowerManagementLimit(gpu_t *g, unsigned *mw) { (void)g; return limit(mw); }
int nvmlDeviceGetPowerManagementDefaultLimit(gpu_t *g, unsigned *mw) { (void)g; return limit(mw); }
int nvmlDeviceGetEnforcedPowerLimit(gpu_t *g, unsigned *mw) { (void)g; return limit(mw); }
int nvmlDeviceGetPowerManagementLimitConstraints(gpu_t *g, unsigned *low, unsigned *high) {
    (void)g;
    *low = 100000;
    return limit(high);
}
int nvmlDeviceGetComputeMode(gpu_t *g, int *mode) { (void)g; *mode = 0; return OK; }
int nvmlDeviceGetPersistenceMode(gpu_t *g, int *mode) { (void)g; *mode = 1; return OK; }
int nvmlDeviceGetArchitecture(gpu_t *g, unsigned *arch) { *arch = g->has_energy ? 9 : 4; return OK; }
int nvmlDeviceGetCudaComputeCapability(gpu_t *g, int *major, int *minor) {
    *major = g->has_energy ? 9 : 6;
    *minor = 0;
    return OK;
}
int nvmlDeviceGetC2cModeInfoV(gpu_t *g, void *info) { (void)g; (void)info; return NOT_SUPPORTED; }
