package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// mostMemory is how much memory a learner's test may have. Of the solutions and cheats none was
	// seen with more than 22 MB, with the race detector.
	mostMemory = 128_000_000

	// lookAtMemory is how often it is looked at: until the next time a loop that does nothing else
	// can fill some hundred megabytes more.
	lookAtMemory = 20 * time.Millisecond
)

// stackLimit is a file beside the test. A call of itself without an end is found out when the stack
// is at its limit, which by default is a gigabyte: that would be too much memory, and says less.
const stackLimit = `package exercise

import "runtime/debug"

func init() { debug.SetMaxStack(32 << 20) } // so that infinite recursion is found soon
`

// watchMemory calls tooMuch when the process has more memory than most, until ctx ends. It sees
// nothing where there is no /proc as Linux has it. (A limit that the system enforces, RLIMIT_AS, is for
// addresses, of which the race detector takes terabytes; and Go's own memory limit only makes
// the collector work harder.)
func watchMemory(ctx context.Context, proc string, pid int, most int64, tooMuch func()) {
	ticker := time.NewTicker(lookAtMemory)
	defer ticker.Stop()
	for {
		memory, err := residentMemory(proc, pid)
		if err != nil {
			return // it has ended, or nobody can tell
		}
		if memory > most {
			tooMuch()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// residentMemory is how many bytes of the machine's memory a process has.
func residentMemory(proc string, pid int) (int64, error) {
	file := filepath.Join(proc, strconv.Itoa(pid), "statm")
	pages, err := os.ReadFile(file) // see man 5 proc: the second number is what is resident
	if err != nil {
		return 0, err
	}
	numbers := strings.Fields(string(pages))
	if len(numbers) < 2 {
		return 0, fmt.Errorf("%s: %q", file, pages)
	}
	resident, err := strconv.ParseInt(numbers[1], 10, 64)
	return resident * int64(os.Getpagesize()), err
}
