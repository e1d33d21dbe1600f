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


@pytest.fixture(autouse=True)
def nothing_read_before(monkeypatch):
    """Every test reads its cells anew, and not what another left in the cache."""
    monkeypatch.setattr("ipyfootprint.rebound.lineage._cache", {})


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


def config(cell, **names):
    return fingerprint(cell, names).config_hash


def reads(cell, *names):
    """Which of the names a cell takes from earlier cells."""
    alone = fingerprint(cell).config_hash
    return [name for name in names if config(cell, **{name: 0.5}) != alone]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("fit(lr)", ["lr"]),
        ("fit(lr=lr)", ["lr"]),
        ("fit(lr=bs)", ["bs"]),
        ("fit(model.lr)", []),
        ("lr.item", []),
        ("lr(3)", []),
        ("x = lr", ["lr"]),
        ("x = lr + bs", ["bs", "lr"]),
        ("lr\nx = 1", ["lr"]),
        ("x = 1\nfit(lr)", ["lr"]),
        ("x = 1; fit(lr)", ["lr"]),
        ("f(lr)\nlr = 2", []),
        ("lr = bs = 2\nfit(lr, bs)", []),
        ("f(\n  lr,\n  bs)", ["bs", "lr"]),
        ("lr += bs", ["bs"]),
        ("for x in range(lr):\n    f(bs)", ["bs", "lr"]),
        ("for lr, bs in pairs:\n    f(lr, bs)", []),
        ("for x in xs: f(lr)", ["lr"]),
        ("import lr", []),
        ("import torch as lr\nfit(bs)", ["bs"]),
        ("import torch\nlr", ["lr"]),
        ("from lr import bs", []),
        ("def lr(x): return bs", ["bs"]),
        ("del lr", []),
        ("while lr < bs: f()", ["bs", "lr"]),
        ("if (x := lr) > bs: f()", ["bs", "lr"]),
        ("if f(lr := bs): g(lr)", ["bs"]),
        ("lambda x: lr", ["lr"]),
        ("print(lr)", []),
        ("print(f(lr), [bs])", []),
        ("print('a')\nfit(lr)", ["lr"]),
        ("print(a)(lr)", ["lr"]),
        ("plt.plot(lr)", []),
        ("fit(print, lr)", ["lr"]),
        ("print[lr]", ["lr"]),
        ("# lr\nfit(bs)", ["bs"]),
        ("'lr'\nfit(bs)", ["bs"]),
        ("lr if bs else None", ["bs", "lr"]),
        (")) fit(lr)", ["lr"]),
        ("results[lr] = fit(lr)", ["lr"]),
        ("results[0][lr] = 1", ["lr"]),
        ("a = b[(lr, bs)] = 2", ["bs", "lr"]),
        ("f(lr).x = 3", ["lr"]),
        ("(lr, bs) = 1, 2\nfit(lr, bs)", []),
        ("[lr, (bs, x)] = pairs\nfit(lr, bs)", []),
        ("for x in (lr, 1): f(x)", ["lr"]),
        ("x[lr], bs = 1, 2", ["lr"]),
    ],
)
def test_the_plain_names_that_a_cell_takes_from_before(cell, names):
    assert reads(cell, "bs", "lr") == names


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (1, True),
        (-(2**64) + 1, True),
        (2**64 - 1, True),
        (2**64, False),
        (0.5, True),
        (True, True),
        ("adam", True),
        ("a" * 200, True),
        ("a" * 201, False),
        ((), True),
        ((1,) * 16, True),
        ((1,) * 17, False),
        ([1, "a", (2.0, False)], True),
        ([1, object()], False),
        (None, False),
        ({"lr": 1}, False),
        ({1, 2}, False),
        (b"x", False),
        (1j, False),
    ],
)
def test_only_short_plain_values_are_hyper_parameters(value, seen):
    assert (config("fit(lr)", lr=value) != fingerprint("fit(lr)").config_hash) is seen


def test_values_are_told_apart_by_name_kind_and_order():
    cell = "fit(lr, bs)"
    kinds = [1, 1.0, True, "1", (1,), (1, 1), ("1",), ((1,),)]
    assert len({config(cell, lr=value) for value in kinds}) == len(kinds)
    assert config(cell, lr=[1, 2]) == config(cell, lr=(1, 2)), "a list is a tuple here"
    assert config(cell, lr=1, bs=2) != config(cell, lr=2, bs=1)
    assert config(cell, lr=1) != config(cell, bs=1)
    assert config("fit(bs, lr)", lr=1) != config("fit(bs, lr, 0)", lr=1)


def test_a_namespace_changes_nothing_but_the_configuration():
    alone, with_ = fingerprint("fit(lr, 3)"), fingerprint("fit(lr, 3)", {"lr": 1})
    assert (with_.code_hash, with_.skeleton_hash) == (alone.code_hash, alone.skeleton_hash)
    assert fingerprint("fit(lr, 3)", {}) is alone
    assert fingerprint("fit(lr, 3)", {"other": 1}) is alone


