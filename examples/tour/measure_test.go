package main

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// In a bubble the sampler's clock moves only while all else is blocked, so it
// cannot miss what is there while work sleeps.

func TestPeakGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := measure(func() {
			var sleepers sync.WaitGroup
			for range 50 {
				sleepers.Go(func() { time.Sleep(10 * time.Millisecond) })
			}
			sleepers.Wait()
		})
		require.Equal(t, 51, f.goroutines, "with the caller")
		require.Equal(t, 10*time.Millisecond, f.wall)
	})
}

func TestTheCallerAloneIsOneGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, 1, measure(func() {}).goroutines, "not sampled at all")
		require.Equal(t, 1, measure(func() { time.Sleep(time.Second) }).goroutines)
	})
}

func TestPeakMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 64 << 20
		f := measure(func() {
			held := make([]byte, size)
			time.Sleep(10 * time.Millisecond)
			runtime.KeepAlive(held)
		})
		require.InEpsilon(t, size, f.memory, 0.1)
		require.Less(t, measure(func() { time.Sleep(10 * time.Millisecond) }).memory, int64(size/10),
			"what went before is not counted again")
	})
}

// Not in a bubble, whose clock would not give the others the time to end.
func TestGoroutinesLeftOver(t *testing.T) {
	release := make(chan struct{})
	var leaked sync.WaitGroup
	f := measure(func() {
		for range 3 {
			leaked.Go(func() { <-release }) // ended below, after they were counted
		}
	})
	require.Equal(t, 3, f.leftOver)
	close(release)
	leaked.Wait()

	f = measure(func() {
		var ended sync.WaitGroup
		for range 1000 {
			ended.Go(runtime.Gosched)
		}
		ended.Wait()
	})
	require.Zero(t, f.leftOver)
}

func TestMedian(t *testing.T) {
	require.Equal(t, figures{2, 20, 200, 3}, median([]figures{{3, 10, 200, 0}, {1, 30, 300, 3}, {2, 20, 100, 1}}))
}
