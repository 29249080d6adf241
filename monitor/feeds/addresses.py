"""The same page under several addresses: with tracking parameters, as AMP, by http or https, with `www.`, with a slash at the end. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from urllib.parse import quote, urlsplit

_TRACKING = [
    name
    for line in resources.files("monitor.feeds").joinpath("tracking.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
]
_FAMILIES = tuple(name.removesuffix("*") for name in _TRACKING if name.endswith("*"))
_CAME_FROM = ("from", "ref", "referer", "referrer", "source", "src")
"""Parameters that do so when they name a channel; otherwise they may say what is read."""
_CHANNEL = re.compile(r"rss|atom|feed|twitter|facebook|telegram|google|newsletter|email|push|share|social", re.IGNORECASE)
_MOBILE = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp(?=\.html?$)|\.amp$")
_HEX = re.compile("%[0-9a-f]{2}", re.IGNORECASE)
_AMP_CACHES = (re.compile(r"^[^/]+\.cdn\.ampproject\.org/[cv]/(?:s/)?(.+)$"), re.compile(r"^(?:www\.)?google\.[a-z.]+/amp/(?:s/)?(.+)$"))


@lru_cache(maxsize=10_000)
def canonical(url: str) -> str:
    """What all addresses of a page have in common: `host/path?query#fragment`, for comparing only. "" for what is no web address.

    The scheme goes, and so do the default port, `www.` and its like, AMP's marks, tracking parameters, the slash at the end and the order
    of the parameters. A fragment stays unless it tracks: entries of a live page differ by nothing else.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    for cache in _AMP_CACHES:
        if inner := cache.match(f"{host}{parts.path}"):
            return canonical(f"https://{inner[1]}" + (f"?{parts.query}" if parts.query else ""))
    host = _MOBILE.sub("", host.rstrip("."))
    host += f":{port}" if port not in (None, 80, 443) else ""
    query = "&".join(sorted(pair for pair in parts.query.split("&") if pair and not _tracks(pair)))
    fragment = "" if _tracks(parts.fragment) else parts.fragment
    rest = _AMP_PATH.sub("", parts.path).rstrip("/") + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return host + _encoded(rest)


def names_a_page(address: str) -> bool:
    """Whether a canonical address is more than that of a whole site."""
    host, _, rest = address.partition("/")
    return bool(rest) or "?" in host


def _encoded(text: str) -> str:
    """With everything that may not stand in an address as it is in percent signs; what is so already stays, in whichever encoding."""
    return _HEX.sub(lambda found: found[0].upper(), quote(text.encode("utf-8", "surrogatepass"), safe="%/:@!$&'()*+,;=~?#[]"))


def _tracks(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in _CAME_FROM:
        return bool(_CHANNEL.search(value))
    return name in _TRACKING or name.startswith(_FAMILIES)
