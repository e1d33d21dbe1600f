import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.attribution import (
    Cores,
    attribute,
    boundary,
    granted_cores,
    totals,
)
from ipyfootprint.model import DeviceEnergy, Estimate, Measurement, Window


def measured(energy_j, error=0.05, method="counter"):
    return Measurement(energy_j, energy_j * (1 - error), energy_j * (1 + error), method)


def window(**changes):
    base = Window(
        duration_s=10.0,
        devices={"cpu0": measured(100.0)},
        idle_j={"cpu0": Estimate(40.0, 0.0, 45.0)},
        own_j={},
        shared=frozenset(),
        busy_ns=20_000_000_000,
        own_ns=5_000_000_000,
        settled=True,
    )
    return replace(base, **changes)


def whole(window, cores):
    return totals(attribute(window, cores), window, cores)


def test_the_dynamic_part_goes_by_use_and_the_idle_part_by_cores():
    result = whole(window(), Cores(4, 16))
    assert result.parts.dynamic_j == pytest.approx(60 * 5 / 20)
    assert result.idle_j == result.parts.idle_j == pytest.approx(40 * 4 / 16)
    assert result.energy_j == pytest.approx(25)
    assert result.parts.rest_j == pytest.approx(75)
    assert attribute(window(), Cores(4, 16))["cpu0"].share == pytest.approx(0.25)


def test_a_program_alone_on_its_machine_has_all_of_it_without_doubt_of_attribution():
    alone = window(own_ns=20_000_000_000)
    result = whole(alone, Cores(16, 16))
    assert result.energy_j == pytest.approx(100)
    assert result.high_j == pytest.approx(105)
    assert result.low_j == pytest.approx(95, rel=0.01)


def test_own_time_above_the_nodes_ticks_is_all_of_the_node():
    device = attribute(window(busy_ns=10_000_000, own_ns=14_000_000), Cores(2, 2))["cpu0"]
    assert device.share == 1.0


def test_a_node_without_cpu_time_leaves_the_share_between_capacity_and_all():
    result = whole(window(busy_ns=None), Cores(4, 4))
    assert result.energy_j == pytest.approx(100)
    assert result.low_j < 20


def test_an_idle_user_pays_for_the_cores_granted_only():
    result = whole(window(own_ns=0), Cores(2, 16))
    assert result.energy_j == result.idle_j == pytest.approx(5)


def test_without_a_known_idle_power_the_bounds_reach_from_use_to_cores():
    result = whole(window(idle_j={}), Cores(16, 16))
    assert result.energy_j == pytest.approx(25)
    assert result.low_j < 25
    assert result.high_j == pytest.approx(105)


GPU = {"gpu0": measured(200.0)}


@pytest.mark.parametrize(
    ("own_j", "shared", "share", "flag"),
    [
        ({}, frozenset(), 1.0, False),
        ({"gpu0": 150.0}, frozenset(), 1.0, False),
        ({"gpu0": 50.0}, frozenset({"gpu0"}), 0.25, True),
        ({"gpu0": 0.0}, frozenset({"gpu0"}), 0.0, True),
        ({}, frozenset({"gpu0"}), 1.0, True),
        ({"gpu0": 0.0}, frozenset(), 0.5, False),
    ],
)
def test_a_gpu_goes_by_its_driver_or_whole(own_j, shared, share, flag):
    gpu = window(devices=GPU, idle_j={}, own_j=own_j, shared=shared)
    device = attribute(gpu, Cores(8, 16))["gpu0"]
    assert device.share == pytest.approx(share)
    assert device.shared is flag
    assert device.kind == "gpu"


def test_a_gpu_shared_with_unknown_others_may_be_none_of_ours():
    gpu = window(devices=GPU, idle_j={}, shared=frozenset({"gpu0"}))
    result = whole(gpu, Cores(1, 1))
    assert (result.low_j, result.energy_j, result.high_j) == (0, 200, pytest.approx(210))


def test_no_device_is_no_energy_and_not_zero():
    result = whole(window(devices={}, idle_j={}), Cores(1, 1))
    assert (result.energy_j, result.node_j, result.method) == (None, None, "unavailable")


