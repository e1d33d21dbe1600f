"""What makes two cells the same code, the same configuration, the same experiment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.rebound.lineage import fingerprint, lineage_of

TRAIN = """\
LR = 0.1
model = Net(hidden=(64, 64), act="relu", norm=True)
train(model, lr=LR, epochs=3)
"""


def same(a: str, b: str) -> str:
    """Which of the three hashes two cells share, as letters."""
    x, y = fingerprint(a), fingerprint(b)
    return "".join(
        letter
        for letter, name in (("c", "code"), ("s", "skeleton"), ("l", "config"))
        if getattr(x, f"{name}_hash") == getattr(y, f"{name}_hash")
    )


def test_hashes_are_short_hex_and_hold_nothing_of_the_source():
    code = fingerprint(TRAIN)
    for value in (code.code_hash, code.skeleton_hash, code.config_hash):
        assert len(value) == 16 and int(value, 16) >= 0
    assert fingerprint(TRAIN) is code


@pytest.mark.parametrize(
    "other",
    [
        "%%footprint --label a --work 10 epochs\n" + TRAIN,
        "%%time\n" + TRAIN,
        "\n\n# a comment\n" + TRAIN + "\n\n",
        TRAIN.replace(", ", " ,  "),
        TRAIN.replace("0.1", "1e-1  # slower"),
        TRAIN.replace("(model, lr=LR,", "(\n    model,\n    lr=LR,\n   "),
        TRAIN.replace("Net(", "Net( \\\n"),
    ],
)
def test_layout_comments_and_measuring_magics_are_not_code(other):
    assert "s" in same(TRAIN, other) and "l" in same(TRAIN, other)


@pytest.mark.parametrize(
    "other",
    [
        TRAIN.replace("0.1", "0.2"),
        TRAIN.replace("0.1", "-0.1"),
        TRAIN.replace("True", "None"),
        TRAIN.replace('"relu"', '"gelu"'),
        TRAIN.replace("(64, 64)", "(64, 64, 64)"),
        TRAIN.replace("epochs=3", "epochs=30"),
    ],
)
def test_other_values_in_the_same_code_are_another_configuration(other):
    assert same(TRAIN, other) == "s"


@pytest.mark.parametrize(
    "other",
    [
        TRAIN.replace("train(model", "train(compile(model)"),
        TRAIN.replace("train(model", "if ready:\n    train(model"),
        TRAIN + "x -= 1\n",
    ],
)
def test_other_code_is_another_skeleton(other):
    assert "s" not in same(TRAIN, other)


def test_moving_a_line_into_a_loop_is_another_skeleton():
    assert same("for x in a:\n    f(x)\ng()\n", "for x in a:\n    f(x)\n    g()\n") == "l"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ('fit(3)\nprint("done", 1)', 'fit(3)\nprint("finished", 22)'),
        ('fit(3)\nprint(f"{x}")', 'fit(3)\nprint(f"now {x:.3f}")'),
        ('"""Old text."""\nfit(3)', '"""New text."""\nfit(3)'),
        ('fit(3)\nplt.title("a")', 'fit(3)\nplt.title("b")'),
    ],
)
def test_what_is_only_shown_is_no_configuration(one, two):
    assert "l" in same(one, two)


def test_a_minus_between_operands_is_code_and_not_a_sign():
    assert "s" not in same("y = x - 1", "y = x, 1")
    assert same("y = f(1)", "y = f(-1)") == "s"
    assert "s" in same("return_ = -1", "return_ = 1")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def broken(:\n  ((",
        "!pip install x -q",
        "%run train.py --lr 0.1",
        "await fetch(3)",
        "model?",
        "'unclosed",
        '"""unclosed\nmore',
        "%%bash\nfor i in 1 2; do echo $i; done",
        "\ud800 lone",
        "x = 1\n" * 50_000,
        "((((" * 2000,
    ],
)
def test_any_text_has_a_fingerprint(source):
    assert fingerprint(source) == fingerprint(source)


def test_shell_and_magic_arguments_are_configuration():
    assert same("!python train.py --lr 0.1", "!python train.py --lr 0.2") == "s"
    assert same("%run train.py --lr 0.1", "%run train.py --lr 0.2") == "s"


def test_a_change_beyond_the_longest_cell_read_is_still_seen():
    data = "x = [" + "1.5, " * 20_000 + "]\n"
    assert "l" not in same(data + "fit(1)", data + "fit(2)")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(source):
    fingerprint(source)


def test_plain_values_of_earlier_cells_join_the_configuration():
    cell = "train(model, lr=LR, epochs=EPOCHS)"
    with_ = {"LR": 0.1, "EPOCHS": 3, "model": object()}
    assert fingerprint(cell, with_) == fingerprint(cell, {**with_, "model": object()})
    assert fingerprint(cell, with_) != fingerprint(cell, {**with_, "LR": 0.2})
    assert fingerprint(cell, with_).skeleton_hash == fingerprint(cell).skeleton_hash
    assert fingerprint(cell, {"LR": (1, [2, "a"])}) != fingerprint(cell, {"LR": (1, [2, "b"])})


@pytest.mark.parametrize(
    "cell",
    [
        "lr = 0.1\nfit(lr)",
        "lr, bs = 0.1, 32\nfit(lr, bs)",
        "lr: float = 0.1\nfit(lr)",
        "for lr in (1, 2):\n    fit(lr)",
        "fit(model.lr, lr=0.1)",
        "loss = 0\nloss += step()\nprint(lr)",
        "with f() as lr:\n    fit(lr)",
        "if (lr := f()):\n    fit(lr)",
    ],
)
def test_a_name_that_the_cell_sets_itself_is_not_read_from_before(cell):
    leftovers = {"lr": 7, "bs": 8, "loss": 9}
    assert fingerprint(cell, leftovers) == fingerprint(cell)


def test_values_with_a_repr_of_their_own_are_left_alone():
    class Loud(float):
        def __repr__(self):
            raise AssertionError("a value's own code ran")

    assert fingerprint("fit(lr)", {"lr": Loud(1)}) == fingerprint("fit(lr)")


def test_lineage_is_label_then_cell_then_skeleton():
    assert lineage_of("distil", "c1", "ab") == "distil"
    assert lineage_of(None, "c1", "ab") == "c1"
    assert lineage_of("", None, "ab") == "ab"
    assert lineage_of(None, None, None) == "unnamed"
