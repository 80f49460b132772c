// Package twin has a room with seats, which one may have to wait for.
package twin

import "context"

type Room struct{ seats chan struct{} }

func NewRoom(seats int) *Room { return &Room{make(chan struct{}, seats)} }

// Enter says that the context has ended, and not why: ctx.Err is always one of two errors.
func (r *Room) Enter(ctx context.Context) error {
	select {
	case r.seats <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Room) Leave() { <-r.seats }
