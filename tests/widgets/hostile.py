"""Texts that try to act: as script, attribute, SVG, style, template, terminal code or bidi."""

from __future__ import annotations

CORPUS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '" onmouseover="window.pwned=1',
    "' onfocus='window.pwned=1' autofocus='",
    "<svg onload=window.pwned=1><circle/></svg>",
    "</title></svg><script>window.pwned=1</script>",
    "<style>*{display:none}</style>",
    '"style="position:fixed;inset:0;background:url(javascript:window.pwned=1)',
    "<a href=javascript:window.pwned=1>x</a>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<math><mtext><mglyph><style><!--</style><img title='--&gt;<img src=1 onerror=a=1>'>",
    "]]><script>window.pwned=1</script>",
    "<!-- --!><script>window.pwned=1</script>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "${window.pwned=1}",
    "%s%n{0.__class__}{number}{}",
    "\u202egnp.exe\u202c abc",
    "\u2066evil\u2069\u200f\u061c",
    "\x1b]8;;x\x07click\x1b]8;;\x07\x1b[2J",
    "nul\x00byte\x08\x7f",
    "line\nbreak\r\nand\u2028separator",
    "z\u0334\u0335\u0336" * 40,
    "A" * 5000,
    "\ud800 lone surrogate",
)
HARMLESS_TAGS = {
    "div", "span", "b", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "img",
}  # fmt: skip
