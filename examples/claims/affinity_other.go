//go:build !linux

package main

import "errors"

func onCores(cpus []int, start func() error) error {
	if len(cpus) > 0 {
		return errors.New("this system cannot keep a process on some of the cores")
	}
	return start()
}

func cores() []int { return nil }
