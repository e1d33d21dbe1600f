"""Loading in every kernel of an IPython profile, and taking that back."""

from __future__ import annotations

from pathlib import Path

from ipyfootprint.errors import ConfigError

NAME = "50-ipyfootprint.py"
# Guarded, so that a kernel stays silent once the package has been uninstalled.
_STARTUP = """\
# Written by `ipyfootprint enable`; `ipyfootprint disable` removes it.
from importlib.util import find_spec

if find_spec("ipyfootprint"):
    get_ipython().extension_manager.load_extension("ipyfootprint")
del find_spec
"""


def startup_file(profile: str = "default") -> Path:
    """The startup file of a profile of this user; it need not exist."""
    from IPython.paths import get_ipython_dir

    return Path(get_ipython_dir()) / f"profile_{profile}" / "startup" / NAME


def enable(profile: str = "default") -> Path:
    """Load the extension in every kernel of a profile from now on; returns the file written.

    Raises:
        ConfigError: the profile is not there, or cannot be written.
    """
    path = startup_file(profile)
    folder = path.parent.parent
    if profile != "default" and not folder.is_dir():
        raise ConfigError(
            f"There is no IPython profile {profile!r}",
            "nothing was written",
            f"Type ipython profile create {profile}.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_STARTUP, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})",
            "nothing was changed",
            "Put %load_ext ipyfootprint into your notebooks instead.",
        ) from None
    return path


def disable(profile: str = "default") -> Path | None:
    """Load it no more; returns the file removed, or None where there was none.

    Raises:
        ConfigError: the file cannot be removed.
    """
    path = startup_file(profile)
    try:
        path.unlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be removed ({error.strerror})", "nothing was changed", "Delete it."
        ) from None
    return path
