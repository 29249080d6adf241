"""WebSub (W3C Recommendation, 2018): a feed's hub tells of news, so that it need not be looked for. Pure.

    heard of ─► asked ─► verified: live until the lease ends ─► asked again before that
       ▲          └─ refused, denied or silent ─┐
       └────────────── later ◄──────────────────┘

A subscription only hastens polls. Nothing of what a hub sends is read: it goes the way of every body, from the publisher, with validators,
limits and the parser's guard, and a hub that is wrong or hostile can bring about no more than a poll.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from monitor.model import Instant

LEASE = timedelta(days=10)
"""For how long we ask to be told."""
_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(days=60)
"""Leases that are taken for what they say."""
_PATIENCE = timedelta(minutes=10)
"""How long a hub may take to verify; doubled with each attempt in vain, up to a day."""
_DAY = timedelta(days=1)
_LONG = 2000
"""Characters of an address that a hub is trusted to take."""
_METHODS = {"sha1", "sha256", "sha384", "sha512"}
"""What a delivery may be signed with."""


class Subscription(BaseModel):
    """What we agreed with a feed's hub, or are about to. Times are UTC."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(description="The feed, as the rules name it")
    hub: str = Field(description="Where to subscribe")
    topic: str = Field(description="What the feed is called there")
    key: str = Field(description="Part of the callback's address, which only the hub is told")
    secret: str = Field(description="What the hub signs deliveries with")
    asked: Instant | None = Field(default=None, description="When the hub was last asked")
    tries: int = Field(default=0, ge=0, description="Attempts in vain since it last verified")
    until: Instant | None = Field(default=None, description="End of the lease; None: never verified")
    lease: timedelta = Field(default=LEASE, description="How long the lease is")
    problem: str = Field(default="", description="What the hub said or did instead of verifying, in words")

    def live(self, now: datetime) -> bool:
        """Whether the hub tells of news now."""
        return self.until is not None and now < self.until


def heard(known: Subscription | None, url: str, hub: str, topic: str, fresh: tuple[str, str]) -> Subscription | None:
    """The subscription of a feed that names a hub; None where there can be none.

    known: the one that there is; it stays unless the feed names another hub or topic now. topic: "" when the feed does not say: then it is
    its URL. fresh: key and secret of a new one.
    """
    topic = topic or url
    if not (_sayable(hub) and _sayable(topic)):
        return None
    if known is not None and (known.hub, known.topic) == (hub, topic):
        return known
    return Subscription(url=url, hub=hub, topic=topic, key=fresh[0], secret=fresh[1])


def _sayable(address: str) -> bool:
    """Whether this is a web address that can be told to others: without a password, and not without end."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and len(address) <= _LONG


def to_be_asked(one: Subscription, now: datetime) -> bool:
    """Whether it is time to ask the hub, for the first time or once more: in the last fifth of the lease, or after a failure."""
    if one.asked is None:
        return True
    rested = now - one.asked >= min(_PATIENCE * 2 ** min(max(one.tries - 1, 0), 10), _DAY)
    if one.until is None or now >= one.until:
        return bool(rested)
    return bool(now >= one.until - one.lease / 5 and (one.tries == 0 or rested or now - one.asked >= one.lease / 20))


def asking(one: Subscription, now: datetime) -> Subscription:
    """The subscription as it is while the hub is asked."""
    return one.model_copy(update={"asked": now, "tries": one.tries + 1, "problem": ""})


def form(one: Subscription, callback: str) -> dict[str, str]:
    """What the hub is sent."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": one.topic,
        "hub.callback": callback,
        "hub.secret": one.secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }


def verified(one: Subscription, topic: str, lease: str, now: datetime) -> Subscription | None:
    """The subscription once the hub has asked whether it was us; None where it was not: another topic, or we never asked.

    lease: seconds, as the hub says; what is no number is what we asked for.
    """
    if topic != one.topic or one.asked is None:
        return None
    seconds = int(lease[:9]) if lease.isascii() and lease.isdigit() else int(LEASE.total_seconds())
    length = min(max(timedelta(seconds=seconds), _SHORTEST), _LONGEST)
    return one.model_copy(update={"until": now + length, "lease": length, "tries": 0, "problem": ""})


def denied(one: Subscription, reason: str) -> Subscription:
    """The subscription once the hub will not have it, or no longer: it is asked again after a while."""
    words = " ".join("".join(c for c in reason if c.isprintable()).split())[:200]
    return one.model_copy(
        update={"until": None, "tries": max(one.tries, 1), "problem": f"the hub denies it: {words}" if words else "the hub denies it"}
    )


class Signature:
    """Checks the signature of a delivery as its body comes in."""

    def __init__(self, secret: str, header: str) -> None:
        """header: X-Hub-Signature, `method=hexadecimal digits`."""
        method, _, self._claimed = header.strip().partition("=")
        self._method = method.lower()
        self._mac = hmac.new(secret.encode(), digestmod=self._method) if self._method in _METHODS else None

    def update(self, part: bytes) -> None:
        """Takes the next part of the body."""
        if self._mac is not None:
            self._mac.update(part)

    def right(self) -> bool:
        """Whether the body is signed with the secret. Takes the same time wherever a wrong one differs."""
        claimed = self._claimed.strip().lower()
        return self._mac is not None and claimed.isascii() and hmac.compare_digest(self._mac.hexdigest(), claimed)
