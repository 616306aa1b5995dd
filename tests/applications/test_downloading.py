"""Published weights are fetched once, whole, and checked; from a server on this machine."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import tinyseg
from tinyseg.applications import EfficientNetLite0, MobileNetV2, ResNet50
from tinyseg.applications.classifiers import KNOWN
from tinyseg.applications.classifiers.known import Download
from tinyseg.applications.classifiers.loading import fetched

CONTENT = b"weights" * 1000


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and counts."""

    served = 0

    def do_GET(self) -> None:
        """Serve a file."""
        Quiet.served += 1
        super().do_GET()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def place(tmp_path: Any, monkeypatch: Any) -> Any:
    """Serve a file; return what a network is known by whose weights it is, given a checksum."""
    pytest.importorskip("pooch")
    pytest.importorskip("requests")
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "net-00000000.pth").write_bytes(CONTENT)
    monkeypatch.setenv("TINYSEG_WEIGHTS", str(tmp_path / "cache"))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Quiet.served = 0
    address = f"http://127.0.0.1:{server.server_port}/net-00000000.pth"
    yield lambda checksum, at=address: replace(KNOWN["resnet18"], weights=Download(at, checksum))
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_once_and_checked(place: Any) -> None:
    known = place(hashlib.sha256(CONTENT).hexdigest()[:8])
    path = fetched(known)
    assert path.read_bytes() == CONTENT
    assert fetched(known) == path
    assert Quiet.served == 1
    path.write_bytes(b"other")
    with pytest.raises(tinyseg.InvalidInput, match="damaged, or another file"):
        fetched(known)


def test_what_has_another_checksum_is_not_kept(place: Any, tmp_path: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=r"does not have the SHA-256 12345678.*nothing was kept"):
        fetched(place("12345678"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_a_network_the_error_says_what_to_do(place: Any, tmp_path: Any) -> None:
    known = place("12345678", "http://127.0.0.1:1/net-00000000.pth")
    with pytest.raises(tinyseg.InvalidInput, match=r"could not download .* give its path, or put it at .*cache"):
        fetched(known)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_file_on_the_server_is_an_error(place: Any) -> None:
    good = place("12345678")
    missing = replace(good, weights=Download(good.weights.address.replace("net", "other"), "12345678"))
    with pytest.raises(tinyseg.InvalidInput, match="could not download"):
        fetched(missing)


def test_where_nothing_official_is_known() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="no official file"):
        EfficientNetLite0(weights="imagenet")
    for build in (MobileNetV2, ResNet50):
        with pytest.raises(tinyseg.InvalidInput, match="no official file of the variant 'keras'"):
            build(weights="imagenet", variant="keras")


def test_checksums_are_those_in_the_names() -> None:
    for known in KNOWN.values():
        if known.weights is not None:
            assert known.weights.address.startswith("https://download.pytorch.org/models/")
            assert len(known.weights.sha256) == 8
            assert int(known.weights.sha256, 16) >= 0
            assert known.weights.address.endswith(f"-{known.weights.sha256}.pth")
