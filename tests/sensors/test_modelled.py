import pytest
from fake_machines import BARE_METAL, VIRTUAL

from ipyfootprint.sensors import machine
from ipyfootprint.sensors.modelled import ModelledSensor, chip_w, find, logical_w
from ipyfootprint.sensors.tdp import key, tdp_w


class Load:
    """Busy and total seconds that a test moves."""

    def __init__(self) -> None:
        self.busy_s, self.total_s, self.there = 0.0, 0.0, True

    def __call__(self):
        return (self.busy_s, self.total_s) if self.there else None

    def run(self, clock, seconds: float, busy: float, cpus: int = 4) -> None:
        clock.advance(seconds)
        self.busy_s += seconds * busy * cpus
        self.total_s += seconds * cpus


@pytest.mark.parametrize(
    ("busy", "share"), [(0, 0.12), (0.05, 0.22), (0.1, 0.32), (0.5, 0.75), (1, 1.02), (1.5, 1.02)]
)
def test_a_whole_chip_follows_the_published_curve(busy: float, share: float) -> None:
    assert chip_w(busy, 200) == pytest.approx(200 * share)


@pytest.mark.parametrize(("busy", "watts"), [(0, 1.4), (0.5, 4.5), (1, 7.6)])
def test_part_of_a_chip_is_linear_per_logical_cpu(busy: float, watts: float) -> None:
    assert logical_w(busy, 2) == pytest.approx(watts)


def test_bare_metal_takes_the_tdp_of_every_socket(tree, clock) -> None:
    load = Load()
    sensor = ModelledSensor(tree(BARE_METAL), clock, load)
    load.run(clock, 10, busy=0.5)
    cpu_j, ram_j = sensor.read()
    assert cpu_j == pytest.approx(10 * 0.75 * 125 * 2)
    assert ram_j == pytest.approx(10 * 0.38 * 100)
    assert sensor.channels[0].spread == 2
    assert sensor.channels[0].method == "modelled"


def test_a_virtual_machine_never_takes_a_chips_tdp(tree, clock) -> None:
    load = Load()
    sensor = ModelledSensor(tree(VIRTUAL), clock, load)
    load.run(clock, 10, busy=1)
    assert sensor.read()[0] == pytest.approx(10 * 4 * 3.8)
    assert "virtual machine" in sensor.channels[0].note


@pytest.mark.parametrize(
    "files",
    [
        {
            "/proc/self/cgroup": "0::/user.slice/session.scope\n",
            "/sys/fs/cgroup/user.slice/cpu.max": "200000 100000\n",
        },
        {
            "/proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n1:memory:/docker/abc\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        },
    ],
    ids=["cgroup v2", "cgroup v1"],
)
def test_a_quota_is_seen_and_means_part_of_a_chip(tree, clock, files) -> None:
    root = tree({**BARE_METAL, **files})
    assert machine.granted_cpus(root) == 2
    assert "quota" in ModelledSensor(root, clock, Load()).channels[0].note


@pytest.mark.parametrize(
    "files",
    [
        {"/sys/fs/cgroup/user.slice/session.scope/cpu.max": "max 100000\n"},
        {"/proc/self/cgroup": "4:cpu:/\n", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n"},
        {"/proc/self/cgroup": "nonsense\n"},
    ],
)
def test_no_quota_is_no_limit(tree, files) -> None:
    assert machine.granted_cpus(tree({**BARE_METAL, **files})) is None


def test_an_unknown_processor_falls_back_to_logical_cpus(tree, clock) -> None:
    cpuinfo = BARE_METAL["/proc/cpuinfo"].replace("Gold 6230", "Iron 1")
    sensor = ModelledSensor(tree({**BARE_METAL, "/proc/cpuinfo": cpuinfo}), clock, Load())
    assert sensor.watts(1) == pytest.approx(4 * 3.8)


def test_energy_waits_for_the_kernels_next_tick(tree, clock) -> None:
    load = Load()
    sensor = ModelledSensor(tree(VIRTUAL), clock, load)
    clock.advance(0.004)
    assert sensor.read() == (0, 0)
    clock.advance(0.006)
    load.run(clock, 0, busy=0)
    load.busy_s, load.total_s = 0.04, 0.04
    assert sensor.read()[0] == pytest.approx(0.01 * 4 * 3.8)


def test_a_load_that_cannot_be_read_is_none_with_a_reason_and_comes_back(tree, clock) -> None:
    load = Load()
    sensor = ModelledSensor(tree(VIRTUAL), clock, load)
    load.there = False
    clock.advance(1)
    assert sensor.read() == (None, None)
    assert sensor.faults()[0] == "the load of the CPU cannot be read"
    load.there = True
    load.run(clock, 1, busy=0)
    assert sensor.read()[0] == pytest.approx(2 * 4 * 0.7)
    assert sensor.faults() == (None, None)


def test_a_load_that_stands_still_is_not_taken_for_idle_for_ever(tree, clock) -> None:
    sensor = ModelledSensor(tree(VIRTUAL), clock, Load())
    clock.advance(3)
    assert sensor.read() == (None, None)
    assert sensor.faults()[0] == "the load of the CPU cannot be read"


def test_time_stolen_by_other_guests_is_not_busy() -> None:
    assert machine._proc_stat("cpu 100 0 50 800 20 0 10 20 7 0\n", 100) == (1.6, 10)


@pytest.mark.parametrize("body", [None, "", "cpu x y z a b\n", "intr 1 2 3 4 5\n"])
def test_a_strange_proc_stat_is_no_load(body) -> None:
    assert machine._proc_stat(body, 100) is None


def test_this_machine_is_modelled(clock) -> None:
    sensor = find("/")
    assert isinstance(sensor, ModelledSensor)
    assert 0.5 < sensor.watts(0) < sensor.watts(1) < 5000


@pytest.mark.parametrize(
    ("name", "short", "watts"),
    [
        ("Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", "xeon gold 6230", 125),
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", "core i7-1165g7", 28),
        ("AMD EPYC 9654 96-Core Processor", "epyc 9654", 360),
        ("AMD Ryzen 7 5800H with Radeon Graphics", "ryzen 7 5800h", 45),
        ("Intel(R) Xeon(R) CPU E5-2637 v4 @ 3.50GHz", "xeon e5-2637 v4", 135),
        ("AMD EPYC", "epyc", None),
    ],
)
def test_a_processor_is_found_by_the_name_it_gives_itself(name, short, watts) -> None:
    assert key(name) == short
    assert tdp_w(name) == watts


def test_a_missing_or_broken_table_means_unknown(tmp_path) -> None:
    assert tdp_w("epyc 9654", str(tmp_path / "none")) is None
    (tmp_path / "bad").write_text("heavy\tepyc 9654\n")
    assert tdp_w("epyc 9654", str(tmp_path / "bad")) is None
