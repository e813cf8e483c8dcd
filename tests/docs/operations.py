#!/usr/bin/env python3
"""Whatever ctrctl and the D-Bus service do, libctrunit offers: tests/library/operations.tsv against the verb table of
ctrctl, the interface files and the library's symbols. TAP.

    operations.py SOURCE-ROOT
"""

import glob
import os
import re
import sys

number = failed = 0


def ok(name, wrong):
    global number, failed
    number += 1
    failed += bool(wrong)
    print(f"{'not ' if wrong else ''}ok {number} - operations: {name}")
    for line in wrong:
        print(f"#   {line}")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def main():
    source = sys.argv[1]
    rows = [line.split("\t") for line in read(source, "tests/library/operations.tsv").splitlines()
            if line and not line.startswith("#")]
    table = [row[0] for row in rows]
    symbols = {line.split("@")[0] for line in read(source, "tests/library/libctrunit.symbols").split()}

    # A verb of the table is a file's Verb: its name is there.
    verbs = set()
    for name in re.findall(r"&verb_(\w+)", read(source, "ctl/verbs.c")):
        for path in glob.glob(os.path.join(source, "ctl/verb-*.c")):
            found = re.search(rf"const Verb verb_{name} = \{{\s*\.name = \"([^\"]+)\"", read(path))
            verbs |= {found.group(1)} if found else set()
    methods = set()
    for interface in ("Manager", "Container", "Pod"):
        methods |= {f"{interface}.{m}" for m in
                    re.findall(r'<method name="(\w+)"', read(source, f"units/org.ctrunit1.{interface}.xml"))}
    ok(f"every verb of ctrctl is in the table ({len(verbs)})",
       sorted(verbs - set(table)) or ["too few verbs were found"] * (len(verbs) < 25))
    ok(f"every method of the service is in the table ({len(methods)})",
       sorted(methods - set(table)) or ["too few methods were found"] * (len(methods) < 50))
    ok("and nothing else, and each once", sorted(set(table) - verbs - methods) + sorted({t for t in table if table.count(t) > 1}))
    ok("each has functions of libctrunit", [f"{row[0]}: {word}" for row in rows for cell in row[1:] if not cell.startswith("- ")
                                          for word in cell.split() if word not in symbols])
    ok("or says why not", [row[0] for row in rows if len(row) < 2 or not all(c.startswith(("ctr_", "- ")) for c in row[1:])])
    print(f"1..{number}")
    return failed > 0


sys.exit(main())
