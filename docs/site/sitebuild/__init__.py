"""Parts of the site's build: what is written into the stage, the folder that Sphinx reads, and Sphinx extensions.

The stage has the layout of the repository (README.md, docs/, tutorials/), so that links between texts work as they
are, and beside it what is made of the sources: api/, ladder/, gallery.md, glossary.md.
"""
