"""The file begins with a byte order mark, as Notepad writes it, and escapes no letter."""

# %% first
größe = "ß"

# %% raw python
def change(notebook):
    import json
    return b"\xef\xbb\xbf" + json.dumps(notebook, ensure_ascii=False, indent="\t").encode()