def test_the_weakest_device_names_the_sum():
    devices = {"gpu0": measured(1.0), "cpu0": measured(1.0, method="modelled")}
    assert whole(window(devices=devices), Cores(1, 1)).method == "modelled"


joules = st.floats(0, 1e9, allow_subnormal=False)
part = st.floats(0, 1)


@st.composite
def windows(draw):
    devices, idle = {}, {}
    for name in draw(st.sets(st.sampled_from(["gpu0", "gpu1", "cpu0", "dram0", "psys0"]))):
        energy = draw(joules)
        devices[name] = Measurement(energy, energy * draw(part), energy * 1.1, "counter")
        low, mid, high = sorted(draw(joules) for _ in range(3))
        if draw(st.booleans()):
            idle[name] = Estimate(mid, low, high)
    return window(
        devices=devices,
        idle_j=idle,
        own_j={name: draw(joules) for name in devices if draw(st.booleans())},
        shared=frozenset(name for name in devices if draw(st.booleans())),
        busy_ns=draw(st.none() | st.integers(0, 10**13)),
        own_ns=draw(st.integers(0, 10**13)),
    )


@given(windows(), st.floats(0.1, 64), st.integers(1, 64))
def test_the_parts_add_up_to_the_node_and_stay_inside_it(window, granted, total):
    cores = Cores(granted, total)
    devices = attribute(window, cores)
    result = totals(devices, window, cores)
    if not devices:
        return
    node = math.fsum(m.energy_j for m in window.devices.values())
    parts = (result.parts.dynamic_j, result.parts.idle_j, result.parts.rest_j)
    assert math.fsum(parts) == pytest.approx(node, rel=1e-12)
    assert result.node_j == node
    assert all(-1e-9 * max(node, 1) <= p <= node * (1 + 1e-9) for p in parts)
    assert result.energy_j == math.fsum(d.energy_j * d.share for d in devices.values())
    assert 0 <= result.low_j <= result.energy_j <= result.high_j
    assert all(0 <= d.share <= 1 for d in devices.values())


@given(windows(), st.integers(0, 10**12))
def test_more_own_time_is_never_less_energy(window, more):
    cores = Cores(3, 8)
    later = replace(window, own_ns=window.own_ns + more)
    few, many = whole(window, cores), whole(later, cores)
    if few.energy_j is not None:
        assert many.energy_j >= few.energy_j * (1 - 1e-9)
        assert many.low_j >= few.low_j * (1 - 1e-9)


def tree(root: Path, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


STAT = {"proc/stat": "cpu  1 1\n" + "".join(f"cpu{i} 1 1\n" for i in range(16)) + "intr 1\n"}


@pytest.mark.parametrize(
    ("files", "affinity", "granted"),
    [
        ({}, 16, 16),
        ({}, 4, 4),
        (
            {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n"},
            16,
            16,
        ),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/cpu.max": "800000 100000\n",
                "sys/fs/cgroup/a/cpu.max": "250000 100000\n",
            },
            16,
            2.5,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 16, 1.5),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/f00\n0::/docker/f00\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            16,
            3,
        ),
        (
            {
                "proc/self/cgroup": "2:cpuset:/x\n1:cpu:/x\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
            },
            6,
            6,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "gar bage\n"}, 16, 16),
    ],
)
def test_granted_cores_are_the_tightest_of_quota_and_affinity(tmp_path, files, affinity, granted):
    tree(tmp_path, STAT | files)
    assert granted_cores(str(tmp_path), affinity=affinity) == Cores(granted, 16)


def test_granted_cores_of_this_machine_are_no_more_than_it_has():
    cores = granted_cores()
    assert 0 < cores.granted <= cores.total


def device(kind, energy_j=100.0, share=0.5):
    low, high = (None, None) if energy_j is None else (energy_j * 0.9, energy_j * 1.1)
    return DeviceEnergy(energy_j, low, high, share, "counter", kind)


def test_the_boundary_names_what_was_metered():
    devices = {"cpu0": device("cpu"), "cpu1": device("cpu"), "gpu0": device("gpu")}
    assert boundary(devices) == "GPU + CPU"
    assert (
        boundary(devices | {"dram0": device("dram"), "gpu0": device("gpu", None)}) == "CPU + DRAM"
    )
    assert boundary({"psys0": device("other")}) == "platform"
    assert boundary({}) == ""
