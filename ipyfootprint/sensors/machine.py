"""What the model needs to know of this machine: its CPUs, their load, its memory and limits."""

from __future__ import annotations

import os
import sys

from ipyfootprint.sensors.files import number, text, under
from ipyfootprint.sensors.tdp import tdp_w

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CGROUP = "/sys/fs/cgroup"


def _cpuinfo(root: str) -> list[tuple[str, str]]:
    lines = (text(under(root, "/proc/cpuinfo")) or "").splitlines()
    pairs = (line.partition(":") for line in lines)
    return [(key.strip(), value.strip()) for key, _, value in pairs]


def cpu_name(root: str = "/") -> str | None:
    """The processor's own name; None where it gives none."""
    return next((v for k, v in _cpuinfo(root) if k == "model name" and v), None)


def logical_cpus(root: str = "/") -> int:
    """Logical CPUs that the kernel accounts for; at least 1."""
    lines = (text(under(root, "/proc/stat")) or "").splitlines()
    count = sum(line.startswith("cpu") and line[3:4].isdigit() for line in lines)
    return count or os.cpu_count() or 1


def sockets(root: str = "/") -> int:
    """Processor packages; at least 1."""
    return len({value for key, value in _cpuinfo(root) if key == "physical id"}) or 1


def is_virtual(root: str = "/") -> bool:
    """Whether a hypervisor shows itself in the processor's flags or the firmware's names."""
    if any(k == "flags" and "hypervisor" in v.split() for k, v in _cpuinfo(root)):
        return True
    if text(under(root, "/sys/hypervisor/type")):
        return True
    vendor = (text(under(root, "/sys/class/dmi/id/sys_vendor")) or "").lower()
    product = (text(under(root, "/sys/class/dmi/id/product_name")) or "").lower()
    clouds = ("qemu", "amazon ec2", "google", "vmware", "xen", "innotek", "digitalocean")
    if vendor.startswith(clouds):
        return not product.endswith(".metal")
    return "virtual machine" in product or product.startswith(("kvm", "openstack"))


def granted_cpus(root: str = "/") -> float | None:
    """CPUs that a cgroup quota (v2 or v1) grants this process; None where nothing limits it."""
    limits: list[float] = []
    for line in (text(under(root, "/proc/self/cgroup")) or "").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            limits += _quotas(root, ("", "/unified"), path, _v2_cpus)
        elif "cpu" in controllers.split(","):
            limits += _quotas(root, (f"/{controllers}", "/cpu", "/cpu,cpuacct"), path, _v1_cpus)
    return min(limits, default=None)


def _quotas(
    root: str, mounts: tuple[str, ...], path: str, read: Callable[[str], float | None]
) -> list[float]:
    found = []
    for mount in mounts:
        place = path.rstrip("/")
        while True:  # a limit on any folder above limits this one too
            cpus = read(under(root, f"{CGROUP}{mount}{place}"))
            if cpus is not None:
                found.append(cpus)
            if not place:
                break
            place = place.rpartition("/")[0]
    return found


def _v2_cpus(folder: str) -> float | None:
    quota, _, period = (text(f"{folder}/cpu.max") or "max").partition(" ")
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return None
    return int(quota) / int(period)


def _v1_cpus(folder: str) -> float | None:
    quota, period = number(f"{folder}/cpu.cfs_quota_us"), number(f"{folder}/cpu.cfs_period_us")
    return quota / period if quota and period and quota > 0 and period > 0 else None


def chip_tdp(root: str = "/") -> tuple[float | None, str]:
    """Summed TDP of the sockets in watts and how it was found; None: model logical CPUs.

    Only where the system sees whole processors: not in a virtual machine, not in a cgroup
    with a quota, and not for a processor that the packaged table does not hold.
    """
    if is_virtual(root):
        return None, "virtual machine: watts per logical CPU"
    if granted_cpus(root) is not None:
        return None, "CPU quota of a cgroup: watts per logical CPU"
    name = cpu_name(root)
    watts = tdp_w(name) if name else None
    if watts is None:
        return None, "TDP unknown: watts per logical CPU"
    count = sockets(root)
    return watts * count, f"TDP {watts:g} W x {count}"


def memory_gb(root: str = "/") -> float | None:
    """Memory that the kernel manages, in GB (10^9 bytes); None where it is not known."""
    for line in (text(under(root, "/proc/meminfo")) or "").splitlines():
        key, _, value = line.partition(":")
        if key == "MemTotal":
            return int(value.split()[0]) * 1024 / 1e9
    if sys.platform == "linux":
        return None
    import psutil

    return float(psutil.virtual_memory().total) / 1e9


def load_of(root: str = "/") -> Callable[[], tuple[float, float] | None]:
    """A reader of (busy, total) seconds of all logical CPUs together, or None."""
    if sys.platform == "linux":
        path = under(root, "/proc/stat")
        ticks = os.sysconf("SC_CLK_TCK")
        return lambda: _proc_stat(text(path), ticks)
    return _psutil_load


def _proc_stat(body: str | None, ticks_per_s: int) -> tuple[float, float] | None:
    head = (body or "").partition("\n")[0].split()
    if len(head) < 5 or head[0] != "cpu":
        return None
    try:
        # user, nice, system, idle, iowait, irq, softirq, steal; guest time is inside user time
        times = [int(part) for part in head[1:9]]
    except ValueError:
        return None
    total = sum(times)
    quiet = times[3] + sum(times[4:5]) + sum(times[7:8])  # stolen time is another guest's
    return (total - quiet) / ticks_per_s, total / ticks_per_s


def _psutil_load() -> tuple[float, float] | None:
    import psutil

    times = psutil.cpu_times()
    total = float(sum(times))
    return total - float(times.idle), total
