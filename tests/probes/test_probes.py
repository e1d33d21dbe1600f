"""Every probe against a fake of the surface that it hooks; real libraries are elsewhere."""

import importlib
import subprocess
import sys
import textwrap
from types import ModuleType, SimpleNamespace

import pytest

from ipyfootprint.probes import PROBES, Probes
from ipyfootprint.probes.counts import BATCHES, PREDICTIONS, ROUNDS, STEPS, Work
from ipyfootprint.probes.patch import Patches


class Attached:
    """A probe attached to a fake library."""

    def __init__(self, probe, library):
        self.work = Work()
        self.errors = []
        self.patches = Patches(self.errors.append)
        module = importlib.import_module(f"ipyfootprint.probes.{probe}")
        module.attach(library, self.work, self.patches)
        self.mark = self.work.mark()

    def done(self):
        work = self.work.since(self.mark)
        return work and (work.units, work.kind, dict(work.others))


class Batch:
    def __init__(self, *shape):
        self.shape = shape


def fake_torch(monkeypatch):
    hooks = {}

    class Handle:
        def __init__(self, key):
            self.remove = lambda: hooks.pop(key, None)

    def register(hook):
        hooks[len(hooks)] = hook
        return Handle(len(hooks) - 1)

    class Iterator:
        def __init__(self, batches):
            self.batches = iter(batches)

        def __next__(self):
            return next(self.batches)

        def __iter__(self):
            return self

    class Adam:
        param_groups = ()

        def step(self):
            for hook in list(hooks.values()):
                hook(self, (), {})

    torch = ModuleType("faketorch")
    torch.Adam, torch.hooks, torch.Iterator = Adam, hooks, Iterator
    torch.utils = SimpleNamespace(
        data=SimpleNamespace(dataloader=SimpleNamespace(_BaseDataLoaderIter=Iterator))
    )
    optimizers = SimpleNamespace(register_optimizer_step_post_hook=register)
    monkeypatch.setitem(sys.modules, "faketorch.optim.optimizer", optimizers)
    return torch


def test_torch_steps_of_any_optimizer_and_samples_are_counted(monkeypatch):
    torch = fake_torch(monkeypatch)
    at = Attached("torch", torch)
    one, other = torch.Adam(), torch.Adam()
    batches = [
        [Batch(8, 3), Batch(8)],
        {"x": Batch(8, 3)},
        Batch(5, 3),
        (["a", "b"], Batch(2)),
        object(),
    ]
    for batch in torch.Iterator(batches):
        assert batch in batches
        one.step()
    other.step()
    assert at.done() == (6, STEPS, {"samples": 8 + 8 + 5 + 2 + 1})
    at.patches.restore()
    one.step()
    next(torch.Iterator([Batch(9)]))
    assert torch.hooks == {}
    assert at.done() == (6, STEPS, {"samples": 24})


class CallbackList:
    def __init__(self, epochs=None, steps=None):
        self.params = {"epochs": epochs, "steps": steps}

    def on_epoch_begin(self, epoch, logs=None): ...
    def on_train_batch_begin(self, batch, logs=None): ...
    def on_train_batch_end(self, batch, logs=None): ...
    def on_predict_batch_begin(self, batch, logs=None): ...
    def on_predict_batch_end(self, batch, logs=None): ...


@pytest.fixture
def keras():
    class Callbacks(CallbackList):
        on_epoch_begin = CallbackList.on_epoch_begin
        on_train_batch_begin = CallbackList.on_train_batch_begin
        on_train_batch_end = CallbackList.on_train_batch_end
        on_predict_batch_begin = CallbackList.on_predict_batch_begin
        on_predict_batch_end = CallbackList.on_predict_batch_end

    class Model:
        def train_on_batch(self, x):
            return x

    return SimpleNamespace(callbacks=SimpleNamespace(CallbackList=Callbacks), Model=Model)


def test_keras_batches_are_counted_also_several_to_an_execution(keras):
    at = Attached("keras", keras)
    callbacks = keras.callbacks.CallbackList(epochs=2, steps=10)
    for epoch in range(2):
        callbacks.on_epoch_begin(epoch)
        for first, last in ((0, 3), (4, 7), (8, 9)):
            callbacks.on_train_batch_begin(first)
            callbacks.on_train_batch_end(last, logs={"loss": 1})
            if (epoch, last) == (1, 3):
                assert at.work.how_far() == (14, 20)
    callbacks.on_predict_batch_begin(0)
    callbacks.on_predict_batch_end(4)
    assert at.done() == (20, BATCHES, {PREDICTIONS: 5})
    at.work.mark()
    assert at.work.how_far() is None


def test_keras_batches_of_a_loop_of_the_users_own_are_counted(keras):
    at = Attached("keras", keras)
    assert [keras.Model().train_on_batch(x) for x in range(3)] == [0, 1, 2]
    assert at.done() == (3, BATCHES, {})


def test_keras_without_a_known_number_of_steps_tells_no_progress(keras):
    at = Attached("keras", keras)
    callbacks = keras.callbacks.CallbackList(epochs=2)
    callbacks.on_train_batch_begin(0)
    callbacks.on_train_batch_end(0)
    assert at.done() == (1, BATCHES, {})
    assert at.work.how_far() is None


def test_boosting_rounds_are_counted_and_results_passed_on():
    class Booster:
        def update(self, train_set=None, fobj=None):
            return train_set

    at = Attached("boosting", SimpleNamespace(Booster=Booster))
    assert [Booster().update(train_set=n) for n in range(3)] == [0, 1, 2]
    assert at.done() == (3, ROUNDS, {})


