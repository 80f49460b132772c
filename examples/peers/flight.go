package main

import (
	"context"

	"github.com/braidgo/braid/fanout"
	"golang.org/x/sync/singleflight"
)

// flightWorks are about what sharing calls costs when nobody shares them.
func flightWorks() []work {
	const single = "singleflight"
	background := context.Background()
	// sum has n calls return 1 to n, one after the other.
	sum := func(ctx context.Context, do func(ctx context.Context, number int) int) func(n int) int {
		return func(n int) (total int) {
			for number := range n {
				total += do(ctx, number+1)
			}
			return total
		}
	}
	flightDo := func(ctx context.Context) func(int) int {
		var flight fanout.Flight[string, int]
		return sum(ctx, func(ctx context.Context, number int) int {
			v, _, err := flight.Do(ctx, "key", func(context.Context) (int, error) { return number, nil })
			return mustGet(v, err)
		})
	}
	var group singleflight.Group
	bounds := func(what string) []bound {
		return []bound{atMost(1.5, "× "+what, func(r result) float64 { return r.ratio(braid, single) })}
	}
	w := work{
		task: "A task is a call that returns a number, by one caller, one after the other.",
		unit: "ns a task", n: 300_000, quick: 2_000,
		want: func(n int) int { return n * (n + 1) / 2 },
	}
	plain, cancellable := w, w
	plain.name, plain.title, plain.bounds = "flight/background", "`Flight.Do`, one caller, background ctx", bounds("singleflight's `Do`")
	plain.contenders = []contender{
		{name: braid, setup: "flight.Do(context.Background(), key, call)", run: flightDo(background)},
		{name: single, peer: true, setup: "group.Do(key, call)", run: sum(background, func(_ context.Context, number int) int {
			v, err, _ := group.Do("key", func() (any, error) { return number, nil })
			must(err)
			return v.(int)
		})},
	}
	cancellable.name, cancellable.title, cancellable.bounds = "flight/cancellable", "`Flight.Do`, one caller, cancellable ctx", bounds("singleflight's `DoChan` with a select")
	ending := func(run func(ctx context.Context) func(int) int) func(int) int {
		return func(n int) int {
			ctx, cancel := context.WithCancel(background)
			defer cancel()
			return run(ctx)(n)
		}
	}
	cancellable.contenders = []contender{
		{name: braid, setup: "flight.Do(ctx, key, call)", run: ending(flightDo)},
		{name: single, peer: true, setup: "select { case r := <-group.DoChan(key, call): case <-ctx.Done(): }", run: ending(func(ctx context.Context) func(int) int {
			return sum(ctx, func(ctx context.Context, number int) int {
				select {
				case r := <-group.DoChan("key", func() (any, error) { return number, nil }):
					must(r.Err)
					return r.Val.(int)
				case <-ctx.Done():
					return 0
				}
			})
		})},
	}
	return []work{plain, cancellable}
}
