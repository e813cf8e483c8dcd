#!/usr/bin/env python3
"""The library's outside: exported symbols with their version, the header alone as C99 and C++, and the examples
built against the installed library with pkg-config. TAP.

    library-abi.py LIBRARY SOURCE BUILD CC [SANITIZE]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

number = failed = 0


def ok(name, is_good, text=""):
    global number, failed
    number += 1
    failed += not is_good
    print("ok" if is_good else "not ok", number, "- library-abi:", name)
    for line in [] if is_good else text.splitlines()[:30]:
        print("#  ", line)


def run(*argv, **options):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


def symbols(library):
    """{name@version} of what it defines for others."""
    text = run("readelf", "--dyn-syms", "-W", library).stdout
    rows = [line.split() for line in text.splitlines() if re.match(r"^ *\d+:", line)]
    return {r[7].replace("@@", "@") for r in rows if len(r) > 7 and r[4] == "GLOBAL" and r[6] not in ("UND", "ABS")}


def test_symbols(library, source):
    with open(os.path.join(source, "tests/library/libctrunit.symbols"), encoding="utf-8") as f:
        expected = set(f.read().split())
    exported = symbols(library)
    ok("the exported symbols are the checked-in ones", exported == expected,
       "\n".join([f"new: {s}" for s in sorted(exported - expected)] + [f"gone: {s}" for s in sorted(expected - exported)]))
    with open(os.path.join(source, "lib/api/ctrunit.h"), encoding="utf-8") as f:
        declared = {n for n in re.findall(r"\b(ctr_[a-z0-9_]+)\(", f.read()) if not n.endswith("_freep")}
    ok("they are what the header declares", {s.split("@")[0] for s in exported} == declared,
       "\n".join(sorted({s.split("@")[0] for s in exported} ^ declared)))
    soname = re.search(r"SONAME.*\[(.*)\]", run("readelf", "-d", library).stdout)
    ok("the soname has the version of the interface", bool(soname) and soname.group(1) == "libctrunit.so.0")


def test_manual(source):
    with open(os.path.join(source, "man/libctrunit.3.scd"), encoding="utf-8") as f:
        page = set(re.findall(r"_(ctr_[a-z0-9_]+?)_\(", f.read()))
    with open(os.path.join(source, "tests/library/libctrunit.symbols"), encoding="utf-8") as f:
        names = {s.split("@")[0] for s in f.read().split()}
    ok("libctrunit(3) has every function", names <= page, "\n".join(sorted(names - page)))
    ok("and no other", {n for n in page if not n.endswith("_freep")} <= names, "\n".join(sorted(page - names)))


def test_header(source, cc, directory):
    warnings = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
    cxx = {"gcc": "g++", "cc": "c++", "clang": "clang++"}.get(os.path.basename(cc))
    compilers = [([cc, "-std=c99"], "c"), ([cc, "-std=c11"], "c")]
    if cxx and shutil.which(cxx):
        compilers += [([cxx, "-std=c++98", "-Wno-long-long"], "cc"), ([cxx, "-std=c++17"], "cc")]
    else:
        print(f"# SKIP C++: no compiler of that language beside {cc}")
    for compiler, suffix in compilers:
        path = os.path.join(directory, "header." + suffix)
        with open(path, "w", encoding="utf-8") as f:
            f.write("#include <ctrunit.h>\n#include <ctrunit.h>\nint main(void) { return CTR_OK; }\n")
        done = run(*compiler, *warnings, "-I", os.path.join(source, "lib/api"), "-c", path, "-o", path + ".o")
        ok(f"the header alone: {' '.join(compiler)}", done.returncode == 0, done.stdout)


def test_installed(source, build, cc, directory):
    root = os.path.join(directory, "root")
    done = run("meson", "install", "-C", build, "--no-rebuild", "--quiet", env=dict(os.environ, DESTDIR=root))
    ok("the library is installed", done.returncode == 0, done.stdout)
    where = [d for d, _, files in os.walk(root) if "libctrunit.pc" in files]
    ok("with its pkg-config file", len(where) == 1)
    env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=root, PKG_CONFIG_PATH=where[0] if where else "")
    flags = run("pkg-config", "--cflags", "--libs", "libctrunit", env=env)
    ok("which gives flags", flags.returncode == 0, flags.stdout)
    libraries = os.path.dirname(where[0]) if where else ""
    manual = os.path.join(directory, "manual.c")
    with open(manual, "w", encoding="utf-8") as f:
        f.write(run(sys.executable, os.path.join(source, "tests/library/manual-example.py"),
                    os.path.join(source, "man/libctrunit.3.scd")).stdout)
    done = run(cc, "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", manual, "-o", os.path.join(directory, "manual"),
               *flags.stdout.split(), f"-Wl,-rpath,{libraries}")
    ok("the example of libctrunit(3) is built with them", done.returncode == 0, done.stdout)
    for name in ("container", "pod"):
        example = os.path.join(root, "usr/share/doc/ctrunit/examples", name + ".c")
        program = os.path.join(directory, name)
        done = run(cc, "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", example, "-o", program,
                   *flags.stdout.split(), f"-Wl,-rpath,{libraries}")
        ok(f"the installed example {name}.c is built with them", done.returncode == 0, done.stdout)
        done = run(program)
        ok(f"and {name} runs: its usage", done.returncode == 1 and "usage:" in done.stdout, done.stdout)


def main():
    library, source, build, cc = sys.argv[1:5]
    is_sanitized = "-fsanitize" in " ".join(sys.argv[5:])
    test_symbols(library, source)
    test_manual(source)
    with tempfile.TemporaryDirectory() as directory:
        test_header(source, cc, directory)
        if is_sanitized:
            print("# SKIP installed: a sanitized library is no library for others")
        else:
            test_installed(source, build, cc, directory)
    print(f"1..{number}")
    return failed > 0


sys.exit(main())
