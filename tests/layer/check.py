#!/usr/bin/env python3
"""What a machine can check of HACKING.md's style: layers, cycles, sizes, words, comments, format and
the hardening of built programs. TAP on stdout; needs nothing but the standard library.

    check.py SOURCE-ROOT [--sanitized] [--static PROGRAM]... [--program PROGRAM]...
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

# Which folders the code of a folder may include from. The order is the layering.
MAY_INCLUDE = {
    "base": {"base"},
    "spec": {"base", "spec"},
    "unitfile": {"base", "spec", "unitfile"},
    "plan": {"base", "spec", "plan"},
    "sd": {"base", "spec", "plan", "sd"},
    "runtime": {"base", "spec", "unitfile", "plan", "sd", "runtime"},
    "convert": {"base", "spec", "runtime", "convert"},
    "api": {"base", "spec", "plan", "sd", "runtime", "convert", "api"},
    "helper": {"base", "plan", "helper"},
    "generator": {"base", "spec", "unitfile", "plan", "generator"},
    "ctl": {"base", "spec", "plan", "sd", "runtime", "convert", "ctl"},
    "manager": {"base", "spec", "plan", "sd", "runtime", "manager"},
}
# The helper is static and never allocates: of plan it sees the format of programs only.
HELPER_PLAN_HEADERS = {"plan/program.h", "plan/launch.h", "plan/state-files.h"}
LIBRARIES = ("base", "spec", "unitfile", "plan", "sd", "runtime", "convert", "api")
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 120
FUNCTION_LINES_EXPLAINED = 80
FORBIDDEN_WORDS = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
PRIVATE_PATHS = re.compile(r"(?<![A-Za-z0-9_])/(work/(wt|main|shared|\.library)|home/[a-z])")
TEXT_SUFFIXES = (".c", ".h", ".py", ".sh", ".md", ".scd", ".build", ".in", ".xml", ".fish", ".bash", "")

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


class Sources:
    """The files of the repository, read once."""

    def __init__(self, root):
        self.root = root
        listed = shutil.which("git") and subprocess.run(
            ["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
        if listed and listed.returncode == 0:
            names = listed.stdout.splitlines()
        else:  # a release has no .git, a small machine no git
            names = [os.path.relpath(os.path.join(d, f), root)
                     for d, subdirs, files in os.walk(root) for f in files
                     if not os.path.relpath(d, root).startswith(("build", ".git"))]
        self.names = sorted(n for n in names if os.path.isfile(os.path.join(root, n)))
        self.code = [n for n in self.names if n.endswith((".c", ".h"))]
        self.cache = {}

    def text(self, name):
        if name not in self.cache:
            with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as f:
                self.cache[name] = f.read()
        return self.cache[name]

    def includes(self, name):
        return INCLUDE.findall(self.text(name))


def folder_of(name):
    """"lib/plan/plan.c" -> "plan", "helper/op.c" -> "helper", "tests/unit/x.c" -> "tests"."""
    parts = name.split("/")
    return parts[1] if parts[0] == "lib" and len(parts) > 2 else parts[0]


def header_path(include):
    """The file an include names, relative to the root."""
    return ("lib/" if include.split("/")[0] in LIBRARIES else "") + include


def check_layers(sources):
    helper_base = set(re.findall(r"'([a-z0-9-]+)\.c'", "".join(
        re.findall(r"base_helper_sources = files\(([^)]*)\)", sources.text("lib/base/meson.build")))))
    for name in sources.code:
        folder = folder_of(name)
        if folder not in MAY_INCLUDE:
            continue
        for include in sources.includes(name):
            target = include.split("/")[0]
            if "/" not in include:
                yield f'{name}: "{include}" lacks its folder'
            elif target not in MAY_INCLUDE[folder]:
                yield f'{name}: {folder} must not include "{include}"'
            elif folder == "helper" and target == "plan" and include not in HELPER_PLAN_HEADERS:
                yield f'{name}: the helper must not include "{include}"'
            elif (folder == "helper" and target == "base" and include != "base/macro.h"
                  and os.path.basename(include)[:-2] not in helper_base):
                yield f'{name}: "{include}" is not among base_helper_sources'


def check_own_header_first(sources):
    for name in sources.code:
        if name.endswith(".c") and folder_of(name) in MAY_INCLUDE and name[:-2] + ".h" in sources.names:
            includes = sources.includes(name)
            if not includes or header_path(includes[0]) != name[:-2] + ".h":
                yield f"{name}: its own header must be the first include"


def find_cycle(graph):
    """A cycle as a list of nodes, or None."""
    state, path = {}, []

    def visit(node):
        state[node] = "open"
        path.append(node)
        for other in sorted(graph.get(node, ())):
            if state.get(other) == "open":
                return path[path.index(other):] + [other]
            if other not in state:
                found = visit(other)
                if found:
                    return found
        path.pop()
        state[node] = "done"
        return None

    for node in sorted(graph):
        if node not in state:
            found = visit(node)
            if found:
                return found
    return None


def check_cycles(sources):
    headers, folders = {}, {}
    for name in sources.code:
        folder = folder_of(name)
        if folder not in MAY_INCLUDE:
            continue
        targets = [header_path(i) for i in sources.includes(name)]
        if name.endswith(".h"):
            headers[name] = set(targets)
        folders.setdefault(folder, set()).update(folder_of(t) for t in targets)
        folders[folder].discard(folder)
    for what, graph in (("headers", headers), ("folders", folders)):
        cycle = find_cycle(graph)
        if cycle:
            yield f"{what} include each other: {' -> '.join(cycle)}"


def functions(text):
    """Yields (name, first line, number of lines, comment above) of each function, by the format that
    clang-format keeps: "{" and "}" alone in the first column."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line != "{":
            continue
        start = i
        while start > 0 and lines[start - 1] and not re.match(r"^( \*|/\*|#|})", lines[start - 1]) \
                and not lines[start - 1].endswith((";", "*/")):
            start -= 1
        end = i
        while end < len(lines) and lines[end] != "}":
            end += 1
        above = start
        while above > 0 and re.match(r"^( \*|/\*)", lines[above - 1]):
            above -= 1
        found = re.search(r"(\w+)\(", " ".join(lines[start:i]))
        if found:
            yield found.group(1), start + 1, end - start + 1, "\n".join(lines[above:start])


def check_sizes(sources):
    for name in sources.code:
        text = sources.text(name)
        n = text.count("\n")
        if n > FILE_LINES_MAX:
            yield f"{name}: {n} lines, at most {FILE_LINES_MAX}"
        for function, line, size, comment in functions(text):
            if size > FUNCTION_LINES_MAX:
                yield f"{name}:{line}: {function}() has {size} lines, at most {FUNCTION_LINES_MAX}"
            elif size > FUNCTION_LINES_EXPLAINED and "long:" not in comment.lower():
                yield (f"{name}:{line}: {function}() has {size} lines; above "
                       f'{FUNCTION_LINES_EXPLAINED} its comment says why ("long: ...")')


def check_pragma_once(sources):
    for name in sources.code:
        if name.endswith(".h") and not re.search(r"^#pragma once$", sources.text(name), re.M):
            yield f"{name}: no #pragma once"


def check_opening_comment(sources):
    for name in sources.code:
        if not sources.text(name).startswith("/*"):
            yield f"{name}: does not open with a comment that says what it is"


def check_words(sources):
    words = re.compile(r"\b(" + "|".join(FORBIDDEN_WORDS) + r")\b")
    for name in sources.names:
        if not os.path.basename(name).endswith(TEXT_SUFFIXES) or re.search("/(data|golden|corpus)/", name):
            continue
        for i, line in enumerate(sources.text(name).split("\n"), 1):
            if words.search(line):
                yield f"{name}:{i}: unfinished: {line.strip()[:80]}"
            if PRIVATE_PATHS.search(line):
                yield f"{name}:{i}: a private path: {line.strip()[:80]}"


def check_public_comments(sources):
    """A prototype of a library's header has a comment above it, or above the group it stands in, or
    behind it."""
    prototype = re.compile(r"^[a-zA-Z_][\w \*]*?\b(\w+)\(.*$")
    for name in sources.code:
        if not name.startswith("lib/") or not name.endswith(".h"):
            continue
        has_comment = False
        in_macro = in_prototype = False
        for i, line in enumerate(sources.text(name).split("\n"), 1):
            if in_macro or line.startswith("#"):
                in_macro = line.endswith("\\")
                continue
            if in_prototype:
                in_prototype = not re.search(r";\s*(/\*.*)?$", line)
                continue
            if line.startswith(("/*", " *")) or line.endswith("*/"):
                has_comment = True
            elif not line.strip():
                has_comment = False
            found = prototype.match(line)
            if not found or line.startswith(("static ", "typedef ", "DEFINE_")):
                continue
            in_prototype = not re.search(r";\s*(/\*.*)?$", line)
            # How a thing is freed needs no words: its type's comment tells who owns what.
            if not has_comment and not re.search(r"_(free|done|unref)$", found.group(1)):
                yield f"{name}:{i}: {found.group(1)}() has no comment"


def check_architecture(sources):
    """ARCHITECTURE.md knows every message between ctr-exec and its clone, every stage and every layer."""
    if "ARCHITECTURE.md" not in sources.names or "lib/plan/program.h" not in sources.names:
        return
    page, header = sources.text("ARCHITECTURE.md"), sources.text("lib/plan/program.h")
    for prefix in ("SYNC", "STAGE"):
        for name in re.findall(rf"^ +{prefix}_([A-Z_]+)\b", header, re.M):
            if not re.search(rf"\b{name}\b", page):
                yield f"ARCHITECTURE.md: {prefix}_{name} is missing"
    for folder in {folder_of(n) for n in sources.code} & set(MAY_INCLUDE):
        if not re.search(rf"`(lib/)?{folder}/?`", page):
            yield f"ARCHITECTURE.md: {folder} is missing"


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True,
                          check=True).stdout


