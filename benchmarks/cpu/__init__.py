"""This library's CPU backends beside PyTorch, Keras on TensorFlow and a network in plain NumPy.

`python -m benchmarks.cpu`.

- run.py: the command: operations, networks, record; growth.py, sizes.py: time and memory against size; start.py: cold
  and warm start
- suite.py: all cases by name; case.py: what an operation's case is; convolutions.py, images.py, pointwise.py,
  optimizers.py, networks.py: the cases
- peers.py: who is compared; process.py, worker.py: a process for each, driven over pipes; memory.py: what a process has
- side_tinyseg.py, side_torch.py, side_tensorflow.py, side_course.py: the libraries; keras_networks.py,
  course_layers.py, course_network.py: the networks there
- measuring.py: results are compared, then all are timed in turn; roofline.py: what the machine can do; machine.py:
  whether others use it; work.py: operations of a network
- rows.py: a measured row, the targets, and whether they are met; report.py, picture.py: tables, JSON and a picture
"""
