// Package offenders breaks the contract's rules, one rule a function.
package offenders

import (
	"context"
	"sync"
	"time"
)

// Bare says nothing.
func Bare(f func()) { go f() }

// LacksEnds leaves a question out.
//
//	Goroutines: none.
//	Blocks:     never.
//	Panics:     never.
//	Memory:     none.
func LacksEnds(context.Context) {}

// WrongOrder answers all five.
//
//	Goroutines: none.
//	Ends:       when either channel is closed.
//	Blocks:     until then.
//	Panics:     never.
//	Memory:     none.
func WrongOrder(a, b chan int) {
	select {
	case <-a:
	case <-b:
	}
}

// OtherWords calls one of the questions by another name.
//
//	Goroutines: none.
//	Blocks:     until somebody receives.
//	Ends:       then.
//	Panics:     when c is closed.
//	Space:      none.
func OtherWords(c chan int) { c <- 1 }

// NoAnswer has the word and nothing behind it.
//
//	Goroutines: none.
//	Blocks:     until somebody sends.
//	Ends:       then.
//	Panics:
//	Memory:     none.
func NoAnswer(c chan int) int { return <-c }

// ThroughHelper blocks two calls further down.
func ThroughHelper(c chan int) { helper(c) }

func helper(c chan int) { drain(c) }

func drain(c chan int) {
	for range c {
	}
}

// ThroughInterface blocks in a method it does not know.
func ThroughInterface() { wait.wait() }

var wait waiter = group{new(sync.WaitGroup)}

type waiter interface{ wait() }

type group struct{ *sync.WaitGroup }

func (g group) wait() { g.Wait() }

// ThroughGeneric blocks in a method of an instance.
func ThroughGeneric(v *Vague[int]) { v.Method(nil) }

// ThroughLiteral hands out a function that blocks.
func ThroughLiteral() func() {
	return func() { time.Sleep(time.Second) }
}

// AfterPolling blocks in the body of a select that does not.
func AfterPolling(a, b chan int) {
	select {
	case <-a:
		<-b
	default:
	}
}

// Volunteer need not answer, but then in full.
//
//	Goroutines: none.
func Volunteer() {}

// Borrower is no method of Kept.
//
// Contract: that of Kept.
func Borrower(context.Context) {}

// Kept keeps the contract.
//
//	Goroutines: one.
//	Blocks:     never.
//	Ends:       when the function does, which is
//	            up to the function.
//	Panics:     never.
//	Memory:     none.
type Kept struct{ engine }

// Method needs no more than this.
//
// Contract: that of Kept.
func (Kept) Method(f func()) { go f() }

// Borrower is a method of another type than it says.
//
// Contract: that of Vague.
func (Kept) Borrower(f func()) { go f() }

// Vague leaves a question out.
//
//	Goroutines: one.
//	Blocks:     never.
//	Ends:       when the function does.
//	Panics:     never.
type Vague[T any] struct{}

// Method relies on Vague.
//
// Contract: that of Vague.
func (*Vague[T]) Method(f func()) { go f() }

type engine struct{}

// Promoted is a method of Kept, too.
func (engine) Promoted(f func()) { go f() }

// hidden is nobody's business.
func hidden(c chan int) { <-c }

type private struct{}

// Exported is not, on a type that is not.
func (private) Exported(c chan int) { <-c }

// Poll never blocks.
func Poll(c, d chan int) (int, bool) {
	select {
	case n := <-c:
		return n, true
	case d <- 1:
		return 0, true
	default:
		return 0, false
	}
}

// Locked holds a mutex, and that briefly.
func Locked(m *sync.Mutex, items []int) {
	m.Lock()
	defer m.Unlock()
	for i := range items {
		items[i]++
	}
}
