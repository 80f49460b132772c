package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/fanout"
)

// byKeyWorks are about items of which those with the same key stay in order.
func byKeyWorks() []work {
	const keys = 100_000
	const perKey, shards = "goroutine and channel per key", "goroutine and channel per shard"
	// each counts the items that come in the order of their key.
	each := func(name, setup string, run func(n int, do func(item int))) contender {
		var last []int // item of the key; each is touched by one goroutine at a time
		return contender{name: name, setup: setup,
			prepare: func(int) { last = make([]int, keys) },
			run: func(n int) int {
				var right atomic.Int64
				run(n, func(item int) {
					if before := last[item%keys]; item < keys && before == 0 || item >= keys && before == item-keys {
						right.Add(1)
					}
					last[item%keys] = item
				})
				return int(right.Load())
			}}
	}
	return []work{{
		name: "bykey", title: "`ByKey`, 1 M items over 100 k keys",
		task: "A task looks up what its key had before and adds one to a shared counter. Those of one key are done in order.",
		unit: "ns a task", n: 1_000_000, quick: 2_000, want: oneEach,
		bounds: []bound{atLeast(2, "× faster than a goroutine and channel per key", func(r result) float64 { return r.ratio(perKey, braid) })},
		contenders: []contender{
			each(braid, "fanout.ByKey(ctx, 8, 1024, in, key, f)", func(n int, do func(int)) {
				must(fanout.ByKey(context.Background(), workers, queue, numbers(n), func(item int) int { return item % keys },
					func(_ context.Context, item int) error { do(item); return nil }))
			}),
			each(perKey, "map[int]chan int of make(chan int, 8), a goroutine for each", func(n int, do func(int)) {
				byChannel(n, do, func(item int) int { return item % keys }, 8)
			}),
			// This bounds the goroutines, but a slow key holds up all others of its shard.
			each(shards, "8 of make(chan int, 128), a goroutine for each, item % keys % 8", func(n int, do func(int)) {
				byChannel(n, do, func(item int) int { return item % keys % workers }, 128)
			}),
		},
	}}
}

func byChannel(n int, do func(item int), channelOf func(item int) int, buffer int) {
	channels := map[int]chan int{}
	var all sync.WaitGroup
	for item := range n {
		items := channels[channelOf(item)]
		if items == nil {
			items = make(chan int, buffer)
			channels[channelOf(item)] = items
			all.Go(func() {
				for item := range items {
					do(item)
				}
			})
		}
		items <- item
	}
	for _, items := range channels {
		close(items)
	}
	all.Wait()
}
