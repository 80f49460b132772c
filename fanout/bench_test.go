package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/singleflight"

	"github.com/braidgo/braid/fanout"
)

// What each function costs beside the plain language. examples/peers compares with
// other libraries.

const million = 1_000_000

var integers = func() []int {
	in := make([]int, million)
	for i := range in {
		in[i] = i
	}
	return in
}()

func double(_ context.Context, n int) (int, error) { return 2 * n, nil }

// spin takes about a microsecond.
func spin(_ context.Context, n int) (int, error) {
	x := uint64(n)
	for range 1_100 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return int(x >> 33), nil
}

// byHand is the split in two that Map is compared with.
func byHand(ctx context.Context, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	out := make([]int, len(in))
	var errs [2]error
	var halves sync.WaitGroup
	for half := range 2 {
		halves.Go(func() {
			first, last := half*len(in)/2, (half+1)*len(in)/2
			for i := first; i < last; i++ {
				var err error
				if out[i], err = f(ctx, in[i]); err != nil {
					errs[half] = err
					return
				}
			}
		})
	}
	halves.Wait()
	return out, errors.Join(errs[:]...)
}

func BenchmarkMap(b *testing.B) {
	cancellable, cancel := context.WithCancel(b.Context())
	defer cancel()
	background := context.Background()
	for _, f := range []struct {
		name string
		n    int
		f    func(context.Context, int) (int, error)
	}{{"trivial", million, double}, {"microsecond", 20_000, spin}} {
		in := integers[:f.n]
		for _, way := range []struct {
			name string
			run  func() ([]int, error)
		}{
			{"split in two by hand", func() ([]int, error) { return byHand(background, in, f.f) }},
			{"Map, 2 workers", func() ([]int, error) { return fanout.Map(background, 2, in, f.f) }},
			{"Map, 8 workers", func() ([]int, error) { return fanout.Map(background, 8, in, f.f) }},
			{"Map, 2 workers, cancellable", func() ([]int, error) { return fanout.Map(cancellable, 2, in, f.f) }},
			{"ForEach, 8 workers", func() ([]int, error) {
				return nil, fanout.ForEach(background, 8, slices.Values(in), func(ctx context.Context, n int) error {
					_, err := f.f(ctx, n)
					return err
				})
			}},
		} {
			b.Run(f.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := way.run(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(len(in)), "ns/item")
			})
		}
	}
}

func BenchmarkByKey(b *testing.B) {
	const keys = 100_000
	b.Run("goroutine and channel per key", func(b *testing.B) {
		for b.Loop() {
			var done atomic.Int64
			channels := make(map[int]chan int)
			var all sync.WaitGroup
			for _, n := range integers {
				c := channels[n%keys]
				if c == nil {
					c = make(chan int, 8)
					channels[n%keys] = c
					all.Go(func() {
						for range c {
							done.Add(1)
						}
					})
				}
				c <- n
			}
			for _, c := range channels {
				close(c)
			}
			all.Wait()
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/million, "ns/item")
	})
	for _, workers := range []int{2, 8} {
		b.Run(fmt.Sprintf("ByKey, %d workers", workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var done atomic.Int64
				err := fanout.ByKey(b.Context(), workers, 1024, slices.Values(integers), func(n int) int { return n % keys }, func(context.Context, int) error {
					done.Add(1)
					return nil
				})
				if err != nil || done.Load() != million {
					b.Fatal(err, done.Load())
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/million, "ns/item")
		})
	}
}

func BenchmarkHub(b *testing.B) {
	const subscribers, buffer = 100, 128
	b.Run("loop over plain channels", func(b *testing.B) {
		b.ReportAllocs()
		channels := make([]chan int, subscribers)
		var all sync.WaitGroup
		for i := range channels {
			channels[i] = make(chan int, buffer)
			all.Go(func() {
				for range channels[i] {
				}
			})
		}
		for n := 0; b.Loop(); n++ {
			for _, c := range channels {
				c <- n
			}
		}
		for _, c := range channels {
			close(c)
		}
		all.Wait()
	})
	for _, policy := range []fanout.Policy{fanout.Block, fanout.DropOldest, fanout.DropNewest} {
		b.Run(policy.String(), func(b *testing.B) {
			b.ReportAllocs()
			hub := fanout.NewHub[int]()
			var all sync.WaitGroup
			for range subscribers {
				s := hub.Subscribe(buffer, policy)
				all.Go(func() {
					for range s.C() {
					}
				})
			}
			ctx := context.Background()
			for n := 0; b.Loop(); n++ {
				if err := hub.Publish(ctx, n); err != nil {
					b.Fatal(err)
				}
			}
			hub.Close()
			all.Wait()
		})
	}
}

func BenchmarkFlight(b *testing.B) {
	cancellable, cancel := context.WithCancel(b.Context())
	defer cancel()
	background := context.Background()
	b.Run("singleflight Do", func(b *testing.B) {
		b.ReportAllocs()
		var group singleflight.Group
		for b.Loop() {
			group.Do("key", func() (any, error) { return 7, nil })
		}
	})
	b.Run("background", func(b *testing.B) {
		b.ReportAllocs()
		var flight fanout.Flight[string, int]
		for b.Loop() {
			flight.Do(background, "key", func(context.Context) (int, error) { return 7, nil })
		}
	})
	b.Run("singleflight DoChan and select", func(b *testing.B) {
		b.ReportAllocs()
		var group singleflight.Group
		for b.Loop() {
			select {
			case <-group.DoChan("key", func() (any, error) { return 7, nil }):
			case <-cancellable.Done():
			}
		}
	})
	b.Run("cancellable", func(b *testing.B) {
		b.ReportAllocs()
		var flight fanout.Flight[string, int]
		for b.Loop() {
			flight.Do(cancellable, "key", func(context.Context) (int, error) { return 7, nil })
		}
	})
}
