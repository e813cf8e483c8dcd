#!/usr/bin/env python3
"""check.py finds what it is for: a small tree with one fault of each kind."""

import os
import subprocess
import sys
import tempfile

LONG = "/* A long function. */\n#include \"base/a.h\"\n\nint f(void)\n{\n" + "        f();\n" * 100 + "}\n"
FILES = {
    "lib/base/meson.build": "base_helper_sources = files('a.c')\n",
    "lib/base/a.h": '/* Low. */\n#pragma once\n#include "spec/up.h"\n',
    "lib/base/a.c": '/* Low. */\n#include <stdio.h>\n#include "base/heap.h"\n#include "base/a.h"\n',
    "lib/base/heap.h": "/* Heap. */\n#pragma once\n\nint heap_get(\n        int a);\n",
    "lib/spec/up.h": '/* Up. */\n#pragma once\n#include "base/a.h"\n',
    "lib/plan/plan.h": "/* Plan. */\n",
    "lib/plan/program.h": "/* Program. */\n#pragma once\nenum {\n        SYNC_UNHEARD,\n};\n",
    "ARCHITECTURE.md": "Only `lib/plan`, `lib/base`, `lib/spec`, `helper/`.\n",
    "helper/main.c": '/* Helper. */\n#include "plan/plan.h"\n#include "base/heap.h"\n',
    "ctl/long.c": LONG,
    "ctl/longer.c": "/* Lines. */\n" + "\n" * 900,
    "ctl/longest.c": LONG.replace("        f();\n", "        f();\n" * 2),
    "ctl/silent.c": "int x;\n",
    "ctl/words.c": "/* Words. TO" + "DO: see /ho" + "me/me */\n",
}
EXPECTED = [
    'lib/base/a.h: base must not include "spec/up.h"',
    "lib/base/a.c: its own header must be the first include",
    "headers include each other: lib/base/a.h -> lib/spec/up.h -> lib/base/a.h",
    "folders include each other: base -> spec -> base",
    'helper/main.c: the helper must not include "plan/plan.h"',
    'helper/main.c: "base/heap.h" is not among base_helper_sources',
    "lib/base/heap.h:4: heap_get() has no comment",
    "lib/plan/plan.h: no #pragma once",
    "ctl/long.c:4: f() has 103 lines; above 80",
    "ctl/longest.c:4: f() has 203 lines, at most 120",
    "ctl/longer.c: 901 lines, at most 800",
    "ctl/silent.c: does not open with a comment",
    "ctl/words.c:1: unfinished",
    "ctl/words.c:1: a private path",
    "ARCHITECTURE.md: SYNC_UNHEARD is missing",
    "ARCHITECTURE.md: ctl is missing",
]

check = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.py")
with tempfile.TemporaryDirectory() as root:
    for name, text in FILES.items():
        os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
        with open(os.path.join(root, name), "w") as f:
            f.write(text)
    result = subprocess.run([sys.executable, check, root], capture_output=True, text=True)
failed = 0
for n, line in enumerate(EXPECTED, 1):
    found = line in result.stdout
    failed += not found
    print(f"{'' if found else 'not '}ok {n} - layer-selftest: finds: {line}")
print(f"{'' if result.returncode == 1 else 'not '}ok {len(EXPECTED) + 1} - layer-selftest: and fails")
print(f"1..{len(EXPECTED) + 1}")
if failed:
    print(result.stdout, file=sys.stderr)
sys.exit(failed > 0 or result.returncode != 1)
