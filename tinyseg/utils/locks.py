"""One trainer at a time in a folder: a lock that dies with its process."""

from __future__ import annotations

import errno
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

NAME = ".training.lock"
MISSING = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
"""What a file system without locks answers."""
ATTEMPTS, PAUSE = 3, 0.02
"""Whoever only looks has the lock for a moment too."""
FAR = 1 << 30
"""Windows locks bytes, and nobody else can read those: the one that is locked lies behind the text."""

_held: dict[str, FolderLock] = {}
_guard = threading.Lock()


class FolderLock:
    """A folder's lock.

    It is the operating system's, on an open file: when the process ends, however it does, the lock is gone.

    The file holds who has it, for the message; without a lock on it the file means nothing. It is removed when the lock
    is let go. A forked child does not have the lock. Locks do not count: within the `with` block of one, the same
    thread may ask again.
    """

    def __init__(self, folder: str | os.PathLike[str], cure: str = "another folder") -> None:
        """Set the folder; `cure` is what the message says can be chosen instead."""
        self.folder, self.cure = Path(folder), cure
        self.path = self.folder / NAME
        self.lasting, self.problem = False, ""
        self.thread = threading.current_thread()
        self._key = ""
        self._file: int | None = None
        self._made: list[Path] = []

    def acquire(self, *, lasting: bool = False) -> None:
        """Take the lock, and make the folder if need be; nothing is waited for.

        `lasting` says that it is let go in any case, by `with`. Any other one may be left behind by a training that was
        broken off, and the same thread takes it over. `problem` says why the folder is not locked, if its file system
        has no locks.

        Raises:
            InvalidInput: Somebody else has it.
            OSError: The folder cannot be written to.
        """
        with _guard:
            self._key = os.path.realpath(self.folder)
            holder, own = _held.get(self._key), threading.current_thread()
            if holder is not None and holder.thread is own and holder.lasting:
                return
            if holder is not None and (holder.thread is own or not holder.thread.is_alive()):
                holder._let_go()
            self._made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock()
            self.thread, self.lasting = own, lasting
            _held[self._key] = self

    def release(self) -> None:
        """Let go, if this is the one that has it; a folder that was made for it and is still empty goes as well."""
        with _guard:
            self._let_go()

    @contextmanager
    def held(self) -> Iterator[FolderLock]:
        """Hold the lock in a block."""
        self.acquire(lasting=True)
        try:
            yield self
        finally:
            self.release()

    def refuse_if_held(self) -> None:
        """Raise when somebody has the lock; touches nothing."""
        with suppress(OSError):
            file = os.open(self.path, os.O_RDWR)
            try:
                if not _try(file):
                    raise self._refusal()
            finally:
                os.close(file)  # which also unlocks

    def still_held(self) -> bool:
        """Whether the file in the folder is the one that is locked.

        Somebody may have removed the folder and begun anew in it.
        """
        if self._file is None:
            return True  # borrowed, or without locks
        try:
            return os.path.samestat(os.fstat(self._file), self.path.stat())
        except OSError:
            return False

    def _lock(self) -> None:
        """Lock the file that has the name.

        Whoever had it may have removed it just now, and then a lock on it says nothing.
        """
        for attempt in range(ATTEMPTS):
            try:
                file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as error:
                raise OSError(error.errno, f"cannot write {self.path}: {error.strerror}") from error
            try:
                if _try(file):
                    with suppress(OSError):
                        if os.path.samestat(os.fstat(file), self.path.stat()):
                            self._file = file
                            return _write(file)
                elif attempt == ATTEMPTS - 1:
                    raise self._refusal()
                else:
                    time.sleep(PAUSE)
            except OSError as error:
                if error.errno not in MISSING:
                    raise
                self.problem = (
                    f"this file system has no locks ({error.strerror}): see to it that nobody else trains here"
                )
                self.path.unlink(missing_ok=True)
                return None
            finally:
                if self._file is None:
                    os.close(file)
        raise self._refusal()

    def _let_go(self) -> None:
        if _held.get(self._key) is not self:
            return
        del _held[self._key]
        ours, file, self._file = self.still_held(), self._file, None
        with suppress(OSError):
            # While it is locked, so that nobody takes it for theirs; but Windows removes no file that anybody has open.
            if ours and file is not None and sys.platform != "win32":
                self.path.unlink()
        if file is not None:
            os.close(file)
        with suppress(OSError):
            if ours and file is not None and sys.platform == "win32":
                self.path.unlink()
            for folder in self._made if ours else ():
                folder.rmdir()

    def _refusal(self) -> InvalidInput:
        try:
            pid, host, since = self.path.read_text("utf-8").split("\n")[:3]
        except (OSError, ValueError):
            who = "another process"
        else:
            elsewhere = "" if host == platform.node() else f" on {host}"
            who = f"another process (pid {pid}{elsewhere}, since {since})"
            if pid == str(os.getpid()) and not elsewhere:
                who = f"another training of this process (since {since})"
        return InvalidInput(f"{who} trains in '{self.folder}'; wait for it, stop it, or choose {self.cure}")


def _write(file: int) -> None:
    """Say who has the lock. On a full disk the lock holds all the same."""
    now = datetime.now().astimezone().isoformat(" ", "seconds")
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n{platform.node()}\n{now}\n".encode())


def _try(file: int) -> bool:
    """Lock an open file; returns whether nobody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, FAR, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ModuleNotFoundError:  # a browser tab, in which there is no other process
        return True
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def _forget() -> None:
    """In a forked child: a lock lives as long as the file is open anywhere, so the child closes its own."""
    global _guard
    _guard = threading.Lock()
    for lock in _held.values():
        if lock._file is not None:
            os.close(lock._file)
            lock._file = None
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
