package fanout_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
)

// A thousand callers, one call.
func TestFlightThousandCallersOneCall(t *testing.T) {
	for _, name := range []string{"background", "cancellable"} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if name == "background" {
				ctx = context.Background()
			}
			var flight fanout.Flight[string, int]
			var calls, sharing atomic.Int64
			var callers sync.WaitGroup
			for range 1000 {
				callers.Go(func() {
					v, shared, err := flight.Do(ctx, "key", func(context.Context) (int, error) {
						calls.Add(1)
						time.Sleep(time.Second)
						return 7, nil
					})
					require.NoError(t, err)
					require.Equal(t, 7, v)
					if shared {
						sharing.Add(1)
					}
				})
			}
			callers.Wait()
			require.EqualValues(t, 1, calls.Load(), name)
			require.EqualValues(t, 1000, sharing.Load(), name)

			_, shared, err := flight.Do(ctx, "key", func(context.Context) (int, error) { calls.Add(1); return 8, io.EOF })
			require.False(t, shared)
			require.Equal(t, io.EOF, err, "as it is")
			require.EqualValues(t, 2, calls.Load(), "nothing is kept")
			require.NoError(t, flight.Close())
		})
	}
}

func TestFlightOtherKeysDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[int, int]
		begin := time.Now()
		var callers sync.WaitGroup
		for key := range 10 {
			callers.Go(func() {
				v, shared, err := flight.Do(t.Context(), key, func(context.Context) (int, error) { time.Sleep(time.Second); return key, nil })
				require.NoError(t, err)
				require.False(t, shared)
				require.Equal(t, key, v)
			})
		}
		callers.Wait()
		require.Equal(t, time.Second, time.Since(begin))
	})
}

// A caller whose context dies leaves at once, and the call goes on for the others,
// also if it was the first.
func TestFlightCallersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[string, int]
		begin := time.Now()
		call := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Minute):
				return 7, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() {
				cause := errors.New("this one has left")
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(i+1)*time.Second, cause)
				defer cancel()
				_, _, err := flight.Do(ctx, "key", call)
				require.Equal(t, cause, err)
				require.Equal(t, time.Duration(i+1)*time.Second, time.Since(begin), "at once")
			})
			synctest.Wait() // the first makes the call
		}
		v, shared, err := flight.Do(t.Context(), "key", call)
		require.NoError(t, err)
		require.False(t, shared, "all others have left")
		require.Equal(t, 7, v)
		require.Equal(t, time.Minute, time.Since(begin), "the call of the first, who has left")
		callers.Wait()
	})
}

// The last to leave cancels the call and waits for it; the next Do starts afresh,
// also meanwhile.
func TestFlightTheLastCancelsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[string, string]
		cause := errors.New("all have left")
		var callers sync.WaitGroup
		begin := time.Now()
		ended := make([]time.Duration, 2)
		for i := range ended {
			callers.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(i+1)*time.Second, cause)
				defer cancel()
				_, _, err := flight.Do(ctx, "key", func(ctx context.Context) (string, error) {
					<-ctx.Done()
					require.Equal(t, cause, context.Cause(ctx))
					time.Sleep(time.Minute)
					return "", ctx.Err()
				})
				require.Equal(t, cause, err)
				ended[i] = time.Since(begin)
			})
		}
		time.Sleep(3 * time.Second) // both have left, and the call has not ended
		v, shared, err := flight.Do(t.Context(), "key", func(context.Context) (string, error) { return "fresh", nil })
		require.NoError(t, err)
		require.False(t, shared)
		require.Equal(t, "fresh", v)
		require.Equal(t, 3*time.Second, time.Since(begin))
		callers.Wait()
		require.Equal(t, []time.Duration{time.Second, 2*time.Second + time.Minute}, ended)
	})
}

// A finished result is handed over even to a dead context.
func TestFlightResultOfACancelledCallThatSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[string, int]
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		v, _, err := flight.Do(ctx, "key", func(context.Context) (int, error) { time.Sleep(time.Minute); return 7, nil })
		require.NoError(t, err)
		require.Equal(t, 7, v)
	})
}

