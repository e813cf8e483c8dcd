#!/bin/bash
# containerd: limits, in a host that has the controllers.
# needs: qemu, packages containerd
# shellcheck disable=SC2034  # containerd.sh uses it
parts=limits
. "$(dirname "$0")/containerd.sh"
