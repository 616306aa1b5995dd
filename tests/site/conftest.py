"""The built site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.building import built_site


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the built site."""
    return built_site()
