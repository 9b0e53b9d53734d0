package main

import "syscall"

// foreground leaves a command in the process group that has the terminal, and has the kernel end it when this process
// is no more.
func foreground() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
