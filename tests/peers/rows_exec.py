"""exec, update and spec, with their options."""

from row import NO_FILE, NOT_FOUND, NOT_RUNNING, Row, end_of_shared
from row import with_shared as runs

PROCESS = '{"args":["/bin/sh","-c","exit 7"],"cwd":"/","user":{"uid":0,"gid":0},"env":["PATH=/bin"]}'
STRICT = "numbers are taken whole"


EXEC = [
    runs("exec: exit code", "x exec c sh -c 'exit 9'", "9"),
    runs("exec: output", "x exec c sh -c 'echo out; echo err >&2'", r"0 out\|err", "all"),
    runs("exec: killed", "x exec c sh -c 'kill -9 $$'", "137"),
    runs("exec: a program that is not there", "x exec c /nope", "255 .*[Nn]o such file or directory", "err"),
    runs("exec: a program that is not in PATH", "x exec c nope", r"255 .*executable file .*not found in \$PATH.*", "err"),
    runs("exec: a program that cannot be executed", "x exec c /etc/passwd", "255 .*: [Pp]ermission denied", "err"),
    Row("exec: of nothing", "x exec nope true", "255 (exec failed: )?container does not exist", "err", why="crun's 255 is for what begins", crun=NO_FILE),
    runs("exec: of a stopped one", "x kill c KILL; await c stopped; x exec c true", "255 cannot exec in a container that is not running", "err", why="their words",
         crun="1 .*", runc="255 .*stopped.*"),
    Row("exec: of a created one", "x delete -f c; x create -b $B/sleep c; x exec c sh -c 'exit 4'; r=$?; x delete -f c; exit $r", "4"),
    runs("exec --process", f"echo '{PROCESS}' >pr; x exec --process pr c", "7"),
    runs("exec -p", "x exec -p pr c", "7"),
    runs("exec -p of nothing", "x exec -p /nonexistent c", "255 .*/nonexistent.*[Nn]o such file or directory", "err", crun="1 .*"),
    runs("exec -p of no JSON", "echo '{' >pr2; x exec -p pr2 c", "255 .*", "err", crun="1 .*"),
    runs("exec --cwd", "x exec --cwd /tmp c pwd", "0 /tmp", "out"),
    runs("exec --cwd of nothing", "x exec --cwd /nonexistent c pwd", "255 .*chdir.*/nonexistent.*[Nn]o such file or directory", "err"),
    runs("exec --env twice", "x exec --env A=1 --env B=2 c /bin/sh -c 'echo $A$B'", "0 12", "out"),
    runs("exec -e", "x exec -e A=1 c /bin/sh -c 'echo $A'", "0 1", "out"),
    runs("exec --user UID:GID", "x exec --user 1:2 c id", "0 uid=1 gid=2.*", "out"),
    runs("exec -u UID", "x exec -u 1 c id -u", "0 1", "out"),
    *[runs(f"exec -u {u}", f"x exec -u {u} c true", "255", why=STRICT, crun="[01]", runc="0|255") for u in ("1x", "root", "-1", "1:x", "4294967296", "''")],
    runs("exec --additional-gids, -g", "x exec --additional-gids 7 c id -G; x exec -g 8 c id -G", r"0 0 7\\n0 8", "out", why="newer than this", crun="64"),
    runs("exec -g of no number", "x exec -g x c true", "255", crun="64", runc="1"),
    runs("exec --cap", "x exec --cap CAP_SYS_ADMIN c grep CapBnd /proc/self/status", r"0 CapBnd:\s+0000000000200420", "out", why="crun's are these and no other",
         crun=r"0 CapBnd:\s+0000000000200000"),
    runs("exec -c", "x exec -c CAP_SYS_ADMIN c grep CapBnd /proc/self/status | grep -c 2004", "0 1", "out", crun="1 0"),
    runs("exec -c of nothing known", "x exec -c CAP_BOGUS c true", "255 .*CAP_BOGUS.*", "err", why="a mistyped name is no detail", crun="0", runc="0 .*"),
    runs("exec --no-new-privs", "x exec --no-new-privs c grep NoNewPrivs /proc/self/status", r"0 .*1", "out"),
    runs("exec --apparmor where there is none", "x exec --apparmor none c true", "255 .*AppArmor.*", "err", why="their words", crun="1 .*", runc="255 .*"),
    runs("exec --process-label where there is none", "x exec --process-label none c true", "255 .*SELinux.*", "err", why="crun goes on", crun="0", runc="255 .*"),
    runs("exec --tty without a terminal", "x exec -t c sh -c 'test -t 1'", "0", why="theirs need one of the caller's", crun="1", runc="255"),
    runs("exec --tty --detach without a socket", "x exec -t -d c true", "255 cannot allocate tty if the runtime will detach without setting console socket", "err", crun="1 .*", runc="255 .*"),
    runs("exec --tty --detach --console-socket", "python3 $HERE/receive.py $W/s3 tty & until [ -S s3 ]; do sleep 0.02; done; x exec -t -d --console-socket $W/s3 c sleep 1000; wait",
         "0 1 terminal /dev/pts/N", "out", why="crun sends no name, runc another", crun="0 1 terminal", runc="0 1 terminal /dev/ptmx"),
    runs("exec --console-socket without --tty", "x exec --console-socket s c true", "255 .*cannot use console socket if .* will not detach or allocate tty", "err", crun="0"),
    runs("exec --detach --pid-file", "x exec -d --pid-file f2 c sleep 9000 && alive $(cat f2); r=$?; tr -d 0-9 <f2 | wc -c; (exit $r)", "0 0", "out"),
    runs("exec --detach of a program that is not there", "x exec -d c /nope", "255 .*[Nn]o such file or directory", "err"),
    runs("exec --pidfd-socket", "python3 $HERE/receive.py p3 pidfd & until [ -S p3 ]; do sleep 0.02; done; x exec -d --pidfd-socket p3 c sleep 1000; wait", "0 1 pidfd", "out",
         why="newer than these", crun=None, runc=None),
    runs("exec --preserve-fds", "exec 3</etc/hostname; x exec --preserve-fds 1 c sh -c 'cat <&3' | cmp - /etc/hostname"),
    runs("exec --preserve-fds: one that is not open", "x exec --preserve-fds 9 c true", "255 .*file descriptor 3 should be preserved, but is not open.*", "err", why="crun goes on",
         crun=".*", runc="255 .*"),
    *[runs(f"exec {o}: nothing is left", f"x delete -f c; runs sleep c; x exec -d {o} c sleep 777 2>/dev/null; r=$?; "
           "until [ \"$(x ps -f json c | tr -cd , | wc -c)\" = 0 ]; do sleep 0.02; done; (exit $r)", "255", why="crun leaves it; pidfd-socket is newer", crun=".*", runc=".*")
      for o in ("--pid-file /nonexistent/f", "--pidfd-socket /nonexistent/s", "-t --console-socket /nonexistent/s")],
    runs("exec -e: no name", "x exec -e =x c true", "255", why="theirs take it", crun="[0-9]+", runc="[0-9]+"),
    runs("exec: other descriptors are closed", "exec 3</etc/hostname; x exec c sh -c 'cat <&3' 2>/dev/null", "[1-9]"),
    runs("exec into a paused one", "x pause c; x exec c true; r=$?; x resume c; (exit $r)", "255 .*paused.*", "err", crun="1 .*"),
    runs("exec --ignore-paused", "x pause c; x exec --ignore-paused c sh -c 'exit 6' & e=$!; x resume c; wait $e", "6", why="newer than this", crun=".*"),
    Row("exec --cgroup", "x delete -f c; runs in-host-cgroup c; mkdir /sys/fs/cgroup$(sed -n s/^0:://p /proc/$(pid c)/cgroup)/part; x exec --cgroup part c grep -c '^0::.*/part$' /proc/self/cgroup",
        "0 1", "out"),
    runs("exec --cgroup of nothing", "x exec --cgroup nothing c true", "255 .*nothing.*[Nn]o such file or directory", "err", crun="1 .*"),
    runs("exec --cgroup ..", "x exec --cgroup .. c true", "255 .*", "err", why="crun goes there", crun="0"),
    runs("exec --cgroup /", "x exec --cgroup / c true"),
    runs("exec: -- is a word of the command", "x exec c -- true", "255"),
    runs("exec: options of the command are the command's", "x exec c sh -c 'echo $1' - -d", "0 -d", "out"),
]

