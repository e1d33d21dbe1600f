"""An executed notebook on paper: exported to HTML and printed to PDF with scripts off."""

import re

import pypdfium2
import pytest
from test_export import executed  # noqa: F401 (a fixture)

LINE = (0x2F, 0x7F, 0xC1)  # the colour of energy in static drawings


@pytest.fixture(scope="module")
def printed(executed, browser):  # noqa: F811
    """The PDF's pages."""
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter().from_notebook_node(executed)
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.set_content(body, wait_until="domcontentloaded")
    made = page.pdf(format="A4", print_background=True)
    context.close()
    document = pypdfium2.PdfDocument(made)
    yield [document[index] for index in range(len(document))]
    document.close()


def words(text):
    """The letters alone: a PDF breaks lines, and has signs of its own for hyphens there."""
    return re.sub(r"[\s\x02\ufffe-]", "", text)


def test_badge_summary_and_finding_are_on_paper_in_words(executed, printed):  # noqa: F811
    paper = words("\n".join(page.get_textpage().get_text_range() for page in printed))
    assert "Cell1(work)done" in paper and "ofthesavingisusedup" in paper
    (summary,) = [out.data["text/plain"] for out in executed.cells[3].outputs]
    assert "Footprint of this session" in summary
    for cell in re.split(r"\n|\s{2,}", summary):
        if "from left to right" in cell or "How the gain feeds back" in cell:
            continue  # told by the picture
        # Word by word: the end of a page may part a row whose columns have several lines.
        missing = [word for word in cell.split() if words(word) not in paper]
        assert missing == [], cell


def test_the_pictures_are_on_paper(printed):
    inked = 0
    for page in printed:
        image = page.render(scale=1).to_pil().convert("RGB")
        colours = {colour: count for count, colour in image.getcolors(image.width * image.height)}
        inked += colours.get(LINE, 0)
    assert inked > 100, "the timeline's bars"


def test_nothing_runs_off_the_paper(printed):
    for page in printed:
        text, wide = page.get_textpage(), page.get_width()
        for index in range(text.count_rects()):
            left, _, right, _ = text.get_rect(index)
            assert left >= 0 and right <= wide, text.get_text_bounded(*text.get_rect(index))
