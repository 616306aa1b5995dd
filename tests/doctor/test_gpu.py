"""What is found wrong with made-up machines, each with the one command that mends it; and a look at this machine."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tinyseg.doctor import Fault, Finding, Gpu, Machine, Trial, diagnose, diagnose_emulator, diagnose_gpu, report
from tinyseg.doctor import machine as machine_module
from tinyseg.doctor.commands import DOWNLOADS
from tinyseg.doctor.machine import cuda_folders, gather, module_version
from tinyseg.doctor.rules import RULES
from tinyseg.doctor.trial import compute, trial

T4 = Gpu("Tesla T4", (7, 5))
PACKAGES_12 = {
    "cupy-cuda12x": "14.2.0",
    "numba": "0.68.1",
    "numba-cuda": "0.30.4",
    "nvidia-cublas-cu12": "12.9.2.10",
    "nvidia-cuda-nvcc-cu12": "12.9.86",
    "nvidia-cuda-nvrtc-cu12": "12.9.86",
    "nvidia-nvjitlink-cu12": "12.9.86",
}
PACKAGES_13 = {
    "cupy-cuda13x": "14.2.0",
    "numba": "0.68.1",
    "numba-cuda": "0.30.4",
    "nvidia-cublas": "13.1.0.3",
    "nvidia-nvvm": "13.5.37",
    "nvidia-cuda-nvrtc": "13.5.37",
    "nvidia-nvjitlink": "13.5.37",
}
FILES = {"cupy": "14.2.0", "numba": "", "numba_cuda": ""}
HEALTHY_12 = Machine(nvidia_hardware=True, driver_cuda=(12, 9), gpus=(T4,), packages=PACKAGES_12, module_versions=FILES)
HEALTHY_13 = replace(HEALTHY_12, driver_cuda=(13, 0), packages=PACKAGES_13)
NOTHING_INSTALLED = replace(HEALTHY_12, packages={}, module_versions={"cupy": None, "numba": None, "numba_cuda": None})


def without(packages: dict[str, str], *names: str) -> dict[str, str]:
    """Return the packages without some of them."""
    assert set(names) <= set(packages)
    return {name: version for name, version in packages.items() if name not in names}


def only_finding(machine: Machine) -> Finding:
    """Return the one thing that is wrong."""
    (finding,) = diagnose(machine)
    assert finding.problem
    assert finding.why
    return finding


@pytest.mark.parametrize(
    "machine",
    [
        HEALTHY_12,
        HEALTHY_13,
        replace(HEALTHY_12, driver_cuda=(13, 0)),  # CuPy for CUDA 12 runs under a newer driver
        replace(HEALTHY_12, driver_cuda=(12, 4)),  # nvJitLink translates newer PTX
        replace(HEALTHY_12, system="Windows"),
        replace(HEALTHY_12, trials={"cupy": Trial(), "numba-cuda": Trial()}),
        replace(
            HEALTHY_12, packages=without(PACKAGES_12, "nvidia-cublas-cu12"), toolkit_libraries=frozenset({"cublas"})
        ),
        replace(HEALTHY_12, gpus=(Gpu("Quadro P400", (6, 1)), T4)),  # one that is good enough
        replace(
            HEALTHY_12, variables={"NUMBA_ENABLE_CUDASIM": "0", "CUDA_VISIBLE_DEVICES": "0", "LD_LIBRARY_PATH": "/a"}
        ),
        replace(HEALTHY_12, path_libraries={"/usr/local/cuda/lib64": (12, 4)}),
        Machine(),
        Machine(system="Darwin"),
        Machine(system="Windows", packages={"numba": "0.61.0"}),
        Machine(extras=None),
    ],
)
def test_nothing_is_found_on_a_healthy_machine_nor_on_one_without_a_gpu(machine: Machine) -> None:
    assert diagnose(machine) == []


@pytest.mark.parametrize(
    ("machine", "words", "command"),
    [
        (Machine(nvidia_hardware=True, distribution="ubuntu"), "no driver", "sudo ubuntu-drivers install"),
        (Machine(nvidia_hardware=True, distribution="fedora"), "no driver", "sudo dnf install akmod-nvidia"),
        (
            Machine(nvidia_hardware=True, container=True, distribution="ubuntu"),
            "no driver",
            "docker run --gpus all ...",
        ),
        (Machine(nvidia_hardware=True, system="Windows"), "no driver", f"start {DOWNLOADS}"),
        (
            replace(
                HEALTHY_12,
                gpus=(),
                driver_error="error 803: system has unsupported display driver / cuda driver combination",
            ),
            "803",
            "sudo reboot",
        ),
        (replace(HEALTHY_12, gpus=()), "does not start", "sudo reboot"),
        (
            replace(
                HEALTHY_12,
                gpus=(),
                driver_error="error 100: no CUDA-capable device is detected",
                variables={"CUDA_VISIBLE_DEVICES": ""},
            ),
            "CUDA_VISIBLE_DEVICES",
            "unset CUDA_VISIBLE_DEVICES",
        ),
        (
            replace(HEALTHY_12, driver_cuda=(11, 4), distribution="debian"),
            "CUDA 11.4 at most",
            "sudo apt install nvidia-driver",
        ),
        (
            replace(HEALTHY_12, gpus=(Gpu("Tesla P100", (6, 0)),)),
            "Tesla P100 has compute capability 6.0",
            "export TINYSEG_BACKEND=numpy",
        ),
        (replace(HEALTHY_12, gpus=(Gpu("Tesla P100", (6, 0)),), system="Windows"), "6.0", "set TINYSEG_BACKEND=numpy"),
        (
            replace(HEALTHY_12, extras=("gpu", "test")),
            "older than its files",
            'pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_13, extras=("gpu", "test"), source="/home/me/tinyseg"),
            "older than its files",
            'pip install --upgrade -e "/home/me/tinyseg[cuda13]"',
        ),
        (
            replace(HEALTHY_12, twice=("numba-cuda",)),
            "numba-cuda is there twice",
            'pip install --force-reinstall --no-deps "numba-cuda==0.30.4"',
        ),
        (
            replace(HEALTHY_12, packages=PACKAGES_12 | {"cupy-cuda13x": "14.2.0"}),
            "several distributions of CuPy",
            'pip uninstall -y cupy-cuda12x cupy-cuda13x && pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_13, packages=PACKAGES_13 | {"cupy": "13.6.0"}),
            "several distributions of CuPy",
            'pip uninstall -y cupy-cuda13x cupy && pip install --upgrade "tinyseg[cuda13]"',
        ),
        (
            replace(HEALTHY_12, module_versions=FILES | {"cupy": None}),
            "files are not there",
            'pip install --force-reinstall --no-deps "cupy-cuda12x==14.2.0"',
        ),
        (
            replace(HEALTHY_12, module_versions=FILES | {"cupy": "13.6.0"}),
            "the files are those of 13.6.0",
            'pip install --force-reinstall --no-deps "cupy-cuda12x==14.2.0"',
        ),
        (
            replace(HEALTHY_12, packages=without(PACKAGES_12, "cupy-cuda12x")),
            "CuPy is not installed",
            'pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_13, packages=without(PACKAGES_13, "cupy-cuda13x")),
            "CuPy is not installed",
            'pip install --upgrade "tinyseg[cuda13]"',
        ),
        (
            replace(HEALTHY_13, driver_cuda=(14, 1), packages=without(PACKAGES_13, "cupy-cuda13x")),
            "CuPy is not installed",
            'pip install --upgrade "tinyseg[cuda13]"',
        ),
        (
            replace(HEALTHY_13, driver_cuda=(12, 9), packages=without(PACKAGES_13, "nvidia-nvvm")),
            "built for CUDA 13, and the driver supports CUDA 12.9",
            'pip uninstall -y cupy-cuda13x && pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_12, packages=without(PACKAGES_12, "cupy-cuda12x") | {"cupy-cuda11x": "14.2.0"}),
            "built for CUDA 11",
            'pip uninstall -y cupy-cuda11x && pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_12, packages=without(PACKAGES_12, "cupy-cuda12x") | {"cupy-rocm-7-0": "14.2.0"}),
            "AMD",
            'pip uninstall -y cupy-rocm-7-0 && pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(
                HEALTHY_12,
                packages=PACKAGES_12 | {"cupy-cuda12x": "13.6.0"},
                module_versions=FILES | {"cupy": "13.6.0"},
            ),
            "cupy-cuda12x 13.6.0 is installed; 14.x",
            'pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_12, packages=without(PACKAGES_12, "numba-cuda")),
            "old target built into it",
            'pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_12, packages=without(PACKAGES_12, "numba-cuda", "numba")),
            "numba-cuda is not installed",
            'pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_12, packages=PACKAGES_12 | {"numba-cuda": "0.22.1"}),
            "numba-cuda 0.22.1",
            'pip install "numba-cuda>=0.30,<0.31"',
        ),
        (
            Machine(packages={"numba-cuda": "0.31.0"}),
            "numba-cuda 0.31.0",
            'pip install "numba-cuda>=0.30,<0.31"',
        ),  # the simulator needs it without a GPU
        (
            replace(HEALTHY_12, packages=without(PACKAGES_12, "nvidia-cublas-cu12")),
            "cuBLAS was not found",
            'pip install --upgrade "tinyseg[cuda12]"',
        ),
        (
            replace(HEALTHY_12, driver_cuda=(12, 4), packages=without(PACKAGES_12, "nvidia-nvjitlink-cu12")),
            "compiler of CUDA 12.9 writes PTX that is too new for the driver, which supports CUDA 12.4",
            'pip install --upgrade "tinyseg[cuda12]" "cuda-toolkit<12.5"',
        ),
        (
            replace(HEALTHY_13, trials={"cupy": Trial(), "numba-cuda": Trial("CUDA_ERROR_UNSUPPORTED_PTX_VERSION")}),
            "compiler of CUDA 13.5",
            'pip install --upgrade "tinyseg[cuda13]" "cuda-toolkit<13.1"',
        ),
        (
            replace(HEALTHY_12, variables={"NUMBA_ENABLE_CUDASIM": "1"}),
            "NUMBA_ENABLE_CUDASIM is '1'",
            "unset NUMBA_ENABLE_CUDASIM",
        ),
        (
            replace(HEALTHY_12, variables={"NUMBA_ENABLE_CUDASIM": "1"}, system="Windows"),
            "NUMBA_ENABLE_CUDASIM",
            "set NUMBA_ENABLE_CUDASIM=",
        ),
        (
            replace(
                HEALTHY_12,
                path_libraries={"/opt/cuda-11.8/lib64": (11, 8)},
                variables={"LD_LIBRARY_PATH": "/opt/cuda-11.8/lib64"},
            ),
            "CUDA 11.8 in /opt/cuda-11.8/lib64",
            "unset LD_LIBRARY_PATH",
        ),
        (
            replace(
                HEALTHY_13, path_libraries={"/c/lib": (12, 4)}, variables={"LD_LIBRARY_PATH": "/mine:/c/lib:/more"}
            ),
            "CUDA 12.4 in /c/lib",
            "export LD_LIBRARY_PATH=/mine:/more",
        ),
        (
            replace(HEALTHY_12, trials={"cupy": Trial(), "numba-cuda": Trial("Segmentation fault")}),
            "'numba-cuda' failed: Segmentation fault",
            'pip install --upgrade --force-reinstall "tinyseg[cuda12]"',
        ),
    ],
)
def test_a_problem_is_found_with_its_command(machine: Machine, words: str, command: str) -> None:
    finding = only_finding(machine)
    assert words in finding.problem
    assert finding.command == command


def test_every_rule_finds_something_on_some_machine_above() -> None:
    (mark,) = test_a_problem_is_found_with_its_command.pytestmark
    machines = [parameters[0] for parameters in mark.args[1]]
    silent = [rule.__name__ for rule in RULES if not any(rule(machine) for machine in machines)]
    assert silent == []
    assert {finding.fault for machine in machines for finding in diagnose(machine)} == set(Fault)


def test_a_fresh_machine_is_told_the_extra_once_per_missing_package() -> None:
    found = diagnose(NOTHING_INSTALLED)
    assert [finding.problem.split(" is")[0] for finding in found] == ["CuPy", "numba-cuda"]
    assert {finding.command for finding in found} == {'pip install --upgrade "tinyseg[cuda12]"'}


def test_a_failed_trial_is_not_told_beside_its_cause() -> None:
    machine = replace(HEALTHY_12, packages=without(PACKAGES_12, "numba-cuda"), trials={"cupy": Trial("it failed")})
    assert "it failed" not in only_finding(machine).problem


def test_this_machine_can_be_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "libcudart.so.11.0").touch()
    (tmp_path / "libnvrtc.so.11.2").touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}:/nowhere")
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    machine = gather()
    assert machine.system in ("Linux", "Darwin", "Windows")
    assert machine.variables["NUMBA_ENABLE_CUDASIM"] == "1"
    assert machine.path_libraries == {str(tmp_path): (11, 2)}
    assert (machine.driver_cuda is None) <= (machine.gpus == ())
    assert isinstance(diagnose(machine), list)


def test_a_report_holds_the_facts_and_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "gather", lambda: NOTHING_INSTALLED)
    found = diagnose_gpu()
    assert found.machine == NOTHING_INSTALLED
    assert [finding.fault for finding in found.findings] == [Fault.CUPY_MISSING, Fault.NUMBA_CUDA_MISSING]


def test_the_emulator_is_looked_at() -> None:
    found = diagnose_emulator(replace(HEALTHY_12, packages={"numba": "0.68.1"}))
    assert found.missing == ("numba-cuda", "greenlet")
    assert found.numba_cuda == ""
    assert (found.compiler == "") != (found.problem == "")
    assert diagnose_emulator(replace(HEALTHY_12, packages=PACKAGES_12 | {"greenlet": "3.2"})).numba_cuda == "0.30.4"


def test_versions_of_libraries_on_a_path(tmp_path: Path) -> None:
    empty, new = tmp_path / "empty", tmp_path / "new"
    empty.mkdir()
    new.mkdir()
    (new / "libnvrtc.so.13").touch()
    (new / "libnvrtc-builtins.so.13.1").touch()
    assert cuda_folders(f"{empty}::{new}:{tmp_path / 'missing'}") == {str(new): (13, 1)}
    assert cuda_folders("") == {}


def test_a_module_is_asked_for_its_version_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("made_up_a", "__version__ = '3.4.5'"), ("made_up_b", "version = unknown")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('imported')")
        (tmp_path / name / "_version.py").write_text(text)
    (tmp_path / "made_up_c").mkdir()  # files gone: a folder without __init__.py
    monkeypatch.syspath_prepend(tmp_path)
    assert module_version("made_up_a") == "3.4.5"
    assert module_version("made_up_b") == ""
    assert module_version("made_up_c") is None
    assert module_version("made_up_d") is None


def test_a_record_that_is_there_twice_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("14.1.0", "14.2.0"):
        folder = tmp_path / f"cupy_cuda12x-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: cupy-cuda12x\nVersion: {version}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    machine_packages, twice = machine_module._packages()
    assert machine_packages == {"cupy-cuda12x": "14.2.0"}
    assert twice == ("cupy-cuda12x",)


@pytest.mark.parametrize(
    ("vendor", "kind", "expected"),
    [
        ("0x10de", "0x030000", True),
        ("0x10de", "0x030200", True),
        ("0x10de", "0x040300", False),
        ("0x8086", "0x030000", False),
    ],
)
def test_hardware_is_seen_without_a_driver(tmp_path: Path, vendor: str, kind: str, expected: bool) -> None:
    device = tmp_path / "0000:01:00.0"
    device.mkdir()
    (device / "vendor").write_text(vendor + "\n")
    (device / "class").write_text(kind + "\n")
    (tmp_path / "0000:02:00.0").mkdir()  # one that cannot be read
    assert machine_module._nvidia_hardware(tmp_path) is expected


def test_no_trial_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "gather", lambda: replace(NOTHING_INSTALLED))
    assert report.machine_with_trials().trials == {}
    monkeypatch.setattr(report, "gather", lambda: HEALTHY_12)
    monkeypatch.setattr("tinyseg.doctor.trial.trial", lambda name: Trial(f"tried {name}"))
    assert report.machine_with_trials().trials == {
        "cupy": Trial("tried cupy"),
        "numba-cuda": Trial("tried numba-cuda"),
    }


def test_a_trial_that_cannot_run_says_why() -> None:
    assert "unknown backend 'cuppy'" in trial("cuppy").error


def test_the_trial_computes_what_numpy_does() -> None:
    compute("cupy", emulate=True)
