//go:build unix

package blackbox

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes the command the first process of a group.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends the process and all of its group.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
