"""An error says what happened, what was done instead, and what to type."""

import pickle

import pytest

from ipyfootprint.errors import ConfigError, FootprintError, LogError


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("It broke",), "It broke."),
        (("It broke", "nothing was changed"), "It broke; nothing was changed."),
        (("It broke", "", "Type x."), "It broke. Type x."),
        (("It broke", "nothing was changed", "Type x."), "It broke; nothing was changed. Type x."),
    ],
)
def test_the_three_parts_read_as_sentences(parts, text):
    assert str(FootprintError(*parts)) == text


def test_an_error_travels_to_another_process_whole():
    sent = ConfigError("It broke", "nothing was changed", "Type x.")
    came = pickle.loads(pickle.dumps(sent))
    assert type(came) is ConfigError and str(came) == str(sent)
    assert (came.what, came.instead, came.remedy) == (sent.what, sent.instead, sent.remedy)


def test_what_is_a_wrong_value_is_a_value_error_too():
    assert issubclass(ConfigError, ValueError) and issubclass(LogError, ValueError)
