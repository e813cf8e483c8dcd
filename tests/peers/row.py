"""One row of the tables in rows_*.py, and what several of them say."""

NOT_FOUND = "1 container does not exist"
NOT_RUNNING = "1 container not running"
NO_FILE = "1 error opening file `.*/status`: No such file or directory"  # crun's words for the first
DRAWN = "127 as a shell has it: engines read the text"
DENIED = "126 as a shell has it: engines read the text"


class Row:
    """script: lines of bash, with the functions of peers.py's prelude and, in the environment, B (bundles), W (a directory
    to work in), R (the root directory), P (the program). want: a regular expression for the whole answer of ours. native,
    crun, runc: what these answer when it is something else; None: not asked, because there is no such thing. why: of that."""

    def __init__(self, name, script, want="0", shows="code", why="", **others):
        self.name, self.script, self.want, self.shows, self.why, self.others = name, script, want, shows, why, others

    def want_of(self, runtime):
        return self.others.get(runtime.name, self.want)


def with_container(name, bundle, script, *rest, **others):
    """A row about a container of its own that runs."""
    return Row(name, f"runs {bundle} c >o 2>&1 || {{ cat o >&2; exit 99; }}; {script}; r=$?; x delete -f c 2>/dev/null; exit $r", *rest, **others)


def with_shared(name, script, *rest, **others):
    """A row about a container that sleeps, and that rows share as long as it runs: they leave it as it is."""
    return Row(name, f"shared >o 2>&1 || {{ cat o >&2; exit 99; }}; {script}", *rest, **others)


def end_of_shared(name):
    return Row(f"delete --force of the one that rows shared: {name}", "x delete --force c; x list -q", "0", "out")
