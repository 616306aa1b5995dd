"""The choice of a kernel's version."""

from __future__ import annotations

import threading

import pytest
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu.versions import forced_version, versions


def test_nothing_is_forced_without_a_choice() -> None:
    assert forced_version("gemm") is None


def test_choices_nest_and_end() -> None:
    with versions(gemm="naive", conv2d="winograd"):
        with versions(gemm="shared_tiles"):
            assert forced_version("gemm") == "shared_tiles"
            assert forced_version("conv2d") == "winograd"
        assert forced_version("gemm") == "naive"
    assert forced_version("gemm") is None
    assert forced_version("conv2d") is None


def test_a_choice_ends_with_an_error() -> None:
    with pytest.raises(KeyError), versions(gemm="naive"):
        raise KeyError
    assert forced_version("gemm") is None


def test_a_choice_holds_for_its_thread_alone() -> None:
    seen = []
    with versions(gemm="naive"):
        thread = threading.Thread(target=lambda: seen.append(forced_version("gemm")))
        thread.start()
        thread.join()
    assert seen == [None]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"gem": "naive"}, r"unknown operation with versions 'gem'; did you mean 'gemm'\?"),
        ({"gemm": "cubas"}, r"unknown version of gemm 'cubas'; did you mean 'cublas'\? \(known: .*register_tiles.*\)"),
        ({"conv2d": "cublas"}, "unknown version of conv2d 'cublas'"),
    ],
)
def test_an_unknown_name_is_refused(choices: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message), versions(**choices):
        pass
