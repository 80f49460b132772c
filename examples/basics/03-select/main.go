// Command 03-select waits for whichever comes first, and knows when to give up, and why.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// price waits for two things at once. Done is a channel that is closed when the context ends,
// and Cause says why it has ended. Whatever may wait has to look at its context like this, as
// nothing else can interrupt it.
func price(ctx context.Context, shop <-chan int) (int, error) {
	select {
	case p := <-shop:
		return p, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func main() {
	// A shop that answers. When both cases are ready, select tosses a coin.
	quick := make(chan int, 1)
	quick <- 42
	fmt.Println(price(context.Background(), quick))

	// A shop that says nothing. cancel is always called, or the timer would stay.
	silent := make(chan int)
	slow := errors.New("the shop is too slow")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 10*time.Millisecond, slow)
	defer cancel()
	fmt.Println(price(ctx, silent))
	fmt.Println("Err says only:", ctx.Err())

	// Who cancels can say why. All contexts that are made from this one end with it.
	parent, stop := context.WithCancelCause(context.Background())
	child, cancelChild := context.WithTimeout(parent, time.Hour)
	defer cancelChild()
	go stop(errors.New("the customer has left"))
	fmt.Println(price(child, silent))

	// With default, select does not wait at all.
	select {
	case p := <-silent:
		fmt.Println(p)
	default:
		fmt.Println("no price yet")
	}
}
