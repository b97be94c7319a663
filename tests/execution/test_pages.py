"""Memory is the same in large pages, and a machine that has none goes on as it is."""

import os

import numpy as np

from curriculum.execution import pages


def test_memory_is_the_same_and_a_forks_own():
    kept = np.arange(2_000_000)
    before = kept.copy()
    assert pages.collapse() % pages.LARGE == 0
    assert np.array_equal(kept, before)
    pid = os.fork()
    if pid == 0:
        kept[:] = 0
        os._exit(0)
    os.waitpid(pid, 0)
    assert np.array_equal(kept, before)


def test_what_is_of_a_file_or_too_small_is_left_alone(tmp_path, monkeypatch):
    maps = tmp_path / "maps"
    maps.write_text(
        "200000-800000 rw-p 00000000 00:00 0 \n"
        "900000-b00000 rw-p 00000000 00:00 0                          [heap]\n"
        "c00000-1200000 r--p 00000000 00:00 0 \n"
        "1200000-1800000 rw-p 00000000 08:01 12                       /usr/lib/a library.so\n"
        "1a00000-2000000 rw-p 00000000 00:00 0                        [stack]\n"
        "2100000-2500000 rw-p 00000000 00:00 0 \n"
    )
    monkeypatch.setattr(pages, "MAPS", maps)
    assert list(pages._whole_pages()) == [0x200000, 0x400000, 0x600000, 0x2200000]
