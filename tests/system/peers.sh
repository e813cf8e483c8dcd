#!/bin/bash
# Every verb and option of the runtimes' common command line, row by row: ours in both modes, and crun and runc where
# they are installed. What is compared: tests/peers/peers.py and its tables.
exec python3 "$(dirname "$0")/../peers/peers.py" "$@"
