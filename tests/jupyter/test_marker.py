import pytest
from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import TransformerManager

from ipyfootprint.jupyter import marker


def transformed(cell):
    manager = TransformerManager()
    manager.cleanup_transforms.append(marker.remove)
    return manager.transform_cell(cell)


def test_the_marker_becomes_a_blank_line_so_that_line_numbers_stay_right():
    assert transformed("%%footprint --label a\nx = 1\n1/0\n") == "\nx = 1\n1/0\n"


@pytest.mark.parametrize(
    "cell",
    [
        "%%footprint\n%%bash\necho hi\n",
        "%%bash\n%%footprint\necho hi\n",
        "\n\n%%footprint -q\n\n%%bash\necho hi\n",
    ],
)
def test_another_cell_magic_above_or_below_still_comes_first(cell):
    assert transformed(cell).startswith("get_ipython().run_cell_magic('bash', ''")
    assert "footprint" not in transformed(cell)


def test_options_are_read_from_the_raw_cell():
    options = marker.options_of("\n%%footprint -l 'my run' --work 10 epochs -o r\npass")
    assert (options.label, options.work, options.output) == ("my run", (10.0, "epochs"), "r")


@pytest.mark.parametrize(
    "line",
    [
        "--nonsense",
        "--phase lunch",
        "--work ten epochs",
        "--work nan epochs",
        "--plan 0",
        "-o not-a-name",
        "--label 'open",
    ],
)
def test_a_bad_option_leaves_the_line_for_the_magic_which_refuses_the_cell(line):
    cell = f"%%footprint {line}\nx = 1\n"
    assert marker.options_of(cell) is None
    assert transformed(cell).startswith("get_ipython().run_cell_magic('footprint'")
    with pytest.raises(UsageError):
        marker.read_options(line)


@pytest.mark.parametrize(
    "cell",
    ["x = 1\n%%footprint\n", "%%footprinting\n", "s = '%%footprint'\n", "", "%%footprint?\n"],
)
def test_a_cell_without_a_marker_line_is_left_alone(cell):
    assert marker.options_of(cell) is None
    assert marker.remove(cell.splitlines(keepends=True)) == cell.splitlines(keepends=True)


def test_the_help_names_every_option():
    for option in ("--label", "--phase", "--work", "--metric", "--plan", "--output", "--quiet"):
        assert option in marker.read_options.__doc__
