package workerpool_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/braidgo/braid/workerpool"
)

// How fast tasks go in and through, beside the plain channel that a pool
// replaces. examples/peers compares with other libraries.
func BenchmarkSubmit(b *testing.B) {
	background := context.Background()
	cancellable, cancel := context.WithCancel(background)
	defer cancel()
	for _, submitters := range []int{1, 128} {
		b.Run(fmt.Sprintf("plain channel/%d submitters", submitters), func(b *testing.B) {
			tasks := make(chan func(context.Context), 1024)
			var workers sync.WaitGroup
			for range 8 {
				workers.Go(func() {
					for task := range tasks {
						task(background)
					}
				})
			}
			drive(b, submitters, func(task func(context.Context)) error { tasks <- task; return nil })
			close(tasks)
			workers.Wait()
		})
		for name, ctx := range map[string]context.Context{"background": background, "cancellable": cancellable} {
			b.Run(fmt.Sprintf("%s/%d submitters", name, submitters), func(b *testing.B) {
				p := workerpool.New(8, workerpool.Queue(1024))
				defer p.Close()
				drive(b, submitters, func(task func(context.Context)) error { return p.Submit(ctx, task) })
			})
		}
	}
}

// drive submits b.N tasks and waits until all have run.
func drive(b *testing.B, submitters int, submit func(func(context.Context)) error) {
	b.ReportAllocs()
	n := int64(b.N)
	var ran atomic.Int64
	all := make(chan struct{})
	task := func(context.Context) {
		if ran.Add(1) == n {
			close(all)
		}
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range submitters {
		group.Go(func() {
			for next.Add(1) <= n {
				if err := submit(task); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	<-all
}

func BenchmarkGoWait(b *testing.B) {
	b.ReportAllocs()
	ctx := context.Background()
	p := workerpool.New(8)
	defer p.Close()
	for b.Loop() {
		if got, err := workerpool.Go(ctx, p, seven).Wait(ctx); got != 7 || err != nil {
			b.Fatal(got, err)
		}
	}
}

func BenchmarkGroup(b *testing.B) {
	task := func(context.Context) error { return nil }
	b.Run("braid", func(b *testing.B) {
		b.ReportAllocs()
		p := workerpool.New(8, workerpool.Queue(1024))
		defer p.Close()
		g := p.Group(context.Background())
		for b.Loop() {
			g.Go(task)
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("errgroup", func(b *testing.B) {
		b.ReportAllocs()
		g, ctx := errgroup.WithContext(context.Background())
		g.SetLimit(8)
		for b.Loop() {
			g.Go(func() error { return task(ctx) })
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkStatefulDo(b *testing.B) {
	b.ReportAllocs()
	p := newStateful(8)
	defer p.Close()
	task := func(_ context.Context, n *int) error { *n++; return nil }
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := p.Do(context.Background(), task); err != nil {
				b.Error(err)
			}
		}
	})
}
