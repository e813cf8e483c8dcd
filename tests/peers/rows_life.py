"""create, start, run, kill, delete, pause and resume, with their options."""

from row import DENIED, DRAWN, NO_FILE, NOT_FOUND, NOT_RUNNING, Row, end_of_shared, with_container, with_shared

READY = "until [ -e $W/rootfs/ready ]; do sleep 0.02; done"

# Ours lets go of its own standard output when the container has it, and forwards from then on; of peers nothing is seen.
ATTENDS = 'case $P in ctr*) until [ "$(readlink /proc/$p/fd/1)" = /dev/null ]; do sleep 0.02; done ;; *) sleep 1 ;; esac'


def created(name, bundle, script, *rest, **others):
    """A row about a container of its own that is created."""
    return Row(name, f"x create -b $B/{bundle} c >o 2>&1 || {{ cat o >&2; exit 99; }}; {script}; r=$?; x delete -f c 2>/dev/null; exit $r", *rest, **others)


def made(name, words, *rest, **others):
    """A row about a command that makes one, which goes again."""
    return Row(name, f"x {words}; r=$?; x delete -f c >o 2>&1; exit $r", *rest, **others)


def stopped(name, script, *rest, **others):
    return with_container(name, "sleep", f"x kill c KILL; await c stopped; {script}", *rest, **others)


def signal_rows():
    for spelling in ("USR1", "SIGUSR1", "usr1", "sigusr1", "10"):
        yield with_container(f"kill ID {spelling}", "signals",
                             f"{READY}; rm -f $W/rootfs/heard; x kill c {spelling} && until [ -e $W/rootfs/heard ]; do sleep 0.02; done; e=$?; rm -f $W/rootfs/ready; (exit $e)",
                             why="crun knows capitals only", **({"crun": ".*"} if spelling.endswith("usr1") else {}))
    for spelling in ("BOGUS", "99", "-1", "SIG", "9x", "''"):
        yield with_shared(f"kill ID {spelling}", f"x kill c {spelling}", "1", why="crun takes what atoi does, runc nothing for TERM", crun="[01]",
                             **({"runc": "0"} if spelling == "''" else {}))
    yield with_shared("kill ID 0", "x kill c 0", "0", why="crun knows no signal 0", crun="[01]")
    for spelling in ("RTMIN", "SIGRTMIN+3", "RTMAX-1", "34"):
        yield with_shared(f"kill ID {spelling}", f"x kill c {spelling}", "0", why="names that runc's list has not", crun="[01]", runc="[01]")
    yield end_of_shared("kill")


