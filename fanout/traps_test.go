package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/internal/testkit"
)

// Most traps are cases of TestHostile and TestHostileSequences, or have a test beside
// what they are about. Here are those that need something of their own.

// stuck has every function that can block wait for something that never comes, so
// that only its context can end it.
func stuck(never chan int) map[string]func(context.Context) error {
	wait := func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
	each := func(ctx context.Context, i int) error { _, err := wait(ctx, i); return err }
	return map[string]func(context.Context) error{
		"Map": func(ctx context.Context) error { _, err := fanout.Map(ctx, 2, integers[:3], wait); return err },
		"Settle": func(ctx context.Context) error {
			return fanout.Settle(ctx, 1, integers[:3], wait)[2].Err // which was not started
		},
		"ForEach": func(ctx context.Context) error { return fanout.ForEach(ctx, 2, upTo(9), each) },
		"ByKey": func(ctx context.Context) error {
			return fanout.ByKey(ctx, 2, 2, upTo(9), func(i int) int { return i % 2 }, each)
		},
		"All": func(ctx context.Context) error {
			return fanout.All(ctx, func(ctx context.Context) error { return each(ctx, 0) })
		},
		"First":  func(ctx context.Context) error { _, err := fanout.First(ctx, integers[:3], wait, nil); return err },
		"Quorum": func(ctx context.Context) error { _, err := fanout.Quorum(ctx, 2, integers[:3], wait, nil); return err },
		"Hedge":  func(ctx context.Context) error { _, err := fanout.Hedge(ctx, 1, 3, wait, nil); return err },
		"Merge":  func(ctx context.Context) error { return fanout.Merge(ctx, never, source(1), never) },
		"Split":  func(ctx context.Context) error { return fanout.Split(ctx, source(1), never, never) },
		"Tee":    func(ctx context.Context) error { return fanout.Tee(ctx, source(1), never, never) },
		"Hub.Publish": func(ctx context.Context) error {
			hub := fanout.NewHub[int]()
			defer hub.Close()
			hub.Subscribe(0, fanout.Block)
			hub.Subscribe(0, fanout.Block)
			return hub.Publish(ctx, 1)
		},
		"Flight.Do": func(ctx context.Context) error {
			var flight fanout.Flight[int, int]
			_, _, err := flight.Do(ctx, 1, func(ctx context.Context) (int, error) { return wait(ctx, 1) })
			return err
		},
	}
}

// Contexts are never compared, and one of a type that nobody has seen before works
// like any other; what watches it has ended as well.
func TestForeignContextThatCannotBeCompared(t *testing.T) {
	for name := range stuck(nil) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cause := errors.New("a cause that only a context of the package's own tells")
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
				defer cancel()
				begin := time.Now()
				require.ErrorIs(t, stuck(make(chan int))[name](testkit.Foreign(ctx)), cause)
				require.Equal(t, time.Second, time.Since(begin))
				require.ErrorIs(t, stuck(make(chan int))[name](testkit.Foreign(ctx)), cause, "dead before the call")
			})
		})
	}
}

// The end of a foreign context reaches its children a moment later. What fails then is
// a consequence all the same.
func TestFailureAfterTheEndOfAForeignContext(t *testing.T) {
	for name, run := range map[string]func(context.Context, func(context.Context, int) error) error{
		"Map": func(ctx context.Context, f func(context.Context, int) error) error {
			_, err := fanout.Map(ctx, 1, integers[:1], func(ctx context.Context, i int) (int, error) { return 0, f(ctx, i) })
			return err
		},
		"ForEach": func(ctx context.Context, f func(context.Context, int) error) error {
			return fanout.ForEach(ctx, 1, upTo(1), f)
		},
		"First": func(ctx context.Context, f func(context.Context, int) error) error {
			_, err := fanout.First(ctx, integers[:1], func(ctx context.Context, i int) (int, error) { return 0, f(ctx, i) }, nil)
			return err
		},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("the caller left")
		require.Equal(t, cause, run(testkit.Foreign(ctx), func(context.Context, int) error {
			cancel(cause)
			return errElement
		}), name)
	}
}

// Panics with values that themselves panic when they are looked at.
func TestPanicWithANilError(t *testing.T) {
	for _, value := range []any{(*nilError)(nil), (*braid.PanicError)(nil)} {
		f := func(context.Context, int) (int, error) { panic(value) }
		for name, run := range map[string]func(){
			"Map":   func() { fanout.Map(t.Context(), 1, integers[:1], f) },
			"First": func() { fanout.First(t.Context(), integers[:1], f, nil) },
		} {
			func() {
				defer func() { require.Equal(t, value, recover().(*braid.PanicError).Value, name) }()
				run()
			}()
		}
	}
}