def check_program(path, is_static):
    name = os.path.basename(path)
    header, segments = readelf(path, "-h"), readelf(path, "-l")
    dynamic, symbols = readelf(path, "-d"), readelf(path, "-s")
    if "DYN (" not in header:
        yield f"{name}: not position independent"
    if "GNU_RELRO" not in segments:
        yield f"{name}: no RELRO"
    if "BIND_NOW" not in dynamic and "NOW" not in dynamic:
        yield f"{name}: symbols are bound lazily"
    stack = re.search(r"GNU_STACK.*", segments)
    if not stack or "E" in stack.group(0).split()[-2]:
        yield f"{name}: executable stack"
    if "__stack_chk_fail" not in symbols:
        yield f"{name}: no stack protector"
    if not re.search(r"__\w+_chk\b", symbols.replace("__stack_chk_fail", "")):
        yield f"{name}: nothing fortified"
    if is_static and ("INTERP" in segments or "NEEDED" in dynamic):
        yield f"{name}: not static"


def check_format(sources):
    files = [os.path.join(sources.root, n) for n in sources.code]
    r = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *files],
                       capture_output=True, text=True)
    for line in r.stderr.split("\n"):
        if "error:" in line:
            yield line.replace(sources.root + "/", "")


class Tap:
    def __init__(self):
        self.n = self.n_failed = 0

    def report(self, name, problems):
        problems = list(problems)
        self.n += 1
        self.n_failed += bool(problems)
        print(f"{'not ' if problems else ''}ok {self.n} - layer: {name}")
        for line in problems:
            print(f"# {line}")

    def skip(self, name, reason):
        self.n += 1
        print(f"ok {self.n} - layer: {name} # SKIP {reason}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--sanitized", action="store_true", help="a sanitizer build is not hardened")
    parser.add_argument("--static", action="append", default=[])
    parser.add_argument("--program", action="append", default=[])
    options = parser.parse_args()
    sources = Sources(os.path.abspath(options.root))
    tap = Tap()
    tap.report("include rules of the layers", check_layers(sources))
    tap.report("own header first", check_own_header_first(sources))
    tap.report("no include cycles", check_cycles(sources))
    tap.report("sizes of files and functions", check_sizes(sources))
    tap.report("#pragma once", check_pragma_once(sources))
    tap.report("each file says what it is", check_opening_comment(sources))
    tap.report("public functions have comments", check_public_comments(sources))
    tap.report("no unfinished work, no private paths", check_words(sources))
    tap.report("ARCHITECTURE.md is complete", check_architecture(sources))
    if shutil.which("clang-format"):
        tap.report("clang-format", check_format(sources))
    else:
        tap.skip("clang-format", "clang-format is not installed")
    for path in options.static + options.program:
        name = "hardening of " + os.path.basename(path)
        if options.sanitized:
            tap.skip(name, "a sanitizer build")
        elif not shutil.which("readelf"):
            tap.skip(name, "readelf is not installed")
        else:
            tap.report(name, check_program(path, path in options.static))
    print(f"1..{tap.n}")
    sys.exit(tap.n_failed > 0)


main()
