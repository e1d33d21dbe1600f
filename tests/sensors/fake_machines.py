"""Kernel files of machines that are not this one, by their path below the root."""

from __future__ import annotations


def rapl_zone(number: str, name: str, energy_uj: int, wrap_uj: int = 262_143_328_850) -> dict:
    """The files of one powercap zone, by the path below the root."""
    folder = f"/sys/class/powercap/{number}"
    return {
        f"{folder}/name": f"{name}\n",
        f"{folder}/energy_uj": f"{energy_uj}\n",
        f"{folder}/max_energy_range_uj": f"{wrap_uj}\n",
    }


BARE_METAL = {
    "/proc/cpuinfo": "".join(
        f"processor\t: {n}\nmodel name\t: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz\n"
        f"physical id\t: {n // 2}\nflags\t\t: fpu vme\n\n"
        for n in range(4)
    ),
    "/proc/stat": "cpu  100 0 0 900 0 0 0 0 0 0\n"
    + "".join(f"cpu{n} 25 0 0 225 0 0 0 0 0 0\n" for n in range(4)),
    "/proc/meminfo": "MemTotal:       97656250 kB\nMemFree: 1 kB\n",
    "/proc/self/cgroup": "0::/user.slice/session.scope\n",
}
VIRTUAL = {
    **BARE_METAL,
    "/proc/cpuinfo": BARE_METAL["/proc/cpuinfo"].replace("fpu vme", "fpu hypervisor vme"),
}