type nilError struct{ message string }

func (e *nilError) Error() string { return e.message } // panics if e is nil

// A sequence that recovers what is none of its business does not make it unhappen.
func TestSequenceThatSwallowsAPanic(t *testing.T) {
	defer func() { require.Equal(t, "no key", recover().(*braid.PanicError).Value) }()
	fanout.ByKey(t.Context(), 2, 2, func(yield func(int) bool) {
		defer func() { recover() }()
		for i := range 10 {
			yield(i)
		}
	}, func(i int) int {
		if i == 3 {
			panic("no key")
		}
		return i
	}, func(context.Context, int) error { return nil })
	t.Error("returned")
}

// A sequence that has returned while a goroutine of its own still yields: loud, and the
// goroutine comes out.
func TestSequenceThatReturnsWhileItsGoroutineYields(t *testing.T) {
	for name, run := range map[string]func(func(func(int) bool)) error{
		"ForEach": func(in func(func(int) bool)) error {
			return fanout.ForEach(t.Context(), 4, in, func(context.Context, int) error { return nil })
		},
		"ByKey": func(in func(func(int) bool)) error {
			return fanout.ByKey(t.Context(), 4, 4, in, func(i int) int { return i }, func(context.Context, int) error { return nil })
		},
	} {
		for round := range 200 {
			var other sync.WaitGroup
			func() {
				defer func() {
					if panicked := recover(); panicked != nil {
						require.Contains(t, panicked.(*braid.PanicError).Value, "yields on two goroutines", name)
					}
				}()
				run(func(yield func(int) bool) {
					other.Go(func() {
						for i := 0; yield(i); i++ {
						}
					})
					for range round % 100 {
						runtime.Gosched()
					}
				})
			}()
			other.Wait() // it would have panicked, on a closed channel
		}
	}
}

// A panic is never lost, not even to a discard that ends the goroutine.
func TestGoexitOfDiscardHidesNoPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var raised any
		var caller sync.WaitGroup
		caller.Go(func() {
			defer func() { raised = recover() }()
			fanout.First(t.Context(), []int{0, 1}, func(_ context.Context, i int) (int, error) {
				if i == 1 {
					time.Sleep(time.Second)
					panic("broken")
				}
				synctest.Wait() // the other has begun
				return i, nil
			}, func(int) { runtime.Goexit() })
		})
		caller.Wait()
		require.Equal(t, "broken", raised.(*braid.PanicError).Value)
	})
}

// Numbers that only a mistake brings, and that must not cost what they say.
func TestHugeNumbers(t *testing.T) {
	ctx := t.Context()
	nothing := func(context.Context, int) error { return nil }
	require.NoError(t, fanout.ForEach(ctx, math.MaxInt, upTo(3), nothing))
	require.NoError(t, fanout.ByKey(ctx, math.MaxInt, math.MaxInt, upTo(3), func(i int) int { return i }, nothing))
	_, err := fanout.Map(ctx, math.MaxInt, integers[:3], double)
	require.NoError(t, err)

	// Many workers that all look for work at the end, or all see the context's end.
	n := 20_000
	if testkit.Race {
		n = 5_000
	}
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := fanout.Map(t.Context(), n, integers[:n], func(context.Context, int) (int, error) { time.Sleep(time.Second); return 0, nil })
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(begin))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = fanout.Map(ctx, n, integers[:n], func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// More channels than one reflect.Select takes.
func TestMoreChannelsThanASelectTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1<<15 + 1
		outs := make([]chan<- int, n)
		hub := fanout.NewHub[int]()
		defer hub.Close()
		for i := range outs {
			outs[i] = make(chan int)
			hub.Subscribe(0, fanout.Block)
		}
		for name, run := range map[string]func(context.Context) error{
			"Split": func(ctx context.Context) error { return fanout.Split(ctx, source(1), outs...) },
			"Tee":   func(ctx context.Context) error { return fanout.Tee(ctx, source(1), outs...) },
			"Hub":   func(ctx context.Context) error { return hub.Publish(ctx, 1) },
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			require.ErrorIs(t, run(ctx), context.DeadlineExceeded, name)
			cancel()
		}
	})
}

// Whoever has left has got nothing: a value that one caller gets is not shared.
func TestFlightIsNotSharedWithSomebodyWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[string, int]
		call := func(context.Context) (int, error) { time.Sleep(time.Minute); return 7, nil }
		var first sync.WaitGroup
		first.Go(func() {
			_, shared, err := flight.Do(t.Context(), "key", call)
			require.NoError(t, err)
			require.False(t, shared)
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := flight.Do(ctx, "key", call)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		first.Wait()
	})
}