CREATE = [
    created("create: status and pid", "sleep", "p=$(pid c); status c; alive $p", "0 created", "out"),
    made("create: silent", "create -b $B/sleep c", r"0 \|", "all"),
    Row("create: the working directory is the bundle", "cd $B/sleep && x create c; r=$?; x delete -f c; exit $r"),
    made("create --bundle", "create --bundle $B/sleep c"),
    made("create -bundle", "create -bundle $B/sleep c", why="argp has no such spelling", crun="1"),
    made("create --bundle=", "create --bundle=$B/sleep c"),
    Row("create --bundle: a relative one is made absolute", "x create --bundle sleep c; x state c | grep -o '\"bundle\": .*'; x delete -f c", '0 "bundle": "DIR/sleep",', "out"),
    Row("create --bundle of nothing", "x create --bundle /nonexistent c", "1 .*/nonexistent.*[Nn]o such file or directory", "err"),
    Row("create --bundle without config.json", "mkdir -p e; x create --bundle e c", "1 .*config.json.*", "err"),
    Row("create: a broken config.json", "mkdir -p e2; echo '{' >e2/config.json; x create --bundle e2 c", "1 .*config.json:2:1: not valid JSON.*", "err",
        why="theirs name no place", crun="1 .*", runc="1 .*"),
    Row("create: config.json is read once", "cp -r $B/once e3; x create -b e3 c; sed -i 's/echo old/echo new/' e3/config.json; x start c; "
        "until [ -s $W/rootfs/said ]; do sleep 0.02; done; cat $W/rootfs/said; x delete -f c", "0 old", "out"),
    Row("create -f FILE", "cp -r $B/sleep e4; mv e4/config.json e4/other.json; x create -b e4 -f other.json c; r=$?; x delete -f c; exit $r",
        why="crun's option, but of another directory", crun="[01]", runc="1"),
    made("create --config FILE", "create -b e4 --config other.json c", why="the same", crun="[01]", runc="1"),
    created("create: an id in use", "sleep", "x create -b $B/sleep c", "1 (runc create failed: )?container with given ID already exists", "err",
            crun="1 container `c` already exists"),
    *[Row(f"create: an id \"{i}\"", f"x create -b $B/sleep '{i}'", "1 (runc create failed: )?invalid container ID format.*", "err", why="crun looks later, runc has words for empty",
          crun="1 .*", **({"runc": "1 .*cannot be empty"} if not i else {})) for i in ("bad/id", ".", "..", "a b", "", "a@b")],
    Row("create: an id of 1030 letters", "x create -b $B/sleep $(printf '%01030d')", "1 invalid container ID format.*", "err", crun="1 .*", runc="1 .*"),
    *[Row(f"create: an id {i}", f"x create -b $B/sleep '{i}'; r=$?; x delete -f '{i}'; exit $r", "0", why="theirs make no unit of a plus sign" if i == "a+b" else "",
          **({"crun": "1", "runc": "1"} if i == "a+b" else {})) for i in ("a.b", "a_b", "a+b", "A-1")],
    Row("create --console-socket", "python3 $HERE/receive.py $W/s tty & until [ -S s ]; do sleep 0.02; done; x create -b $B/tty --console-socket $W/s c; wait; x delete -f c",
        "0 1 terminal /dev/pts/N", "out", why="crun sends no name, runc another", crun="0 1 terminal", runc="0 1 terminal /dev/ptmx"),
    made("create: terminal without a socket", "create -b $B/tty c", "1 .*cannot allocate tty if .* will detach without setting console socket", "err", crun="1 .*"),
    made("create --console-socket without a terminal", "create -b $B/sleep --console-socket s c", "1 .*cannot use console socket if .* will not detach or allocate tty", "err",
         crun="1 .*"),
    made("run --console-socket attached", "run -b $B/tty --console-socket s c", "1 .*cannot use console socket if .* will not detach or allocate tty", "err", crun="1 .*"),
    Row("create --pidfd-socket", "python3 $HERE/receive.py p pidfd & until [ -S p ]; do sleep 0.02; done; x create -b $B/sleep --pidfd-socket p c; wait; x delete -f c",
        "0 1 pidfd", "out", why="newer than these", crun=None, runc=None),
    Row("create --pid-file: bytes and mode", "x create -b $B/sleep --pid-file $W/f c; [ \"$(cat f)\" = \"$(pid c)\" ]; a=$?; tr -d 0-9 <f | wc -c; stat -c %a f; x delete -f c; exit $a",
        r"0 0\\n644", "out", why="crun: as the umask is", crun=r"0 0\\n\d+"),
    Row("create --pid-file over another file", "echo something longer >f9; x create -b $B/sleep --pid-file $W/f9 c; [ \"$(cat f9)\" = \"$(pid c)\" ]; a=$?; x delete -f c; exit $a"),
    *[Row(f"create {o}: nothing is left", f"x create -b $B/{b} {o} c 2>/dev/null; r=$?; x list -q; x delete -f c; exit $r", "1", "out", why="crun leaves it; pidfd-socket is newer",
          crun=".*", runc=".*") for o, b in (("--pid-file /nonexistent/f", "sleep"), ("--pidfd-socket /nonexistent/s", "sleep"), ("--console-socket /nonexistent/s", "tty"))],
    made("create --no-pivot", "create -b $B/sleep --no-pivot c"),
    Row("run --no-pivot", "x run -b $B/exit3 --no-pivot c", "3"),
    Row("run: a session keyring of its own", "x run -b $B/keys $(basename $W)-own | grep -c \"_ses.$(basename $W)-own\"", "0 1", "out", why="crun names it otherwise", crun="1 0"),
    Row("run --no-new-keyring", "x run -b $B/keys --no-new-keyring $(basename $W)-no | grep -c \"_ses.$(basename $W)-no\"", "1 0", "out"),
    Row("run --preserve-fds", "exec 3</etc/hostname; x run -b $B/fd3 --preserve-fds 1 c | cmp - /etc/hostname"),
    Row("run: other descriptors are closed", "exec 3</etc/hostname; x run -b $B/fd3 c 2>/dev/null", "[1-9]"),
    Row("run --preserve-fds: one that is not open", "x run -b $B/true --preserve-fds 9 c", "1 .*file descriptor 3 should be preserved, but is not open.*", "err",
        why="crun goes on", crun="0", runc="1 .*preserved-fd.*"),
    Row("run --preserve-fds: no number", "x run -b $B/true --preserve-fds x c", "1", why="crun takes 0", crun="0"),
    Row("run: LISTEN_FDS", "exec 3</etc/hostname; (LISTEN_PID=$BASHPID LISTEN_FDS=1 exec \"${X[@]}\" run -b $B/listen c) | sed \"s/$(cat /etc/hostname)/NAME/\"",
        r"0 1 1\\nNAME", "out", why="crun leaves LISTEN_PID out", crun=r"0 1 ?\\nNAME"),
]

