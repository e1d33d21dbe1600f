import json

import pytest

from ipyfootprint.cli import main


@pytest.fixture
def impact(capsys):
    def call(*words: str) -> dict[str, float | None]:
        assert main(["impact", *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return call


def test_the_answer_is_one_flat_object_of_numbers_and_null(impact):
    flat = impact("--energy-kwh", "2", "--pue", "1.5", "--g-per-kwh", "400")
    assert flat["energy_kwh"] == 2 and flat["facility_kwh"] == 3
    assert flat["operational_g"] == flat["operational_low_g"] == 1200
    assert flat["embodied_g"] is None and flat["total_g"] is None
    assert all(value is None or isinstance(value, float) for value in flat.values())


def test_two_estimates_of_one_search_are_eighty_eight_times_apart(impact):
    words = ("--power-w", "1515.43", "--hours", "274120", "--pue", "1.58")
    high = impact(*words, "--g-per-kwh", "432.72712")
    words = ("--power-w", "41600", "--hours", "163.2", "--pue", "1.10")
    low = impact(*words, "--g-per-kwh", "431")
    assert high["operational_g"] == pytest.approx(284.0e6, rel=1e-3)
    assert high["operational_g"] / low["operational_g"] == pytest.approx(88.24, rel=1e-4)


def test_bloom_is_reproduced_by_one_command(impact):
    flat = impact(
        *("--energy-kwh", "689842", "--g-per-kwh", "57", "--hours", "1082990"),
        *("--device", "A100 (BLOOM)", "--device", "GPU server without GPUs (BLOOM)=0.125"),
    )
    assert flat["embodied_g"] == pytest.approx(11.2e6, rel=2e-3)
    assert flat["embodied_g"] / flat["total_g"] == pytest.approx(0.222, abs=0.002)


def test_gpt_3_s_water_is_reproduced_by_one_command(impact):
    words = ["--energy-kwh", "1287000", "--wue", "0.55", "--pue", "1.17", "--water-l-per-kwh"]
    assert impact(*words, "3.142")["water_l"] == pytest.approx(5.439e6, rel=1e-3)
    assert impact(*words, "0")["water_l"] == pytest.approx(0.708e6, rel=1e-3)


def test_an_unknown_place_is_the_world_with_its_band(impact):
    flat = impact("--energy-kwh", "1")
    assert (flat["operational_low_g"], flat["operational_high_g"]) == (86, 676)
    assert flat["water_low_l"] < flat["water_l"] < flat["water_high_l"]


def test_the_text_names_the_grid_s_source(capsys):
    assert main(["impact", "--energy-kwh", "1", "--zone", "US-CA"]) == 0
    assert "eGRID2023" in (text := capsys.readouterr().out) and "direct" in text


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--energy-kwh -1",
        "--energy-kwh nan",
        "--energy-kwh 1 --power-w 3 --hours 1",
        "--power-w 3",
        "--power-w -3 --hours 1",
        "--energy-kwh 1 --pue 0.5",
        "--energy-kwh 1 --g-per-kwh -4",
        "--energy-kwh 1 --g-per-kwh 2001",
        "--energy-kwh 1 --zone Atlantis",
        "--energy-kwh 1 --device laptop",
        "--energy-kwh 1 --device teapot --hours 1",
        "--energy-kwh 1 --device laptop=0 --hours 1",
        "--energy-kwh 1 --device laptop=x --hours 1",
        "--energy-kwh 1 --device laptop --hours 1 --lifetime-years 0",
        "--energy-kwh 1 --device laptop --hours 1 --utilisation 2",
        "--energy-kwh 1 --device laptop --hours 1 --share 2",
        "--energy-kwh 1 --wue -1",
        "--energy-kwh 1 --water-l-per-kwh -1",
    ],
)
def test_an_impossible_value_is_one_sentence_with_the_way_out_and_status_two(words, capsys):
    assert main(["impact", *words.split()]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and "Traceback" not in printed.err
    assert "nothing was c" in printed.err and printed.err.strip().endswith(".")