// A callback may call what it was called by: nothing is shared but the machine.
func TestCallsWithinCalls(t *testing.T) {
	outer, err := fanout.Map(t.Context(), 3, integers[:10], func(ctx context.Context, i int) (int, error) {
		inner, err := fanout.Map(ctx, 3, integers[:10], func(ctx context.Context, j int) (int, error) {
			return j, fanout.ForEach(ctx, 3, upTo(3), func(context.Context, int) error {
				if i == 9 && j == 8 {
					return errElement
				}
				return nil
			})
		})
		return len(inner), err
	})
	require.Len(t, outer, 10)
	require.ErrorIs(t, err, errElement)
	require.Regexp(t, `^input 9: input 8: input \d: the element failed$`, fmt.Sprint(err))
}

// Workers are started when nobody is idle: a sequence that is slower than its items
// needs one.
func TestIdleWorkersAreUsedFirst(t *testing.T) {
	for name, run := range map[string]func(func(func(int) bool)) error{
		"ForEach": func(in func(func(int) bool)) error {
			return fanout.ForEach(context.Background(), 100, in, func(context.Context, int) error { return nil })
		},
		"ByKey": func(in func(func(int) bool)) error {
			return fanout.ByKey(context.Background(), 100, 100, in, func(i int) int { return i }, func(context.Context, int) error { return nil })
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			before := runtime.NumGoroutine()
			require.NoError(t, run(func(yield func(int) bool) {
				for i := range 50 {
					yield(i)
					synctest.Wait()
				}
				require.LessOrEqual(t, runtime.NumGoroutine(), before+1, name) // somebody of before may have ended
			}))
		})
	}
}

// What a worker has done with is not kept alive while it waits for more.
func TestWorkersKeepNoItemAlive(t *testing.T) {
	for name, run := range map[string]func(func(func(*[1024]int) bool)) error{
		"ForEach": func(in func(func(*[1024]int) bool)) error {
			return fanout.ForEach(t.Context(), 4, in, func(context.Context, *[1024]int) error { return nil })
		},
		"ByKey": func(in func(func(*[1024]int) bool)) error {
			return fanout.ByKey(t.Context(), 4, 4, in, func(*[1024]int) int { return 1 }, func(context.Context, *[1024]int) error { return nil })
		},
	} {
		require.NoError(t, run(func(yield func(*[1024]int) bool) {
			freed := make(chan int, 1)
			item := new([1024]int)
			runtime.AddCleanup(item, func(int) { freed <- 1 }, 0)
			yield(item)
			item = nil
			for len(freed) == 0 { // until the worker is done with it, and the collector has been round
				runtime.GC()
			}
		}), name)
	}
}

// A dead context starts nothing, also if it dies while all are being started.
func TestRaceBeginsNothingOnADeadContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the caller left")
	var begun atomic.Int64
	_, err := fanout.First(ctx, integers[:10_000], func(context.Context, int) (int, error) {
		begun.Add(1)
		cancel(cause)
		return 0, errReplica
	}, nil)
	require.Equal(t, cause, err)
	require.Less(t, begun.Load(), int64(5_000), "those that were just about to, one a processor")
}

// A call that is over keeps no other alive, whoever keeps its context.
func TestFlightKeepsNothingAlive(t *testing.T) {
	const calls = 20
	var flight fanout.Flight[int, *[1024]int]
	var kept context.Context
	freed := make(chan int, calls)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	release := make([]chan struct{}, calls+1)
	returned := make([]chan struct{}, calls)
	for i := range calls { // each begins before the one before it ends
		release[i], returned[i] = make(chan struct{}), make(chan struct{})
		begun := make(chan struct{})
		go func() {
			defer close(returned[i])
			flight.Do(ctx, i, func(ctx context.Context) (*[1024]int, error) {
				if i == 0 {
					kept = ctx
				}
				close(begun)
				<-release[i]
				v := new([1024]int)
				runtime.AddCleanup(v, func(int) { freed <- 1 }, 0)
				return v, nil
			})
		}()
		<-begun
		if i > 0 {
			close(release[i-1])
			<-returned[i-1]
		}
	}
	close(release[calls-1])
	<-returned[calls-1]
	for len(freed) < calls-1 { // all but the one whose context is kept
		runtime.GC()
	}
	runtime.KeepAlive(kept)
}

