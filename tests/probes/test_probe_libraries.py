"""The large training libraries as they are: small real trainings, exact counts, no declaration.

Every training here is one run; all of them together are the share of runs whose work is seen.
"""

import asyncio
import importlib
import io
import os
import pickle
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from ipyfootprint import probes
from ipyfootprint.errors import FootprintError
from ipyfootprint.probes.counts import BATCHES, PREDICTIONS, ROUNDS, SAMPLES, STEPS

pytestmark = pytest.mark.probes

X = np.random.default_rng(0).normal(size=(96, 4)).astype("float32")
Y = (X.sum(axis=1, keepdims=True) > 0).astype("float32")


@pytest.fixture(autouse=True)
def counted():
    probes.notes()
    probes.install()
    yield
    probes.uninstall()
    assert probes.notes() == []


@pytest.fixture(scope="session")
def torch():
    return importlib.import_module("torch")


@pytest.fixture(scope="session")
def keras():
    os.environ["KERAS_BACKEND"] = "torch"
    return importlib.import_module("keras")


def printed(script):
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Trained(SimpleNamespace):
    """A small torch model with its optimizer and one step of training."""

    def step(self, *_):
        self.optimizer.zero_grad()
        loss = ((self.model(self.x) - self.y) ** 2).mean()
        loss.backward()
        self.optimizer.step()
        return loss


def trained(torch, optimizer="Adam", **options):
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    made = getattr(torch.optim, optimizer)(model.parameters(), lr=1e-3, **options)
    return Trained(model=model, optimizer=made, x=torch.tensor(X), y=torch.tensor(Y))


def steps(torch, n, **options):
    training = trained(torch, **options)
    for _ in range(n):
        training.step()


def with_lbfgs(torch):
    training = trained(torch, "LBFGS", max_iter=3)
    for _ in range(4):
        training.optimizer.step(lambda: _loss(training))


def _loss(training):
    training.optimizer.zero_grad()
    loss = ((training.model(training.x) - training.y) ** 2).mean()
    loss.backward()
    return loss


def with_schedule(torch):
    training = trained(torch, "SGD")
    schedule = torch.optim.lr_scheduler.StepLR(training.optimizer, 2)
    for _ in range(6):
        training.step()
        schedule.step()


def two_optimizers(torch):
    one, other = trained(torch), trained(torch, "RMSprop")
    for _ in range(5):
        one.step()
        other.step()


def accumulated(torch):
    training = trained(torch)
    for i in range(12):
        ((training.model(training.x) - training.y) ** 2).mean().backward()
        if i % 4 == 3:
            training.optimizer.step()


def compiled_model(torch):
    training = trained(torch)
    training.model = torch.compile(training.model, backend="eager")
    for _ in range(12):
        training.step()


def compiled_step(torch):
    training = trained(torch)
    step = torch.compile(training.optimizer.step, backend="eager")
    for _ in range(12):
        _loss(training)
        step()


