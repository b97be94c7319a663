"""The time of handing in is written as on another system, in another zone."""

# %% raw python
def arrange(folder):
    (folder / "timestamp.txt").write_bytes(b"\xef\xbb\xbf2026-01-05 23:59:59.123456 CET\r\n")