// Whoever has left waits for nothing any more, and is not in anybody's way.
func TestFlightIsNotNestedInACallerWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flight fanout.Flight[string, int]
		var callers sync.WaitGroup
		seven := func(context.Context) (int, error) { return 7, nil }
		callers.Go(func() {
			_, _, err := flight.Do(t.Context(), "a", func(ctx context.Context) (int, error) {
				hurried, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				_, _, err := flight.Do(hurried, "b", func(ctx context.Context) (int, error) {
					time.Sleep(2 * time.Second)
					v, _, err := flight.Do(ctx, "a", seven) // which does not wait for b now
					return v, err
				})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				time.Sleep(time.Minute)
				return 1, nil
			})
			require.NoError(t, err)
		})
		synctest.Wait()
		v, _, err := flight.Do(t.Context(), "b", seven)
		require.NoError(t, err)
		require.Equal(t, 1, v, "the call of a that was under way")
		callers.Wait()
	})
}

// Goexit in the key function, on a goroutine of the sequence's own.
func TestSequenceOnItsOwnGoroutineWhenTheKeyFunctionExits(t *testing.T) {
	err := fanout.ByKey(t.Context(), 2, 2, func(yield func(int) bool) {
		var own sync.WaitGroup
		defer own.Wait()
		own.Go(func() {
			for i := range 10 {
				yield(i)
			}
		})
	}, func(i int) int {
		if i == 3 {
			runtime.Goexit()
		}
		return i
	}, func(context.Context, int) error { return nil })
	require.ErrorIs(t, err, braid.ErrGoexit)
}

// The end of a foreign context counts at once, although a child does not know it yet.
func TestNothingStartsAfterTheEndOfAForeignContext(t *testing.T) {
	for name, run := range map[string]func(context.Context, func(func(int) bool), func(context.Context, int) error) error{
		"ForEach": func(ctx context.Context, in func(func(int) bool), f func(context.Context, int) error) error {
			return fanout.ForEach(ctx, 2, in, f)
		},
		"ByKey": func(ctx context.Context, in func(func(int) bool), f func(context.Context, int) error) error {
			return fanout.ByKey(ctx, 2, 2, in, func(i int) int { return i }, f)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			cause := errors.New("the caller left")
			ctx, cancel := context.WithCancelCause(t.Context())
			err := run(testkit.Foreign(ctx), func(yield func(int) bool) {
				require.True(t, yield(0))
				synctest.Wait()
				cancel(cause)
				require.False(t, yield(1))
			}, func(_ context.Context, i int) error {
				require.Zero(t, i)
				return nil
			})
			require.Equal(t, cause, err, name)
		})
	}
}

// A context that ends after the sequence leaves waiting items undone: that is an
// error, even if no callback says so.
func TestContextThatEndsAfterTheSequence(t *testing.T) {
	for name, run := range map[string]func(context.Context, func(context.Context, int) error) error{
		"ForEach": func(ctx context.Context, f func(context.Context, int) error) error {
			return fanout.ForEach(ctx, 2, upTo(4), f)
		},
		"ByKey, one key": func(ctx context.Context, f func(context.Context, int) error) error {
			return fanout.ByKey(ctx, 2, 9, upTo(4), func(int) int { return 0 }, f)
		},
		"ByKey, many keys": func(ctx context.Context, f func(context.Context, int) error) error {
			return fanout.ByKey(ctx, 2, 9, upTo(4), func(i int) int { return i }, f)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			cause := errors.New("the caller left")
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
			defer cancel()
			err := run(ctx, func(context.Context, int) error { time.Sleep(time.Minute); return nil })
			require.Equal(t, cause, err, name)
		})
	}
}

// A worker that was idle takes one item, and for the others more are started.
func TestOneIdleWorkerIsNotEnoughForTwoItems(t *testing.T) {
	for name, run := range map[string]func(func(func(int) bool), func(context.Context, int) error) error{
		"ForEach": func(in func(func(int) bool), f func(context.Context, int) error) error {
			return fanout.ForEach(context.Background(), 4, in, f)
		},
		"ByKey": func(in func(func(int) bool), f func(context.Context, int) error) error {
			return fanout.ByKey(context.Background(), 4, 4, in, func(i int) int { return i }, f)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var meeting sync.WaitGroup
			meeting.Add(4)
			require.NoError(t, run(func(yield func(int) bool) {
				for i := range 5 {
					yield(i)
					if i == 0 {
						synctest.Wait() // its worker is idle now
					}
				}
			}, func(_ context.Context, i int) error {
				if i > 0 {
					meeting.Done()
					meeting.Wait()
				}
				return nil
			}), name)
		})
	}
}
