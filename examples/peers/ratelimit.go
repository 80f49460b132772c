package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/braidgo/braid/ratelimit"
	failsafe "github.com/failsafe-go/failsafe-go/ratelimiter"
	uber "go.uber.org/ratelimit"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	clockRead    = "clock read"
	mutexAndTime = "mutex and arrival time"
	xTimeRate    = "x/time/rate"
)

// ratelimitWorks are about saying yes or no.
func ratelimitWorks() []work {
	works := []work{waitersWork(), semaphoreWork()}
	for _, c := range []struct {
		name, title string
		admit       bool
		rate        ratelimit.Rate
		interval    time.Duration // of the peers, who round it
		clock       float64       // braid takes at most so many clock reads
	}{
		{"allow/whole", "whole nanoseconds an event", true, ratelimit.Every(time.Microsecond), time.Microsecond, 1.5},
		{"allow/other", "999,999,937 events a second", true, ratelimit.PerSecond(999_999_937), 1, 2},
		{"refuse/whole", "an hour an event", false, ratelimit.Every(time.Hour), time.Hour, 1.5},
		{"refuse/other", "7 events in an hour", false, ratelimit.Per(7, time.Hour), time.Hour / 7, 2},
	} {
		works = append(works,
			allowWork(c.name, c.title, 1, c.admit, c.rate, c.interval, c.clock),
			allowWork(c.name+"/parallel", c.title, 64, c.admit, c.rate, c.interval, 0))
	}
	return append(works, keyedWork(), keyedMemoryWork())
}

// allowWork asks n times whether an event may happen now. All are admitted, as the burst is that large, or none, as
// it is spent.
func allowWork(name, title string, goroutines int, admit bool, pace ratelimit.Rate, interval time.Duration, clock float64) work {
	const most = 1 << 30 // more than a run has tasks
	burst, answer := 1, "refused"
	if admit {
		burst, answer = most, "admitted"
	}
	w := work{
		name: name, title: fmt.Sprintf("`Allow`, %s, %s", answer, title),
		task: fmt.Sprintf("A task asks whether an event may happen now, and is %s.", answer),
		unit: "ns a task", n: 2_000_000, quick: 6_400,
		want: func(n int) int {
			if admit {
				return n
			}
			return 0
		},
		bounds: []bound{atLeast(2, "× faster than "+xTimeRate, func(r result) float64 { return r.ratio(xTimeRate, braid) })},
	}
	if goroutines > 1 {
		w.title += fmt.Sprintf(", %d goroutines", goroutines)
		w.task = fmt.Sprintf("%s %d goroutines ask.", w.task, goroutines)
	}
	if clock > 0 {
		w.bounds = append(w.bounds, atMost(clock, "× the "+clockRead, func(r result) float64 { return r.ratio(braid, clockRead) }))
	}
	add := func(name, setup string, peer bool, open func() (allow func() bool)) {
		w.contenders = append(w.contenders, contender{name: name, setup: setup, peer: peer, run: func(n int) int {
			allow := open()
			if !admit {
				allow() // the one event of the burst
			}
			return ask(allow, n, goroutines)
		}})
	}
	add(braid, "ratelimit.New(rate, burst), Allow", false, func() func() bool { return ratelimit.New(pace, int64(burst)).Allow })
	add(clockRead, "time.Since(start), and nothing else", false, func() func() bool {
		start := time.Now()
		return func() bool { return time.Since(start) >= 0 == admit }
	})
	add(mutexAndTime, "the same arithmetic under a sync.Mutex, for whole nanoseconds", false, func() func() bool {
		l := &lockedLimiter{start: time.Now(), interval: interval, tolerance: interval * time.Duration(burst)}
		return l.allow
	})
	add(xTimeRate, "rate.NewLimiter(rate.Every(interval), burst), Allow", true, func() func() bool {
		return rate.NewLimiter(rate.Every(interval), burst).Allow
	})
	add("failsafe-go", "NewBursty(burst, a time in which nothing is refilled), TryAcquirePermit", true, func() func() bool {
		return failsafe.NewBursty[any](uint(burst), 1000*time.Hour).TryAcquirePermit
	})
	return w
}

