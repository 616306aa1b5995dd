"""Code with its colours, as Sphinx writes it."""

from __future__ import annotations

from html import unescape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name


def highlighted(escaped: str, language: str) -> str:
    """Return code that stands escaped in HTML as HTML with colours."""
    code = highlight(unescape(escaped), get_lexer_by_name(language), HtmlFormatter(nowrap=True))
    return f'<div class="highlight-{language} notranslate"><div class="highlight"><pre>{code}</pre></div></div>'
