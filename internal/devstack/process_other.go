//go:build !linux

package devstack

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// childAttr returns the attributes of a server process. There is no parent-death signal here: what a killed parent
// leaves running is ended by the next start. The process group is its own, as Ctrl-C in a terminal goes to the whole
// group of the parent, which is to decide itself when its servers end.
func childAttr(_ syscall.Signal, as *account, _ string) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if as != nil {
		attr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	return attr
}

// arguments returns the command line of a process, nil if it has ended.
func arguments(pid int) []string {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(out))
}