type flightKey struct{}

// The call sees the first caller's values, no deadline, and ends its context.
func TestFlightContextOfTheCall(t *testing.T) {
	for _, cancellable := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.WithValue(context.Background(), flightKey{}, "first")
			if cancellable {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Hour)
				defer cancel()
			}
			var flight fanout.Flight[string, context.Context]
			kept, _, err := flight.Do(ctx, "key", func(ctx context.Context) (context.Context, error) {
				require.Equal(t, "first", ctx.Value(flightKey{}))
				_, ok := ctx.Deadline()
				require.False(t, ok)
				require.NoError(t, ctx.Err())
				before := runtime.NumGoroutine()
				child, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				<-child.Done()
				require.LessOrEqual(t, runtime.NumGoroutine(), before, "a child costs no goroutine; somebody of before may have ended")
				return ctx, nil
			})
			require.NoError(t, err)
			<-kept.Done()
			require.ErrorIs(t, kept.Err(), context.Canceled)
			_, _, err = flight.Do(kept, "key", func(context.Context) (context.Context, error) { return nil, nil })
			require.ErrorIs(t, err, context.Canceled, "used after its call has ended")
		})
	}
}

func TestFlightDeadContext(t *testing.T) {
	cause := errors.New("dead before")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	var flight fanout.Flight[string, int]
	_, _, err := flight.Do(ctx, "key", func(context.Context) (int, error) {
		t.Error("called")
		return 0, nil
	})
	require.Equal(t, cause, err)
}

// A panic reaches every caller, and so does Goexit, but the one it ends.
func TestFlightPanicReachesEveryCaller(t *testing.T) {
	for _, cancellable := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			if cancellable {
				var cancel context.CancelFunc
				ctx, cancel = context.WithCancel(ctx)
				defer cancel()
			}
			var flight fanout.Flight[string, int]
			var panicked, exited, ended atomic.Int64
			var callers sync.WaitGroup
			do := func(how func()) {
				defer ended.Add(1)
				defer func() {
					if e, ok := recover().(*braid.PanicError); ok {
						require.Equal(t, "broken", e.Value)
						require.Contains(t, string(e.Stack), "fanout_test")
						panicked.Add(1)
					}
				}()
				_, _, err := flight.Do(ctx, "key", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					how()
					return 0, nil
				})
				require.Equal(t, braid.ErrGoexit, err)
				exited.Add(1)
			}
			for range 10 {
				callers.Go(func() { do(func() { panic("broken") }) })
			}
			callers.Wait()
			require.EqualValues(t, 10, panicked.Load())

			for range 10 {
				callers.Go(func() { do(runtime.Goexit) })
			}
			callers.Wait()
			require.EqualValues(t, 20, ended.Load())
			if cancellable {
				require.EqualValues(t, 10, exited.Load())
			} else {
				require.EqualValues(t, 9, exited.Load(), "all but the one whose goroutine it was")
			}
			v, _, err := flight.Do(ctx, "key", func(context.Context) (int, error) { return 7, nil })
			require.NoError(t, err)
			require.Equal(t, 7, v, "the flight stays usable")
		})
	}
}

func TestFlightRaisesErrAbortHandlerBare(t *testing.T) {
	var flight fanout.Flight[string, int]
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		flight.Do(t.Context(), "key", func(context.Context) (int, error) { panic(http.ErrAbortHandler) })
	})
}

