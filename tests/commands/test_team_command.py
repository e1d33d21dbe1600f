"""`ipyfootprint team` before any server is there."""

import pytest

from ipyfootprint.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["init", "mysql://host/db"], "That is not a team's address; nothing was done"),
        (["init", "postgresql://a:secret@host/db"], "Leave the password out"),
        (
            ["forget", "--older-than", "0", "--server", "postgresql://a@127.0.0.1:9/db"],
            "0 days are no retention; nothing was deleted. Type 1 to 36500.",
        ),
        (["forget", "somebody"], "IPYFOOTPRINT_TEAM"),
        (["preview", "--server", "somewhere"], "That is not a team's address"),
    ],
)
def test_what_cannot_be_done_says_what_to_type(words, says, capsys):
    assert main(["team", *words]) == 2
    err = capsys.readouterr().err
    assert says in err and "secret" not in err
