//go:build !linux

package supervise

import "syscall"

// attributes put a child in a process group of its own, as Ctrl-C in a terminal goes to the whole group of the parent,
// which is to decide itself when its children end. These systems have no way to end it with the parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
