package ratelimit_test

import (
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/braidgo/braid/ratelimit"
)

// What a call costs beside a reading of the clock, of which each takes one.
// examples/peers compares with other libraries.

func BenchmarkClock(b *testing.B) {
	start := time.Now()
	for b.Loop() {
		time.Since(start)
	}
}

// admits makes limiters that never refuse, or as good as never: an event costs a whole number of
// nanoseconds or does not, or the numbers fit no word.
var admits = []struct {
	name string
	make func() *ratelimit.Limiter
}{
	{"whole nanoseconds", func() *ratelimit.Limiter { return ratelimit.New(ratelimit.PerSecond(1e9), 1<<40) }},
	{"any other rate", func() *ratelimit.Limiter { return ratelimit.New(ratelimit.PerSecond(999_999_937), 1<<30) }},
	{"exact", func() *ratelimit.Limiter { return ratelimit.New(ratelimit.PerSecond(3), 1<<40) }},
	{"unlimited", func() *ratelimit.Limiter { return ratelimit.New(ratelimit.Unlimited, 0) }},
}

// refuses makes limiters whose burst is spent.
var refuses = []struct {
	name string
	make func() *ratelimit.Limiter
}{
	{"whole nanoseconds", func() *ratelimit.Limiter { return spent(ratelimit.Every(time.Hour), 1) }},
	{"any other rate", func() *ratelimit.Limiter { return spent(ratelimit.Per(7, 24*time.Hour), 1) }},
	{"exact", func() *ratelimit.Limiter { return spent(ratelimit.PerSecond(3), 1<<40) }},
}

func spent(rate ratelimit.Rate, burst int64) *ratelimit.Limiter {
	l := ratelimit.New(rate, burst)
	l.AllowN(burst)
	return l
}

func BenchmarkAllow(b *testing.B) {
	run := func(name string, l *ratelimit.Limiter) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Allow()
			}
		})
		b.Run(name+", 64 goroutines", func(b *testing.B) {
			in64Goroutines(b, func() { l.Allow() })
		})
	}
	for _, l := range admits {
		run("admitted, "+l.name, l.make())
	}
	for _, l := range refuses {
		run("refused, "+l.name, l.make())
	}
}

// in64Goroutines runs f b.N times in all.
func in64Goroutines(b *testing.B, f func()) {
	var goroutines sync.WaitGroup
	for i := range 64 {
		goroutines.Go(func() {
			for range (b.N + i) / 64 {
				f()
			}
		})
	}
	goroutines.Wait()
}

func BenchmarkTake(b *testing.B) {
	run := func(name string, l *ratelimit.Limiter) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				l.Take(1)
			}
		})
	}
	for _, l := range admits {
		run("admitted, "+l.name, l.make())
	}
	for _, l := range refuses {
		run("refused, "+l.name, l.make())
	}
}

// BenchmarkWait in line keeps to the schedule, of a microsecond each, if nobody is let go
// later than that in the mean.
func BenchmarkWait(b *testing.B) {
	ctx := b.Context()
	b.Run("admitted", func(b *testing.B) {
		l := admits[0].make()
		for b.Loop() {
			l.Wait(ctx)
		}
	})
	b.Run("in line, 64 goroutines", func(b *testing.B) {
		b.ReportAllocs()
		l := spent(ratelimit.PerSecond(1_000_000), 1)
		in64Goroutines(b, func() { l.Wait(ctx) })
	})
}

func BenchmarkReserveAndCancel(b *testing.B) {
	b.ReportAllocs()
	l := spent(ratelimit.Every(time.Minute), 10)
	for b.Loop() {
		r, ok := l.Reserve(1, time.Hour)
		if !ok || !r.Cancel() {
			b.Fatal("not reserved, or not cancelled")
		}
	}
}

