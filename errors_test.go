package braid_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/workerpool"
)

func TestPanicErrorShowsValueAndStack(t *testing.T) {
	err := &braid.PanicError{Value: "out of cheese", Stack: []byte("goroutine 7 [running]:")}
	require.EqualError(t, err, "panic: out of cheese\n\ngoroutine 7 [running]:")
}

func TestPanicErrorUnwrapsErrorsOnly(t *testing.T) {
	wrapped := fmt.Errorf("copy: %w", io.ErrShortWrite)
	require.ErrorIs(t, &braid.PanicError{Value: wrapped}, io.ErrShortWrite)
	require.NoError(t, (&braid.PanicError{Value: "a string"}).Unwrap())
	require.NoError(t, (&braid.PanicError{}).Unwrap())
}

func TestPanicErrorOfPanicNil(t *testing.T) {
	defer func() {
		_, ok := errors.AsType[*runtime.PanicNilError](&braid.PanicError{Value: recover()})
		require.True(t, ok)
	}()
	panic(nil)
}

func ExamplePanicError() {
	ctx := context.Background()
	pool := workerpool.New(2)
	defer pool.Close()

	future := workerpool.Go(ctx, pool, func(context.Context) (string, error) {
		var names []string
		return names[0], nil
	})
	_, err := future.Wait(ctx)

	if caught, ok := errors.AsType[*braid.PanicError](err); ok {
		fmt.Println("the task panicked:", caught.Value)
	}
	_, ok := errors.AsType[runtime.Error](err)
	fmt.Println("with an error of the runtime's:", ok)
	// Output:
	// the task panicked: runtime error: index out of range [0] with length 0
	// with an error of the runtime's: true
}