# nspawn has no controllers: what is not there is refused, for ours as for peers, and tested where it is (verbs-update.sh).
LIMITS = "no controller here, which theirs notice as a file that is missing"
UPDATE = [
    Row("update of nothing", "x update --pids-limit 9 nope", NOT_FOUND, "err", crun=NO_FILE),
    runs("update of a stopped one", "x kill c KILL; await c stopped; x update --pids-limit 9 c", NOT_RUNNING, "err", crun="1 .*"),
    runs("update with nothing", "x update c", "1 nothing to change was given", "err", why="theirs do nothing", crun="0", runc="0"),
    runs("update of a paused one", "x pause c; x update --pids-limit 44 c; r=$?; x resume c; (exit $r)", why=LIMITS, crun="[01]", runc="[01]"),
    *[runs(f"update {o}", f"x update {o} c", why=LIMITS, crun="0|1|64", runc="[01]") for o in (
        "--blkio-weight 100", "--cpu-period 50000 --cpu-quota 10000", "--cpu-quota -1", "--cpu-share 512", "--cpuset-cpus 0", "--cpuset-mems 0",
        "--memory 64M", "--memory 67108864 --memory-swap -1", "--memory -1", "--memory-reservation 8m", "--pids-limit 77", "--pids-limit -1",
        "--cpu-idle 1", "--kernel-memory 10m", "--kernel-memory-tcp 10m")],
    runs("update --kernel-memory: a warning", "x update --kernel-memory 10m c", "0 warning: .*kernel.*", "err", why="their words", crun=".*", runc="0 .*"),
    *[runs(f"update {o}", f"x update {o} c", "1 .*", "err", why=STRICT, crun=".*", runc=".*") for o in (
        "--memory 1x", "--memory ''", "--pids-limit x", "--cpu-quota 1.5", "--blkio-weight 5", "--cpuset-cpus x", "--cpu-rt-period 1000 --cpu-rt-runtime 500",
        "--memory-swap 1m", "--l3-cache-schema L2:0=f", "--mem-bw-schema 50")],
    runs("update --l3-cache-schema without linux.intelRdt", "x update --l3-cache-schema 'L3:0=f' c", "1 linux.intelRdt is not in the configuration of c.*", "err", why="their words",
         crun="64 .*", runc="1 Intel RDT.*"),
    runs("update --mem-bw-schema without linux.intelRdt", "x update --mem-bw-schema MB:0=10 c", "1 linux.intelRdt is not in the configuration of c.*", "err", why="their words",
         crun="64 .*", runc="1 Intel RDT.*"),
    runs("update -r FILE", "echo '{\"pids\":{\"limit\":55}}' >u; x update -r u c", why=LIMITS, crun="[01]", runc="[01]"),
    runs("update --resources=-", "echo '{\"pids\":{\"limit\":56}}' | \"${X[@]}\" update --resources=- c", why=LIMITS, crun="[01]", runc="[01]"),
    runs("update -r of nothing", "x update -r /nonexistent c", "1 .*/nonexistent.*[Nn]o such file or directory", "err"),
    runs("update -r of an empty file", "x update -r /dev/null c", "1 .*", "err", crun="[01].*"),
    runs("update -r of no JSON", "echo '{' >u2; x update -r u2 c", "1 .*not valid JSON.*", "err", why="their words", crun="1 .*", runc="1 .*"),
    runs("update -r of an unknown value", "echo '{\"pids\":{\"limit\":\"x\"}}' >u3; x update -r u3 c", "1 .*pids.limit.*", "err", why="crun takes it", crun=".*", runc="1 .*"),
    end_of_shared("exec and update"),
]

