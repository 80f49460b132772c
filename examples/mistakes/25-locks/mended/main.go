// Command mended unlocks what it has locked, and locks two accounts in the order of their numbers.
package main

import (
	"sync"

	"github.com/braidgo/braid/examples/mistakes/leaks"
)

func main() {
	alone := &Account{number: 1, balance: 10}
	go func() {
		alone.Withdraw(20)
		alone.Withdraw(5)
	}()
	first, second := &Account{number: 2}, &Account{number: 3}
	var both sync.WaitGroup
	both.Add(2)
	fee := func() int { // takes until both ask for it
		both.Done()
		both.Wait()
		return 1
	}
	go Transfer(first, second, 5, fee)
	go Transfer(second, first, 5, fee)
	leaks.Report()
}