def in_threads(torch):
    threads = [threading.Thread(target=steps, args=(torch, 10)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_tasks(torch):
    async def one():
        training = trained(torch)
        for _ in range(7):
            training.step()
            await asyncio.sleep(0)

    async def both():
        await asyncio.gather(one(), one())

    asyncio.run(both())


def own_optimizer(torch):
    class Own(torch.optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {})

        def step(self, closure=None):
            return closure and closure()

    optimizer = Own([torch.nn.Parameter(torch.zeros(1))])
    for _ in range(3):
        optimizer.step()


def under_tqdm(torch):
    from tqdm import trange

    training = trained(torch)
    for _ in trange(5, file=io.StringIO()):
        training.step()
        training.step()


TORCH = {
    "adam": (lambda torch: steps(torch, 25), 25),
    "sgd with momentum": (lambda torch: steps(torch, 9, optimizer="SGD", momentum=0.9), 9),
    "adamw, fused loop over tensors": (
        lambda torch: steps(torch, 9, optimizer="AdamW", foreach=True),
        9,
    ),
    "lbfgs": (with_lbfgs, 4),
    "schedule": (with_schedule, 6),
    "two optimizers": (two_optimizers, 10),
    "accumulated gradients": (accumulated, 3),
    "compiled model": (compiled_model, 12),
    "compiled step": (compiled_step, 12),
    "threads": (in_threads, 30),
    "tasks": (in_tasks, 14),
    "an optimizer of the user's": (own_optimizer, 3),
    "under tqdm": (under_tqdm, 10),
}


@pytest.mark.parametrize("name", TORCH)
def test_torch_steps_are_counted_exactly(torch, name, taken):
    train, n = TORCH[name]
    probes.start()
    train(torch)
    work = taken()
    assert (work.units, work.kind) == (n, STEPS)


def test_a_compiled_step_is_not_compiled_again_for_our_sake_and_warns_of_nothing():
    # A fresh interpreter: what is compiled and what is warned of is once a process.
    script = """
import warnings
WATCH
import torch
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
step = torch.compile(optimizer.step, backend="eager")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(20):
        optimizer.zero_grad()
        model(torch.ones(2, 4)).sum().backward()
        step()
print([str(w.message)[:60] for w in caught])
print(torch._dynamo.utils.counters["stats"]["unique_graphs"])
"""
    watch = "from ipyfootprint import probes; probes.install()"
    assert printed(script.replace("WATCH", watch)) == printed(script.replace("WATCH", ""))


@pytest.mark.parametrize("workers", [0, 2])
def test_samples_of_a_data_loader_are_counted_in_the_kernel(torch, workers, taken):
    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    loader = torch.utils.data.DataLoader(data, batch_size=20, num_workers=workers)
    probes.start()
    assert sum(len(x) for x, _ in loader) == 96
    work = taken()
    assert (work.units, work.kind) == (96, SAMPLES)


def test_torch_trains_to_the_same_numbers_with_and_without(torch):
    def weights():
        training = trained(torch)
        for _ in range(20):
            training.step()
        return [p.tolist() for p in training.model.parameters()]

    with_probe = weights()
    probes.uninstall()
    assert weights() == with_probe


def test_an_optimizer_pickles_and_torch_is_put_back(torch):
    training = trained(torch)
    training.step()
    assert pickle.loads(pickle.dumps(training.optimizer)).state_dict()["state"]
    hooks = sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks
    assert len(hooks) == 1
    probes.uninstall()
    assert len(hooks) == 0
    iterator = torch.utils.data.dataloader._BaseDataLoaderIter
    assert not hasattr(iterator.__next__, "__wrapped__")


def test_the_parameters_in_training_are_known(torch):
    from ipyfootprint.probes.torch import parameters

    training = trained(torch)
    training.step()
    assert parameters() == 5
    del training
    assert parameters() is None


def test_flops_are_counted_on_request(torch):
    from ipyfootprint.probes.flops import count_flops

    training = trained(torch)
    with count_flops() as forward:
        training.model(training.x)
        training.model(training.x)
    assert forward.total == 2 * 2 * 96 * 4
    assert forward.parameters == 5, "a model that is called twice has its parameters once"
    with pytest.raises(KeyError), count_flops() as broken:
        training.model(training.x)
        raise KeyError
    assert broken.total == forward.total / 2
    with count_flops() as nothing:
        torch.ones(2)
    assert (nothing.total, nothing.parameters) == (0, None)


def test_flops_without_torch_are_refused_with_the_way_out(monkeypatch):
    from ipyfootprint.probes.flops import count_flops

    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(FootprintError, match="Import torch first"), count_flops():
        pass


@pytest.fixture
def fake_import_order():
    """What a fresh interpreter shows of a module imported with and without the probes."""

    def shown(module, watch):
        script = f"""
import sys
if {watch}:
    from ipyfootprint import probes
    probes.install()
import {module} as m, importlib.util
spec = m.__spec__
print(type(spec).__name__, type(spec.loader).__name__, sorted(vars(spec.loader)), spec.origin)
print(importlib.util.find_spec({module!r}) is spec, len(dir(m)))
if {watch}:
    assert {module!r} in probes._probes._attached
    probes.uninstall()
"""
        return printed(script)

    return shown


@pytest.mark.parametrize("module", ["torch", "xgboost", "lightgbm", "keras"])
def test_an_import_is_what_it_is_without_us(fake_import_order, module, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert fake_import_order(module, True) == fake_import_order(module, False)


def regressor(keras):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def generator():
    while True:
        yield X[:8], Y[:8]


KERAS = {
    "fit": (lambda m: m.fit(X, Y, epochs=3, batch_size=32, verbose=0), BATCHES, 9),
    "fit with validation": (
        lambda m: m.fit(X, Y, epochs=2, batch_size=16, validation_split=0.5, verbose=0),
        BATCHES,
        6,
    ),
    "a generator": (
        lambda m: m.fit(generator(), epochs=2, steps_per_epoch=5, verbose=0),
        BATCHES,
        10,
    ),
    "a loop of the user's own": (
        lambda m: [m.train_on_batch(X[i : i + 32], Y[i : i + 32]) for i in (0, 32, 64)],
        BATCHES,
        3,
    ),
    "one batch by hand, then fit": (
        lambda m: (m.train_on_batch(X, Y), m.fit(X, Y, batch_size=32, verbose=0)),
        BATCHES,
        4,
    ),
    "predict": (lambda m: m.predict(X, batch_size=32, verbose=0), PREDICTIONS, 3),
}


@pytest.mark.parametrize("name", KERAS)
def test_keras_batches_are_counted_exactly(keras, name, taken):
    train, kind, n = KERAS[name]
    model = regressor(keras)
    probes.start()
    train(model)
    work = taken()
    assert (work.units, work.kind) == (n, kind)


def test_keras_tells_how_far_it_is(keras):
    told = []
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: told.append(probes.progress())
    )
    probes.start()
    regressor(keras).fit(X, Y, epochs=2, batch_size=48, verbose=0, callbacks=[watch])
    assert told[1:] == [(1, 4), (2, 4), (3, 4)]
    assert probes.progress() == (4, 4)


def xgboost_custom():
    xgboost = importlib.import_module("xgboost")
    data = xgboost.DMatrix(X, Y)
    xgboost.train({"nthread": 1}, data, 4, obj=lambda p, d: (p - d.get_label(), np.ones_like(p)))


def xgboost_early_stop():
    xgboost = importlib.import_module("xgboost")
    data = xgboost.DMatrix(X, Y)
    xgboost.train(
        {"nthread": 1, "eta": 0.0}, data, 50, evals=[(data, "t")], early_stopping_rounds=3,
        verbose_eval=False,
    )  # fmt: skip


def lightgbm_of(call):
    lightgbm = importlib.import_module("lightgbm")
    quiet = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 2, "objective": "binary"}
    return call(lightgbm, quiet, lightgbm.Dataset(X, Y[:, 0]))


def searched_xgboost():
    from sklearn.model_selection import GridSearchCV

    model = importlib.import_module("xgboost").XGBClassifier(n_estimators=3, n_jobs=1)
    GridSearchCV(model, {"max_depth": [1, 2]}, cv=2).fit(X, Y[:, 0])


BOOSTING = {
    "xgboost classifier": (
        lambda: (
            importlib.import_module("xgboost")
            .XGBClassifier(n_estimators=13, n_jobs=1)
            .fit(X, Y[:, 0])
        ),
        13,
    ),
    "xgboost with an objective of the user's": (xgboost_custom, 4),
    "xgboost that stops early": (xgboost_early_stop, 4),
    "xgboost in a grid search": (searched_xgboost, 3 * 5),
    "lightgbm train": (lambda: lightgbm_of(lambda lgb, p, d: lgb.train(p, d, 7)), 7),
    "lightgbm cv": (lambda: lightgbm_of(lambda lgb, p, d: lgb.cv(p, d, 6, nfold=3)), 18),
    "lightgbm classifier": (
        lambda: (
            importlib.import_module("lightgbm")
            .LGBMClassifier(n_estimators=9, n_jobs=1, verbose=-1)
            .fit(X, Y[:, 0])
        ),
        9,
    ),
}


@pytest.mark.parametrize("name", BOOSTING)
def test_boosting_rounds_are_counted_exactly(name, taken):
    train, n = BOOSTING[name]
    probes.start()
    train()
    work = taken()
    assert (work.units, work.kind) == (n, ROUNDS)


@pytest.mark.parametrize(("accumulate", "n"), [(1, 24), (4, 6)])
@pytest.mark.filterwarnings("ignore")
def test_trainer_steps_are_counted_once_with_their_progress(torch, tmp_path, accumulate, n, taken):
    from transformers import Trainer, TrainingArguments

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(4, 1)

        def forward(self, x, labels):
            out = self.linear(x)
            return {"loss": ((out - labels) ** 2).mean(), "logits": out}

    rows = [{"x": torch.tensor(x), "labels": torch.tensor(y)} for x, y in zip(X, Y, strict=True)]
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=2,
        per_device_train_batch_size=8,
        gradient_accumulation_steps=accumulate,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    probes.start()
    Trainer(model=Model(), args=arguments, train_dataset=rows).train()
    work = taken()
    assert (work.units, work.kind) == (n, STEPS)
    assert work.others[SAMPLES] == 192
    assert probes.progress() == (n, n)
