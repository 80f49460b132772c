package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// memoryWorks are about very many tasks that mostly wait, as those of a crawler or a proxy do. tunny takes no
// part: it would need a submitter for each worker.
func memoryWorks() []work {
	steady := work{
		name: "memory", title: "1,000,000 tasks that each wait 10 ms, 10,000 workers",
		task: "A task sleeps for 10 ms. Each run is a process of its own; its figure is the peak of its resident memory.",
		unit: "MiB at the peak", n: 1_000_000, quick: 20_000, rounds: 2, want: oneEach, measure: peakMemory,
	}
	burst := steady
	burst.name, burst.title = "memory/burst", "1,000,000 tasks that wait all at once, 10,000 workers"
	burst.task += " No task gets to its sleep before all have arrived that the contender will take in."
	burst.bounds = []bound{atLeast(20, "× less memory than a goroutine per task",
		func(r result) float64 { return r.ratio(goroutinePerTask, braid) })}
	all := poolsWithout(tunnyPool)
	wait := func() { time.Sleep(10 * time.Millisecond) }
	steady.contenders = counting(all, 10_000, 1, wait)
	for i := range all {
		all[i].open = stalled(all[i].open)
	}
	burst.contenders = counting(all, 10_000, 1, wait)
	return []work{steady, burst}
}

// stalled holds all tasks back until, for a while, no further one has begun. Without it a goroutine per task is
// never a million goroutines: to start one takes a microsecond or two, so some 10,000 are started while the
// first waits its 10 ms, and only those that have to wait for a core to end on add to them.
func stalled(open opener) opener {
	return func(workers int, task func()) (submit, shut func()) {
		var begun atomic.Int64
		resume := make(chan struct{})
		go func() {
			defer close(resume)
			for seen := int64(-1); seen != begun.Load(); time.Sleep(300 * time.Millisecond) {
				seen = begun.Load()
			}
		}()
		return open(workers, func() { begun.Add(1); <-resume; task() })
	}
}

// childVariable names, in the environment of a child process, the one run it is to do. The command and its
// test binary both look for it before anything else.
const childVariable = "PEERS_CHILD"

// peakMemory runs the contender in a fresh process of this program, which finds no memory that others have
// left, and reads the peak that it prints.
func peakMemory(w work, c contender, n int) (sample, error) {
	program, err := os.Executable()
	if err != nil {
		return sample{}, err
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s/%s/%d", childVariable, w.name, c.name, n))
	child.Stderr = os.Stderr
	output, err := child.Output()
	if err != nil {
		return sample{}, fmt.Errorf("%s: %s: the child process: %w", w.name, c.name, err)
	}
	peak, err := strconv.ParseFloat(string(output), 64)
	return sample{value: peak / (1 << 20)}, err
}

// runChild is the child: it does one run and prints the peak in bytes.
func runChild(works []work, name string, stdout, stderr io.Writer) (status int) {
	err := fmt.Errorf("%s=%q names no contender", childVariable, name)
	for _, w := range works {
		for _, c := range w.contenders {
			if tasks, found := strings.CutPrefix(name, w.name+"/"+c.name+"/"); found {
				var n int
				if n, err = strconv.Atoi(tasks); err == nil {
					err = w.check(c, n)
				}
			}
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "peers:", err)
		return 1
	}
	fmt.Fprint(stdout, peakBytes())
	return 0
}

// peakBytes is the most memory this process ever had resident. Where there is no /proc, it is what the
// runtime has asked the system for, which never shrinks. (The peak that getrusage gives is of no use: on
// Linux a child starts with its parent's.)
func peakBytes() int {
	if kilobytes, err := strconv.Atoi(find("/proc/self/status", `VmHWM:\s*(\d+) kB`)); err == nil {
		return kilobytes << 10
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.Sys)
}
