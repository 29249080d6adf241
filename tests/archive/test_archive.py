"""The archive's files: by day of fetching, whole after any death of who writes, shared by several processes."""

from __future__ import annotations

import fcntl
import multiprocessing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.errors import DataFolderError, InputError
from monitor.lines import frame
from monitor.model import Article
from monitor.replay import open_articles

DAY = datetime(2025, 4, 28, 12, tzinfo=UTC)


def article(name: str, fetched: datetime = DAY, published: datetime | None = None, version: int = 1) -> Article:
    return Article(
        id=name,
        version=version,
        feed="https://wire.example/rss",
        outlet="Wire",
        lang="ko",
        url="https://wire.example/1",
        title="제목",
        text="하나\n\n둘",
        authors=("김", "Ann"),
        enclosures=("https://wire.example/1.mp3",),
        published_at=published or fetched,
        fetched_at=fetched,
    )


def ids(archive: Archive, since: datetime | None = None, until: datetime | None = None) -> list[str]:
    return [one.id for one in archive.articles(since, until)]


def test_an_article_comes_out_as_it_went_in_also_for_replay(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    kept = [article("a", DAY, DAY - timedelta(days=300, microseconds=1)), article("a", version=2), article("b")]
    archive.append(kept[:2])
    archive.append(kept[2:])
    assert list(archive.articles()) == kept
    assert [path.name for path in (tmp_path / "archive").iterdir()] == ["2025-04-28.jsonl.zst"]
    assert open_articles(tmp_path / "archive" / "2025-04-28.jsonl.zst") == kept


def test_a_span_of_time_is_one_of_publication_and_the_files_are_by_day_of_fetching(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append(
        [
            article("old", DAY, DAY - timedelta(days=200)),
            article("ahead", DAY - timedelta(days=1), DAY),
            article("before", DAY - timedelta(days=2)),
            article("at", DAY),
            article("late", DAY + timedelta(days=9), DAY + timedelta(hours=1)),
            article("after", DAY + timedelta(days=9), DAY + timedelta(hours=2)),
        ]
    )
    assert len(list(tmp_path.iterdir())) == 4
    assert ids(archive, DAY, DAY + timedelta(hours=1)) == ["ahead", "at", "late"]
    assert ids(archive) == ["before", "ahead", "old", "at", "late", "after"]


def test_an_archive_without_a_folder_is_empty(tmp_path: Path) -> None:
    assert ids(Archive(tmp_path / "none")) == []
    assert Archive(tmp_path / "none").trim(date(2030, 1, 1)) == []


def test_what_is_written_twice_is_read_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for _ in range(2):
        archive.append([article("a"), article("a", version=2)])
    assert [(one.id, one.version) for one in archive.articles()] == [("a", 1), ("a", 2)]


@pytest.mark.parametrize("left", [1, 3, 20, -1], ids=["a byte", "less than a mark", "a beginning", "all but a byte"])
@pytest.mark.parametrize("known", [True, False], ids=["by who went on writing", "by who comes anew"])
def test_a_torn_end_is_taken_off_before_the_next_write(tmp_path: Path, left: int, known: bool) -> None:
    told: list[str] = []
    archive = Archive(tmp_path, told.append)
    archive.append([article("a")])
    [path] = tmp_path.iterdir()
    with path.open("ab") as file:
        file.write(frame(["torn" * 100])[:left])
    (archive if known else Archive(tmp_path, told.append)).append([article("b")])
    assert len(told) == 1
    assert "taken off the end" in told[0]
    assert ids(Archive(tmp_path)) == ["a", "b"]  # which would raise on anything damaged


def test_damage_before_the_end_is_left_alone_and_told_to_who_reads(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for name in "abc":
        archive.append([article(name)])
    [path] = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    Archive(tmp_path).append([article("d")])
    told: list[str] = []
    assert ids(Archive(tmp_path, told.append)) == ["a", "c", "d"]
    assert len(told) == 1
    with pytest.raises(InputError, match=str(path)):
        ids(Archive(tmp_path))


def _fill(folder: Path, name: str, count: int) -> None:
    archive = Archive(folder)
    for number in range(count):
        archive.append([article(f"{name}{number}")])


def test_two_processes_that_write_at_once_keep_everything_whole(tmp_path: Path) -> None:
    spawned = multiprocessing.get_context("spawn")
    writers = [spawned.Process(target=_fill, args=(tmp_path, name, 100)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert sorted(ids(Archive(tmp_path))) == sorted(f"{name}{number}" for name in "ab" for number in range(100))


def test_a_file_that_somebody_does_not_let_go_of_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.archive.LOCKED", 0.05)
    archive = Archive(tmp_path)
    archive.append([article("a")])
    with (tmp_path / "2025-04-28.jsonl.zst").open("rb") as frozen:
        fcntl.flock(frozen, fcntl.LOCK_EX)
        archive.append([article("b")])
        archive.append([article("a"), article("c")])
    archive.append([article("d")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2025-04-28.1.jsonl.zst", "2025-04-28.jsonl.zst"]
    assert sorted(ids(archive)) == ["a", "b", "c", "d"]
    assert Archive(tmp_path).add([article("a"), article("b"), article("e")], {}) == 1
    assert [one.id for one in open_articles(tmp_path / "2025-04-28.jsonl.zst")] == ["a", "d", "e"]
    assert len(archive.trim((DAY + timedelta(days=1)).date())) == 2


def test_days_go_whole(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append([article(str(day), DAY + timedelta(days=day)) for day in range(4)])
    (tmp_path / "notes.txt").write_text("mine")
    assert archive.trim((DAY + timedelta(days=2)).date()) == ["2025-04-28.jsonl.zst", "2025-04-29.jsonl.zst"]
    assert ids(archive) == ["2", "3"]
    assert (tmp_path / "notes.txt").exists()
    archive.append([article("again", DAY)])
    assert ids(archive) == ["again", "2", "3"]


def test_only_what_is_not_kept_yet_is_added(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append([article("a")])
    assert archive.add([article("a"), article("a", version=2), article("b"), article("b")], {}) == 2
    assert Archive(tmp_path).add([article("a"), article("b"), article("c", DAY + timedelta(days=1))], {}) == 1
    assert [(one.id, one.version) for one in archive.articles()] == [("a", 1), ("a", 2), ("b", 1), ("c", 1)]


def test_a_folder_that_cannot_be_written_is_an_expected_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataFolderError, match="cannot be written"):
        Archive(tmp_path / "file" / "archive").append([article("a")])
