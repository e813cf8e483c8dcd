#!/usr/bin/env python3
"""The interface files are what the service's own tables say. TAP.

    introspection.py CTR-MANAGERD
"""

import os
import subprocess
import sys

UNITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../units")
PAGE = os.path.join(UNITS, "../man/org.ctrunit1.5.scd")


def main():
    daemon = os.path.abspath(sys.argv[1])
    files = sorted(f for f in os.listdir(UNITS) if f.startswith("org.ctrunit1.") and f.endswith(".xml"))
    failed = 0
    for n, file in enumerate(files, 1):
        with open(os.path.join(UNITS, file)) as f:
            expected = f.read()
        got = subprocess.run([daemon, "--print-introspection", file[:-len(".xml")]],
                             capture_output=True, text=True)
        good = got.returncode == 0 and got.stdout == expected
        failed += not good
        print(f"{'' if good else 'not '}ok {n} - introspection: {file[:-len('.xml')]}")
        if not good:
            print(f"# ctr-managerd --print-introspection {file[:-4]} > units/{file}\n# {got.stderr}")
    print(f"1..{len(files)}")
    sys.exit(failed > 0 or not files)


main()
