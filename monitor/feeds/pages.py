"""What a worker process makes of an article's page: its text, and whether robots.txt lets us read it. Slow to load."""

from __future__ import annotations

import trafilatura
from protego import Protego

from monitor.feeds.body import decode


def text(body: bytes, content_type: str, url: str) -> str:
    """The article on a page: paragraphs with a blank line between them, without what surrounds it; "" when none is found."""
    page, _ = decode(body, content_type)
    found = trafilatura.extract(page, url=url, include_comments=False, include_tables=False, include_formatting=False)
    return "\n\n".join(line.strip() for line in (found or "").splitlines() if line.strip())


def allowed(robots: bytes, url: str, agent: str) -> bool:
    """Whether a host's robots.txt lets `agent` read an address."""
    return bool(Protego.parse(robots.decode("utf-8-sig", "replace")).can_fetch(url, agent))