// A call that asks for its own key would wait for itself, however deep.
func TestFlightNested(t *testing.T) {
	for _, ctx := range []context.Context{context.Background(), t.Context()} {
		var flight fanout.Flight[string, int]
		var other fanout.Flight[string, int]
		seven := func(context.Context) (int, error) { return 7, nil }
		v, _, err := flight.Do(ctx, "a", func(ctx context.Context) (int, error) {
			_, _, err := flight.Do(ctx, "a", seven)
			require.Equal(t, fanout.ErrNested, err)
			_, _, err = other.Do(ctx, "a", func(ctx context.Context) (int, error) {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				v, _, err := flight.Do(ctx, "b", func(ctx context.Context) (int, error) {
					_, _, err := flight.Do(ctx, "a", seven)
					require.Equal(t, fanout.ErrNested, err)
					_, _, err = flight.Do(ctx, "b", seven)
					require.Equal(t, fanout.ErrNested, err)
					v, _, err := flight.Do(ctx, "c", seven)
					return v, err
				})
				require.Equal(t, 7, v)
				return v, err
			})
			require.NoError(t, err)
			flight.Forget("a")
			v, _, err := flight.Do(ctx, "a", seven)
			require.Equal(t, 7, v, "another call")
			return v, err
		})
		require.NoError(t, err)
		require.Equal(t, 7, v)
	}
}

func TestFlightForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[string, int]
		var calls atomic.Int64
		call := func(context.Context) (int, error) {
			n := calls.Add(1)
			time.Sleep(time.Second)
			return int(n), nil
		}
		results := make(chan int, 4)
		do := func() {
			v, _, err := flight.Do(t.Context(), "key", call)
			require.NoError(t, err)
			results <- v
		}
		go do()
		synctest.Wait()
		go do()
		synctest.Wait()
		flight.Forget("key")
		flight.Forget("nobody")
		go do()
		synctest.Wait()
		go do()
		require.ElementsMatch(t, []int{1, 1, 2, 2}, []int{<-results, <-results, <-results, <-results})
	})
}

func TestFlightClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[int, int]
		begin := time.Now()
		errs := make(chan error, 20)
		for key := range 10 {
			for _, ctx := range []context.Context{context.Background(), t.Context()} {
				go func() {
					_, _, err := flight.Do(ctx, key, func(ctx context.Context) (int, error) {
						<-ctx.Done()
						time.Sleep(time.Minute)
						return 0, context.Cause(ctx)
					})
					errs <- err
				}()
			}
			synctest.Wait()
			if key%2 == 0 {
				flight.Forget(key) // Close waits for forgotten calls, too
			}
		}
		var closers sync.WaitGroup
		for range 3 {
			closers.Go(func() {
				require.NoError(t, flight.Close())
				require.Equal(t, time.Minute, time.Since(begin))
			})
		}
		closers.Wait()
		for range 20 {
			require.Equal(t, fanout.ErrClosed, <-errs)
		}
		require.NoError(t, flight.Close())
		_, _, err := flight.Do(t.Context(), 1, func(context.Context) (int, error) { return 0, nil })
		require.Equal(t, fanout.ErrClosed, err)
	})
}

func TestFlightKeysThatCannotBeFoundAgain(t *testing.T) {
	var flight fanout.Flight[any, int]
	seven := func(context.Context) (int, error) { return 7, nil }
	for _, key := range []any{math.NaN(), []int{1}, map[string]int{}} {
		_, _, err := flight.Do(t.Context(), key, seven)
		require.Equal(t, braid.ErrKey, err)
		flight.Forget(key)
	}
	v, _, err := flight.Do(t.Context(), "key", seven)
	require.NoError(t, err)
	require.Equal(t, 7, v, "the flight stays usable")
}

// Callers come, leave and forget at random: everybody gets an answer of the right
// key, or has left, and nothing runs on.
func TestFlightUnderLoad(t *testing.T) {
	var flight fanout.Flight[int, int]
	var running atomic.Int64
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			for round := range 500 {
				ctx, cancel := context.WithCancel(context.Background())
				if (i+round)%3 == 0 {
					go cancel()
				}
				key := round % 4
				v, _, err := flight.Do(ctx, key, func(ctx context.Context) (int, error) {
					running.Add(1)
					defer running.Add(-1)
					runtime.Gosched()
					return key, context.Cause(ctx)
				})
				if err == nil && v != key || err != nil && ctx.Err() == nil {
					t.Errorf("%d for %d, %v", v, key, err)
				}
				if (i+round)%7 == 0 {
					flight.Forget(key)
				}
				cancel()
			}
		})
	}
	callers.Wait()
	require.NoError(t, flight.Close())
	require.Zero(t, running.Load())
}
