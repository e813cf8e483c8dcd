#!/usr/bin/env python3
"""Makes the shell completions of ctrctl from its own help, so that they cannot disagree with it.

    generate.py CTRCTL            write ctrctl.bash, ctrctl.zsh and ctrctl.fish beside this file
    generate.py CTRCTL --check    compare them instead (TAP)
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
IDS = "ctrctl list -q 2>/dev/null"


def zsh_quoted(text):
    """For '[...]' of _arguments and 'word:text' of _describe, in single quotes."""
    return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''")


def fish_quoted(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")


class Option:
    """One line of a verb's help: "  -b, --bundle DIR   directory with config.json"."""

    LINE = re.compile(r"^  (?:-(\w), |    )--([a-z0-9-]+)(?: (\S+))?\s+(.*)$")

    def __init__(self, letter, name, argument, help_text):
        self.letter, self.name, self.argument, self.help = letter, name, argument, help_text

    @property
    def words(self):
        """The values of an option that has only some: "table|json"."""
        return self.argument.split("|") if self.argument and "|" in self.argument else []

    @property
    def is_path(self):
        return self.argument in ("FILE", "DIR", "PATH", "SOCKET")


class Verb:
    def __init__(self, name, arguments, help_text, options, verbs):
        self.name, self.arguments, self.help, self.options = name, arguments, help_text, options
        self.verbs = verbs  # names of its own verbs

    @property
    def first(self):
        """What the first argument is: an id that exists, a path, or nothing that can be known."""
        if self.name in ("create", "run", "plan") or self.verbs:
            return ""
        return "id" if self.arguments.startswith("ID") else "path" if self.arguments else ""


def read_help(ctrctl, *args):
    return subprocess.run([ctrctl, *args, "--help"], capture_output=True, text=True, check=True).stdout


def options_of(text):
    return [Option(*found.groups()) for line in text.split("\n") if (found := Option.LINE.match(line))]


def read_verbs(ctrctl):
    text = read_help(ctrctl)
    verbs = []
    for line in text.split("\n"):
        found = re.match(r"^  ([a-z][a-z-]*)\s+(.*)$", line)
        if not found:
            continue
        help_of_verb = read_help(ctrctl, found.group(1))
        usage = re.match(r"ctrctl \S+ \[OPTION\.\.\.\] ?(.*)", help_of_verb).group(1)
        verbs.append(Verb(found.group(1), usage, help_of_verb.split("\n")[2], options_of(help_of_verb),
                          re.findall(r"^  ([a-z][a-z-]*) ", help_of_verb, re.M)))
    return options_of(text), verbs


def switches(options):
    return " ".join(w for o in options for w in ([f"-{o.letter}"] if o.letter else []) + [f"--{o.name}"])


def bash_values(scope, options):
    for o in options:
        names = f"{scope}:--{o.name}" + (f" | {scope}:-{o.letter}" if o.letter else "")
        names = names.replace(" | ", "|")
        if o.words:
            yield f"        {names}) COMPREPLY=($(compgen -W '{' '.join(o.words)}' -- \"$cur\")) ;;"
        elif o.argument == "DIR":
            yield f"        {names}) compopt -o dirnames ;;"
        elif o.is_path:
            yield f"        {names}) compopt -o default ;;"
        elif o.argument:
            yield f"        {names}) ;;"


