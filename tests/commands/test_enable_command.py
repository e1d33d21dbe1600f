"""`ipyfootprint enable` and `disable` where they cannot do as asked."""

import pytest

from ipyfootprint.cli import main


@pytest.fixture
def ipython_dir(tmp_path, monkeypatch):
    folder = tmp_path / "ipython"
    folder.mkdir()
    monkeypatch.setenv("IPYTHONDIR", str(folder))
    return folder


def test_enabled_twice_and_disabled_twice(ipython_dir, capsys):
    assert main(["enable"]) == 0 and main(["enable"]) == 0
    (file,) = ipython_dir.rglob("*.py")
    assert "ipyfootprint" in file.read_text()
    capsys.readouterr()
    assert main(["disable"]) == 0
    assert capsys.readouterr().out == f"Removed: {file}\n" and not file.exists()
    assert main(["disable"]) == 0
    assert capsys.readouterr().out == "It was not enabled; nothing was changed.\n"


def test_a_profile_that_is_not_there_is_named_with_how_to_make_it(ipython_dir, capsys):
    assert main(["enable", "--profile", "lab"]) == 2
    err = capsys.readouterr().err
    assert "There is no IPython profile 'lab'; nothing was written" in err
    assert "Type ipython profile create lab." in err


def test_a_folder_that_cannot_be_written_leaves_the_other_way(ipython_dir, capsys):
    (ipython_dir / "profile_default").write_text("a file where a folder should be")
    assert main(["enable"]) == 2
    assert "Put %load_ext ipyfootprint into your notebooks instead." in capsys.readouterr().err


def test_a_startup_file_that_cannot_be_removed_is_said(ipython_dir, capsys):
    main(["enable"])
    (file,) = ipython_dir.rglob("*.py")
    file.unlink()
    file.mkdir()
    assert main(["disable"]) == 2
    assert "cannot be removed" in capsys.readouterr().err
