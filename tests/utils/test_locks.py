"""One trainer at a time: held, refused, let go, and gone with its process."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tinyseg
from tinyseg.utils import locks
from tinyseg.utils.locks import FolderLock

HOLDER = """
    import sys
    from tinyseg.utils.locks import FolderLock
    lock = FolderLock(sys.argv[1])
    lock.acquire()
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_by_another(folder: Path, program: str = HOLDER) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock in a block, unless the block ends it."""
    command = [sys.executable, "-c", textwrap.dedent(program), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def in_thread(function: Any) -> BaseException | None:
    """Call in another thread; returns what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0] if raised else None


def test_the_second_process_is_told_who_has_it(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as process:
        before = (tmp_path / locks.NAME).read_bytes()
        for ask in (FolderLock(tmp_path).acquire, FolderLock(tmp_path, "another --out").refuse_if_held):
            with pytest.raises(tinyseg.InvalidInput) as caught:
                ask()
            assert f"another process (pid {process.pid}, since 20" in str(caught.value)
            assert f"trains in '{tmp_path}'; wait for it, stop it, or choose another" in str(caught.value)
        assert (tmp_path / locks.NAME).read_bytes() == before


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_it_dies_with_its_process(end: str, tmp_path: Path) -> None:
    """The file that stays means nothing."""
    with held_by_another(tmp_path) as process:
        process.send_signal(getattr(signal, end))
        process.wait()
        assert (tmp_path / locks.NAME).exists()
        FolderLock(tmp_path).refuse_if_held()
        with FolderLock(tmp_path).held():
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX only")
def test_a_forked_child_does_not_hold_it(tmp_path: Path) -> None:
    """The child lives on when its parent is killed, and when it ends, the parent's file stays."""
    program = """
        import os, sys, time
        from tinyseg.utils.locks import FolderLock
        lock = FolderLock(sys.argv[1])
        lock.acquire()
        child = os.fork()
        if not child:
            lock.release()
            time.sleep(60)
            os._exit(0)
        time.sleep(0.2)
        print(os.path.exists(lock.path) and "held", flush=True)
        sys.stdin.readline()
        print(child, flush=True)
        sys.stdin.readline()
    """
    with held_by_another(tmp_path, program) as process:
        with pytest.raises(tinyseg.InvalidInput, match=f"pid {process.pid}"):
            FolderLock(tmp_path).acquire()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        os.kill(child, 0)  # it is there
        with FolderLock(tmp_path).held():
            pass
        os.kill(child, signal.SIGKILL)


def test_another_thread_is_refused_and_the_same_one_is_not(tmp_path: Path) -> None:
    """Within the block of the one that lasts, the same thread only borrows."""
    with FolderLock(tmp_path).held():
        inner = FolderLock(tmp_path)
        inner.acquire()
        inner.release()
        assert (tmp_path / locks.NAME).exists()
        refused = in_thread(FolderLock(tmp_path).acquire)
        assert isinstance(refused, tinyseg.InvalidInput)
        assert "another training of this process" in str(refused)
    assert in_thread(FolderLock(tmp_path).held().__enter__) is None


def test_what_a_broken_off_training_left_is_taken_over(tmp_path: Path) -> None:
    """By the same thread, or when the thread has ended.

    And the one that is over cannot let go of what is no longer its own.
    """
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()
    second.acquire()
    first.release()
    with pytest.raises(tinyseg.InvalidInput):
        raise in_thread(FolderLock(tmp_path).acquire) or AssertionError
    second.release()
    assert list(tmp_path.iterdir()) == []
    assert in_thread(first.acquire) is None
    with second.held():
        assert second.still_held()


def test_a_folder_made_for_it_goes_with_it(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "a" / "b").held():
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []
    with FolderLock(tmp_path / "a" / "b").held():
        (tmp_path / "a" / "b" / "file").touch()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["file"]


def test_a_folder_that_was_replaced_is_noticed(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "run").held() as lock:
        assert lock.still_held()
        (tmp_path / "run").rename(tmp_path / "moved")
        assert not lock.still_held()
        with held_by_another(tmp_path / "run"):
            assert not lock.still_held()
            lock.release()
            assert (tmp_path / "run" / locks.NAME).exists()


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_is_said(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int) -> bool:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(locks, "_try", refuse)
    for _ in range(2):
        with FolderLock(tmp_path).held() as lock:
            assert "no locks" in lock.problem
            assert lock.still_held()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        FolderLock(tmp_path / "file").acquire()
    (tmp_path / locks.NAME).mkdir()
    with pytest.raises(OSError, match=f"cannot write {tmp_path}"):
        FolderLock(tmp_path).acquire()


def test_a_full_disk_takes_the_lock_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with FolderLock(tmp_path).held():
        refused = in_thread(FolderLock(tmp_path).acquire)
        assert "another process trains" in str(refused)


@pytest.mark.skipif(os.name == "nt", reason="an open file keeps its name there")
def test_a_lock_on_a_file_that_was_replaced_meanwhile_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking somebody removes the file, and another one makes a new one of the name."""
    taken: list[int] = []
    take = locks._try

    def replaced_first(file: int) -> bool:
        if not taken:
            (tmp_path / locks.NAME).unlink()
            (tmp_path / locks.NAME).touch()
        taken.append(file)
        return take(file)

    monkeypatch.setattr(locks, "_try", replaced_first)
    with FolderLock(tmp_path).held() as lock:
        assert lock.still_held()
    assert len(taken) > 1
