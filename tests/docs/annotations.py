#!/usr/bin/env python3
"""ctrunit(7) names every annotation that the code looks for, and nothing that it does not. TAP."""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
NAME = r"(?:run\.oci|org\.criu|org\.opencontainers\.image)\.[A-Za-z0-9_.-]*[A-Za-z0-9]"


def main():
    known = set()
    for directory in ("lib/spec", "lib/plan"):
        for name in os.listdir(os.path.join(ROOT, directory)):
            if name.endswith(".c"):
                with open(os.path.join(ROOT, directory, name)) as f:
                    known |= set(re.findall(f'"({NAME})"', f.read()))
    with open(os.path.join(ROOT, "man/ctrunit.7.scd")) as f:
        page = set(re.findall(rf"\*({NAME})\*", f.read()))
    ok = known == page and len(known) > 10
    print(f"{'' if ok else 'not '}ok 1 - manual: annotations")
    if not ok:
        print(f"# only in the code: {sorted(known - page)}\n# only in the page: {sorted(page - known)}")
    print("1..1")
    sys.exit(not ok)


main()
