//go:build mistakes

package twin

import (
	"context"
	"errors"
	"testing"
)

func TestEnter(t *testing.T) {
	room := NewRoom(1)
	if err := room.Enter(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	fire := errors.New("the house is on fire")
	cancel(fire)
	if err := room.Enter(ctx); !errors.Is(err, fire) {
		t.Errorf("the house is on fire, and Enter says: %v", err)
	}
}
