import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact import Hardware, embodied, platform_of
from ipyfootprint.impact.embodied import device, gpu, host
from ipyfootprint.impact.resources import electricity
from ipyfootprint.model import Estimate


def test_a_whole_life_at_full_use_is_the_whole_device():
    assert embodied(150, 6 * 8760, 6).mid == pytest.approx(150_000)


def test_bounds_go_the_way_each_input_pushes():
    made = embodied(Estimate(200, 100, 300), 8760, Estimate(4, 3, 5), Estimate(0.5, 0.25, 1))
    assert made.low == pytest.approx(100_000 / 5)
    assert made.mid == pytest.approx(200_000 / 2)
    assert made.high == pytest.approx(300_000 / 0.75)


@pytest.mark.parametrize(
    "values",
    [
        {"made_kg": -1},
        {"hours": -1},
        {"lifetime_years": 0},
        {"lifetime_years": -2},
        {"utilisation": 0},
        {"utilisation": 1.1},
        {"share": 2},
    ],
)
def test_an_impossible_value_is_refused(values):
    good = {"made_kg": 100, "hours": 1, "lifetime_years": 4, "utilisation": 1, "share": 1}
    with pytest.raises(ConfigError, match="cannot be"):
        embodied(**{**good, **values})


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "NVIDIA H100"),
        ("NVIDIA GH100", "NVIDIA H100"),
        ("NVIDIA A100-SXM4-40GB", "NVIDIA A100"),
        ("Tesla P100-PCIE-16GB", "NVIDIA P100"),
        ("NVIDIA GeForce GTX 1080 Ti", "NVIDIA GTX 1080 Ti"),
        ("NVIDIA L4", "NVIDIA L4"),
        ("NVIDIA TITAN RTX", "NVIDIA Titan RTX"),
    ],
)
def test_a_gpu_is_known_by_its_driver_s_name(label, name):
    assert gpu(label).name == name


@pytest.mark.parametrize("label", ["NVIDIA L40S", "NVIDIA GeForce RTX 4090", "Radeon", ""])
def test_an_unknown_gpu_has_a_labelled_stand_in_with_the_whole_range(label):
    card = gpu(label)
    assert "taken as any other GPU" in card.name
    assert card.made_kg.high / card.made_kg.low > 5


def test_the_spread_of_published_figures_is_the_message():
    made = gpu("H100").made_kg
    assert (made.low, made.high) == (164, 575) and 164 < made.mid < 575


def test_a_virtual_machine_carries_its_part_of_a_server():
    part = host(Hardware(platform="cloud", logical_cpus=8))
    whole = host(Hardware(platform="server"))
    assert part.made_kg.mid == pytest.approx(whole.made_kg.mid * 8 / 96)
    assert part.made_kg.low < part.made_kg.mid / 3
    assert host(Hardware(platform="cloud", logical_cpus=500)).made_kg.mid == whole.made_kg.mid


def test_published_servers_lie_within_the_range_for_their_memory():
    small = host(Hardware(platform="server", memory_gb=128)).made_kg
    assert small.low <= 1215 <= small.high and small.low <= 2500 <= small.high
    large = host(Hardware(platform="server", memory_gb=2048)).made_kg
    assert small.mid < large.mid and large.low <= 5700 <= large.high


@pytest.mark.parametrize(
    ("cpu", "platform"),
    [
        ("AMD EPYC 7763 64-Core Processor", "server"),
        ("Intel(R) Xeon(R) Gold 6148", "server"),
        ("AMD Ryzen Threadripper PRO 5995WX", "workstation"),
        ("13th Gen Intel(R) Core(TM) i7-13700K", "desktop"),
        ("", "desktop"),
    ],
)
def test_a_processor_s_name_suggests_the_kind_of_machine(cpu, platform):
    assert platform_of(cpu) == platform


def test_a_typed_device_may_be_a_name_a_label_or_a_mass():
    assert device("laptop").made_kg.mid == 236
    assert device("nvidia a100").name == "NVIDIA A100"
    assert device("A100 (BLOOM)").made_kg == Estimate.exact(150)
    assert device("2500kg").made_kg == Estimate.exact(2500)
    with pytest.raises(ConfigError, match="laptop"):
        device("labtop")


def test_a_country_without_its_own_water_figure_gets_the_world_s_with_a_band():
    assert electricity("DEU").own_water and electricity("DEU").water_l_per_kwh.mid == 1.947
    unknown = electricity("ABW")
    assert not unknown.own_water
    assert unknown.water_l_per_kwh.low < 3.908 < unknown.water_l_per_kwh.high
    assert electricity(None) == unknown
