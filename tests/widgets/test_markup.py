import pytest
from hostile import CORPUS

from ipyfootprint.widgets.markup import Markup, element, joined, plain


def test_children_and_attributes_are_escaped_and_markup_is_kept():
    made = element("div", "<b>", element("i", "x"), title='"><')
    assert made == '<div title="&quot;&gt;&lt;">&lt;b&gt;<i>x</i></div>'


def test_joining_escapes_what_is_not_markup():
    assert joined("<", Markup("<br>")) == "&lt;<br>"


@pytest.mark.parametrize("name", ["script", "style", "di v", "a>"])
def test_an_element_that_could_act_is_refused(name):
    with pytest.raises(ValueError):
        element(name)


@pytest.mark.parametrize("name", ["onclick", "OnLoad", "a b", "x>"])
def test_an_attribute_that_could_act_is_refused(name):
    with pytest.raises(ValueError):
        element("div", **{name: "1"})


@pytest.mark.parametrize("evil", CORPUS)
def test_a_foreign_text_becomes_one_short_visible_line(evil):
    shown = plain(evil)
    assert len(shown) <= 120
    assert shown.isprintable(), shown
    assert plain(shown) == shown


def test_ordinary_text_of_any_language_is_kept():
    assert plain("Größe · 模型 · نموذج · e\u0301") == "Größe · 模型 · نموذج · e\u0301"
