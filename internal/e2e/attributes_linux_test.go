package e2e

import "syscall"

// attributes have the kernel kill a process when the test binary is no more, however that ended.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
