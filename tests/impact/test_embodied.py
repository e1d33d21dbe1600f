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


def test_hours_of_use_share_and_utilisation_each_scale_the_share_of_a_life():
    # 8760 h of a life of 4 years, at half use, of a half of the device: 1/4 / 0.5 x 0.5 = 1/4.
    assert embodied(100, 8760, 4, 0.5, 0.5).mid == pytest.approx(25_000)
    assert embodied(100, 0, 4) == Estimate.exact(0)
    assert embodied(0, 8760, 4) == Estimate.exact(0)
    assert embodied(100, 8760, 100, 1, 1).mid == pytest.approx(1000)
    assert embodied(100, 8760, 4, share=0) == Estimate.exact(0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"made_kg": -1}, "-1 kg CO2e of making a device is below zero cannot be"),
        ({"made_kg": Estimate(1, -1, 2)}, "1 kg CO2e of making a device is below zero cannot be"),
        ({"hours": -2}, "-2 hours of use is below zero cannot be"),
        ({"lifetime_years": 101}, "a life of 101 years cannot be"),
        ({"lifetime_years": Estimate(4, 0, 5)}, "a life of 4 years cannot be"),
        ({"utilisation": 0}, "a utilisation of 0 cannot be"),
        ({"utilisation": Estimate(0.5, 0.5, 1.5)}, "a utilisation of 0.5 cannot be"),
        ({"share": 1.01}, "a share of 1.01 cannot be"),
        ({"share": -0.1}, "a share of -0.1 cannot be"),
    ],
)
def test_a_refusal_names_the_figure_and_the_range(values, said):
    good = {"made_kg": 100, "hours": 1, "lifetime_years": 4, "utilisation": 1, "share": 1}
    ranges = {
        "made_kg": "0 or more kg",
        "hours": "0 or more hours",
        "lifetime_years": "0.1 to 100 years",
        "utilisation": "0.001 to 1",
        "share": "0 to 1",
    }
    (name,) = values
    with pytest.raises(ConfigError) as refused:
        embodied(**{**good, **values})
    assert str(refused.value) == f"{said}; nothing was computed. Give {ranges[name]}."


def test_a_server_s_further_memory_is_carried_by_the_gigabyte():
    usual, full = (
        host(Hardware(platform="server")),
        host(Hardware(platform="server", memory_gb=256)),
    )
    assert usual == full and usual.name == "server"
    more = host(Hardware(platform="server", memory_gb=356))
    assert more.name == "server with 356 GB"
    assert more.made_kg.mid == pytest.approx(1913 + 100 * 1.19)
    assert more.made_kg.low == pytest.approx(1000 + 100 * 0.4)
    assert more.made_kg.high == pytest.approx(3660 + 100 * 3.52)
    assert more.adpe_kgsbeq == pytest.approx(0.0378 + 100 * 0.0001)
    assert more.source == usual.source


@pytest.mark.parametrize(
    ("platform", "kg"), [("laptop", 236), ("desktop", 249), ("workstation", 548)]
)
def test_a_person_s_own_machine_is_taken_whole_whatever_its_memory(platform, kg):
    own = host(Hardware(platform=platform, memory_gb=1024, logical_cpus=8))
    assert (own.name, own.made_kg.mid) == (platform, kg)


def test_a_virtual_machine_s_bounds_are_those_of_larger_and_smaller_servers():
    part = host(Hardware(platform="cloud", logical_cpus=24))
    assert part.name == "24 logical CPUs of a server"
    assert part.made_kg.mid == pytest.approx(1913 * 24 / 96)
    assert part.made_kg.low == pytest.approx(1000 * 24 / 192)
    assert part.made_kg.high == pytest.approx(3660 * 24 / 48)
    assert part.adpe_kgsbeq == pytest.approx(0.0378 * 24 / 96)
    most = host(Hardware(platform="cloud", logical_cpus=96))
    assert most.made_kg.high == pytest.approx(3660), "never more than the whole server"
    assert most.made_kg.low == pytest.approx(500)


def test_a_stand_in_says_what_it_stands_for():
    assert gpu("Radeon VII").name == "Radeon VII (taken as any other GPU)"
    assert gpu("").name == "GPU (taken as any other GPU)"
    assert gpu("Radeon VII").made_kg == Estimate(226, 89, 575)
    assert gpu("nvidia h100").name == "NVIDIA H100", "whatever its case"
    known = gpu("NVIDIA A100-SXM4-40GB")
    assert (known.adpe_kgsbeq, known.pe_mj, known.mass_kg) == (0.00431, 3834, 1.23)
    assert (known.kind, known.year) == ("gpu", 2023)


def test_what_is_typed_as_a_device_is_understood_generously():
    assert device("  Laptop ").name == "laptop"
    given = device(" 12.5 KG ")
    assert given.made_kg == Estimate.exact(12.5)
    assert (given.name, given.kind, given.source) == ("12.5 KG", "given", "as given")
    assert device("Tesla P100-PCIE-16GB").name == "NVIDIA P100"


def test_a_device_that_is_none_is_refused_with_the_nearest_names():
    def said(name):
        with pytest.raises(ConfigError) as refused:
            device(name)
        return str(refused.value)

    assert said("Desktopp") == (
        "'Desktopp' is not a device with a known footprint; nothing was computed."
        " Did you mean desktop or laptop? Or type its kg: 150kg."
    )
    assert said("NVIDIA A200").count(" or ") == 2, "three at most"
    everything = said("%%%")
    assert "laptop, desktop, workstation, server" in everything
    assert "memory" not in everything and "memory" not in said("memory").split(";")[1]


@pytest.mark.parametrize(
    "cpu",
    ["XEON Gold", "epyc 9654", "AWS Graviton3", "Neoverse-N1", "Ampere Altra", "NVIDIA Grace"],
)
def test_a_server_s_processor_is_known_by_any_of_its_names(cpu):
    assert platform_of(cpu) == "server"


def test_servers_and_virtual_machines_stand_in_data_centres():
    inside = {
        p
        for p in ("desktop", "laptop", "workstation", "server", "cloud")
        if Hardware(platform=p).in_data_centre
    }
    assert inside == {"server", "cloud"}
    assert not Hardware().in_data_centre
