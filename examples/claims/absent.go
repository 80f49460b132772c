package main

import "fmt"

// absent is why a contender is not there, or stops: a limit of the machine, which is no failure.
type absent string

func (a absent) Error() string        { return string(a) }
func (a absent) Is(target error) bool { return target == errLimit }

// fault is what went wrong with a contender, or nil if it was a limit of the machine.
func fault(label string, err error) error {
	if unlimited(err) == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", label, err)
}
