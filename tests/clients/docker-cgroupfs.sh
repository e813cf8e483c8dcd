#!/bin/bash
# docker with the cgroup driver cgroupfs: the part of its set that has to do with cgroups.
# needs: packages docker.io docker-compose iptables
# shellcheck disable=SC2034  # docker.sh uses them
driver=cgroupfs
parts="life exec policies"
. "$(dirname "$0")/docker.sh"
