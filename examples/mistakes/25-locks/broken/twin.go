// Package twin moves money.
package twin

import (
	"errors"
	"sync"
)

var errPoor = errors.New("there is not enough money")

// An Account has a balance that is never below zero.
type Account struct {
	mu      sync.Mutex // guards balance
	balance int
}

// Withdraw keeps the lock when it refuses: whoever comes next waits for ever.
func (a *Account) Withdraw(amount int) error {
	a.mu.Lock()
	if a.balance < amount {
		return errPoor
	}
	a.balance -= amount
	a.mu.Unlock()
	return nil
}

// Transfer locks both accounts, first the one and then the other. If somebody moves money from
// A to B, and somebody else from B to A, each can have one lock and wait for the other's.
func Transfer(from, to *Account, amount int, audit func()) error {
	from.mu.Lock()
	defer from.mu.Unlock()
	audit()
	to.mu.Lock()
	defer to.mu.Unlock()
	if from.balance < amount {
		return errPoor
	}
	from.balance -= amount
	to.balance += amount
	return nil
}
