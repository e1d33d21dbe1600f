import json

import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import locate, platform, yearly
from ipyfootprint.grid.region import cloud_regions


@pytest.fixture
def machine(tmp_path):
    """A machine's /, as files: machine(sys_vendor="Amazon EC2", cpuinfo=..., ...)."""

    def build(cpuinfo="", version="", cloud_init=None, battery=False, **dmi):
        folder = tmp_path / "sys/class/dmi/id"
        folder.mkdir(parents=True)
        (tmp_path / "proc").mkdir()
        for name, text in dmi.items():
            (folder / name).write_text(text + "\n")
        (tmp_path / "proc/cpuinfo").write_text(cpuinfo)
        (tmp_path / "proc/version").write_text(version)
        if battery:
            (tmp_path / "sys/class/power_supply/BAT0").mkdir(parents=True)
        if cloud_init is not None:
            (tmp_path / "run/cloud-init").mkdir(parents=True)
            (tmp_path / "run/cloud-init/instance-data.json").write_text(cloud_init)
        return tmp_path

    return build


def test_a_machine_that_shows_nothing_is_nowhere(machine):
    place = locate(root=machine(), env={"AWS_REGION": "eu-north-1"})
    assert place.zone is place.country is place.pue is place.provider is None
    assert "not known" in place.source


@pytest.mark.parametrize(
    ("dmi", "env", "zone", "country"),
    [
        ({"sys_vendor": "Amazon EC2"}, {"AWS_REGION": "eu-central-1"}, "DE", "DEU"),
        ({"product_name": "Google Compute Engine"}, {"CLOUD_ML_REGION": "us-west1-b"}, None, "USA"),
        (
            {"chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77"},
            {"REGION_NAME": "North Europe"},
            "IE",
            "IRL",
        ),
        ({}, {"AWS_EXECUTION_ENV": "x", "AWS_REGION": "eu-north-1"}, "SE-SE3", "SWE"),
    ],
)
def test_a_cloud_is_known_by_its_firmware_and_its_region_by_the_environment(
    machine, dmi, env, zone, country
):
    place = locate(root=machine(**dmi), env=env)
    assert place.country == country
    assert zone is None or place.zone == zone
    assert place.provider in place.source and place.region in place.source


def test_first_boot_files_name_provider_and_region(machine):
    told = json.dumps({"v1": {"cloud_name": "aws", "region": "ap-south-1"}})
    place = locate(root=machine(cloud_init=told), env={"AWS_REGION": "eu-north-1"})
    assert (place.zone, place.pue) == ("IN-WE", 1.42)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"v1": []}', '{"v1": {"cloud_name": 3}}'])
def test_damaged_first_boot_files_say_nothing(machine, text):
    assert locate(root=machine(cloud_init=text), env={}).provider is None


def test_an_unknown_region_of_a_known_provider_has_its_middle_overhead(machine):
    place = locate(root=machine(sys_vendor="Amazon EC2"), env={"AWS_REGION": "moon-1"})
    assert place.zone is None and place.region == "moon-1"
    assert 1.1 < place.pue < 1.3


def test_a_configured_zone_wins_and_keeps_the_cloud_s_overhead(machine):
    root = machine(sys_vendor="Amazon EC2")
    place = locate("FR", root=root, env={"AWS_REGION": "eu-central-1"})
    assert (place.zone, place.country, place.pue) == ("FR", "FRA", 1.35)
    assert place.source == "configured"


def test_a_configured_zone_that_is_none_is_refused(machine):
    with pytest.raises(ConfigError):
        locate("Atlantis", root=machine(), env={})


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"chassis_type": "10"}, "laptop"),
        ({"battery": True}, "laptop"),
        ({"chassis_type": "3"}, "desktop"),
        ({"chassis_type": "23"}, "server"),
        ({"sys_vendor": "Amazon EC2", "chassis_type": "1"}, "cloud"),
        ({"cpuinfo": "flags\t\t: fpu hypervisor\n"}, "cloud"),
        ({"cpuinfo": "flags : hypervisor\n", "version": "Linux microsoft-WSL2"}, "desktop"),
        ({}, None),
    ],
)
def test_the_kind_of_machine_is_read_from_its_firmware(machine, shown, expected):
    assert platform(machine(**shown)) == expected


def test_every_cloud_region_has_a_zone_with_an_intensity():
    assert len(cloud_regions()) >= 155
    for row in cloud_regions().values():
        assert yearly(row.zone).g_per_kwh > 0
        assert yearly(row.country).g_per_kwh == yearly(row.zone).g_per_kwh, row
        assert row.pue is None or 1 <= row.pue < 2
