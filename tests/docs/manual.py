#!/usr/bin/env python3
"""ctrctl(1) has every verb and every option of ctrctl, and nothing else. TAP.

    manual.py CTRCTL
"""

import os
import re
import subprocess
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/ctrctl.1.scd")
DEFINITION = re.compile(r"^\*-.*$", re.M)


def options_of_help(text):
    return set(re.findall(r"^  (?:-\w, |    )--([a-z-]+)", text, re.M))


def options_of_page(text):
    return {o for line in DEFINITION.findall(text) for o in re.findall(r"\*--([a-z-]+)\*", line)}


def main():
    ctrctl = os.path.abspath(sys.argv[1])

    def help_of(*args):
        return subprocess.run([ctrctl, *args, "--help"], capture_output=True, text=True, check=True).stdout

    with open(PAGE) as f:
        text = f.read()
    global_part, *parts = re.split(r"^## ", text, flags=re.M)
    sections = {part.split()[0]: part.split("\n# ")[0] for part in parts}
    overview = help_of()
    verbs = re.findall(r"^  ([a-z][a-z-]*) ", overview, re.M)
    results = [("verbs", set(verbs), set(sections)),
               ("global options", options_of_help(overview), options_of_page(global_part))]
    for verb in verbs:
        text = help_of(verb)
        results.append((f"options of {verb}", options_of_help(text) - {"help"},
                        options_of_page(sections.get(verb, ""))))
        usage = re.match(r"ctrctl (.*)", text).group(1).replace("[OPTION...] ", "").strip()
        results.append((f"arguments of {verb}", usage, sections.get(verb, "").split("\n")[0].strip()))
    failed = 0
    for n, (name, expected, got) in enumerate(results, 1):
        failed += expected != got
        print(f"{'' if expected == got else 'not '}ok {n} - manual: {name}")
        if expected != got:
            print(f"# help: {expected}\n# page: {got}")
    print(f"1..{len(results)}")
    sys.exit(failed > 0)


main()
