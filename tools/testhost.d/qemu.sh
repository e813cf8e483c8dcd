# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with tools/testhost
# A host that is a virtual machine.

qemu_check() {
        cannot_run "the QEMU kind is not written yet"
}
