"""The merger story, opened once: all that the tests of reading need."""

from pathlib import Path

import pytest

from monitor.engine.rulebook import Rulebook
from monitor.stories import open_rulebook

STORIES = Path(__file__).parent.parent / "stories"


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return open_rulebook(STORIES)
