"""What the chapters of the book share: rows of pictures, the library's own code, exercises, terms, real images.

The chapters are in `tutorials/`. These functions come with the package, so that a chapter runs wherever tinyseg does:
in a clone, in Colab, in a browser tab.
"""

from .choosing import choose
from .exercises import exercises
from .images import real_images, show
from .sources import source
from .terms import terms

__all__ = ["choose", "exercises", "real_images", "show", "source", "terms"]
