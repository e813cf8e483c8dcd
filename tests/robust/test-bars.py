#!/usr/bin/env python3
"""bars.py reads what the programs of the suite print: lines as they print them, and the cells and verdicts that follow."""

import sys

from bars import BARS, Log, table

GOOD = """\
# runtime	verb	points	reached	hang	unknown	retry	unclean	reuse
# native	create	382	381	0	0	0	0	0
# service	Exec	13	13	0	0	0	0	0
# crun	create	64	63	1	3	0	5	0
# races	native	1000 rounds	0 hits
# races	runc	300 rounds	19 hits
# creates	engine	2000	0 failed
# mutations	native	1000	0 accepted	0 crash	0 hang	0 leftover	0 message
# mutations	crun	1000	178 accepted	17 crash	1 hang	3 leftover	0 message
# soak	native	5000 cycles x 8	137.2 s	0 errors	0 left	PID 1 -4 kB, +0 descriptors, +0 units
# live	native	1000 containers	first 38.4 ms, last 71.6 ms, ratio 1.86	CPU 13.1 and 19.8 ms, ratio 1.51	list 3.4 ms	delete 41.8 ms
# live-slices	native	1000 containers	first 38.4 ms, last 41.6 ms, ratio 1.08	CPU 13.1 and 13.8 ms, ratio 1.05	list 3.4 ms	x
# reexec	native	0 of 40 failed, 19.2 s, 37 blows	0 complaints
# dbus-killed	native	0 of 40 failed, 3.7 s, 3 blows	0 complaints
# dbus-killed	crun	1 of 40 failed, 3.0 s, 3 blows	1 complaints
# damaged-state	native	0 of 24 not clean	0 complaints
# bar	B1	native	0 of 18
# bar	B1	crun	2 of 18: A3 A6
# bar	B14	native	0 of 6
# bar	B15	native	0 of 12
# bar	B16	native	0.9
""" + "".join(f"ok {i} - fuzz: target{i}: 100 runs in 10 s, no finding\n" for i in range(1, 14))

# Bar: part of the row that is expected of the lines above.
ROWS = {
    "B1": "| 0 of 18 | - | 2 of 18: A3 A6 | - | yes |", "B2": "| 0 of 1000 | - | - | 19 of 300 | yes |",
    "B3": "| 0 of 395 | - | 6 of 64 | - | yes |", "B5": "| 0 of 395 | - | 3 of 64 | - | yes |",
    "B6": "| 0 of 1000 | - | 178 of 1000 | - | yes |", "B7": "| 0 / 0 / 0 of 1000 | - | 17 / 1 / 3 of 1000 | - | yes |",
    "B8": "| - | 0 of 2000 | - | - | yes |", "B9": "| 0, 0, -4 kB; 5000 cycles x 8: 137.2 s | - | - | - | yes |",
    "B10": "in many slices 1.08 wall, 1.05 CPU | - | - | - | yes |", "B12": "| 0 of 40 failed, 3.7 s | - | 1 of 40 failed, 3.0 s | - | yes |",
    "B16": "| 0.9 | - | - | - | yes |", "B17": "| 13 / 0; 1300 runs | - | - | - | yes |",
}
# One line after the others, and the bar that is missed by it.
BAD = {
    "B1": "# bar	B1	engine	1 of 18: A7", "B2": "# races	engine	1000 rounds	1 hits", "B3": "# engine	exec	9	9	0	0	0	1	0",
    "B4": "# engine	exec	9	9	0	0	2	0	0", "B5": "# service	Kill	9	9	0	1	0	0	0", "B8": "# creates	native	2000	3 failed",
    "B6": "# mutations	native	1000	1 accepted	0 crash	0 hang	0 leftover	0 message",
    "B7": "# mutations	native	1000	0 accepted	0 crash	0 hang	1 leftover	0 message",
    "B9": "# soak	native	5000 cycles x 8	137.2 s	0 errors	0 left	PID 1 +124 kB, +0 descriptors, +0 units",
    "B11": "# reexec	engine	2 of 40 failed, 19.2 s, 37 blows	2 complaints", "B13": "# damaged-state	engine	1 of 24 not clean	1 complaints",
    "B12": "# dbus-killed	engine	0 of 40 failed, 37.0 s, 3 blows	0 complaints", "B14": "# bar	B14	native	1 of 6",
    "B15": "# bar	B15	engine	2 of 12", "B16": "# bar	B16	native	6.2", "B17": "not ok 14 - fuzz: config",
}


def log_of(text):
    log = Log([])
    for line in text.splitlines():
        log.add(line)
    return log


def main():
    number = failed = 0

    def ok(is_true, what, detail=""):
        nonlocal number, failed
        number += 1
        failed += not is_true
        print(f"{'ok' if is_true else 'not ok'} {number} - bars: {what}" + ("" if is_true else f"\n#   {detail}"))
    lines, missed = table(log_of(GOOD))
    rows = {line.split("|")[1].strip(): line for line in lines}
    for bar, part in ROWS.items():
        ok(part in rows[bar], f"the row of {bar}", rows[bar])
    ok(not missed, "none is missed", missed)
    for bar, line in BAD.items():
        ok(table(log_of(GOOD + line))[1] == [bar], f"{bar} is missed", table(log_of(GOOD + line))[1])
    lines, missed = table(log_of(""))
    ok(not missed and sum("not measured" in line for line in lines) == len(BARS), "what was not measured says so", lines)
    print(f"1..{number}")
    return failed > 0


sys.exit(main())