def test_trainer_steps_and_progress_are_counted():
    class CallbackHandler:
        def on_step_end(self, args, state, control):
            return control

    at = Attached("transformers", SimpleNamespace(CallbackHandler=CallbackHandler))
    for step in range(1, 4):
        state = SimpleNamespace(global_step=step, max_steps=12)
        assert CallbackHandler().on_step_end(None, state, "control") == "control"
    assert at.done() == (3, STEPS, {})
    assert at.work.how_far() == (3, 12)


def test_a_probe_that_fails_is_put_back_and_changes_no_result():
    class Booster:
        def update(self):
            return "result"

    plain = Booster.update
    patches = Patches((errors := []).append)
    patches.after(Booster, "update", lambda *_: 1 / 0)
    assert [Booster().update(), Booster().update()] == ["result", "result"]
    assert [type(e) for e in errors] == [ZeroDivisionError]
    assert Booster.update is plain


def test_an_error_of_the_library_is_the_users_with_no_line_of_ours():
    class Booster:
        def update(self):
            raise ValueError("bad data")

    patches = Patches(lambda error: pytest.fail(str(error)))
    patches.after(Booster, "update", lambda *_: None)
    with pytest.raises(ValueError, match="bad data") as caught:
        Booster().update()
    assert [entry.name for entry in caught.traceback][1:] == ["update"]


def test_somebody_elses_wrapper_over_ours_is_left_in_place():
    class Booster:
        def update(self):
            return 1

    told = []
    patches = Patches(told.append)
    patches.after(Booster, "update", lambda *_: told.append("ours"))
    ours = Booster.update
    Booster.update = lambda self: ours(self) + 1
    patches.restore()
    assert Booster().update() == 2
    assert told == []


def test_an_inherited_method_is_inherited_again_after_restore():
    class Base:
        def update(self):
            return 1

    class Booster(Base):
        pass

    patches = Patches(lambda error: None)
    patches.after(Booster, "update", lambda *_: None)
    patches.restore()
    assert "update" not in vars(Booster)


def test_a_library_without_the_expected_surface_leaves_one_note(monkeypatch):
    probes = Probes()
    probes.attach("xgboost", ModuleType("xgboost"))
    probes.attach("torch", ModuleType("torch_of_another_age"))
    notes = probes.work.notes()
    assert len(notes) == 2
    assert notes[0].startswith("Work in xgboost is no longer counted (AttributeError")
    assert "--work N UNIT" in notes[0]


def test_a_reloaded_library_is_attached_once(monkeypatch):
    def library():
        module = ModuleType("xgboost")
        module.Booster = type("Booster", (), {"update": lambda self: None})
        return module

    probes, first, second = Probes(), library(), library()
    for module in (first, first, second):
        probes.attach("xgboost", module)
    mark = probes.work.mark()
    first.Booster().update()
    second.Booster().update()
    assert probes.work.since(mark).units == 1


def test_a_library_whose_import_was_not_seen_is_found_at_the_next_cell(monkeypatch):
    module = ModuleType("lightgbm")
    module.Booster = type("Booster", (), {"update": lambda self: None})
    probes = Probes()
    for name in PROBES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    probes.install()
    try:
        monkeypatch.setitem(sys.modules, "lightgbm", module)
        probes.catch_up()
        mark = probes.work.mark()
        module.Booster().update()
        assert probes.work.since(mark).units == 1
    finally:
        probes.uninstall()
    module.Booster().update()
    assert probes.work.since(mark).units == 1


def run_python(script):
    """What a script prints in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_installing_imports_no_library_and_no_probe():
    script = """
        import sys
        from ipyfootprint import probes
        probes.install()
        probes.start()
        heavy = {name.partition(".")[0] for name in probes.PROBES} | {"numpy", "scipy"}
        print(sorted(heavy & set(sys.modules)))
        print([m for m in sys.modules if m.startswith("ipyfootprint.probes.")])
    """
    heavy, loaded = run_python(script).splitlines()
    assert heavy == "[]"
    assert set(eval(loaded)) == {f"ipyfootprint.probes.{m}" for m in ("imports", "patch", "counts")}


class Tensor:
    def __init__(self, *shape):
        self.shape = shape


@pytest.mark.parametrize(
    ("batch", "held"),
    [
        (Tensor(32, 3), 32),
        (Tensor(), 1),
        ([Tensor(8, 2), Tensor(8)], 8),
        ((Tensor(4),), 4),
        ({"x": Tensor(16, 2), "y": Tensor(16)}, 16),
        ({"inputs": [Tensor(6), Tensor(6)]}, 6),
        (["a text", "another", "third"], 3),
        ([], 1),
        ({}, 1),
        ("a text", 1),
        (7, 1),
        ([[[[[Tensor(9)]]]]], 1),
    ],
)
def test_a_batch_holds_as_many_samples_as_its_first_tensor(batch, held):
    from ipyfootprint.probes.torch import samples

    assert samples(batch) == held


def test_our_hook_alone_is_kept_out_of_compilation(monkeypatch):
    from ipyfootprint.probes import dynamo

    def theirs(*_):
        pass

    def ours(*_):
        pass

    ours.__module__ = "ipyfootprint.probes.torch"
    hooks = {1: theirs, 2: ours}
    optimizers = SimpleNamespace(_global_optimizer_post_hooks=hooks)
    monkeypatch.setitem(sys.modules, "torch.optim.optimizer", optimizers)
    dynamo.attach(SimpleNamespace(disable=lambda hook: ("disabled", hook)), None, None)
    assert hooks == {1: theirs, 2: ("disabled", ours)}
