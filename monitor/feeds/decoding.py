"""A body as it was sent to a body as it was meant: gzip, deflate, br and zstd, piece by piece, never more than was asked for.

Not left to aiohttp, which counts neither what comes in (a stream of empty blocks comes in for ever and gives nothing) nor the
memory that a zstd frame may ask for.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

ACCEPTED = "gzip, deflate, br, zstd"
"""What a server is told that it may use."""
_MEMBERS = 100
"""Compressed pieces in one body; real ones have one."""
_ZSTD: dict[int, int] = {DecompressionParameter.window_log_max: 23}
"""8 MB, all that a sender may use over HTTP (RFC 9659); a frame could ask for 2 GB."""
_GZIP_MARK, _ZSTD_MARK = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class NotAsSaid(ValueError):
    """The body is not compressed as it says, or broke off."""


class Decoder:
    """Decodes one body. encoding: the Content-Encoding header, or ""; words that name no compression are passed over, as browsers do."""

    def __init__(self, encoding: str) -> None:
        words = [part.strip().lower().removeprefix("x-") for part in encoding.split(",")]
        named = [word for word in words if word in _CODECS and word != "identity"]
        if len(named) > 1:
            raise NotAsSaid("it is compressed more than once")
        self._name = named[0] if named else ""
        self._codec: _Codec | None = None
        self._head = b""

    def decode(self, data: bytes, most: int) -> bytes:
        """What the next piece means. Where that is more than `most` bytes, so many of them: the rest is lost. Raises NotAsSaid."""
        if self._codec is None:
            data = self._head = self._head + data
            if len(data) < len(_GZIP_MARK):  # what it is shows in the first two bytes
                return b""
            # Some servers compress and do not say so.
            name = self._name or ("gzip" if data.startswith(_GZIP_MARK) else "identity")
            self._codec, self._head = _CODECS[name](data), b""
        try:
            return self._codec.decode(data, most)
        except (zlib.error, brotli.error, ZstdError) as error:
            raise NotAsSaid(str(error)) from error

    def end(self) -> bytes:
        """What was held back, after the last piece. Raises NotAsSaid when it was not the last."""
        if self._codec is None:
            return self._head
        if not self._codec.finished:
            raise NotAsSaid("its end is missing")
        return b""


class _Codec(Protocol):
    def decode(self, data: bytes, most: int) -> bytes: ...

    @property
    def finished(self) -> bool: ...


class _Identity:
    finished = True

    def decode(self, data: bytes, most: int) -> bytes:
        return data[:most]


class _Zlib:
    """One gzip member after another; what follows them and is none is padding."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._one = zlib.decompressobj(self._wbits)
        self._members = 1

    @property
    def finished(self) -> bool:
        return self._one.eof

    def decode(self, data: bytes, most: int) -> bytes:
        made = bytearray()
        while data and len(made) < most:
            if self._one.eof:
                if not _GZIP_MARK.startswith(data[:2]):
                    break
                self._members = _one_more(self._members)
                self._one = zlib.decompressobj(self._wbits)
            made += self._one.decompress(data, most - len(made))
            data = self._one.unused_data or self._one.unconsumed_tail
        return bytes(made)


class _Brotli:
    def __init__(self) -> None:
        self._one = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._one.is_finished())

    def decode(self, data: bytes, most: int) -> bytes:
        made = bytearray()
        while not self.finished and len(made) < most:
            made += self._one.process(data, output_buffer_limit=most - len(made))
            data = b""
            if self._one.can_accept_more_data():
                break
        return bytes(made[:most])


class _Zstd:
    """One frame after another."""

    def __init__(self) -> None:
        self._one = ZstdDecompressor(options=_ZSTD)
        self._members = 1

    @property
    def finished(self) -> bool:
        return self._one.eof

    def decode(self, data: bytes, most: int) -> bytes:
        made = bytearray()
        while data and len(made) < most:
            if self._one.eof:
                if not _ZSTD_MARK.startswith(data[:4]):
                    break
                self._members = _one_more(self._members)
                self._one = ZstdDecompressor(options=_ZSTD)
            made += self._one.decompress(data, most - len(made))
            data = self._one.unused_data
        return bytes(made)


def _one_more(members: int) -> int:
    if members >= _MEMBERS:
        raise NotAsSaid(f"it consists of more than {_MEMBERS} pieces")
    return members + 1


def _deflate(head: bytes) -> _Zlib:
    """zlib's form, which is meant by the word, or the bare one, which many send."""
    zlibs = head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:2]) % 31 == 0
    return _Zlib(zlib.MAX_WBITS if zlibs else -zlib.MAX_WBITS)


_CODECS: dict[str, Callable[[bytes], _Codec]] = {
    "identity": lambda _: _Identity(),
    "gzip": lambda _: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": _deflate,
    "br": lambda _: _Brotli(),
    "zstd": lambda _: _Zstd(),
}
"""The name of a compression -> what undoes it, given the first bytes."""
