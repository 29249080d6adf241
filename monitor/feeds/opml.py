"""Lists of feeds as OPML 2.0, which all readers of feeds exchange. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from monitor.errors import InputError
from monitor.feeds.body import decode
from monitor.feeds.html import one_line
from monitor.feeds.overview import short
from monitor.rules.schema import Feed, Story

OWN = "urn:claim-monitor:feeds"
"""The name space of what OPML has no words for."""
_SPANS = ("every", "fastest", "slowest", "failing_after")
_WORDS = ("cron", "outlet")
_BARE = re.compile(r"&(?!#\d+;|#x[0-9a-fA-F]+;|\w+;)")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in a list. rest: keys of a feed in the rules, as text, where the list was written by us."""

    url: str
    title: str = ""
    lang: str = ""
    rest: Mapping[str, str] = field(default_factory=dict)


def read(body: bytes) -> list[Outline]:
    """The feeds of a list, in its order, whichever folders they are in. Raises InputError for what is no such list."""
    text, _ = decode(body, "")
    if "<!ENTITY" in text:
        raise InputError("it declares entities, which lists of feeds have no need of, and which may be made to fill the memory")
    try:
        # Many programs write addresses as they are, with a bare & in them.
        root = ElementTree.fromstring(_BARE.sub("&amp;", text))  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as error:
        raise InputError(f"not an OPML file: the XML is not well-formed ({error})") from error
    if _local(root.tag) != "opml":
        raise InputError(f"not an OPML file: it starts with <{_local(root.tag)[:40]}>")
    return list(_outlines(root))


def _outlines(root: Element) -> Iterator[Outline]:
    for element in root.iter():
        given = {_local(name): value for name, value in element.attrib.items() if not name.startswith("{")}
        url = given.get("xmlurl") or (given.get("url", "") if given.get("type") == "rss" else "")
        if _local(element.tag) != "outline" or not url.strip():
            continue
        own = {name: element.attrib.get(f"{{{OWN}}}{name}", "") for name in (*_SPANS, *_WORDS)}
        yield Outline(
            re.sub(r"^feed:(?://)?(?=https?:)|^feed(?=://)", lambda found: "" if found[0][-1] in ":/" else "http", url.strip()),
            one_line(given.get("title") or given.get("text") or ""),
            _language(given.get("language", "")),
            {name: value for name, value in own.items() if value},
        )


def write(stories: Sequence[Story], now: datetime) -> str:
    """The feeds of stories as a list, a folder for each story. now: when it is written."""
    ElementTree.register_namespace("monitor", OWN)
    root = Element("opml", version="2.0")
    head, body = ElementTree.SubElement(root, "head"), ElementTree.SubElement(root, "body")
    ElementTree.SubElement(head, "title").text = "Feeds of " + ", ".join(story.story for story in stories)
    ElementTree.SubElement(head, "dateCreated").text = format_datetime(now)
    for story in stories:
        folder = ElementTree.SubElement(body, "outline", text=one_line(story.title), category=f"/{story.story}")
        for feed in story.feeds:
            ElementTree.SubElement(folder, "outline", _attributes(feed))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False)


def _attributes(feed: Feed) -> dict[str, str]:
    name = one_line(feed.outlet) or feed.url
    spans = {key: short(getattr(feed, key)) for key in _SPANS if key in feed.model_fields_set and getattr(feed, key)}
    words = {key: one_line(getattr(feed, key)) for key in _WORDS if getattr(feed, key)}
    own = {f"{{{OWN}}}{key}": value for key, value in (spans | words).items()}
    return {"type": "rss", "text": name, "xmlUrl": feed.url, **({"language": feed.lang} if feed.lang else {}), **own}


def _language(declared: str) -> str:
    first = re.split("[-_]", declared.strip().lower())[0]
    return first if re.fullmatch("[a-z]{2,3}", first) else ""


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