def bash(globals_, verbs):
    ids = "|".join(v.name for v in verbs if v.first == "id")
    paths = "|".join(v.name for v in verbs if v.first == "path")
    lines = [
        "# Completion of ctrctl for bash. Made by completion/generate.py.",
        "_ctrctl() {",
        "        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= i n=0",
        "        local -A options=(",
        *[f"                [{v.name}]='{switches(v.options)}'" for v in verbs],
        "        )",
        "        # Options whose value is the next word.",
        "        local -A valued=(",
        f"                [-]=' {switches([o for o in globals_ if o.argument])} '",
        *[f"                [{v.name}]=' {switches(o for o in v.options if o.argument)} '"
          for v in verbs if any(o.argument for o in v.options)],
        "        )",
        "        for ((i = 1; i < COMP_CWORD; i++)); do",
        "                case ${COMP_WORDS[i]} in",
        "                -*) [[ ${valued[${verb:--}]-} != *\" ${COMP_WORDS[i]} \"* ]] || ((i++)) ;;",
        "                *) if [ -z \"$verb\" ]; then verb=${COMP_WORDS[i]}; else ((++n)); fi ;;",
        "                esac",
        "        done",
        "        COMPREPLY=()",
        "        case $verb:$prev in",
        *bash_values("", globals_),
        *[line for v in verbs for line in bash_values(v.name, v.options)],
        "        *)",
        "                if [ -z \"$verb\" ]; then",
        f"                        COMPREPLY=($(compgen -W '{' '.join(v.name for v in verbs)} help "
        f"{switches(globals_)}' -- \"$cur\"))",
        "                elif [[ $cur == -* ]]; then",
        "                        COMPREPLY=($(compgen -W \"${options[$verb]-}\" -- \"$cur\"))",
        "                else",
        "                        case $verb:$n in",
        f"                        help:0) COMPREPLY=($(compgen -W '{' '.join(v.name for v in verbs)}' -- \"$cur\")) ;;",
        "                        exec:[1-9]*) compopt -o default ;;",
        *[f"                        {v.name}:0) COMPREPLY=($(compgen -W '{' '.join(v.verbs)}' -- \"$cur\")) ;;"
          for v in verbs if v.verbs],
        *[f"                        {v.name}:1) COMPREPLY=($(compgen -W \"$(ctrctl {v.name} list -q 2>/dev/null)\" "
          "-- \"$cur\")) ;;" for v in verbs if v.verbs],
        "                        kill:1) COMPREPLY=($(compgen -A signal -- \"$cur\")) ;;",
        "                        *)",
        "                                case $verb in",
        f"                                {ids}) [ $n -gt 0 ] || COMPREPLY=($(compgen -W \"$({IDS})\" -- \"$cur\")) ;;",
        f"                                {paths}) compopt -o default ;;",
        "                                esac",
        "                                ;;",
        "                        esac",
        "                fi",
        "                ;;",
        "        esac",
        "}",
        "complete -F _ctrctl ctrctl",
    ]
    return "\n".join(lines) + "\n"


def zsh_option(o):
    value = ""
    if o.words:
        value = f":value:({' '.join(o.words)})"
    elif o.argument == "DIR":
        value = ":DIR:_files -/"
    elif o.is_path:
        value = f":{o.argument}:_files"
    elif o.argument:
        value = f":{re.sub(r'[^A-Za-z]', '', o.argument)}: "
    many = "*" if "(repeatable)" in o.help else ""
    if o.letter:
        both = "" if many else f"(-{o.letter} --{o.name})"
        return f"'{both}'{many}{{-{o.letter},--{o.name}}}'[{zsh_quoted(o.help)}]{value}'"
    return f"'{many}--{o.name}[{zsh_quoted(o.help)}]{value}'"


