"""A peer's process as the driver sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .peers import Peer, environment

QUIET = 0.02
"""Seconds in which an idle process uses next to no processor time."""


class PeerFailed(RuntimeError):
    """A peer could not do what it was asked for."""


class PeerProcess:
    """Sends requests to `benchmarks.cpu.worker` and waits for the answers."""

    def __init__(self, peer: Peer, threads: int) -> None:
        """Start the process; the library is loaded by the first request."""
        self.peer = peer
        command = [sys.executable, "-m", f"{__package__}.worker", peer.key, str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment(peer, threads), cwd=Path(__file__).parents[2],
        )  # fmt: skip

    def ask(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer to a request; raises PeerFailed."""
        self.send(action, **arguments)
        return self.receive()

    def send(self, action: str, **arguments: Any) -> None:
        """Send a request whose answer `receive` returns."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"do": action, **arguments}) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise PeerFailed(f"{self.peer.name}: {error}") from error

    def receive(self) -> dict[str, Any]:
        """Return the answer to the request that was sent; raises PeerFailed."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise PeerFailed(f"{self.peer.name}: its process ended with {self.process.wait()} (out of memory?)")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerFailed(f"{self.peer.name}: {answer['error']}")
        return answer

    def wait_until_idle(self, most: float = 2.0) -> None:
        """Wait until the process's threads sleep.

        Those of OpenMP and OpenBLAS spin for a while after work, on cores that the next peer needs.
        """
        ended = time.monotonic() + most
        before = self._busy_seconds()
        while before is not None and time.monotonic() < ended:
            time.sleep(QUIET)
            now = self._busy_seconds()
            if now is None or now - before < 0.05 * QUIET:
                return
            before = now
        if before is None:
            time.sleep(0.3)

    def _busy_seconds(self) -> float | None:
        """Return the processor time that the process's threads have used; None where the system does not tell."""
        total = 0
        try:
            for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
                try:
                    total += int((thread / "schedstat").read_text().split()[0])
                except FileNotFoundError:
                    continue  # it ended
        except (OSError, ValueError):
            return None
        return total / 1e9

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            with suppress(OSError):  # what it was sent last, if it has ended without reading it
                self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
