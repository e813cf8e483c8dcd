#!/bin/bash
# docker: limits, in a host that has the controllers.
# needs: qemu, packages docker.io docker-compose iptables
# shellcheck disable=SC2034  # docker.sh uses it
parts=limits
. "$(dirname "$0")/docker.sh"