START = [
    created("start: running", "sleep", "x start c; status c", "0 running", "out"),
    created("start: silent", "sleep", "x start c", r"0 \|", "all"),
    with_shared("start twice", "x start c", "1 cannot start an already running container", "err", crun="1 .*"),
    end_of_shared("start"),
    Row("start of nothing", "x start nope", NOT_FOUND, "err", crun=NO_FILE),
    created("start of a stopped one", "sleep", "x kill c KILL; await c stopped; x start c", "1 cannot start a container that has stopped", "err", crun="1 .*"),
    Row("create and start: a program that is not there", "x create -b $B/nope c && x start c; r=$?; x delete -f c 2>/dev/null; exit $r",
        '127 exec: "/nope": stat /nope: no such file or directory', "err", why=DRAWN, crun="1 .*`/nope`.*: No such file or directory", runc="1 .*/nope: no such file or directory"),
    Row("create and start: a program that is not in PATH", "x create -b $B/nopath c && x start c; r=$?; x delete -f c 2>/dev/null; exit $r",
        r'127 exec: "nope": executable file not found in \$PATH', "err", why=DRAWN, crun=r"1 .* not found in \$PATH.*", runc=r"1 .* not found in \$PATH"),
    created("start: a poststart hook fails", "badhook", "x start c", "1 .*poststart.*/bin/false.*", "err", why="crun goes on, runc fails at create", crun=".*", runc=".*"),
]

RUN = [
    Row("run: its output and exit code", "x run -b $B/hello c", r"7 out\|err", "all"),
    Row("run: exit code", "x run -b $B/exit3 c", "3"),
    Row("run: killed", "x run -b $B/killed c", "137"),
    Row("run: deleted afterwards", "x run -b $B/true c; x state c", NOT_FOUND, "err", crun=NO_FILE),
    Row("run: a program that is not there", "x run -b $B/nope c", '127 exec: "/nope": stat /nope: no such file or directory', "err", why=DRAWN, crun="1 .*", runc="1 .*"),
    Row("run: a program that is not in PATH", "x run -b $B/nopath c", r'127 exec: "nope": executable file not found in \$PATH', "err", why=DRAWN, crun="1 .*", runc="1 .*"),
    Row("run: a program that cannot be executed", "x run -b $B/noexec c", '126 exec: "/etc/passwd": permission denied', "err", why=DENIED,
        crun="1 open executable: Permission denied", runc="1 .*: permission denied"),
    Row("run: forwards signals", f"rm -f $W/rootfs/ready; \"${{X[@]}}\" run -b $B/term c & p=$!; {READY}; {ATTENDS}; kill -TERM $p; wait $p", "5"),
    *[Row(f"run {o}", f"x run {o} -b $B/sleep c; r=$?; status c; x delete -f c; exit $r", "0 running", "out") for o in ("--detach", "-d", "-detach")[:2]],
    made("run -d: silent", "run -d -b $B/sleep c", r"0 \|", "all"),
    Row("run -d --pid-file", "x run -d -b $B/sleep --pid-file $W/f c; [ \"$(cat f)\" = \"$(pid c)\" ]; r=$?; x delete -f c; exit $r"),
    Row("run -d --pid-file in no directory: nothing is left", "x run -d -b $B/sleep --pid-file /nonexistent/f c 2>/dev/null; r=$?; x list -q; x delete -f c; exit $r", "1", "out",
        why="crun leaves it", crun=".*"),
    made("run -d --console-socket of nothing", "run -d -b $B/tty --console-socket $W/nothing c", "1 .*nothing.*", "err"),
    Row("run -d: a program that is not there: nothing is left", "x run -d -b $B/nope c 2>/dev/null; r=$?; x list -q; x delete -f c; exit $r", "127", "out", why=DRAWN, crun="1", runc="1"),
    Row("run --keep", "x run --keep -b $B/exit3 c; r=$?; status c; x delete c; exit $r", "3 stopped", "out", why="newer than this", crun="64"),
    Row("run --no-subreaper", "x run --no-subreaper -b $B/true c"),
]

