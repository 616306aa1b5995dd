"""What the playground computes: Python that runs in the browser tab, on tinyseg's NumPy rung.

`network.py` draws the network, `bugs.py` breaks its gradient, `fields.py` finds receptive fields, and `session.py`
answers the page.
"""
