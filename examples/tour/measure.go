package main

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"time"
)

// figures is what one way of doing the work cost.
type figures struct {
	wall       time.Duration
	goroutines int   // the most at once, the caller counted as one
	memory     int64 // the most heap and stacks in use, above what was in use before
	leftOver   int   // goroutines that were not there before and did not end
}

// How often the peaks are looked at. On busy processors the sampler has to
// wait for its turn, so a peak that lasts less than some milliseconds can be
// missed: the figures are lower bounds.
const samplingInterval = time.Millisecond

// A goroutine that has said it is done still needs a moment to be gone, and on
// a busy machine a long one. Only a leak waits for all of this.
const grace = time.Second

// measure runs work and watches it.
func measure(work func()) figures {
	runtime.GC() // so that nobody pays for the garbage of those who ran before
	goroutinesBefore, before := runtime.NumGoroutine(), inUse()

	peak := figures{goroutines: goroutinesBefore + 1, memory: before} // the sampler is one
	ended := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() { // until ended is closed, below
		tick := time.NewTicker(samplingInterval)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				peak.goroutines = max(peak.goroutines, runtime.NumGoroutine())
				peak.memory = max(peak.memory, inUse())
			}
		}
	})

	start := time.Now()
	work()
	wall := time.Since(start)
	close(ended)
	sampler.Wait()

	return figures{
		wall:       wall,
		goroutines: peak.goroutines - goroutinesBefore,
		memory:     peak.memory - before,
		leftOver:   goroutinesAbove(goroutinesBefore),
	}
}

// median takes the middle of each figure, so that one round in which the machine
// was busy with something else does not count. Of what was left over it takes
// the most: there the worst round is the one that matters.
func median(rounds []figures) figures {
	var walls []time.Duration
	var goroutines, leftOver []int
	var memory []int64
	for _, round := range rounds {
		walls = append(walls, round.wall)
		goroutines = append(goroutines, round.goroutines)
		memory = append(memory, round.memory)
		leftOver = append(leftOver, round.leftOver)
	}
	slices.Sort(walls)
	slices.Sort(goroutines)
	slices.Sort(memory)
	middle := len(rounds) / 2
	return figures{walls[middle], goroutines[middle], memory[middle], slices.Max(leftOver)}
}

// inUse is the memory of the heap's objects, dead ones included until they
// are swept, and of all stacks. Unlike runtime.ReadMemStats it stops nobody.
func inUse() int64 {
	samples := [2]metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(samples[:])
	return int64(samples[0].Value.Uint64() + samples[1].Value.Uint64())
}

// goroutinesAbove says how many goroutines too many there are once those that
// are ending have had time to do so.
func goroutinesAbove(before int) int {
	for start := time.Now(); runtime.NumGoroutine() > before && time.Since(start) < grace; {
		time.Sleep(time.Millisecond)
	}
	return max(0, runtime.NumGoroutine()-before)
}
