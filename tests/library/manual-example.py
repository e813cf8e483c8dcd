#!/usr/bin/env python3
"""The C program that libctrunit(3) shows, as a reader of the page sees it.

    manual-example.py PAGE
"""

import re
import sys

with open(sys.argv[1], encoding="utf-8") as page:
    sys.stdout.write(re.search(r"^```\n(.*?)^```$", page.read(), re.M | re.S).group(1).replace("\\\\", "\\"))
