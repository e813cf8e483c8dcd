#!/usr/bin/env python3
"""One set of client checks, run with several runtimes: TAP for ours, and a table of all.

    compare.py SET LABEL=FILE...      FILE is the output of the set with the runtime LABEL; "ours" is judged

A check passes when it passes with ours. When it fails with ours it fails; but when at least one other runtime was
run and it fails with all of them, the host is the reason: it is skipped, and says so. Without ours the first runtime
is judged by itself. Exit code 1 when a check fails.
"""
import re
import sys

WORDS = {"ok": "ok", "fail": "FAILS", "skip": "skip", None: "-"}


def read_results(path):
    """{name: (end, lines that follow)} in the order of the file; end is ok, fail or skip."""
    results, last = {}, None
    with open(path, errors="replace") as f:
        for line in f:
            line = line.rstrip("\n")
            found = re.match(r"^(not )?ok \d+ - (.*?)(?:\s*# SKIP (.*))?$", line)
            if found:
                last = found.group(2)
                end = "fail" if found.group(1) else "skip" if found.group(3) is not None else "ok"
                if last in results:  # a name that is used twice has its worst end
                    end = "fail" if "fail" in (end, results[last][0]) else end
                results[last] = (end, [found.group(3)] if found.group(3) else [])
            elif last and line.startswith("#"):
                results[last][1].append(line)
    return results


def judge(name, judged, peers):
    """(verdict, text): ok, fail or skip of one check, and why."""
    end, lines = judged.get(name, (None, []))
    if end == "ok":
        return "ok", ""
    if end == "skip":
        return "skip", lines[0] if lines else "no reason"
    others = {label: results[name][0] for label, results in peers.items() if name in results}
    if end == "fail" and others and all(other == "fail" for other in others.values()):
        return "skip", "this host: it fails with %s, too" % " and ".join(others)
    return "fail", "did not run" if end is None else ""


def print_table(names, results):
    width = max(map(len, names), default=0)
    print("# %-*s  %s" % (width, "check", "  ".join("%-5s" % label for label in results)))
    for name in names:
        ends = [WORDS[one[name][0] if name in one else None] for one in results.values()]
        print("# %-*s  %s" % (width, name, "  ".join("%-5s" % end for end in ends)))
    for label, one in results.items():
        ends = [end for end, _ in one.values()]
        print("# %s: %d passed, %d failed, %d skipped" % (
            label, ends.count("ok"), ends.count("fail"), ends.count("skip")))


def main():
    results = {}
    for argument in sys.argv[2:]:
        label, path = argument.split("=", 1)
        results[label] = read_results(path)
    judged_label = "ours" if "ours" in results else next(iter(results))
    judged = results[judged_label]
    peers = {label: one for label, one in results.items() if label != judged_label}
    names = list(dict.fromkeys(name for one in results.values() for name in one))
    failed = 0
    for number, name in enumerate(names, 1):
        verdict, text = judge(name, judged, peers)
        failed += verdict == "fail"
        print("%s %d - %s%s" % ("not ok" if verdict == "fail" else "ok", number, name,
                                " # SKIP " + text if verdict == "skip" else ""))
        if verdict == "fail":
            print("\n".join(judged[name][1]) if name in judged else "# " + text)
    print("1..%d" % len(names))
    print_table(names, results)
    for label, one in peers.items():
        for name, (end, lines) in one.items():
            if end == "fail":
                print("\n".join(["# %s fails: %s" % (label, name)] + lines))
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
