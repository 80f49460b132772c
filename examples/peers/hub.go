package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/fanout"
)

// hubWorks are about handing one message to many.
func hubWorks() []work {
	const subscribers, buffer = 100, 128
	const plainChannels = "loop over plain channels"
	// received runs a receiver for each channel and adds up what they are sent, until their channels are closed.
	received := func(channels []<-chan int, publish func()) int {
		var total atomic.Int64
		var all sync.WaitGroup
		for _, messages := range channels {
			all.Go(func() {
				count := 0
				for range messages {
					count++
				}
				total.Add(int64(count))
			})
		}
		publish()
		all.Wait()
		return int(total.Load())
	}
	return []work{{
		name: "hub", title: "`Hub`, 1 publisher, 100 subscribers",
		task: "A task is a message that 100 receivers get, each on a goroutine of its own. Buffers of 128.",
		unit: "ns a message", n: 300_000, quick: 200, rounds: 9, // so many that those who subscribe, once, do not show
		want: func(n int) int { return n * subscribers },
		bounds: []bound{
			atMost(1.1, "× the loop over plain channels", func(r result) float64 { return r.ratio(braid, plainChannels) }),
			allocsAtMost(0),
		},
		contenders: []contender{
			{name: braid, setup: "hub.Subscribe(128, fanout.Block), Publish", run: func(n int) int {
				ctx := context.Background()
				hub := fanout.NewHub[int]()
				var channels []<-chan int
				for range subscribers {
					channels = append(channels, hub.Subscribe(buffer, fanout.Block).C())
				}
				return received(channels, func() {
					for message := range n {
						must(hub.Publish(ctx, message))
					}
					must(hub.Close())
				})
			}},
			{name: plainChannels, setup: "for each of 100 make(chan int, 128): c <- message", run: func(n int) int {
				var channels []<-chan int
				var ends []chan int
				for range subscribers {
					c := make(chan int, buffer)
					channels, ends = append(channels, c), append(ends, c)
				}
				return received(channels, func() {
					for message := range n {
						for _, c := range ends {
							c <- message
						}
					}
					for _, c := range ends {
						close(c)
					}
				})
			}},
		},
	}}
}
