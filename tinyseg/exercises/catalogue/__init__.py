"""The exercises: one folder each, named as the exercise is.

__init__.py   EXERCISE, an `Exercise`: chapter, difficulty, what it is held against, groups of points
stub.py       what a learner gets
solution.py   a right answer, with its derivation
mistakes.py   MISTAKES: planted bugs, each of which the checker must find and name
en.toml       title, summary, three hints; further languages beside it (zh-CN.toml)
"""
