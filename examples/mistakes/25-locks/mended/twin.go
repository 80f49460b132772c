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

// Withdraw unlocks however it ends: the defer stands right below the Lock.
func (a *Account) Withdraw(amount int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.balance < amount {
		return errPoor
	}
	a.balance -= amount
	return nil
}

func (a *Account) deposit(amount int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += amount
}

// Transfer holds one lock at a time, so that nobody waits who has one. Where both must be held,
// all programs lock them in the same order, by account number say.
func Transfer(from, to *Account, amount int, audit func()) error {
	if err := from.Withdraw(amount); err != nil {
		return err
	}
	audit()
	to.deposit(amount)
	return nil
}