// ask returns how many of n were admitted.
func ask(allow func() bool, n, goroutines int) (admitted int) {
	if goroutines == 1 {
		return count(allow, n)
	}
	counts := make(chan int, goroutines)
	for g := range goroutines {
		go func() { counts <- count(allow, n*(g+1)/goroutines-n*g/goroutines) }()
	}
	for range goroutines {
		admitted += <-counts
	}
	return admitted
}

func count(allow func() bool, n int) (admitted int) {
	for range n {
		if allow() {
			admitted++
		}
	}
	return admitted
}

// lockedLimiter is what one writes by hand: the algorithm of braid, in whole nanoseconds, under a lock.
type lockedLimiter struct {
	start               time.Time
	interval, tolerance time.Duration

	mu   sync.Mutex
	full time.Duration
}

func (l *lockedLimiter) allow() bool {
	now := time.Since(l.start)
	l.mu.Lock()
	defer l.mu.Unlock()
	full := max(l.full, now) + l.interval
	if full-now > l.tolerance {
		return false
	}
	l.full = full
	return true
}

// waitersWork has many goroutines wait at once.
func waitersWork() work {
	const perSecond = 10_000
	w := work{
		name: "wait", title: "`Wait` with 10,000 waiters", task: "A task waits for its turn; 10,000 per second have one. All tasks wait at once.",
		unit: "times as long as ideal", n: 10_000, quick: 100, rounds: 3, want: func(n int) int { return n },
		measure: func(w work, c contender, n int) (sample, error) {
			start := time.Now()
			got := c.run(n)
			ideal := time.Duration(n-1) * time.Second / perSecond // the first need not wait
			return sample{value: float64(time.Since(start)) / float64(ideal)}, w.verify(c, n, got)
		},
		bounds: []bound{atMost(1.01, "times as long as ideal", func(r result) float64 { return median(r.series[braid].values) })},
	}
	add := func(name, setup string, peer bool, open func() (wait func())) {
		w.contenders = append(w.contenders, contender{name: name, setup: setup, peer: peer, run: func(n int) int {
			wait := open()
			return ask(func() bool { wait(); return true }, n, n)
		}})
	}
	ctx := context.Background()
	add(braid, "ratelimit.New(PerSecond(10_000), 1), Wait", false, func() func() {
		l := ratelimit.New(ratelimit.PerSecond(perSecond), 1)
		return func() { must(l.Wait(ctx)) }
	})
	add(xTimeRate, "rate.NewLimiter(10_000, 1), Wait", true, func() func() {
		l := rate.NewLimiter(perSecond, 1)
		return func() { must(l.Wait(ctx)) }
	})
	add("uber", "New(10_000, WithoutSlack), Take", true, func() func() {
		l := uber.New(perSecond, uber.WithoutSlack)
		return func() { l.Take() }
	})
	return w
}

func semaphoreWork() work {
	const xSemaphore = "x/sync/semaphore"
	w := work{
		name: "semaphore", title: "`Semaphore`: TryAcquire, then Release", task: "A task takes one of ten and gives it back.",
		unit: "ns a task", n: 2_000_000, quick: 2_000, want: func(n int) int { return n },
		bounds: []bound{atMost(1.1, "× "+xSemaphore, func(r result) float64 { return r.ratio(braid, xSemaphore) })},
	}
	w.contenders = []contender{
		{name: braid, setup: "NewSemaphore(10), TryAcquire(1), Release(1)", run: func(n int) int {
			s := ratelimit.NewSemaphore(10)
			return count(func() bool {
				if !s.TryAcquire(1) {
					return false
				}
				s.Release(1)
				return true
			}, n)
		}},
		{name: xSemaphore, setup: "NewWeighted(10), TryAcquire(1), Release(1)", peer: true, run: func(n int) int {
			s := semaphore.NewWeighted(10)
			return count(func() bool {
				if !s.TryAcquire(1) {
					return false
				}
				s.Release(1)
				return true
			}, n)
		}},
	}
	return w
}
