// Package twin has a room with seats, which one may have to wait for.
package twin

import (
	"context"

	"github.com/braidgo/braid/ratelimit"
)

type Room struct{ seats *ratelimit.Semaphore }

func NewRoom(seats int) *Room { return &Room{ratelimit.NewSemaphore(int64(seats))} }

// Enter says why the context has ended, as whatever waits in braid does.
func (r *Room) Enter(ctx context.Context) error { return r.seats.Acquire(ctx, 1) }

func (r *Room) Leave() { r.seats.Release(1) }