def test_old_cells_are_forgotten_one_by_one():
    first = fingerprint("oldest = 1")
    cells = [f"cell_{n} = {n}" for n in range(512)]
    kept = [fingerprint(cell) for cell in cells]
    assert all(fingerprint(cell) is code for cell, code in zip(cells[1:], kept[1:], strict=True))
    again = fingerprint("oldest = 1")
    assert again is not first and again == first


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("x = 0xFF", "x = 0xff"),
        ("x = 1_000", "x = 1000.0"),
        ("x = 1e-3", "x = .001"),
        ("x = 3J", "x = 3j"),
        ("x = -1e-3", "x = -0.001"),
        ("fit( a,b )", "fit(a, b)"),
        ("a = 1  # one\nb = 2", "a = 1\n# two\n\nb = 2"),
        ("a = f(1,\n      2)", "a = f(1, 2)"),
        ("a = 1 + \\\n    2", "a = 1 + 2"),
        ("%matplotlib inline\na = 1", "a = 1"),
        ("%load_ext ipyfootprint\na = 1", "a = 1"),
        ("%%timeit\na = 1", "a = 1"),
        ("  %time a = 1", " a = 1"),
    ],
)
def test_two_ways_to_write_the_same(one, two):
    assert "s" in same(one, two) and "l" in same(one, two)


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [
        # literals
        ("x = 1", "x = 2", "s"),
        ("x = 1", "x = -1", "s"),
        ("x = 'a'", "x = 'b'", "s"),
        ("x = 'a'", "x = 'A'", "s"),
        ("x = True", "x = None", "s"),
        ("x = 0x10", "x = 0x11", "s"),
        ("x = .5", "x = .6", "s"),
        ("x = r'a'", "x = r'b'", "s"),
        ("f('a', 1)", "f('b', 1)", "s"),
        ("x = [1, 2]", "x = [1, 2, 3]", "s"),
        ("x = [1]", "x = [1, 2, 3]", "s"),
        ("f(1, x)", "f(1, 2, x)", "s"),
        ("y = a * -1", "y = a * -2", "s"),
        ("y = (-1)", "y = (1)", "s"),
        ("-1", "1", "s"),
        ("f = {'a': -1}", "f = {'a': 1}", "s"),
        # code
        ("y = x - 1", "y = x + 1", "l"),
        ("y = 2 - 1", "y = 2 + 1", "l"),
        ("y = f(x) - 1", "y = f(x) + 1", "l"),
        ("y = x[a] - 1", "y = x[a] + 1", "l"),
        ("a = b", "a = c", "l"),
        ("a = b", "a == b", "l"),
        ("a ** b", "a * b", "l"),
        ("a // b", "a / b", "l"),
        ("f(a)(b)", "f(a, b)", "l"),
        ("if a:\n  b\nc", "if a:\n  b\n  c", "l"),
        ("a\nb", "a b", "l"),
        ("x.y", "x .. y", "l"),
        # what is shown, and what is not
        ("print(1)", "print(2)", "sl"),
        ("print([1], {2: 3})", "print([4], {5: 6})", "sl"),
        ("print(f(1))", "print(f(2))", "sl"),
        ("print(1); f(2)", "print(1); f(3)", "s"),
        ("show(1)\nf((2))", "show(1)\nf((3))", "s"),
        ("f(print(1), 2)", "f(print(3), 2)", "sl"),
        ("f(print(1), 2)", "f(print(1), 3)", "s"),
        ("print[1]", "print[2]", "s"),
        ("printed(1)", "printed(2)", "s"),
        # texts
        ("x = f'{a}'", "x = f'{b}'", "sl"),
        ("x = rf'{a}'", "x = rf'{b}'", "sl"),
        ("x = 'f{a}'", "x = 'f{b}'", "s"),
        ("'a'", "'b'", "sl"),
        ("a = 1\n'a'", "a = 1\n'b'", "sl"),
        ("f('a')", "f('b')", "s"),
        ("f(\n'a')", "f(\n'b')", "s"),
        ("a = 'x'", "a = 'x'  ", "csl"),
    ],
)
def test_what_is_code_and_what_is_configuration(one, two, shared):
    assert same(one, two) == shared


def test_code_hash_tells_values_and_the_skeleton_does_not():
    assert "c" not in same("f(1)", "f(2)")
    assert "c" not in same("f(-1)", "f(1)")
    assert "c" not in same("print(1)", "print(2)")
    assert same("f(1)  # a", "f(1)") == "csl"
    assert same("\n\nf(1)\n\n", "f(1)") == "csl"


def test_what_lies_beyond_the_longest_cell_read_is_code_and_configuration():
    pad = "x" * 49_998 + "\n"
    assert same(pad + "a" + "y", pad + "a" + "z") == "s", "the 50 001st character is hashed"
    assert same("x" * 50_000, "x" * 49_999 + "z") == "l"
    assert same("x" * 50_000 + "a", "x" * 50_000) == "s"
