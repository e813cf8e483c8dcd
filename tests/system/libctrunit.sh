#!/bin/bash
# The public library: a C program for each of its objects, and the examples that are installed with it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/library.inc"

library_tests container process errors manage pod notifier
. "$(dirname "$0")/library-examples.inc"
done_testing
