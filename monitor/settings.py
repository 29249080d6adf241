"""What can be set from outside, by environment variables `MONITOR_*`; command-line options override them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """`127.0.0.0/8, ::1` -> networks; an address alone is a network of one. Raises ValueError, saying which part is none."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ip_network(part.strip("[]"), strict=False))
        except ValueError:
            raise ValueError(f"{part!r} is no address or network; write them like 127.0.0.0/8, 10.1.2.3, ::1") from None
    return tuple(found)


def _networks(text: str) -> str:
    networks(text)
    return text


class Settings(BaseSettings):
    """The program's settings. Each is read from the environment variable named like it, in capitals, with `MONITOR_` before it."""

    model_config = SettingsConfigDict(env_prefix="MONITOR_", frozen=True, extra="ignore")

    redis_url: str | None = Field(
        default=None,
        description="Server to use, as redis://, rediss:// or unix://; without it the program runs its own in the data folder",
    )
    data: Path = Field(default=Path(".monitor"), description="Data folder: the embedded server's files and the archive of articles")
    rules: Path = Field(default=Path("rules"), description="Folder of story folders, or one story folder")
    port: int = Field(default=0, ge=0, le=65535, description="Port of the embedded server; 0 takes the one used last time, or any free one")
    partitions: int = Field(default=1, ge=1, le=1024, description="Partitions of the articles stream; fixed once a server has been used")
    keep_days: float = Field(default=7, gt=0, description="Days that articles stay on the articles stream; unread ones stay longer")
    archive_days: int = Field(
        default=0, ge=0, description="Days that articles stay in the archive in the data folder; 0 keeps them for ever"
    )
    polls: int = Field(default=32, ge=1, le=1000, description="Feeds polled at the same time")
    parsers: int = Field(default=1, ge=1, le=64, description="Processes that parse feeds")
    host_gap: float = Field(default=0.5, ge=0, le=3600, description="Seconds between two requests to the same host, at least")
    allow_addresses: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="Addresses and networks inside a house that feeds may be read from, with commas between: 127.0.0.0/8,10.1.2.3,::1",
    )
    contact: str = Field(default="", description="Address named in the User-Agent, for publishers who wish to complain")
    callback_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Public address at which the hubs of feeds reach this program (WebSub); without it, it subscribes to none",
    )
    callback_listen: str = Field(
        default="127.0.0.1:8420",
        pattern=r"^(\[[0-9a-fA-F:]+\]|[^\s:\[\]]+):[0-9]{1,5}$",
        description="Host and port at which it listens for them; a web server in front passes the public address on",
    )
    log: str = Field(
        default="auto",
        pattern="^(auto|json|text)$",
        description="Form of the log: text on a terminal and JSON elsewhere (auto), or always one of them",
    )

    @property
    def allowed(self) -> tuple[Network, ...]:
        """`allow_addresses`, parsed."""
        return networks(self.allow_addresses)
