import json

import pytest

from ipyfootprint.config import Settings, is_kept, load, save
from ipyfootprint.config.values import PARSERS
from ipyfootprint.errors import ConfigError, FootprintError


def test_the_environment_goes_before_the_file_and_each_value_knows_its_origin(tmp_path):
    path = tmp_path / "config.json"
    save("pue", "1.3", path)
    save("project", "atlas", path)
    settings, problems = load({"IPYFOOTPRINT_PUE": "1.2"}, path)
    assert (settings.pue, settings.project, problems) == (1.2, "atlas", [])
    assert settings.origin == {"pue": "IPYFOOTPRINT_PUE", "project": str(path)}


def test_a_bad_value_is_reported_and_passed_over(tmp_path):
    settings, problems = load({"IPYFOOTPRINT_PUE": "0.7"}, tmp_path / "none.json")
    assert settings == Settings()
    assert "IPYFOOTPRINT_PUE: '0.7' is not a value for pue" in str(problems[0])


def test_a_damaged_settings_file_is_reported_and_kept(tmp_path):
    path = tmp_path / "config.json"
    path.write_text("{not json")
    settings, problems = load({}, path)
    assert settings == Settings() and "passed over" in str(problems[0])
    assert path.read_text() == "{not json"


def test_an_unknown_setting_offers_the_nearest_name():
    with pytest.raises(ConfigError, match="Did you mean network"):
        Settings().with_value("netwrok", "on", "test")


def test_none_takes_a_setting_back():
    once = Settings().with_value("pue", "1.5", "test")
    assert once.with_value("pue", "none", "test") == Settings()


@pytest.mark.parametrize(
    ("name", "bad"),
    [("pue", "nan"), ("lifetime", "0"), ("network", "maybe"), ("platform", "toaster")],
)
def test_an_absurd_value_is_refused(name, bad):
    with pytest.raises(ConfigError, match="is not a value"):
        Settings().with_value(name, bad, "test")


def test_every_setting_has_a_parser_and_nothing_else_has():
    assert set(PARSERS) == set(Settings.__dataclass_fields__) - {"origin"}


def test_none_is_taken_out_of_the_file_and_makes_none(tmp_path):
    path = tmp_path / "config.json"
    save("pue", "none", path)
    assert not path.exists()
    save("pue", "1.3", path)
    save("zone", "DE", path)
    save("pue", "default", path)
    assert json.loads(path.read_text()) == {"zone": "DE"}
    assert is_kept("zone", path) and not is_kept("pue", path)


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("wue", "1.50", "1.5 L/kWh"),
        ("threshold", "1e3", "1000 J"),
        ("network", "yes", "on"),
        ("live", "0", "off"),
        ("share", "none", "none"),
        ("pue", "1.2", "1.2"),
        ("zone", "DE", "DE"),
    ],
)
def test_a_value_is_shown_as_it_is_typed_with_its_unit(name, typed, text):
    assert Settings().with_value(name, typed, "test").text(name) == text


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://a:hidden@host/db",
        "postgresql:///db?host=h&password=hidden",
        "postgresql:///db?host=h&p%61ssword=hidden",
        "postgresql:///db?host=h&sslpassword=hidden",
        "host=h PassWord = 'hidden'",
    ],
)
@pytest.mark.parametrize("name", ["team", "ledger"])
def test_a_setting_takes_no_password_and_repeats_none(name, address):
    with pytest.raises(ConfigError) as caught:
        Settings().with_value(name, address, "test")
    assert "hidden" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("at postgres://a:b@c:5432/d, or so", "at postgres://a:***@c:5432/d, or so"),
        ("x:/a:b/c@d@e", "x:/a:***@e"),
        ("host=h password = 'a b' user=u", "host=h password = *** user=u"),
        ("?PASSWORD=a&user=u", "?PASSWORD=***&user=u"),
        # rather too much than too little
        ("http://127.0.0.1:8866/ of a@b", "http://127.0.0.1:***@b"),
        ("postgresql://a@b:5432/c", "postgresql://a@b:5432/c"),
        ("http://127.0.0.1:8866/", "http://127.0.0.1:8866/"),
        ("the password is wrong", "the password is wrong"),
    ],
)
def test_an_error_repeats_no_password(text, told):
    error = FootprintError(text, text, text)
    assert (error.what, error.instead, error.remedy) == (told, told, told)


@pytest.mark.parametrize(
    ("name", "bad", "says"),
    [
        ("pue", "much", "Type a number from 1 to"),
        ("pue", "0.5", "Type a number from 1 to"),
        ("platform", "toaster", "Type one of desktop, laptop"),
        ("network", "maybe", "Type on or off."),
        ("budget", "5 parsecs", "Type e.g. 500 Wh per day"),
        ("budget", "5 L per month", "Periods: session, day, week."),
        ("ledger", "postgresql://host/db", "Type a path; a server is named by the setting team."),
        ("share", "everything", "Type none, or one or more of"),
        ("team", "somewhere", "Type e.g. postgresql://name@host/database."),
        ("team", "mysql://name@host/db", "Type e.g. postgresql://name@host/database."),
        ("team", "postgresql://name:secret@host/db", "Leave the password out"),
        ("team", "host=h password = secret", "Leave the password out"),
    ],
)
def test_a_refused_value_says_what_can_be_typed(name, bad, says):
    with pytest.raises(ConfigError) as refused:
        Settings().with_value(name, bad, "test")
    assert refused.value.remedy.startswith(says)
    assert refused.value.instead == "nothing was changed"
    if name == "team" or "://" in bad:
        assert "secret" not in str(refused.value) and bad not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("platform", "Laptop", "laptop"),
        ("network", "YES", True),
        ("network", "off", False),
        ("budget", "500Wh  per day", "500 Wh per day"),
        ("team", "postgresql://name@host/db", "postgresql://name@host/db"),
        ("team", "host=h dbname=d", "host=h dbname=d"),
    ],
)
def test_a_value_is_kept_as_it_is_meant(name, typed, kept):
    assert getattr(Settings().with_value(name, f" {typed} ", "test"), name) == kept


def test_a_setting_that_is_no_word_of_ours_lists_those_that_are():
    with pytest.raises(ConfigError, match="Settings: ledger, zone"):
        Settings().with_value("zzzzzz", "on", "test")


def test_a_file_that_cannot_be_written_is_said_and_breaks_nothing(tmp_path):
    folder = tmp_path / "taken"
    folder.write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match="the setting holds for this session"):
        save("pue", "1.3", folder / "config.json")
