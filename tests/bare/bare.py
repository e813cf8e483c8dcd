#!/usr/bin/env python3
"""Without networking means without its code: no function for networks of pods, veth devices and published ports is in
these programs, and what asks for one says that this is the build. TAP.

    bare.py PROGRAM... --with PROGRAM
"""

import json
import os
import re
import subprocess
import sys
import tempfile

CODE = re.compile(r"(cni|pod_links|plan_port|plan_publish|sd_port)_")

number = failed = 0


def ok(name, wrong):
    global number, failed
    number += 1
    failed += bool(wrong)
    print(f"{'not ' if wrong else ''}ok {number} - bare: {name}")
    for line in wrong:
        print(f"#   {line}")


def network_functions(program):
    out = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    return sorted({line.split()[-1] for line in out.splitlines() if CODE.match(line.split()[-1])} - {"plan_ports_read", "plan_ports_done"})


def bundle(directory, change):
    config = {"ociVersion": "1.0.2", "root": {"path": "/"}, "process": {"args": ["x"], "cwd": "/"},
              "linux": {"namespaces": [{"type": t} for t in ("pid", "mount", "network")]}}
    config.update(change)
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8") as f:
        json.dump(config, f)
    return directory


def says(arguments, text, stdin=None):
    done = subprocess.run(arguments, capture_output=True, text=True, input=stdin, check=False)
    return [] if done.returncode and text in done.stderr else [f"{done.returncode}: {done.stdout}{done.stderr}"]


def main():
    split = sys.argv.index("--with")
    programs, whole = sys.argv[1:split], sys.argv[split + 1]
    ok("the programs with networking have such functions", [] if len(network_functions(whole)) > 5 else [whole])
    for program in programs:
        ok(f"{os.path.basename(program)} has none", network_functions(program))
    without = "this ctrunit was built without networking"
    ctrctl = programs[0]
    with tempfile.TemporaryDirectory() as directory:
        plain = bundle(directory, {})
        done = subprocess.run([ctrctl, "check", plain], capture_output=True, text=True, check=False)
        ok("a configuration without any is accepted", [done.stderr] if done.returncode else [])
        asked = bundle(directory, {"annotations": {"org.ctrunit.publish": "8080:80"}})
        ok("published ports are refused", says([ctrctl, "check", asked], without))
        veth = {"rootfs": "/", "networks": [{"type": "veth", "bridge": "b0", "address": "10.0.0.2/24"}], "namespaces": [{"type": "NEWNET"}]}
        ok("veth devices are refused", says([ctrctl, "convert", "-"], without, json.dumps(veth)))
    print(f"1..{number}")
    return failed > 0


sys.exit(main())
