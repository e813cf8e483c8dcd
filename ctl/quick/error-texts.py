#!/usr/bin/env python3
"""Writes strerror(3) with the words of this system's C library, so that a quick program says what the whole one says.

    error-texts.py OUTPUT
"""
import os
import sys

ERRNO_MAX = 133


def main():
    lines = ["/* Made by error-texts.py. */", "#include <string.h>", "", "static const char *const texts[] = {"]
    lines += ['        [%d] = "%s",' % (number, os.strerror(number)) for number in range(ERRNO_MAX + 1)]
    lines += ["};", "", "char *strerror(int number)", "{",
              "        if (number < 0 || (size_t) number >= sizeof(texts) / sizeof(texts[0]))",
              '                return (char *) "Unknown error";',
              "        return (char *) texts[number];", "}", ""]
    with open(sys.argv[1], "w") as f:
        f.write("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
