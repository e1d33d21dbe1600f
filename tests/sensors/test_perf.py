import pytest
from fake_machines import BARE_METAL

from ipyfootprint.model import Absence
from ipyfootprint.sensors.perf import PerfEvent, PerfSensor, find

FOLDER = "/sys/bus/event_source/devices/power"
SCALE = "2.3283064365386962890625e-10"


def event(name: str, code: str) -> dict[str, str]:
    return {
        f"{FOLDER}/events/{name}": f"event={code}\n",
        f"{FOLDER}/events/{name}.scale": f"{SCALE}\n",
        f"{FOLDER}/events/{name}.unit": "Joules\n",
    }


EVENTS = ((2, 0), (2, 16), (3, 0), (3, 16))
SERVER = {
    **BARE_METAL,
    f"{FOLDER}/type": "22\n",
    f"{FOLDER}/cpumask": "0,16\n",
    **event("energy-cores", "0x01"),
    **event("energy-pkg", "0x02"),
    **event("energy-ram", "0x03"),
    **event("energy-psys", "0x05"),
}


class Opened:
    """Events that a test moves; remembers what was asked for."""

    def __init__(self, refuse: bool = False) -> None:
        self.asked: list[tuple[int, int, int]] = []
        self.counts: dict[tuple[int, int], int] = {}
        self.broken = self.refuse = refuse
        self.closed = 0

    def __call__(self, kind: int, config: int, cpu: int):
        if self.refuse:
            raise PermissionError(13, "Permission denied")
        self.asked.append((kind, config, cpu))
        return Event(self, (config, cpu))


class Event:
    def __init__(self, events: Opened, key: tuple[int, int]) -> None:
        self.events, self.key = events, key

    def count(self) -> int:
        if self.events.broken:
            raise OSError(5, "Input/output error")
        return self.events.counts.get(self.key, 0)

    def close(self) -> None:
        self.events.closed += 1


def test_packages_and_dram_of_each_socket_are_counted_in_their_own_unit(tree, clock) -> None:
    events = Opened()
    sensor = find(tree(SERVER), clock, events)
    assert isinstance(sensor, PerfSensor)
    assert events.asked == [(22, *event) for event in EVENTS]
    assert [c.name for c in sensor.channels] == ["cpu0", "cpu1", "dram0", "dram1"]
    clock.advance(1)
    events.counts.update({key: 2**32 * joules for joules, key in enumerate(EVENTS, 1)})
    assert sensor.read() == (1, 2, 3, 4)


def test_psys_is_counted_where_there_is_no_package(tree, clock) -> None:
    files = {name: body for name, body in SERVER.items() if "pkg" not in name}
    sensor = find(tree(files), clock, Opened())
    assert [c.name for c in sensor.channels] == ["psys0"]


def test_a_unit_that_is_not_joules_is_not_counted(tree, clock) -> None:
    files = {**SERVER, f"{FOLDER}/events/energy-pkg.unit": "Watts\n"}
    sensor = find(tree(files), clock, Opened())
    assert [c.name for c in sensor.channels] == ["psys0"]


def test_a_counter_without_a_scale_is_not_counted(tree, clock) -> None:
    files = {name: body for name, body in SERVER.items() if not name.endswith(".scale")}
    assert isinstance(find(tree(files), clock, Opened()), Absence)


def test_a_refusal_is_an_absence_with_the_setting_that_allows_it(tree, clock) -> None:
    root = tree({**SERVER, "/proc/sys/kernel/perf_event_paranoid": "4\n"})
    absence = find(root, clock, Opened(refuse=True))
    assert isinstance(absence, Absence)
    assert "perf_event_paranoid is 4" in absence.reason
    assert "perf_event_paranoid=0" in absence.remedy
    assert "CVE-2020-8694" in absence.exposes


def test_no_power_events_is_an_absence(tree, clock) -> None:
    assert isinstance(find(tree(BARE_METAL), clock, Opened()), Absence)


def test_a_failing_event_is_none_with_a_reason_and_comes_back(tree, clock) -> None:
    events = Opened()
    sensor = find(tree(SERVER), clock, events)
    events.broken = True
    assert sensor.read() == (None,) * 4
    assert "Input/output error" in (sensor.faults()[0] or "")
    events.broken = False
    assert sensor.read() == (0,) * 4


def test_the_kernel_opens_a_real_event() -> None:
    software, cpu_clock = 1, 0
    try:
        event = PerfEvent(software, cpu_clock, cpu=0)
    except PermissionError:
        pytest.skip("the kernel refuses perf_event_open here")
    first = event.count()
    sum(range(100_000))
    assert event.count() > first
    event.close()
    event.close()
    with pytest.raises(OSError, match="Bad file"):
        event.count()


def test_a_refused_event_raises_the_kernels_reason() -> None:
    with pytest.raises(OSError, match=r"\[Errno"):
        PerfEvent(2**31 - 1, 0, cpu=0)


@pytest.mark.parametrize(
    ("mask", "cpus"), [("0", [0]), ("0-1", [0, 1]), ("0,16-17\n", [0, 16, 17]), ("", [0])]
)
def test_sockets_are_named_by_a_list_of_cpus(tree, clock, mask, cpus) -> None:
    opened = Opened()
    root = tree({**SERVER, f"{FOLDER}/cpumask": mask})
    assert isinstance(find(root, clock, opened), PerfSensor)
    assert sorted({cpu for _, _, cpu in opened.asked}) == cpus


def test_an_event_whose_code_is_no_number_is_not_counted(tree, clock) -> None:
    broken = {name: "event=zero\n" for name in SERVER if name.endswith(("pkg", "ram", "psys"))}
    assert isinstance(find(tree({**SERVER, **broken}), clock, Opened()), Absence)


def test_events_that_were_opened_before_a_refusal_are_closed(tree, clock) -> None:
    opened = Opened()

    def second_refused(*asked):
        if len(opened.asked) == 1:
            raise PermissionError(13, "Permission denied")
        return opened(*asked)

    absence = find(tree(SERVER), clock, second_refused)
    assert isinstance(absence, Absence) and opened.closed == 1


def test_an_architecture_without_a_known_call_says_so(monkeypatch) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="riscv128"))
    with pytest.raises(OSError, match="not known on riscv128"):
        PerfEvent(1, 0, 0)
