"""Nobody ever sees half a file, and what stops a write is said in a sentence."""

import errno
import os
import threading

import pytest
from ordinary_user import read_only

from curriculum import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_folders_are_made_and_text_is_utf8(tmp_path):
    path = tmp_path / "a" / "b" / "η.txt"
    files.write_text(path, "∇L\r\n")
    assert path.read_bytes() == "∇L\r\n".encode()


def test_an_existing_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["notes.txt"]


def test_others_may_read_as_far_as_the_umask_lets_them(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_text(tmp_path / "shared.txt", "")
    finally:
        os.umask(before)
    assert (tmp_path / "shared.txt").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_old_content(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "notes.txt"
    path.write_text("old")
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(files.WriteError) as failure:
        files.write_text(path, "new")
    said = str(failure.value)
    assert said == (
        f"Could not write {path}: the disk is full: free some space and try again."
        " Nothing was changed."
    )
    assert path.read_text() == "old"
    assert names(tmp_path) == ["notes.txt"]


def test_a_read_only_folder_is_named(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    with read_only(folder), pytest.raises(files.WriteError, match="make the folder writable"):
        files.write_text(folder / "notes.txt", "new")
    assert names(folder) == []


def test_a_folder_in_the_files_place_is_named(tmp_path):
    (tmp_path / "notes.txt").mkdir()
    with pytest.raises(files.WriteError, match=r"notes\.txt"):
        files.write_text(tmp_path / "notes.txt", "new")
    assert names(tmp_path) == ["notes.txt"]


def test_an_interruption_leaves_no_scratch_file(tmp_path, monkeypatch):
    def stop(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        files.write_text(tmp_path / "notes.txt", "new")
    assert names(tmp_path) == []


def test_readers_never_see_half(tmp_path):
    path = tmp_path / "notes.txt"
    versions = [letter * 100_000 for letter in "ab"]
    files.write_text(path, versions[0])
    done = threading.Event()

    def write():
        for turn in range(40):
            files.write_text(path, versions[turn % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = {path.read_text()}
    while not done.is_set():
        seen.add(path.read_text())
    writer.join()
    assert seen <= set(versions)


def folder_of(path, content):
    path.mkdir(parents=True)
    (path / "file.txt").write_text(content)
    return path


def test_a_folder_takes_the_place_of_the_former_one(tmp_path):
    final = folder_of(tmp_path / "final", "old")
    with files.scratch_beside(final) as scratch:
        (scratch / "file.txt").write_text("new")
        assert (final / "file.txt").read_text() == "old"
        files.put_in_place(scratch, final)
    assert (final / "file.txt").read_text() == "new"
    assert names(tmp_path) == ["final"]


def test_a_folder_that_fails_on_the_way_leaves_the_former_one(tmp_path):
    final = folder_of(tmp_path / "final", "old")
    with pytest.raises(RuntimeError), files.scratch_beside(final) as scratch:
        (scratch / "file.txt").write_text("half")
        raise RuntimeError
    assert (final / "file.txt").read_text() == "old"
    assert names(tmp_path) == ["final"]


def test_what_a_killed_process_left_is_tidied_up_and_the_former_folder_is_back(
    tmp_path, monkeypatch
):
    final = folder_of(tmp_path / "final", "old")
    rename, renamed = files.Path.rename, []

    def killed_after_the_first(path, target):
        if renamed:
            raise SystemExit
        renamed.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.shutil, "rmtree", lambda *_, **__: None)  # nothing is tidied up
        patch.setattr(files.Path, "rename", killed_after_the_first)
        with pytest.raises(SystemExit), files.scratch_beside(final) as scratch:
            files.put_in_place(scratch, final)
    assert not final.exists() and len(names(tmp_path)) == 2
    with files.scratch_beside(final):
        assert (final / "file.txt").read_text() == "old"
    assert names(tmp_path) == ["final"]
