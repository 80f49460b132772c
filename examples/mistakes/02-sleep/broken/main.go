// Command broken looks a price up on another goroutine, and sleeps for longer than that takes,
// most of the time.
package main

import (
	"fmt"
	"time"
)

func main() {
	price := 0
	go func() { price = lookUp() }()
	time.Sleep(200 * time.Millisecond) // it must be there by now
	fmt.Println("the price is", price)
}

func lookUp() int { return 42 }
