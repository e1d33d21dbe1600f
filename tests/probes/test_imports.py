import importlib
import importlib.util
import sys
import traceback

import pytest

from ipyfootprint.probes.imports import ImportWatch, fully_imported


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder on the path for throw-away packages, forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def seen():
    return []


@pytest.fixture
def watch(seen):
    watch = ImportWatch(["toylib", "toylib.deep"], lambda name, module: seen.append((name, module)))
    watch.install()
    yield watch
    watch.uninstall()
    assert watch not in sys.meta_path


def package(folder, text="x = 1\n", name="toylib"):
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(text)
    (folder / name / "deep.py").write_text("y = 2\n")


def test_a_watched_import_is_told_once_it_has_run(toy, watch, seen):
    package(toy)
    import toylib

    assert seen == [("toylib", toylib)]
    import toylib.deep

    assert seen[1:] == [("toylib.deep", toylib.deep)]


def test_other_imports_are_not_touched(toy, watch, seen):
    package(toy, name="otherlib")
    import otherlib

    assert watch.find_spec("otherlib") is None
    assert seen == []
    assert "exec_module" not in vars(otherlib.__loader__)


def test_the_module_its_spec_and_its_loader_are_what_they_are_without(toy, watch):
    package(toy)
    import toylib

    watch.uninstall()
    plain = importlib.util.find_spec("toylib")
    spec = toylib.__spec__
    assert type(spec) is type(plain)
    assert spec.loader is toylib.__loader__
    assert spec.loader == importlib.util.spec_from_file_location("toylib", spec.origin).loader
    assert vars(spec.loader).keys() == {"name", "path"}
    assert spec.submodule_search_locations == [str(toy / "toylib")]


def test_find_spec_alone_imports_and_tells_nothing(toy, watch, seen):
    package(toy, "raise SystemExit('must not run')\n")
    assert importlib.util.find_spec("toylib").origin == str(toy / "toylib" / "__init__.py")
    assert "toylib" not in sys.modules
    assert seen == []


def test_an_absent_module_is_absent(watch):
    assert importlib.util.find_spec("toylib") is None
    with pytest.raises(ModuleNotFoundError, match="No module named 'toylib'"):
        import toylib  # noqa: F401


def test_a_reload_is_told_again(toy, watch, seen):
    package(toy)
    import toylib

    assert importlib.reload(toylib) is toylib
    assert seen == [("toylib", toylib)] * 2


def test_a_failing_import_shows_the_traceback_that_it_shows_without(toy, watch, seen):
    package(toy, "def f():\n    raise OSError('no CUDA')\nf()\n")

    def shown():
        try:
            importlib.import_module("toylib")
        except OSError:
            return traceback.format_exc()

    with_watch = shown()
    watch.uninstall()
    assert with_watch == shown()
    assert seen == []
    assert "toylib" not in sys.modules


def test_a_lazy_loader_is_told_when_it_really_loads(toy, watch, seen):
    package(toy)
    spec = importlib.util.find_spec("toylib")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["toylib"] = module
    spec.loader.exec_module(module)
    assert seen == []
    assert module.x == 1
    assert seen == [("toylib", module)]


def test_finders_after_it_are_asked_in_their_order(toy, watch, seen):
    package(toy)
    asked = []

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            asked.append(name)

    sys.meta_path.append(Finder)
    sys.meta_path.insert(0, Finder)
    try:
        import toylib  # noqa: F401
    finally:
        while Finder in sys.meta_path:
            sys.meta_path.remove(Finder)
    assert asked == ["toylib"]


def test_nothing_is_told_after_uninstall(toy, watch, seen):
    package(toy)
    spec = importlib.util.find_spec("toylib")
    watch.uninstall()
    module = importlib.util.module_from_spec(spec)
    sys.modules["toylib"] = module
    spec.loader.exec_module(module)
    assert module.x == 1
    assert seen == []


def test_a_module_half_way_through_its_import_is_not_ready(toy):
    package(
        toy,
        "import sys\n"
        "from ipyfootprint.probes.imports import fully_imported\n"
        "early = fully_imported('toylib')\n",
    )
    import toylib

    assert toylib.early is None
    assert fully_imported("toylib") is toylib
    assert fully_imported("toylib.absent") is None
