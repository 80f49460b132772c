// Command mended looks a price up on another goroutine, and waits until it is there.
package main

import "fmt"

func main() {
	price := make(chan int, 1) // the room lets the goroutine end, whether or not somebody receives
	go func() { price <- lookUp() }()
	fmt.Println("the price is", <-price)
}

func lookUp() int { return 42 }
