//go:build !linux

package main

import "syscall"

// withoutNetwork is nil: only Linux starts a process in a network of its own.
var withoutNetwork *syscall.SysProcAttr
