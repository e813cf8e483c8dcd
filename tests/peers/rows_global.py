"""Global options, verbs and arguments: what holds before a verb begins."""

from row import NO_FILE, NOT_FOUND, Row

CRUN_USAGE = "64"  # of argp, which crun's options are read by

# Every option that a verb has, by its help. Peers of these versions do not know some.
VERB_OPTIONS = {
    "create": "bundle config console-socket pidfd-socket pid-file no-pivot no-new-keyring preserve-fds",
    "run": "bundle config console-socket pidfd-socket pid-file no-pivot no-new-keyring preserve-fds no-subreaper detach keep",
    "exec": "process cwd env tty user additional-gids cap no-new-privs apparmor process-label detach pid-file console-socket "
            "pidfd-socket preserve-fds ignore-paused cgroup",
    "kill": "all regex",
    "delete": "force regex",
    "list": "format quiet",
    "ps": "format",
    "events": "stats interval",
    "update": "resources blkio-weight cpu-period cpu-quota cpu-burst cpu-share cpu-rt-period cpu-rt-runtime cpuset-cpus cpuset-mems "
              "cpu-idle memory memory-reservation memory-swap pids-limit kernel-memory kernel-memory-tcp l3-cache-schema mem-bw-schema",
    "spec": "bundle rootless config",
    "start": "", "state": "", "pause": "", "resume": "", "features": "",
}
# What the help of a peer lacks.
CRUN_LACKS = {"create": "pidfd-socket", "run": "pidfd-socket keep", "exec": "tty additional-gids pidfd-socket ignore-paused",
              "update": "cpu-burst cpu-idle l3-cache-schema mem-bw-schema", "spec": "config"}
RUNC_LACKS = {"create": "config pidfd-socket", "run": "config pidfd-socket", "exec": "pidfd-socket", "kill": "regex", "delete": "regex",
              "update": "cpu-burst cpu-idle kernel-memory kernel-memory-tcp", "spec": "config"}
CRUN_HAS_NOT = ("events", "features")
# Verbs with one id and nothing else.
ONE_ID = ("create", "start", "state", "delete", "pause", "resume", "events")




def help_rows():
    for verb, options in VERB_OPTIONS.items():
        script = (f'text=$(x {verb} --help) || exit; for o in {options}; do '
                  'grep -qE -- "--$o( |=|,|$)" <<<"$text" || printf "%s " $o; done')
        crun = f"0 {CRUN_LACKS[verb]}" if verb in CRUN_LACKS else "1" if verb in CRUN_HAS_NOT else "0"
        runc = f"0 {RUNC_LACKS[verb]}" if verb in RUNC_LACKS else "0"
        yield Row(f"{verb} --help: every option", script, "0", "out", "newer options", crun=crun, runc=runc)
    for verb in VERB_OPTIONS:
        script = f"x help {verb} >h1; a=$?; x {verb} --help >h2; cmp h1 h2 >/dev/null; echo $a $?; x {verb} -h >h1; cmp h1 h2; echo $?"
        yield Row(f"help {verb}, {verb} -h: the same", script, r"0 0 0\\n0", "out", "crun has neither", crun=".*")


def argument_rows():
    for verb in ONE_ID:
        yield Row(f"{verb} without an id: usage", f"x {verb} 2>&1 | grep -ciE 'usage'; exit ${{PIPESTATUS[0]}}", "1 1", "out",
                  "runc's usage has several such lines, crun shows none", crun="1 0", runc="1 [23]")
        yield Row(f"{verb} with two ids", f"x {verb} a b", "1")
    for verb in ("kill", "run", "update", "ps"):
        yield Row(f"{verb} without an id", f"x {verb}", "1")
    yield Row("kill with three arguments", "x kill a 9 c", "1")
    yield Row("list with an argument", "x list a", "1")
    yield Row("exec without an id", "x exec", "255", why="theirs counts arguments first", crun="1", runc="1")
    yield Row("exec without a command", "x exec a", "255", why="the same", crun="1")
    for verb in VERB_OPTIONS:
        yield Row(f"{verb} with an unknown option", f"x {verb} --no-such-option a", "255" if verb == "exec" else "1",
                  why="exec: an error of ours is never an exit status of the command", crun="1" if verb in CRUN_HAS_NOT else CRUN_USAGE, runc="1")


