//go:build !linux

package main

import (
	"errors"
	"os/exec"
)

func startOn(c *exec.Cmd, cpus []int) error {
	if len(cpus) > 0 {
		return errors.New("this system cannot keep a process on some of the cores")
	}
	return c.Start()
}
