//go:build mistakes

package twin

import (
	"context"
	"errors"
	"testing"
)

func TestSend(t *testing.T) {
	full := errors.New("the other side's disk is full")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(full)
	if err := Send(ctx, nil); !errors.Is(err, full) {
		t.Errorf("all that the user learns: %v", err)
	}
}
