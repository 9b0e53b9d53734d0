package devstack

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// childAttr returns the attributes of a server process that gets the signal when its parent has ended. It is in a
// process group of its own, as Ctrl-C in a terminal goes to the whole group of the parent, which is to decide itself
// when its servers end. With an account other than nil, the server runs as that.
func childAttr(orphaned syscall.Signal, as *account, dir string) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: orphaned}
	if as != nil {
		attr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
		if !as.canEnter(dir) {
			attr.AmbientCaps = []uintptr{capDACOverride}
		}
	}
	return attr
}

// capDACOverride is CAP_DAC_OVERRIDE of linux/capability.h. It lets an account that is not root work in a directory
// below one that only root may enter, such as /root.
const capDACOverride = 1

// arguments returns the command line of a process, nil if it has ended.
func arguments(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimRight(string(raw), "\x00"), "\x00")
}
