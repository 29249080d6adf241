"""Files of lines, plain or compressed with zstd: how articles and histories lie on a disk.

A compressed file is a row of frames, each with a checksum. What writes a file that grows appends whole frames: a process that is killed
leaves at most a torn one at the end, and whatever is damaged is passed over frame by frame.
"""

from __future__ import annotations

import mmap
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

from monitor.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAGIC = b"\x28\xb5\x2f\xfd"
"""How a frame begins."""
SUFFIX = ".zst"
"""How the name of a compressed file ends."""

_OPTIONS: Mapping[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
_PIECE = 1 << 18
_SMALL = 1 << 23
"""Bytes of a frame up to which it is unpacked as a whole, so that its checksum speaks before its lines do."""


class Stretch(NamedTuple):
    """A part of a compressed file: a whole frame, or bytes that are none."""

    start: int
    end: int
    whole: bool


def frame(lines: Iterable[str]) -> bytes:
    """Lines, each without its end, -> one compressed frame."""
    return zstd.compress("".join(f"{line}\n" for line in lines).encode(), options=_OPTIONS)


def stretches(data: bytes | mmap.mmap, start: int = 0) -> Iterator[Stretch]:
    """The parts of a compressed file from a frame's beginning on. What is damaged reaches to the next whole frame."""
    size = len(data)
    with memoryview(data) as view:
        while start < size:
            end = _frame_end(view, start)
            if end is not None:
                yield Stretch(start, end, True)
            else:
                end = data.find(MAGIC, start + 1)
                while end != -1 and _frame_end(view, end) is None:
                    end = data.find(MAGIC, end + 1)
                end = size if end == -1 else end
                yield Stretch(start, end, False)
            start = end


def _frame_end(view: memoryview, start: int) -> int | None:
    """Where the frame that begins there ends; None: there is no whole one."""
    with view[start:] as rest:
        if bytes(rest[: len(MAGIC)]) != MAGIC:
            return None
        try:
            return start + zstd.get_frame_size(rest)
        except zstd.ZstdError:
            return None


def lines_of(path: Path, passed: Callable[[int], None] | None = None, damaged: Callable[[str], None] | None = None) -> Iterator[str]:
    """The lines of a file without their ends, one at a time; whether it is compressed shows in how it begins.

    passed: told how many bytes of the file have been read so far. damaged: told, in words, of each stretch of a compressed file that
    cannot be read and is passed over; without it that is an error. Raises InputError naming the file.
    """
    try:
        with path.open("rb") as file:
            packed = file.peek(len(MAGIC))[: len(MAGIC)] == MAGIC
            yield from _decoded(_unpacked(file, passed, damaged) if packed else _plain(file, passed))
    except _Unreadable as error:
        raise InputError(f"{path}: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def beyond(passed: Callable[[int], None] | None, done: int) -> Callable[[int], None] | None:
    """What to tell while the next of several files is read. done: bytes of those before it."""
    return None if passed is None else lambda read: passed(done + read)


class _Unreadable(ValueError):
    """What a file holds cannot be read; says why."""


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, raw in enumerate(lines, 1):
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise _Unreadable(f"line {number} is not UTF-8 text: {error.reason}") from error


def _plain(file: BinaryIO, passed: Callable[[int], None] | None) -> Iterator[bytes]:
    read = 0
    for raw in file:
        yield raw
        if passed is not None:
            read += len(raw)
            passed(read)


def _unpacked(file: BinaryIO, passed: Callable[[int], None] | None, damaged: Callable[[str], None] | None) -> Iterator[bytes]:
    """The lines of a compressed file; one may run on from frame to frame."""
    regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if regular else _held(file) as data:
        rest = b""
        for stretch in stretches(data):
            try:
                pieces: Iterable[bytes] = _pieces(data, stretch)
                for piece in list(pieces) if stretch.end - stretch.start <= _SMALL else pieces:
                    *lines, rest = (rest + piece).split(b"\n")
                    yield from lines
            except zstd.ZstdError as error:
                torn = f"{stretch.end - stretch.start} bytes from byte {stretch.start} on cannot be read"
                if damaged is None:
                    raise _Unreadable(f"damaged or cut short: {torn}") from error
                damaged(torn)
                rest = b""
            if passed is not None:
                passed(stretch.end)
        if rest:
            yield rest


@contextmanager
def _held(file: BinaryIO) -> Iterator[bytes]:
    """What comes out of a pipe, in memory."""
    yield file.read()


def _pieces(data: bytes | mmap.mmap, stretch: Stretch) -> Iterator[bytes]:
    """What a frame holds, in pieces. Raises ZstdError."""
    unpacker, at = zstd.ZstdDecompressor(), stretch.start
    while not unpacker.eof:
        fed = data[at : min(at + _PIECE, stretch.end)] if unpacker.needs_input else b""
        if unpacker.needs_input and not fed:
            raise zstd.ZstdError("the frame ends too early")
        at += len(fed)
        yield unpacker.decompress(fed, max_length=_PIECE)


@contextmanager
def writing(path: Path, *, packed: bool) -> Iterator[TextIO]:
    """A file to write lines to, compressed or plain; whole when this is left, and not there at all when it is left by an error.

    Raises InputError naming the file.
    """
    as_it_stands = path.exists() and not path.is_file()  # a device or a pipe
    partial = path if as_it_stands else path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open_text(partial, packed=packed) as file:
            yield file
        if not as_it_stands:
            partial.replace(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    finally:
        if not as_it_stands:
            partial.unlink(missing_ok=True)


def open_text(file: Path | BinaryIO, *, packed: bool) -> TextIO:
    """A file opened for lines of text. Closing it leaves an open file that was given open."""
    if packed:
        return cast("TextIO", zstd.open(cast("BinaryIO", file), "wt", options=_OPTIONS, encoding="utf-8", newline="\n"))
    if isinstance(file, Path):
        return file.open("w", encoding="utf-8", newline="\n")
    return open(os.dup(file.fileno()), "w", encoding="utf-8", newline="\n")  # noqa: PTH123 - closed by who asked for it
