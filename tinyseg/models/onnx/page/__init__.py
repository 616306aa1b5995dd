"""A page that segments images in a browser: one HTML file with the network in it, which asks nothing of a network.

`network.js` computes the nodes that the layers are drawn as (`nodes/`), so that every layer that can be exported can be
computed there; `graph.py` puts them and their numbers into the page, `write.py` the page together.
"""

from __future__ import annotations