ROWS = [
    Row("--root: what is there is listed", "runs sleep gr && x list -q; x delete -f gr", "0 gr", "out"),
    Row("--root: elsewhere it is not known", "runs sleep gr; $P --root $W/other state gr; r=$?; x delete -f gr; exit $r", NOT_FOUND, "err",
        crun=NO_FILE),
    Row("--root=DIR", "$P --root=$W/other list -q", "0"),
    Row("-root DIR", "$P -root $W/other list -q", "0", why="argp has no such spelling", crun=CRUN_USAGE),
    Row("--root / is refused", "$P --root / list", "1", why="theirs make state in the host's root", crun="0", runc="0"),
    Row("--root: a container's directory is private", "x create -b $B/sleep gp && stat -c %a $R/gp $R/containers/gp 2>/dev/null; x delete -f gp", "0 700", "out",
        why="runc's has a fifo that others open", runc="0 711"),
    Row("--log: bytes and mode", "rm -f l; $P --log l state nope; sed 's/\"20[^\"]*\"/T/' l; stat -c %a l",
        r'0 time=T level=error msg="container does not exist"\\n644', "out", why="crun's lines have no form", crun=".*644"),
    Row("--log: exit code, and on standard error", "rm -f l; $P --log l state nope", NOT_FOUND, "err", crun=NO_FILE),
    Row("--log: appended to", "rm -f l; $P --log l state nope; $P --log l state nope; wc -l <l", "0 2", "out"),
    Row("--log: nothing of a success", "rm -f l; $P --log l --root $R list -q; test ! -s l", "0"),
    Row("--log-format json: one line, one object", "rm -f l; $P --log l --log-format json state nope; wc -l <l; cat l",
        r'0 1\\n\{"level":"error","msg":"container does not exist","time":"TIME"\}', "out", why="crun: another order and text", crun=r"0 1\\n\{.*\}"),
    *[Row(f"--log-format json: of {what}", f"{before}rm -f l; $P --log l --log-format json --root $R {words} >o 2>&1; wc -l <l; jq -r .level l; jq -r .msg l; {after}true",
          rf"0 1\\nerror\\n{says}", "out", why="crun writes no log of errors in its arguments", crun=".*", runc=r"0 1\\nerror.*")
      for what, before, words, after, says in (
          ("a usage error", "", "create", "", ".*one is missing.*"),
          ("an unknown verb", "", "bogus", "", 'unknown verb "bogus".*'),
          ("a failed create", "", "create -b /nonexistent x", "", "cannot open bundle /nonexistent: No such file or directory"),
          ("a failed exec", "runs sleep gl; ", "exec gl /nope", "x delete -f gl; ", 'exec: "/nope": stat /nope: no such file or directory'),
          ("a failed delete", "runs sleep gl; ", "delete gl", "x delete -f gl; ", "cannot delete container gl that is not stopped: running"))],
    Row("--log-format json: with --debug, one line all the same", "rm -f l; $P --debug --log l --log-format json state nope; wc -l <l", "0 1", "out", why="runc's debug lines are in it", crun=r"0 \d", runc=r"0 \d+"),
    Row("--log-format of nothing known", "$P --log-format xml list", "1"),
    Row("--log-format text", "rm -f l; $P --log l --log-format text state nope; wc -l <l", "0 1", "out"),
    Row("--log in no directory", "$P --log /nonexistent/l state nope", "1 .*/nonexistent/l: No such file or directory", "err",
        why="runc's words; crun does not name it", crun="1 : No such.*", runc="1 open /nonexistent/l: no such.*"),
    Row("--log file:", "rm -f l; $P --log file:$W/l state nope; wc -l <l", "0 1", "out", why="crun's form", runc="1"),
    Row("--log journald:", "$P --log journald:peers state nope", "1"),
    Row("--log syslog:", "$P --log syslog:peers state nope", "1"),
    Row("--debug: a second line", "$P --debug state nope 2>&1 | grep -c .", "0 2", "out", why="theirs say no more of it", crun="0 1", runc="0 1"),
    Row("--log-level", "$P --log-level error state nope", NOT_FOUND, "err", why="newer than these", crun="64 .*", runc="1 .*"),
    Row("--log-level of nothing known", "$P --log-level loud list", "1", crun=CRUN_USAGE),
    Row("--systemd-cgroup: a unit", "x create -b $B/sleep gs; u=$(x state gs | jq -r '.unit // empty'); systemctl is-active \"${u:-$P-gs.scope}\"; x delete -f gs",
        "0 active", "out"),
    Row("--cgroup-manager systemd", "$P --cgroup-manager systemd list", "0", why="crun's option", runc="1"),
    Row("--cgroup-manager cgroupfs", "$P --root $R --cgroup-manager cgroupfs run -b $B/true gc", "0", why="services are units; runc: crun's option",
        native="1", runc="1"),
    Row("--cgroup-manager disabled: no unit", "$P --root $R --cgroup-manager=disabled run -b $B/own-cgroup gc >o && ! grep -E 'gc[.]scope' o", "0",
        why="services are units; runc: crun's option", native=None, runc="1"),
    Row("--cgroup-manager of nothing known", "$P --cgroup-manager=bogus list", "1"),
    Row("without --systemd-cgroup: cgroupsPath", "$P --root $R create -b $B/cgroupfs gc && ls /sys/fs/cgroup/peers-*/c1/cgroup.procs | grep -c $(basename $W); $P --root $R delete -f gc",
        "0 1", "out", why="services are units", native=None),
    Row("--rootless auto", "$P --rootless auto list", "0"),
    Row("--rootless false", "$P --rootless=false list", "0"),
    Row("--rootless of nothing known", "$P --rootless=bogus list", "1", why="theirs look at it later", crun="0", runc="0"),
    Row("-no-subreaper", "x run -no-subreaper -b $B/true gn", "0", crun=CRUN_USAGE),
    Row("--version: three lines", "$P --version | sed -E 's/[0-9a-f]{40}/HASH/'",
        r"0 (ctrctl|runc) version [0-9.]+( \(ctrunit ctr-runtime\))?\\ncommit: \S+\\nspec: 1\.3\.0", "out", why="their own", crun=".*", runc=".*"),
    Row("-v", "$P -v | cmp - <($P --version)", "0"),
    Row("--help: the verbs", "$P --help | grep -cE '^ +(create|start|run|exec|kill|delete|state|list|ps|pause|resume|update|events|spec|features) '",
        "0 15", "out", why="crun's is a list with tabs", crun="1 0"),
    Row("-h", "$P -h | cmp - <($P --help)", "0", why="crun has none", crun="1"),
    Row("help", "$P help | cmp - <($P --help)", "0", why="crun has none", crun="1"),
    Row("--usage", "$P --usage >/dev/null", "0", why="crun's", runc="1"),
    Row("--criu", "$P --criu /usr/sbin/criu list", "0", why="crun links it", crun=CRUN_USAGE),
    Row("an unknown verb", "$P bogus", '1 unknown verb "bogus".*', "err", why="their words", crun="1 unknown command bogus", runc="3 No help topic for 'bogus'.*"),
    Row("an unknown global option", "$P --bogus list", "1 unknown option --bogus .see: --help.", "err", why="their words", crun="64 .*", runc="1 .*"),
    Row("no verb: usage on standard error", "$P", r"1 \|.*VERB.*a verb is missing.*", "all", why="runc's help is a success", crun="1 .*", runc="0 .*"),
    Row("an option without its argument", "$P --root", "1 option --root requires an argument", "err", why="their words", crun="64 .*", runc="1 .*"),
    Row("-- before the id", "x state -- nope", NOT_FOUND, "err", crun=NO_FILE),
    Row("options behind the id", "runs sleep go; x kill go 9; await go stopped; x delete go -f; r=$?; x delete -f go; exit $r", "0",
        why="crun stops at the first argument", crun="1"),
    *help_rows(),
    *argument_rows(),
]
