"""What is left of every static view on a page that keeps no style, class, script or image data."""

import re

import bleach
import pytest
from made_up import ADVICE, SESSION, made_finding, made_run, made_runs, made_summary, made_trace
from test_static_view import Page

from ipyfootprint.widgets.runs_table import runs_view
from ipyfootprint.widgets.static_view import finding_view, line_view, run_view, summary_view
from ipyfootprint.widgets.summary import summarise

# What GitHub keeps of the HTML in a file: no style, class or id, no SVG, no data: address.
TAGS = {
    "h1", "h2", "h3", "h4", "h5", "h6", "br", "b", "i", "strong", "em", "a", "pre", "code", "img",
    "tt", "div", "ins", "del", "sup", "sub", "p", "ol", "ul", "table", "thead", "tbody", "tfoot",
    "blockquote", "dl", "dt", "dd", "kbd", "q", "samp", "var", "hr", "li", "tr", "td", "th", "s",
    "strike", "summary", "details", "caption", "figure", "figcaption", "abbr", "cite", "dfn",
    "mark", "small", "span",
}  # fmt: skip
ATTRIBUTES = {"a": ["href"], "img": ["src"], "*": ["alt", "title", "width", "height", "align"]}
VIEWS = {
    "badge": run_view(made_run(3, label="train"), made_run(1, 90_000.0), made_trace()),
    "finding": finding_view(made_finding(answer="planned"), ADVICE),
    "summary": summary_view(made_summary(equivalents=True)),
    "empty": summary_view(summarise(SESSION, [])),
    "runs": runs_view(made_runs(5)),
    "line": line_view("Waiting until 14:00 <for a cleaner hour>"),
}


def left_of(html):
    return bleach.clean(html, TAGS, ATTRIBUTES, ["http", "https", "mailto"], strip=True)


@pytest.mark.parametrize("name", VIEWS)
def test_a_strict_page_still_says_all_that_the_text_says(name):
    kept = Page(left_of(VIEWS[name].html))
    words = "".join(kept.words.split()) + "".join(
        "".join(value.split()) for key, value in kept.attributes if key in ("alt", "title")
    )
    for part in re.split(r"\n|\s{2,}| · ", VIEWS[name].text):
        assert "".join(part.removeprefix("- ").split()) in words, part


@pytest.mark.parametrize("name", VIEWS)
def test_a_strict_page_takes_away_looks_alone(name):
    kept, given = Page(left_of(VIEWS[name].html)), Page(VIEWS[name].html)
    assert kept.tags == given.tags and kept.words == given.words
    assert {key for key, _ in given.attributes} <= {
        "style",
        "title",
        "src",
        "alt",
        "width",
        "height",
    }


@pytest.mark.parametrize("name", VIEWS)
def test_the_text_reads_well_in_a_terminal(name):
    text = VIEWS[name].text
    assert "<" not in text.replace("<for", "") and "&" not in text
    assert not re.search(r"[ \t]+$", text, re.MULTILINE), "no line ends in spaces"
    assert "\n\n\n" not in text and text == text.strip()
