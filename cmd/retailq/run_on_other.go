//go:build !linux

package main

import "syscall"

// foreground leaves a command in the process group that has the terminal.
func foreground() *syscall.SysProcAttr { return nil }
