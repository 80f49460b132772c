package capture_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
	"github.com/braidgo/braid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestRunTellsHowFEnded(t *testing.T) {
	var ends []error
	end := func(err error) { ends = append(ends, err) }

	capture.Run(func() {}, end)
	require.Equal(t, []error{nil}, ends)

	capture.Run(func() { explode(io.ErrUnexpectedEOF) }, end)
	require.Len(t, ends, 2)
	require.ErrorIs(t, ends[1], io.ErrUnexpectedEOF)
	var panicked *braid.PanicError
	require.ErrorAs(t, ends[1], &panicked)
	require.Contains(t, string(panicked.Stack), "capture_test.explode")

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		capture.Run(runtime.Goexit, end)
		t.Error("Goexit was held back")
	}()
	<-ended
	require.Len(t, ends, 3)
	require.ErrorIs(t, ends[2], braid.ErrGoexit)
}

func TestAPanicThatIsPassedOnKeepsItsStack(t *testing.T) {
	first := &braid.PanicError{Value: "somewhere else", Stack: []byte("its stack")}
	capture.Run(func() { panic(first) }, func(err error) { require.Same(t, first, err) })
}

func TestRaise(t *testing.T) {
	captured := &braid.PanicError{Value: errors.New("anything")}
	require.PanicsWithValue(t, captured, func() { capture.Raise(captured) })

	abort := &braid.PanicError{Value: http.ErrAbortHandler}
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { capture.Raise(abort) }, "net/http compares the value")
}

//go:noinline
func explode(value any) { panic(value) }
