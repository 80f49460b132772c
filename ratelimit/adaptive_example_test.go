package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

var errBusy = errors.New("503 busy")

// What fails because it was too much lowers the limit.
func ExampleAdaptive() {
	limiter := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Initial: 20})
	ask := func(ctx context.Context) error {
		done, err := limiter.Acquire(ctx)
		if err != nil {
			return err
		}
		err = errBusy // what the server said
		done(err)
		return err
	}
	fmt.Println("at most", limiter.Limit(), "at once")
	for range 10 {
		ask(context.Background())
	}
	fmt.Println("at most", limiter.Limit(), "at once")
	// Output:
	// at most 20 at once
	// at most 15 at once
}

// Who finds the limit reached waits for its turn, for as long as its context lives.
func ExampleNewAdaptive() {
	limiter := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Initial: 1})
	done, err := limiter.Acquire(context.Background())
	fmt.Println(err)

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = limiter.Acquire(ctx)
	fmt.Println(err)

	done(nil)
	_, err = limiter.Acquire(context.Background())
	fmt.Println(err)
	// Output:
	// <nil>
	// context deadline exceeded
	// <nil>
}

// An answer that nobody likes is no sign of too much load.
func ExampleAdaptiveOptions() {
	limiter := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{
		Min: 2, Max: 64, Initial: 16,
		Overload: func(err error) bool {
			return errors.Is(err, errBusy) || errors.Is(err, context.DeadlineExceeded)
		},
	})
	notFound := errors.New("404 not found")
	for range 100 {
		done, _ := limiter.Acquire(context.Background())
		done(notFound)
	}
	fmt.Println(limiter.Limit())
	// Output: 16
}
