"""Sphinx's configuration. `python docs/site/build.py` fills the stage and calls Sphinx with it."""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT), str(ROOT / "kernels")]
os.environ["TINYSEG_BACKEND"] = "numpy"  # importing for the reference compiles nothing

from sitebuild.links import source_page

import tinyseg

project = "tinyseg"
author = "the tinyseg authors"
copyright = author
release = version = tinyseg.__version__
language = "en"
root_doc = "index"

extensions = [
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.linkcode",
    "sphinx.ext.mathjax",
    "sitebuild.links",
    "sitebuild.docstrings",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = ["_thumbnails"]
nitpicky = False

# Texts
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "html_image"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
nb_execution_mode = "off"  # executed before, in several processes, by tutorials/run.py
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # else loaded from another host
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

# Mathematics: MathJax is in the stage's static files, from the package sphinx-mathjax-offline.
mathjax_path = "mathjax/tex-mml-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}, "chtml": {"displayAlign": "center"}}

# Reference
autoclass_content = "both"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = ["Input shape", "Output shape", "Input and output shape", "Weights"]

html_title = "tinyseg"
html_favicon = "static/icon.svg"
html_theme = "pydata_sphinx_theme"
html_static_path = ["static", "../../build/site/static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_extra_path = ["../../build/site/extra"]
html_domain_indices = False
html_context = {"default_mode": "auto"}
html_sidebars = {"index": [], "gallery": [], "glossary": [], "browser": []}
html_theme_options: dict[str, Any] = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_toc_level": 2,
    "navigation_depth": 3,
    "search_bar_text": "Search",
    "footer_start": ["copyright"],
    "footer_end": [],
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def linkcode_resolve(domain: str, info: dict[str, str]) -> str | None:
    """Return where the site shows the code of a name: all pages of the reference are two folders deep."""
    if domain != "py" or not info["module"]:
        return None
    thing: Any = sys.modules.get(info["module"])
    for part in info["fullname"].split("."):
        thing = getattr(thing, part, None)
    thing = inspect.unwrap(thing) if callable(thing) else thing
    thing = getattr(thing, "fget", None) or getattr(thing, "func", None) or thing
    try:
        file, (_, line) = inspect.getsourcefile(thing), inspect.getsourcelines(thing)
    except (TypeError, OSError):
        return None
    if file is None or not Path(file).is_relative_to(ROOT):
        return None
    return f"../../{source_page(Path(file).relative_to(ROOT).as_posix())}#L{max(line, 1)}"
