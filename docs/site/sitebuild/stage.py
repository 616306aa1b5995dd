"""The stage: a folder of pages that is brought up to date, so that Sphinx reads again only what has changed."""

from __future__ import annotations

from pathlib import Path

WIDE = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n\n"
"""The beginning of a page that needs its whole width: no table of contents beside it."""


class Stage:
    """A folder that holds, in the end, exactly the files that were put there."""

    def __init__(self, root: Path) -> None:
        """Begin; what is there from before stays until `finish`."""
        self.root = root
        self._put: set[Path] = set()

    def put(self, name: str, content: str | bytes) -> None:
        """Write a file, unless it has that content already."""
        path = self.root / name
        data = content.encode("utf-8") if isinstance(content, str) else content
        self._put.add(path)
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def copy(self, source: Path, name: str) -> None:
        """Copy a file, unless it is there as it is."""
        self.put(name, source.read_bytes())

    def has(self, name: str) -> bool:
        """Return whether a file was put under a name."""
        return self.root / name in self._put

    def finish(self) -> None:
        """Delete what was not put."""
        for path in sorted(self.root.rglob("*"), reverse=True):
            if path.is_file() and path not in self._put:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
