package probe_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/internal/probe"
	"github.com/braidgo/braid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestSpin(t *testing.T) {
	for _, pattern := range []string{"map", "pipeline"} {
		for _, workers := range []int{1, 2, 5} {
			spun, err := probe.Spin(t.Context(), pattern, workers, 20)
			require.NoError(t, err)
			require.EqualValues(t, 146276727, spun.Sum, "%s, %d workers", pattern, workers)
			require.False(t, spun.Ended.Before(spun.Began))
		}
	}
	_, err := probe.Spin(t.Context(), "other", 1, 1)
	require.EqualError(t, err, `no such pattern: "other"`)

	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	for _, pattern := range []string{"map", "pipeline"} {
		_, err := probe.Spin(ctx, pattern, 2, 20)
		require.ErrorIs(t, err, stopped)
	}
}

func TestGoroutines(t *testing.T) {
	a := probe.Goroutines(1000, 1<<30)
	require.Equal(t, 1000, a.Count)
	require.Positive(t, a.Took)
	require.Empty(t, a.Stopped)

	a = probe.Goroutines(1000, -1)
	require.Zero(t, a.Count)
	require.Contains(t, a.Stopped, "budget")
}

func TestChannel(t *testing.T) {
	took, sum := probe.Channel(1000)
	require.Equal(t, 999*500, sum)
	require.Positive(t, took)
}

func TestAsk(t *testing.T) {
	sh := func(script string) []string { return []string{"sh", "-c", script} }
	numbers, err := probe.Ask(t.Context(), sh(`echo "{\"a\": 1.5, \"b\": \"x\", \"c\": $1}"`), "sh", "7")
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"a": 1.5, "c": 7}, numbers)
	_, err = probe.Ask(t.Context(), sh("echo hello"))
	require.EqualError(t, err, "printed no line of JSON")
	_, err = probe.Ask(t.Context(), sh("exit 3"))
	require.EqualError(t, err, "exit status 3")

	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	_, err = probe.Ask(ctx, sh("echo {}"))
	require.ErrorIs(t, err, stopped)
}
