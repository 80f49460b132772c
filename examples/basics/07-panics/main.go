// Command 07-panics shows where a panic goes: up its own goroutine, and to nobody else.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
)

func share(cake, guests int) int { return cake / guests }

func main() {
	// A recover in the goroutine itself makes an error of the panic. Every goroutine that
	// runs what others wrote needs it; and somebody who waits needs that error.
	var err error
	var all sync.WaitGroup
	all.Go(func() {
		defer func() {
			if value := recover(); value != nil {
				err = fmt.Errorf("share: %v", value)
			}
		}()
		fmt.Println(share(360, 0))
	})
	all.Wait()
	fmt.Println("recovered there:", err)

	// Or something that starts goroutines hands the panic on, to the goroutine that waits.
	func() {
		defer func() {
			var panicked *braid.PanicError
			if value, ok := recover().(error); ok && errors.As(value, &panicked) {
				fmt.Println("recovered here: ", panicked.Value)
			}
		}()
		_, _ = fanout.Map(context.Background(), 2, []int{3, 0}, func(_ context.Context, guests int) (int, error) {
			return share(360, guests), nil
		})
	}()

	// Without either, a panic ends the program, and this recover does not see it: it is on
	// main's goroutine, and the panic is not.
	defer func() { fmt.Println("recovered in main:", recover()) }()
	all.Go(func() { fmt.Println(share(360, 0)) })
	all.Wait()
}