// BenchmarkKeyed asks for keys in random order, from as many goroutines as there are processors.
func BenchmarkKeyed(b *testing.B) {
	const many = 1_000_000
	b.Run("a hundred int64", func(b *testing.B) { askForKnown(b, 100, func(i int) int64 { return int64(i) }) })
	b.Run("a million int64", func(b *testing.B) { askForKnown(b, many, func(i int) int64 { return int64(i) }) })
	b.Run("a million strings", func(b *testing.B) {
		askForKnown(b, many, func(i int) string { return "client-" + strconv.Itoa(i) })
	})
	b.Run("newcomers, others owe nothing", func(b *testing.B) { askForNew(b, many, ratelimit.Every(1)) })
	b.Run("newcomers, all others owe", func(b *testing.B) { askForNew(b, many, ratelimit.Every(time.Hour)) })
}

func askForKnown[K comparable](b *testing.B, many int, key func(int) K) {
	k := ratelimit.NewKeyed[K](ratelimit.PerSecond(1_000_000), 1000, many)
	keys := make([]K, many)
	for i := range keys {
		keys[i] = key(i)
		k.Allow(keys[i])
	}
	rand.Shuffle(many, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.IntN(many); pb.Next(); i++ {
			k.Allow(keys[i%many])
		}
	})
}

func askForNew(b *testing.B, many int, rate ratelimit.Rate) {
	k := ratelimit.NewKeyed[int64](rate, 1000, many)
	for i := range int64(many) {
		k.Allow(i)
	}
	var first atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for key := first.Add(1) << 40; pb.Next(); key++ {
			k.Allow(key)
		}
	})
}

// BenchmarkSemaphore sets a Semaphore beside that of golang.org/x/sync.
func BenchmarkSemaphore(b *testing.B) {
	ctx := b.Context()
	ours, theirs := ratelimit.NewSemaphore(10), semaphore.NewWeighted(10)
	for _, way := range []struct {
		name         string
		ours, theirs func()
	}{
		{"TryAcquire",
			func() {
				if ours.TryAcquire(1) {
					ours.Release(1)
				}
			},
			func() {
				if theirs.TryAcquire(1) {
					theirs.Release(1)
				}
			}},
		{"Acquire",
			func() {
				if ours.Acquire(ctx, 1) == nil {
					ours.Release(1)
				}
			},
			func() {
				if theirs.Acquire(ctx, 1) == nil {
					theirs.Release(1)
				}
			}},
	} {
		b.Run(way.name+"/x/sync", func(b *testing.B) {
			for b.Loop() {
				way.theirs()
			}
		})
		b.Run(way.name+"/braid", func(b *testing.B) {
			for b.Loop() {
				way.ours()
			}
		})
		b.Run(way.name+", 64 goroutines/x/sync", func(b *testing.B) { in64Goroutines(b, way.theirs) })
		b.Run(way.name+", 64 goroutines/braid", func(b *testing.B) { in64Goroutines(b, way.ours) })
	}
	// One holds it while the others come, so that nearly all wait in line.
	inLine := func(acquire func(context.Context, int64) error, release func(int64)) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			in64Goroutines(b, func() {
				acquire(ctx, 10)
				runtime.Gosched()
				release(10)
			})
		}
	}
	b.Run("in line/x/sync", inLine(theirs.Acquire, theirs.Release))
	b.Run("in line/braid", inLine(ours.Acquire, ours.Release))
}

func BenchmarkWindow(b *testing.B) {
	b.Run("admitted", func(b *testing.B) {
		w := ratelimit.NewWindow(1000, time.Nanosecond)
		for b.Loop() {
			w.Allow()
		}
	})
	b.Run("refused", func(b *testing.B) {
		w := ratelimit.NewWindow(1000, time.Hour)
		w.Take(1000)
		for b.Loop() {
			w.Allow()
		}
	})
}

// BenchmarkReader reads kilobytes that are all admitted.
func BenchmarkReader(b *testing.B) {
	l := ratelimit.New(ratelimit.PerSecond(1e9), 1<<60)
	r := ratelimit.NewReader(context.Background(), zeros{}, l)
	p := make([]byte, 1<<10)
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.ReadFull(r, p); err != nil {
			b.Fatal(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
