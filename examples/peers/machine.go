package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// printMachine says where the figures come from and which versions took part.
func printMachine(out io.Writer) {
	fmt.Fprintf(out, "%s, %d cores, %s %s/%s\n",
		find("/proc/cpuinfo", `model name\s*: (.*)`), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	var versions []string
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			versions = append(versions, module.Path+" "+module.Version)
		}
	}
	fmt.Fprintln(out, strings.Join(versions, ", "))
}

// coreDistance is how many nanoseconds a cache line takes to another core and back: the least of many tries, or
// 0 if no two goroutines ran at once. A virtual machine may be moved to cores that are far apart, from one minute to
// the next, and then whatever hands items from goroutine to goroutine takes longer by a half or more.
func coreDistance() float64 {
	const tries, turns = 500, 50
	var turn struct {
		_ [128]byte
		atomic.Int64
		_ [128]byte
	}
	deadline := time.Now().Add(100 * time.Millisecond)
	play := func(first int64, after func()) {
		for n := first; n < 2*tries*turns; n += 2 {
			for spins := 1; turn.Load() != n; spins++ {
				if turn.Load() < 0 {
					return
				}
				if spins%1000 == 0 {
					if time.Now().After(deadline) {
						turn.Store(-1) // the other leaves, too
						return
					}
					runtime.Gosched()
				}
			}
			turn.CompareAndSwap(n, n+1) // unless the other has given up
			if after != nil {
				after()
			}
		}
	}
	best, n, start := time.Duration(math.MaxInt64), 0, time.Now()
	var other sync.WaitGroup
	other.Go(func() { play(1, nil) }) // ends after as many turns, or at the deadline
	play(0, func() {
		if n++; n%turns == 0 {
			now := time.Now()
			best, start = min(best, now.Sub(start)), now
		}
	})
	other.Wait()
	if best == math.MaxInt64 || runtime.GOMAXPROCS(0) == 1 {
		return 0
	}
	return float64(best) / turns
}

// foreignLoad returns a function that tells what share of the machine other programs have taken since. It
// matters: left one core of two, a pool whose goroutines fight for a lock fights no more, and gets faster.
func foreignLoad() func() float64 {
	start, before := time.Now(), foreignSeconds()
	return func() float64 {
		share := (foreignSeconds() - before) / time.Since(start).Seconds() / float64(runtime.NumCPU())
		return max(0, share) // the system counts in ticks of 10 ms, and a little less than all of them
	}
}

// foreignSeconds is the processor time that others have had since the system began: what all have had,
// without idling and waiting for disks, less what this process and its children have had.
func foreignSeconds() float64 {
	sum := func(fields ...string) (seconds float64) {
		for _, field := range fields {
			ticks, _ := strconv.ParseFloat(field, 64) // where there is no /proc the load counts as none
			seconds += ticks / 100
		}
		return seconds
	}
	all := strings.Fields(find("/proc/stat", `cpu +(\d+ \d+ \d+) \d+ \d+ (\d+ \d+ \d+)`))
	own := strings.Fields(find("/proc/self/stat", `\) \S(?: \S+){10} (\d+ \d+ \d+ \d+)`))
	return sum(all...) - sum(own...)
}

// find returns what the groups of pattern match in a file of /proc, which not every system has.
func find(file, pattern string) string {
	content, _ := os.ReadFile(file) // no file, no match
	match := regexp.MustCompile(pattern).FindStringSubmatch(string(content))
	if match == nil {
		return "unknown"
	}
	return strings.Join(match[1:], " ")
}
