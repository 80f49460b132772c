package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// Most of these limiters refill in hours, so that it does not matter how long an example
// takes.

// Three log-ins at once, and another one each hour.
func ExampleNew() {
	logins := ratelimit.New(ratelimit.Every(time.Hour), 3)
	for range 5 {
		fmt.Print(logins.Allow(), " ")
	}
	// Output:
	// true true true false false
}

// Ten requests go out one by one, a millisecond apart: the first at once, and so the last
// after nine milliseconds.
func ExampleLimiter() {
	limiter := ratelimit.New(ratelimit.PerSecond(1000), 1)
	begin := time.Now()
	sent := 0
	for range 10 {
		if err := limiter.Wait(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
		sent++ // send the request
	}
	fmt.Println(sent, time.Since(begin) >= 9*time.Millisecond)
	// Output:
	// 10 true
}

// A mailing may be large. It is admitted as a whole or not at all.
func ExampleLimiter_AllowN() {
	mails := ratelimit.New(ratelimit.Per(1000, 24*time.Hour), 500)
	fmt.Println(mails.AllowN(400))
	fmt.Println(mails.AllowN(200))
	fmt.Println(mails.AllowN(100))
	// Output:
	// true
	// false
	// true
}

// There is no use in waiting for what is too large ever to be admitted, or for a limiter
// that is not refilled.
func ExampleLimiter_WaitN() {
	ctx := context.Background()
	samples := ratelimit.New(ratelimit.Rate{}, 10) // ten, and no more
	fmt.Println(samples.WaitN(ctx, 11))
	fmt.Println(samples.WaitN(ctx, 10))
	fmt.Println(samples.WaitN(ctx, 1))
	// Output:
	// ratelimit: more at once than the limit ever admits
	// <nil>
	// ratelimit: the burst is spent and the rate never refills it
}

// A customer with six of ten calls left moves to a larger plan, and back. What was used
// stays used.
func ExampleLimiter_SetLimit() {
	calls := ratelimit.New(ratelimit.Per(10, 24*time.Hour), 10)
	calls.AllowN(4)
	fmt.Println(calls.Tokens(), "of", calls.Burst())
	calls.SetLimit(ratelimit.Per(50, 24*time.Hour), 50)
	fmt.Println(calls.Tokens(), "of", calls.Burst())
	calls.SetLimit(ratelimit.Per(10, 24*time.Hour), 10)
	fmt.Println(calls.Tokens(), "of", calls.Burst())
	// Output:
	// 6 of 10
	// 46 of 50
	// 6 of 10
}

// A rate is a fraction in lowest terms, so equal rates are ==.
func ExampleRate() {
	fmt.Println(ratelimit.Per(7, time.Minute))
	fmt.Println(ratelimit.Per(100, time.Minute))
	fmt.Println(ratelimit.Per(100, time.Minute) == ratelimit.Every(600*time.Millisecond))
	fmt.Println(ratelimit.Rate{})
	fmt.Println(ratelimit.Unlimited)
	// Output:
	// 7 per 1m0s
	// 1 per 600ms
	// true
	// never
	// unlimited
}

// 5000 requests an hour, as many a web service allows. The burst says how many of them may
// come at once.
func ExamplePer() {
	limiter := ratelimit.New(ratelimit.Per(5000, time.Hour), 100)
	fmt.Println(limiter.Rate(), "after a burst of", limiter.Burst())
	// Output:
	// 1 per 720ms after a burst of 100
}

// Three a second is not one in each 333 milliseconds.
func ExamplePerSecond() {
	fmt.Println(ratelimit.PerSecond(3))
	// Output:
	// 3 per 1s
}

// A page of the same server every two seconds is polite.
func ExampleEvery() {
	fmt.Println(ratelimit.Every(2 * time.Second))
	fmt.Println(ratelimit.Every(2*time.Second) == ratelimit.Per(30, time.Minute))
	// Output:
	// 1 per 2s
	// true
}

// What to tell a client: how much is left, and, if nothing is, when to come again. Whole
// seconds are rounded up, or the client would come too early.
func ExampleDecision() {
	limiter := ratelimit.New(ratelimit.Every(time.Hour), 2)
	for range 3 {
		d := limiter.Take(1)
		if d.OK {
			fmt.Printf("welcome: %d of %d left\n", d.Remaining, d.Limit)
		} else {
			fmt.Printf("come again in %.f seconds\n", math.Ceil(d.RetryAfter.Minutes())*60)
		}
	}
	fmt.Println(limiter.Take(0).Remaining, "left") // looks, and takes nothing
	// Output:
	// welcome: 1 of 2 left
	// welcome: 0 of 2 left
	// come again in 3600 seconds
	// 0 left
}

// A table in a restaurant: the next one is free in an hour. Whoever does not want to wait for so
// long takes nothing, and whoever cancels gives the table back.
func ExampleReservation() {
	tables := ratelimit.New(ratelimit.Every(time.Hour), 1)
	tables.Allow()

	_, ok := tables.Reserve(1, 10*time.Minute)
	fmt.Println("within ten minutes:", ok)

	first, _ := tables.Reserve(1, 5*time.Hour)
	second, _ := tables.Reserve(1, 5*time.Hour)
	fmt.Println("first: ", first.Delay().Round(time.Minute))
	fmt.Println("second:", second.Delay().Round(time.Minute))

	fmt.Println(first.Cancel()) // no: the second one was promised its time
	fmt.Println(second.Cancel())
	fmt.Println(first.Cancel())
	// Output:
	// within ten minutes: false
	// first:  1h0m0s
	// second: 2h0m0s
	// false
	// true
	// true
}

// A wait that would outlast its context fails at once: there is nothing to wait for.
func ExampleWaitError() {
	limiter := ratelimit.New(ratelimit.Every(time.Hour), 1)
	limiter.Allow()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := limiter.Wait(ctx)
	var tooLong *ratelimit.WaitError
	if errors.As(err, &tooLong) {
		fmt.Println("it would have taken", tooLong.Needed.Round(time.Minute))
	}
	fmt.Println(errors.Is(err, context.DeadlineExceeded), ctx.Err())
	// Output:
	// it would have taken 1h0m0s
	// true <nil>
}

// A text message may be sent three times in any day. Where a limiter would allow another one
// after eight hours, a window waits until the first is a day old.
func ExampleNewWindow() {
	window := ratelimit.NewWindow(3, 24*time.Hour)
	limiter := ratelimit.New(ratelimit.Per(3, 24*time.Hour), 3)
	window.Take(3)
	limiter.Take(3)
	fmt.Println("window: ", window.Take(1).RetryAfter.Round(time.Minute))
	fmt.Println("limiter:", limiter.Take(1).RetryAfter.Round(time.Minute))
	// Output:
	// window:  24h0m0s
	// limiter: 8h0m0s
}

// Three in any five milliseconds: nine need two spans more.
func ExampleWindow() {
	window := ratelimit.NewWindow(3, 5*time.Millisecond)
	begin := time.Now()
	for range 9 {
		if err := window.Wait(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(time.Since(begin) >= 10*time.Millisecond)
	// Output:
	// true
}

// Two queries at once; the third has to wait, or is turned away.
func ExampleNewSemaphore() {
	queries := ratelimit.NewSemaphore(2)
	for range 3 {
		if queries.TryAcquire(1) {
			fmt.Println("query")
			defer queries.Release(1)
		} else {
			fmt.Println("busy")
		}
	}
	// Output:
	// query
	// query
	// busy
}

// Pictures take as much memory as they are large, and a hundred megabytes are all there is.
// What would never fit is refused, and what would fit waits until its context is done.
func ExampleSemaphore() {
	memory := ratelimit.NewSemaphore(100)
	decode := func(ctx context.Context, megabytes int64) error {
		if err := memory.Acquire(ctx, megabytes); err != nil {
			return err
		}
		defer memory.Release(megabytes)
		return nil // decode the picture
	}
	ctx := context.Background()
	fmt.Println(decode(ctx, 90))
	fmt.Println(decode(ctx, 101))

	memory.Resize(200) // a larger machine
	fmt.Println(decode(ctx, 101))

	memory.Acquire(ctx, 150)
	hurry, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	fmt.Println(decode(hurry, 90))
	// Output:
	// <nil>
	// ratelimit: more at once than the limit ever admits
	// <nil>
	// context deadline exceeded
}

// A kilobyte comes at once, and then a megabyte each second: three more take three milliseconds.
func ExampleNewReader() {
	limiter := ratelimit.New(ratelimit.PerSecond(1_000_000), 1000)
	page := strings.NewReader(strings.Repeat("tea ", 1000))
	begin := time.Now()
	n, err := io.Copy(io.Discard, ratelimit.NewReader(context.Background(), page, limiter))
	fmt.Println(n, err, time.Since(begin) >= 3*time.Millisecond)
	// Output:
	// 4000 <nil> true
}

// A limiter that two writers share limits both together. One that must not take longer
// than a minute gives up when it sees that it would, and says how much it has written.
func ExampleNewWriter() {
	limiter := ratelimit.New(ratelimit.Per(10, time.Hour), 10)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var tea, milk strings.Builder
	n, err := io.WriteString(ratelimit.NewWriter(ctx, &tea, limiter), "green tea")
	fmt.Println(n, err)
	n, err = io.WriteString(ratelimit.NewWriter(ctx, &milk, limiter), "milk")
	fmt.Println(n, errors.Is(err, context.DeadlineExceeded))
	// Output:
	// 9 <nil>
	// 0 true
}
