"""Loading in every kernel, and leaving without a trace."""

import pytest

from ipyfootprint.cli import main
from ipyfootprint.jupyter.profile import startup_file


@pytest.fixture
def ipython_dir(tmp_path, monkeypatch):
    folder = tmp_path / "home" / ".ipython"
    folder.mkdir(parents=True)
    monkeypatch.setenv("IPYTHONDIR", str(folder))
    return folder


@pytest.mark.kernel
def test_enabled_kernels_have_the_magic_and_no_name_more(ipython_dir, new_kernel, capsys):
    names = "sorted(n for n in globals() if not n.startswith('_'))"
    plain = new_kernel().value(names)
    assert main(["enable"]) == 0 and main(["enable"]) == 0
    assert str(startup_file()) in capsys.readouterr().out
    kernel = new_kernel()
    assert kernel.value(names) == plain
    reply = kernel.run("%%footprint\n1")
    assert reply.result == "1" and len(reply.shown) == 1
    assert "already loaded" in kernel.run("%load_ext ipyfootprint").text
    assert main(["disable"]) == 0 and not startup_file().exists()
    assert new_kernel().run("%footprint").status == "error"


@pytest.mark.kernel
def test_an_uninstalled_package_leaves_kernels_silent(ipython_dir, new_kernel):
    main(["enable"])
    text = startup_file().read_text()
    startup_file().write_text(text.replace('"ipyfootprint"', '"ipyfootprint_that_is_gone"'))
    kernel = new_kernel()
    assert kernel.run("1").outputs[0]["data"]["text/plain"] == "1"
    assert kernel.run("%footprint").status == "error"


def test_an_unknown_profile_is_refused_and_disabling_twice_is_harmless(ipython_dir, capsys):
    assert main(["enable", "--profile", "ghost"]) == 2
    assert "ipython profile create ghost" in capsys.readouterr().err
    assert main(["disable"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
