//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func interruptMyself(t *testing.T) {
	myself, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, myself.Signal(os.Interrupt))
}

func TestInterruptEndsTheTourCleanly(t *testing.T) {
	waits := func(ctx context.Context, in *input) (string, error) {
		interruptMyself(t)
		<-ctx.Done() // the signal ends it
		return "", context.Cause(ctx)
	}
	never := func(context.Context, *input) (string, error) {
		t.Error("went on after the interrupt")
		return "", nil
	}
	var out bytes.Buffer
	lessons := []lesson{{name: "x", alone: waits, perItem: never, pattern: never}, {name: "y", alone: never}}
	err := (&tour{out: &out}).teach(lessons, &input{})
	require.EqualError(t, err, "interrupt signal received")
	require.NotContains(t, out.String(), "FAILED")
}