KILL = [
    *signal_rows(),
    with_container("kill: TERM by default", "term", f"{READY}; rm $W/rootfs/ready; x kill c; await c stopped"),
    Row("kill of nothing", "x kill nope", NOT_FOUND, "err", crun=NO_FILE),
    stopped("kill of a stopped one", "x kill c TERM", NOT_RUNNING, "err", crun="1 .*"),
    stopped("kill KILL of a stopped one", "x kill c KILL", NOT_RUNNING, "err", crun="1 .*"),
    stopped("kill --all of a stopped one", "x kill --all c KILL", crun="[01]"),
    stopped("kill -a of a stopped one", "x kill -a c 15", crun="[01]"),
    with_container("kill --all KILL", "three", "until [ \"$(x ps -f json c | tr -cd , | wc -c)\" = 2 ]; do sleep 0.02; done; x kill --all c KILL; await c stopped"),
    with_container("kill KILL without a pid namespace: all end", "three-host", "until [ \"$(x ps -f json c | tr -cd , | wc -c)\" = 2 ]; do sleep 0.02; done; "
                   "p=$(x ps -f json c | tr -c 0-9 ' '); x kill c KILL; for i in $p; do await_death $i; done", "0", why="newer than these, which kill init only", crun=".*", runc=".*"),
    with_container("kill KILL of a paused one", "sleep", "x pause c; x kill c KILL; await c stopped", why="crun's waits for the thaw", crun=".*"),
    with_container("kill --all of nothing known", "sleep", "x kill --all c BOGUS", "1", why="crun takes what atoi does", crun="[01]"),
    with_container("kill --all TERM", "term", f"{READY}; rm $W/rootfs/ready; x kill --all c TERM; await c stopped"),
    created("kill of a created one", "sleep", "x kill c KILL && await c stopped"),
    Row("kill --regex", "for i in k1 k2 o1; do runs sleep $i; done; x kill --regex '^k[12]$' KILL; await k1 stopped; await k2 stopped; status o1; for i in k1 k2 o1; do x delete -f $i; done",
        "0 running", "out", why="crun's option", runc=None),
    Row("kill --regex: no expression", "x kill --regex '(' KILL", "1", why="crun's option", crun="0", runc=None),
]

DELETE = [
    Row("delete --regex", "for i in k1 k2 o1; do x create -b $B/sleep $i; done; x delete --regex '^k[12]$'; x list -q; x delete -f o1", "0 o1", "out", why="crun's option", runc=None),
    with_shared("delete of a running one", "x delete c", "1 cannot delete container c that is not stopped: running", "err", crun="1 .*"),
    with_shared("delete of a paused one", "x pause c; x delete c; r=$?; x resume c; (exit $r)", "1 cannot delete container c that is not stopped: paused", "err", crun="1 .*"),
    end_of_shared("delete"),
    created("delete of a created one", "sleep", "x delete c"),
    stopped("delete of a stopped one", "x delete c && x list -q", "0", "out"),
    with_container("delete --force of a running one", "sleep", "p=$(pid c); x delete --force c && x list -q && await_death $p", "0", "out"),
    with_container("delete -f of a paused one", "sleep", "p=$(pid c); x pause c; x delete -f c && x list -q && await_death $p", "0", "out"),
    Row("delete of nothing", "x delete nope", NOT_FOUND, "err", crun="1 .*"),
    Row("delete --force of nothing", "x delete --force nope", r"0 \|", "all"),
    Row("delete -f of nothing", "x delete -f nope"),
    stopped("delete: it is gone", "x delete c; x state c", NOT_FOUND, "err", crun=NO_FILE),
]

PAUSE = [
    with_shared("pause", "x pause c; status c; grep frozen /sys/fs/cgroup$(sed -n s/^0:://p /proc/$(pid c)/cgroup)/cgroup.events; x resume c", r"0 paused\\nfrozen 1", "out"),
    with_shared("pause twice", "x pause c; x pause c; r=$?; x resume c; (exit $r)", "1 container already paused", "err", why="runc says that it does not run", crun="0", runc=NOT_RUNNING),
    with_shared("resume", "x pause c; x resume c; status c", "0 running", "out"),
    with_shared("resume of one that is not paused", "x resume c", "1 container not paused", "err", why="crun: all is well", crun="0"),
    end_of_shared("pause and resume"),
    stopped("pause of a stopped one", "x pause c", NOT_RUNNING, "err", crun="1 .*"),
    stopped("resume of a stopped one", "x resume c", "1 container not paused", "err", crun="1 .*"),
    created("pause of a created one", "sleep", "x pause c; status c; x resume c; status c", r"0 paused\\ncreated", "out", why="crun says created", crun=r"0 created\\ncreated"),
    Row("pause of nothing", "x pause nope", NOT_FOUND, "err", crun=NO_FILE),
    Row("resume of nothing", "x resume nope", NOT_FOUND, "err", crun=NO_FILE),
]

ROWS = CREATE + START + RUN + KILL + DELETE + PAUSE
