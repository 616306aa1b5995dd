"""Runs the tests of `OperationContract` on each case of the class that inherits them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernels.backends import BACKENDS, choose, slow


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `rung` on each backend, and one that asks for `case` on each of its class's cases.

    Large cases are run neither in loops nor by an emulated GPU: they would take minutes.
    """
    wants_case, wants_rung = "case" in metafunc.fixturenames, "rung" in metafunc.fixturenames
    cases = metafunc.cls.cases if wants_case else []
    if wants_case and wants_rung:
        pairs = [(case, name) for case in cases for name in BACKENDS if not (case.large and slow(name))]
        ids = [f"{case.name}-{name}" for case, name in pairs]
        metafunc.parametrize(("case", "rung"), pairs, ids=ids, indirect=["rung"])
    elif wants_case:
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])
    elif wants_rung:
        metafunc.parametrize("rung", BACKENDS, indirect=True)


@pytest.fixture
def rung(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on one backend, a GPU's emulated if need be; the value is its name."""
    with choose(request.param):
        yield request.param
