// Command 08-shutdown ends a pool that still has much to do, and counts what has become of it.
package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/workerpool"
)

func main() {
	// Nobody waits for a task that was submitted, so its panic would end the program, unless
	// there is a hook. In a service the hook would log p.Stack, too.
	pool := workerpool.New(2, workerpool.Queue(8), workerpool.OnPanic(func(p *braid.PanicError) {
		fmt.Println("a task has panicked:", p.Value)
	}))
	submit := func(task func(context.Context)) {
		if err := pool.Submit(context.Background(), task); err != nil {
			fmt.Println(err)
		}
	}
	submit(func(context.Context) { panic("no more flour") })

	// Two tasks that take an hour, unless they are told to end, keep both workers busy; three
	// more have to wait in the queue. Who is told to end may need a while for that.
	var begun sync.WaitGroup
	tidied := make(chan struct{})
	begun.Add(2)
	for range 2 {
		submit(func(ctx context.Context) {
			begun.Done()
			select {
			case <-time.After(time.Hour):
			case <-ctx.Done():
				<-tidied
			}
		})
	}
	begun.Wait()
	for range 3 {
		submit(func(context.Context) { fmt.Println("this never runs") })
	}

	// Shutdown takes no more tasks and waits for those that it has; but not for an hour. A
	// service would begin it when the context of signal.NotifyContext ends.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	fmt.Println(pool.Shutdown(ctx))
	close(tidied)
	submit(func(context.Context) {})

	// Close waits for the two that were told to end. Then every task is accounted for.
	fmt.Println("close:", pool.Close())
	fmt.Printf("%+v\n", pool.Stats())
}
