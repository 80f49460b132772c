//go:build !unix

package blackbox

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: this system has no groups.
func ownGroup(*exec.Cmd) {}

// killGroup ends the process. Its children are not known here.
func killGroup(p *os.Process) error { return p.Kill() }
