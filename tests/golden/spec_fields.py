"""Every member that config.json may have, read from the tables of lib/spec: what the tests that must know all of them
(the two configurations of every.json, the mutations of tests/system/mutate.py) are compared with.

A path is names with dots; "[]" is an item of a list, "*" a member of any name: linux.resources.rdma.*.hcaHandles.
"""

import glob
import os
import re

ROW = re.compile(r'\{\s*"(\w+)",\s*(\w+),(.*?)\}', re.S)
TABLE = re.compile(r"const SpecField (\w+)\[\w*\] = \{(.*?)\n\};", re.S)
TYPE = re.compile(r"const SpecType (\w+) = \{(.*?)\};", re.S)
FUNCTION = re.compile(r"^(?:static )?int (\w+)\(\s*Decoder \*d[^{;]*?\)\n\{\n(.*?)\n\}", re.S | re.M)
# What these read is a list, or an object whose member names are free.
LISTS = {"decode_objects", "decode_strings", "decode_flags64", "decode_flags32"}
MAPS = {"decode_map", "decode_annotations"}


class Source:
    """One file: its tables, types and functions by their names, which are the file's own unless they are not static."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        self.types = {}
        tables = {name: ROW.findall(body) for name, body in TABLE.findall(text)}
        for name, body in TYPE.findall(text):
            table = re.search(r"\.fields = (\w+)", body)
            self.types[name] = tables[table.group(1)]
        self.functions = dict(FUNCTION.findall(text))


def read(root):
    """{path: is it required?} of everything below the document."""
    sources = [Source(p) for p in sorted(glob.glob(os.path.join(root, "lib/spec/*.c"))) if "pod" not in os.path.basename(p)]
    found = {}

    def lookup(kind, name, source):
        for other in [source] + sources:
            if name in getattr(other, kind):
                return getattr(other, kind)[name], other
        return None, None

    def walk(rows, source, path):
        for name, decoder, rest in rows:
            here = f"{path}.{name}" if path else name
            if decoder in ("decode_ignored", "decode_unsupported"):
                found[here] = False
                continue
            found[here] = "FIELD_REQUIRED" in rest
            body, where = lookup("functions", decoder, source)
            body = body or ""
            is_map = decoder in MAPS or "json_iterator_next" in body
            is_list = not is_map and (decoder in LISTS or re.search(r"\b(decode_objects|decoder_read_items)\(", body))
            below = here + (".*" if is_map else "[]" if is_list else "")
            types = re.findall(r"&(\w*type_\w+)", rest) or re.findall(r"&(\w*type_\w+)", body)
            scope = source if re.search(r"&\w*type_\w+", rest) else where
            if below != here:
                found[below] = False
            for kind in types:
                rows_below, at = lookup("types", kind, scope)
                assert rows_below is not None, f"{here}: no table {kind}"
                walk(rows_below, at, below)

    for source in sources:
        for name, rows in source.types.items():
            if any(row[0] == "ociVersion" for row in rows):
                walk(rows, source, "")
    assert len(found) > 200, f"only {len(found)} members in lib/spec: are the tables written otherwise now?"
    return found


def paths(value, known, path=""):
    """The paths of everything in a document, with the stars of `known`."""
    if isinstance(value, list):
        for item in value:
            yield path + "[]"
            yield from paths(item, known, path + "[]")
    elif isinstance(value, dict):
        for key, item in value.items():
            star = f"{path}.*"
            here = star if star in known else f"{path}.{key}" if path else key
            yield here
            yield from paths(item, known, here)
