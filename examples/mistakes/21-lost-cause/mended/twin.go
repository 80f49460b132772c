// Package twin has a room with seats, which one may have to wait for.
package twin

import "context"

type Room struct{ seats chan struct{} }

func NewRoom(seats int) *Room { return &Room{make(chan struct{}, seats)} }

// Enter says why the context has ended. If nobody gave a cause, that is ctx.Err.
func (r *Room) Enter(ctx context.Context) error {
	select {
	case r.seats <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *Room) Leave() { <-r.seats }
