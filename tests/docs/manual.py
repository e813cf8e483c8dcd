#!/usr/bin/env python3
"""ctrctl(1) and ctrctl-pod(1) have every verb and every option of ctrctl, and nothing else; sections come in the order
that people know. TAP.

    manual.py CTRCTL
"""

import os
import re
import subprocess
import sys

MAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man")
DEFINITION = re.compile(r"^\*-.*$", re.M)


def options_of_help(text):
    return set(re.findall(r"^  (?:-\w, |    )--([a-z0-9-]+)", text, re.M))


def options_of_page(text):
    return {o for line in DEFINITION.findall(text) for o in re.findall(r"\*--([a-z0-9-]+)\*", line)}


def compare(ctrctl, words, page):
    """(name, what the help has, what the page has) of all verbs after these words."""

    def help_of(*args):
        return subprocess.run([ctrctl, *words, *args, "--help"], capture_output=True, text=True, check=True).stdout

    with open(os.path.join(MAN, page)) as f:
        text = f.read()
    global_part, *parts = re.split(r"^## ", text, flags=re.M)
    sections = {part.split()[0]: part.split("\n# ")[0] for part in parts}
    overview = help_of()
    verbs = re.findall(r"^  ([a-z][a-z-]*) ", overview, re.M)
    prefix = " ".join(words + [""])
    yield f"verbs of {page}", set(verbs), set(sections)
    # The members of a configuration are defined like options, with other names.
    options = options_of_page(global_part) | ({"help"} if words else set())
    yield f"global options of {page}", options_of_help(overview), options
    for verb in verbs:
        text = help_of(verb)
        yield (f"options of {prefix}{verb}", options_of_help(text) - {"help"},
               options_of_page(sections.get(verb, "")))
        usage = re.match(r"ctrctl (.*)", text).group(1).replace("[OPTION...] ", "").strip()
        yield f"arguments of {prefix}{verb}", usage, prefix + sections.get(verb, "").split("\n")[0].strip()


# What a page has of these comes in this order; what is its own stands between them.
ORDER = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"]
# Programs that people call say these in any case.
NEEDED = {"ctrctl.1.scd": set(ORDER), "ctrctl-pod.1.scd": set(ORDER) - {"OPTIONS", "ENVIRONMENT"},
          "libctrunit.3.scd": {"NAME", "SYNOPSIS", "DESCRIPTION", "FILES", "EXAMPLES", "SEE ALSO"}}


def order():
    """(name, the sections as they should come, as they come) of all pages."""
    for page in sorted(p for p in os.listdir(MAN) if p.endswith(".scd")):
        with open(os.path.join(MAN, page)) as f:
            found = re.findall(r"^# (.*)$", f.read(), re.M)
        got = [s for s in found if s in ORDER]
        yield f"sections of {page}", [s for s in ORDER if s in got or s in NEEDED.get(page, ())], got
        yield f"first and last of {page}", ["NAME", "SEE ALSO"], [found[0], found[-1]]


def main():
    ctrctl = os.path.abspath(sys.argv[1])
    results = [*compare(ctrctl, [], "ctrctl.1.scd"), *compare(ctrctl, ["pod"], "ctrctl-pod.1.scd"), *order()]
    failed = 0
    for n, (name, expected, got) in enumerate(results, 1):
        failed += expected != got
        print(f"{'' if expected == got else 'not '}ok {n} - manual: {name}")
        if expected != got:
            print(f"# help: {expected}\n# page: {got}")
    print(f"1..{len(results)}")
    sys.exit(failed > 0)


main()
