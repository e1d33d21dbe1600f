"""What a machine says of itself, on Linux and elsewhere."""

import sys

import psutil
import pytest

from ipyfootprint.sensors.machine import is_virtual, load_of, memory_gb


@pytest.mark.parametrize(
    ("files", "virtual"),
    [
        ({}, False),
        ({"/proc/cpuinfo": "flags : fpu hypervisor sse\n"}, True),
        ({"/proc/cpuinfo": "flags : fpu sse\n"}, False),
        ({"/sys/hypervisor/type": "xen\n"}, True),
        ({"/sys/class/dmi/id/sys_vendor": "QEMU\n"}, True),
        ({"/sys/class/dmi/id/sys_vendor": "Dell Inc.\n"}, False),
        (
            {
                "/sys/class/dmi/id/sys_vendor": "Amazon EC2\n",
                "/sys/class/dmi/id/product_name": "c5.metal\n",
            },
            False,
        ),
        ({"/sys/class/dmi/id/product_name": "Virtual Machine\n"}, True),
        ({"/sys/class/dmi/id/product_name": "KVM\n"}, True),
        ({"/sys/class/dmi/id/product_name": "OpenStack Compute\n"}, True),
    ],
)
def test_a_hypervisor_is_seen_by_flags_or_firmware(tree, files, virtual):
    assert is_virtual(tree(files)) is virtual


def test_memory_is_what_the_kernel_manages(tree, monkeypatch):
    root = tree({"/proc/meminfo": "MemFree: 5 kB\nMemTotal:       16000000 kB\n"})
    assert memory_gb(root) == pytest.approx(16.384)
    assert memory_gb("/there/is/no/such/root") is None
    monkeypatch.setattr(sys, "platform", "darwin")
    installed = psutil.virtual_memory().total / 1e9
    assert memory_gb("/there/is/no/such/root") == pytest.approx(installed)


def test_the_load_is_busy_and_total_seconds(tree, monkeypatch):
    root = tree({"/proc/stat": "cpu  100 0 200 300 0 0 0 0 0 0\n"})
    busy_s, total_s = load_of(root)()
    assert (busy_s, total_s) == pytest.approx((3.0, 6.0))
    assert load_of("/there/is/no/such/root")() is None
    monkeypatch.setattr(sys, "platform", "win32")
    busy_s, total_s = load_of("/")()
    assert 0 < busy_s < total_s
