"""Files of lines: the same plain and compressed, and what is damaged in a compressed one costs no more than its frame."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.lines import frame, lines_of, writing

LINES = ['{"id": "a"}', "북한군 북한군", "x" * 300_000, "", "last"]
ONE, TWO, THREE = frame(["one", "eins"]), frame(["two", "zwei"]), frame(["three", "drei"])


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_written_is_read(tmp_path: Path, packed: bool) -> None:
    with writing(tmp_path / "lines", packed=packed) as file:
        file.writelines(f"{line}\n" for line in LINES)
    reached: list[int] = []
    assert list(lines_of(tmp_path / "lines", reached.append)) == LINES
    assert reached[-1] == (tmp_path / "lines").stat().st_size
    assert names(tmp_path) == ["lines"]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\xef\xbb\xbfone\r\ntwo", ["one", "two"]),
        (frame([]) + ONE, ["one", "eins"]),
        (ONE + TWO, ["one", "eins", "two", "zwei"]),
    ],
    ids=["nothing", "no end", "an empty frame", "frames"],
)
def test_lines_are_those_between_line_ends(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    (tmp_path / "file").write_bytes(data)
    assert list(lines_of(tmp_path / "file")) == lines


def flipped(data: bytes) -> bytes:
    """A frame of which one bit of the content is wrong."""
    at = data.index(b"eins") if b"eins" in data else data.index(b"zwei")
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (ONE + TWO[:-1], ["one", "eins"]),
        (ONE + TWO[:6], ["one", "eins"]),
        (ONE + TWO[:2], ["one", "eins"]),
        (ONE + bytes(4096), ["one", "eins"]),
        (ONE + b"noise" + TWO, ["one", "eins", "two", "zwei"]),
        (ONE + flipped(TWO) + THREE, ["one", "eins", "three", "drei"]),
    ],
    ids=["its last byte is missing", "torn", "two bytes of it", "zeros", "something between", "a wrong bit"],
)
def test_what_is_damaged_is_passed_over_and_named(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    told: list[str] = []
    assert list(lines_of(path, damaged=told.append)) == lines
    assert len(told) == 1
    assert f"from byte {len(ONE)} on" in told[0]
    with pytest.raises(InputError, match=rf"{path}: damaged or cut short: \d+ bytes from byte {len(ONE)} on"):
        list(lines_of(path))


def test_what_is_no_text_is_an_expected_failure(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"ok\n\xff\n")
    with pytest.raises(InputError, match="plain: line 2 is not UTF-8"):
        list(lines_of(tmp_path / "plain"))
    with pytest.raises(InputError, match="nowhere"):
        list(lines_of(tmp_path / "nowhere"))


def test_a_compressed_pipe_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[ONE + TWO])
    writer.start()
    assert list(lines_of(tmp_path / "pipe")) == ["one", "eins", "two", "zwei"]
    writer.join()


def test_a_file_that_is_left_by_an_error_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("as it was")
    for name in ("old", "new"):
        with pytest.raises(ZeroDivisionError), writing(tmp_path / name, packed=True) as file:
            file.write(f"half {1 // 0}")
    assert (tmp_path / "old").read_text() == "as it was"
    assert names(tmp_path) == ["old"]
