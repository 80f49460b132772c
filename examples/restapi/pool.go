package main

import (
	"context"
	"database/sql"

	"github.com/braidgo/braid/ratelimit"
)

// pool is some connections, and as many places for those who use them.
//
// Who waits for a place gets it in turn, while database/sql gives a free connection to any of those who wait. And the
// wait ends with the context, so that the query need not: a context that can end costs database/sql and the driver a
// goroutine each, which is a third of the time of a query by key, and an interrupted connection is closed. So short
// statements run to their end, and only those that may take long are cancelled.
type pool struct {
	*sql.DB
	places *ratelimit.Semaphore
}

func newPool(db *sql.DB, size int) pool {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return pool{db, ratelimit.NewSemaphore(int64(size))}
}

// do calls f when a connection is free. It gives it one context for what is short, and one for what may take long.
func (p pool) do(ctx context.Context, f func(short, long context.Context) error) error {
	if err := p.places.Acquire(ctx, 1); err != nil {
		return err
	}
	defer p.places.Release(1)
	return f(context.WithoutCancel(ctx), ctx)
}
