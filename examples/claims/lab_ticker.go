package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func init() { works["ticker"] = labTicker }

// The workload is the same in every language.
const (
	tickPeriod  = time.Millisecond
	liveObjects = 250_000
	objectSize  = 256 // bytes, in two pieces
)

type object struct {
	name *[32]byte
	rest [216]byte // with the pointer and the name 256 bytes
}

func newObject(i int) *object {
	o := &object{name: new([32]byte)}
	o.name[0], o.rest[0] = byte(i), byte(i)
	return o
}

// labTicker measures how late a tick is beside allocation: ticker MEGABYTES_PER_SECOND SECONDS
// COLLECTOR, which is on or off. One goroutine sleeps until each millisecond, and another one
// allocates at a fixed rate and keeps the last objects.
func labTicker(_ context.Context, args []string) (answer, error) {
	if len(args) != 3 {
		return nil, fmt.Errorf("ticker MEGABYTES_PER_SECOND SECONDS on|off, not %q", args)
	}
	megabytes, err := strconv.ParseFloat(args[0], 64)
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseFloat(args[1], 64)
	if err != nil {
		return nil, err
	}
	live := make([]*object, liveObjects)
	for i := range live {
		live[i] = newObject(i)
	}
	runtime.GC()
	if args[2] == "off" {
		debug.SetGCPercent(-1)
	}
	before := readPauses()

	var stop atomic.Bool
	var allocating sync.WaitGroup
	made := 0
	began := time.Now()
	allocating.Go(func() { made = allocate(live, megabytes*1e6/objectSize, &stop) })
	late := lateness(time.Duration(seconds * float64(time.Second)))
	stop.Store(true)
	allocating.Wait()

	pauses, n := readPauses().since(before)
	slices.Sort(late)
	return answer{
		"p999":      quantileOf(late, 0.999),
		"reached":   float64(made) * objectSize / 1e6 / time.Since(began).Seconds(),
		"pauses":    n,
		"pause_p50": pauses.quantile(0.5), "pause_p99": pauses.quantile(0.99), "pause_max": pauses.quantile(1),
	}, nil
}

// allocate makes so many objects a second until it is told to stop, and returns how many.
func allocate(live []*object, perSecond float64, stop *atomic.Bool) (made int) {
	const batch = 1000
	began := time.Now()
	for !stop.Load() {
		owed := int(time.Since(began).Seconds() * perSecond)
		for range min(owed-made, batch) {
			live[made%len(live)] = newObject(made)
			made++
		}
		if made >= owed {
			time.Sleep(tickPeriod)
		}
	}
	return made
}

// lateness returns how late each tick was, in microseconds. A tick is due when it is, however late the
// one before was.
func lateness(duration time.Duration) (late []float64) {
	late = make([]float64, 0, duration/tickPeriod)
	began := time.Now()
	for due := tickPeriod; due <= duration; due += tickPeriod {
		time.Sleep(due - time.Since(began))
		late = append(late, float64(time.Since(began)-due)/float64(time.Microsecond))
	}
	return late
}

// quantileOf is the value that a part q of the sorted ones does not exceed.
func quantileOf(sorted []float64, q float64) float64 {
	n := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(n, 1), len(sorted))-1]
}

// pauses is the runtime's own histogram of how long the collector has stopped the world.
type pauses struct {
	counts []uint64
	bounds []float64 // in seconds; bucket i is from bounds[i] to bounds[i+1]
}

func readPauses() pauses {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	h := sample[0].Value.Float64Histogram()
	return pauses{slices.Clone(h.Counts), h.Buckets}
}

// since returns the pauses after those of before, and how many there are.
func (p pauses) since(before pauses) (after pauses, n uint64) {
	after = pauses{slices.Clone(p.counts), p.bounds}
	for i := range after.counts {
		after.counts[i] -= before.counts[i]
		n += after.counts[i]
	}
	return after, n
}

// quantile returns the upper bound of the bucket, in microseconds; 0 if there was no pause.
func (p pauses) quantile(q float64) float64 {
	var all, seen uint64
	for _, n := range p.counts {
		all += n
	}
	for i, n := range p.counts {
		if seen += n; n > 0 && float64(seen) >= q*float64(all) {
			if upper := p.bounds[i+1]; !math.IsInf(upper, 1) {
				return upper * 1e6
			}
			return p.bounds[i] * 1e6
		}
	}
	return 0
}