SPEC = [
    Row("spec", "mkdir -p s1 && cd s1 && x spec && jq -r .ociVersion config.json", r"0 1\.0\.2", "out", why="their own", crun="0 1.*", runc="0 1.*"),
    Row("spec: a second time", "cd s1 && x spec", "1 .*config.json`? (already )?exists.*", "err"),
    Row("spec -b", "mkdir -p s5; x spec -b s5 && test -s s5/config.json"),
    Row("spec --bundle", "mkdir -p s6; x spec --bundle s6 && test -s s6/config.json"),
    Row("spec -b of nothing", "x spec -b /nonexistent", "1 .*/nonexistent.*[Nn]o such file or directory", "err"),
    Row("spec: what it writes runs", "cp -a rootfs s1/rootfs; sed -i 's/\"sh\"/\"\\/bin\\/true\"/' s1/config.json; sed -i 's/\"terminal\": true/\"terminal\": false/' s1/config.json; x run -b s1 c"),
    Row("spec --rootless", "mkdir -p s7; x spec -b s7 --rootless && jq -c '[.linux.uidMappings[0].size,([.linux.namespaces[].type]|contains([\"user\"])),([.linux.namespaces[].type]|index(\"network\"))]' s7/config.json",
        r"0 \[1,true,null\]", "out", why="crun's is of a subuid range", crun=".*"),
    Row("spec --rootless: what it writes runs", "cp -a rootfs s7/rootfs; sed -i 's/\"sh\"/\"\\/bin\\/true\"/' s7/config.json; x run -b s7 c", why="theirs asks for a terminal", crun=".*", runc=".*"),
    Row("spec -f", "mkdir -p s8; x spec -b s8 -f other.json && ls s8", "0 other.json", "out", why="crun's option of create only", crun=None, runc=None),
]

ROWS = EXEC + UPDATE + SPEC
