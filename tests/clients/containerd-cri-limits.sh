#!/bin/bash
# Pods: limits, in a host that has the controllers.
# needs: qemu, packages containerd containernetworking-plugins python3-grpcio
# shellcheck disable=SC2034  # containerd-cri.sh uses it
parts=limits
. "$(dirname "$0")/containerd-cri.sh"