def zsh(globals_, verbs):
    lines = [
        "#compdef ctrctl",
        "# Completion of ctrctl for zsh. Made by completion/generate.py.",
        "_ctrctl_ids() {",
        "        local -a ids",
        f"        ids=(${{(f)\"$({IDS})\"}})",
        "        compadd -a ids",
        "}",
        "_ctrctl_verbs() {",
        "        local -a verbs",
        "        verbs=(",
        *[f"                '{v.name}:{zsh_quoted(v.help)}'" for v in verbs],
        "                'help:show help'",
        "        )",
        "        _describe verb verbs",
        "}",
        "_ctrctl() {",
        "        local curcontext=$curcontext state line",
        "        _arguments -C \\",
        *[f"                {zsh_option(o)} \\" for o in globals_],
        "                '1:verb:_ctrctl_verbs' \\",
        "                '*::argument:->arguments'",
        "        [[ $state == arguments ]] || return",
        "        case $words[1] in",
    ]
    for v in verbs:
        lines += [f"        {v.name})", "                _arguments \\"]
        lines += [f"                        {zsh_option(o)} \\" for o in v.options]
        if v.first == "id":
            lines.append("                        '1:container:_ctrctl_ids'"
                         + (" \\\n                        '2:signal:_signals'" if v.name == "kill" else ""))
        elif v.first == "path":
            lines.append("                        '1:bundle:_files'")
        elif v.verbs:
            lines.append(f"                        '1:verb:({' '.join(v.verbs)})' \\\n"
                         f"                        '2:{v.name}:($(ctrctl {v.name} list -q 2>/dev/null))'")
        else:
            lines.append("                        '1:name: '" if v.arguments else "                        ")
        lines.append("                ;;")
    lines += ["        help) _ctrctl_verbs ;;", "        esac", "}", "_ctrctl \"$@\""]
    return re.sub(r" \\\n +\n", "\n", "\n".join(lines)) + "\n"


def fish_option(condition, o):
    line = f"complete -c ctrctl -n '{condition}' -l {o.name}"
    if o.letter:
        line += f" -s {o.letter}"
    if o.words:
        line += f" -x -a '{' '.join(o.words)}'"
    elif o.argument == "DIR":
        line += " -x -a '(__fish_complete_directories)'"
    elif o.is_path:
        line += " -r -F"
    elif o.argument:
        line += " -x"
    return line + f" -d '{fish_quoted(o.help)}'"


def fish(globals_, verbs):
    names = " ".join(v.name for v in verbs)
    lines = [
        "# Completion of ctrctl for fish. Made by completion/generate.py.",
        "complete -c ctrctl -f",
        *[fish_option("__fish_use_subcommand", o) for o in globals_],
        *[f"complete -c ctrctl -n __fish_use_subcommand -a {v.name} -d '{fish_quoted(v.help)}'" for v in verbs],
        "complete -c ctrctl -n __fish_use_subcommand -a help -d 'show help'",
        f"complete -c ctrctl -n '__fish_seen_subcommand_from help' -a '{names}'",
        f"complete -c ctrctl -n '__fish_seen_subcommand_from "
        f"{' '.join(v.name for v in verbs if v.first == 'id')}' -a '({IDS})'",
        f"complete -c ctrctl -n '__fish_seen_subcommand_from "
        f"{' '.join(v.name for v in verbs if v.first == 'path')}' -F",
    ]
    for v in verbs:
        if v.verbs:
            seen, own = f"__fish_seen_subcommand_from {v.name}", " ".join(v.verbs)
            lines.append(f"complete -c ctrctl -n '{seen}; and not __fish_seen_subcommand_from {own}' -a '{own}'")
            lines.append(f"complete -c ctrctl -n '{seen}; and __fish_seen_subcommand_from {own}' "
                         f"-a '(ctrctl {v.name} list -q 2>/dev/null)'")
        lines += [fish_option(f"__fish_seen_subcommand_from {v.name}", o) for o in v.options]
    return "\n".join(lines) + "\n"


def main():
    ctrctl = os.path.abspath(sys.argv[1])
    globals_, verbs = read_verbs(ctrctl)
    files = {"ctrctl." + f.__name__: f(globals_, verbs) for f in (bash, zsh, fish)}
    if "--check" not in sys.argv:
        for name, text in files.items():
            with open(os.path.join(HERE, name), "w") as f:
                f.write(text)
        return 0
    failed = 0
    for n, (name, text) in enumerate(files.items(), 1):
        with open(os.path.join(HERE, name)) as f:
            good = f.read() == text
        failed += not good
        print(f"{'' if good else 'not '}ok {n} - completion: {name} is what the help of ctrctl says")
        if not good:
            print(f"# run completion/generate.py {sys.argv[1]}")
    print(f"1..{len(files)}")
    return failed > 0


sys.exit(main())
