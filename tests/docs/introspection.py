#!/usr/bin/env python3
"""The interface files are what the service's own tables say, and the manual names every member of them. TAP.

    introspection.py CTR-MANAGERD
"""

import os
import subprocess
import sys
import xml.etree.ElementTree

UNITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../units")
PAGES = [os.path.join(UNITS, "../man", name) for name in ("org.ctrunit1.5.scd", "org.ctrunit1.Pod.5.scd")]


def main():
    daemon = os.path.abspath(sys.argv[1])
    files = sorted(f for f in os.listdir(UNITS) if f.startswith("org.ctrunit1.") and f.endswith(".xml"))
    failed = 0
    manual = "".join(open(page).read() for page in PAGES)
    for n, file in enumerate(files, 1):
        with open(os.path.join(UNITS, file)) as f:
            expected = f.read()
        got = subprocess.run([daemon, "--print-introspection", file[:-len(".xml")]],
                             capture_output=True, text=True)
        members = [e.get("name") for kind in ("method", "signal", "property")
                   for e in xml.etree.ElementTree.fromstring(expected).iter(kind)]
        unnamed = [m for m in members if f"*{m}*" not in manual]
        good = got.returncode == 0 and got.stdout == expected and members and not unnamed
        failed += not good
        print(f"{'' if good else 'not '}ok {n} - introspection: {file[:-len('.xml')]}")
        if unnamed:
            print(f"# in no manual page: {unnamed}")
        elif not good:
            print(f"# ctr-managerd --print-introspection {file[:-4]} > units/{file}\n# {got.stderr}")
    print(f"1..{len(files)}")
    sys.exit(failed > 0 or not files)


main()
