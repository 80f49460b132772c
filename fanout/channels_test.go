package fanout_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
)

// source returns a channel with values in it, closed behind them.
func source(values ...int) <-chan int {
	c := make(chan int, len(values))
	for _, v := range values {
		c <- v
	}
	close(c)
	return c
}

// collect receives until c is closed, in the background.
func collect(c <-chan int, slow time.Duration) (wait func() []int) {
	var all []int
	var receiver sync.WaitGroup
	receiver.Go(func() {
		for v := range c {
			time.Sleep(slow)
			all = append(all, v)
		}
	})
	return func() []int {
		receiver.Wait()
		return all
	}
}

func TestMerge(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100} {
		synctest.Test(t, func(t *testing.T) {
			var ins []<-chan int
			for i := range n {
				ins = append(ins, source(10*i, 10*i+1, 10*i+2))
			}
			out := make(chan int)
			merged := collect(out, time.Second)
			require.NoError(t, fanout.Merge(t.Context(), out, ins...))
			close(out) // Merge has not
			got := merged()
			require.Len(t, got, 3*n)
			for i := range n {
				one := slices.DeleteFunc(slices.Clone(got), func(v int) bool { return v/10 != i })
				require.Equal(t, []int{10 * i, 10*i + 1, 10*i + 2}, one, "the values of one channel stay in order")
			}
		})
	}
}

// One channel that is silent holds up no other.
func TestMergeOfASilentChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := make(chan int)
		silent := make(chan int)
		begin := time.Now()
		var caller sync.WaitGroup
		caller.Go(func() { require.NoError(t, fanout.Merge(t.Context(), out, silent, source(1, 2))) })
		require.ElementsMatch(t, []int{1, 2}, []int{<-out, <-out})
		require.Zero(t, time.Since(begin))
		close(silent)
		caller.Wait()
	})
}

// distributions are Split and Tee.
var distributions = map[string]func(context.Context, <-chan int, ...chan<- int) error{
	"Split": fanout.Split[int],
	"Tee":   fanout.Tee[int],
}

func TestSplitGivesEachValueToOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := make(chan int), make(chan int), make(chan int, 1)
		quick, slow, never := collect(a, time.Second), collect(b, 10*time.Second), c
		require.NoError(t, fanout.Split(t.Context(), source(integers[:50]...), a, b, c))
		close(a)
		close(b)
		fast, late := quick(), slow()
		require.ElementsMatch(t, integers[:50], slices.Concat(fast, late, []int{<-never}))
		require.Greater(t, len(fast), 8*len(late), "who is ready gets it")
		require.IsIncreasing(t, fast)
		require.IsIncreasing(t, late)
	})
}

// Where several are ready they take turns.
func TestSplitTakesTurns(t *testing.T) {
	a, b := make(chan int, 10), make(chan int, 10)
	require.NoError(t, fanout.Split(t.Context(), source(integers[:10]...), a, b))
	require.Len(t, a, 5)
	require.Len(t, b, 5)
}

func TestTeeGivesEachValueToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outs []chan<- int
		var waits []func() []int
		for i := range 20 {
			c := make(chan int, i%3)
			outs = append(outs, c)
			waits = append(waits, collect(c, time.Duration(i%4)*time.Second))
		}
		require.NoError(t, fanout.Tee(t.Context(), source(integers[:50]...), outs...))
		for i, wait := range waits {
			close(outs[i])
			require.Equal(t, integers[:50], wait())
		}
	})
}

// Whoever is ready gets the value at once: one receiver may read all channels, in
// any order.
func TestTeeServesWhoIsReadyFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := make(chan int), make(chan int), make(chan int)
		var receiver sync.WaitGroup
		receiver.Go(func() {
			for v := range 10 {
				require.Equal(t, []int{v, v, v}, []int{<-c, <-a, <-b})
			}
		})
		require.NoError(t, fanout.Tee(t.Context(), source(integers[:10]...), a, b, c))
		receiver.Wait()
	})
}

// They are to channels what io.Copy is to files: when the context ends they return
// its cause, close nothing and leave nobody behind, wherever they are waiting.
func TestChannelsWhenTheContextEnds(t *testing.T) {
	cause := errors.New("the consumer left")
	for name, run := range map[string]func(ctx context.Context, never chan int) error{
		"Merge, for values": func(ctx context.Context, never chan int) error {
			return fanout.Merge(ctx, make(chan int), never, never)
		},
		"Merge, for room":        func(ctx context.Context, never chan int) error { return fanout.Merge(ctx, never, source(1), source(2)) },
		"Split, for values":      func(ctx context.Context, never chan int) error { return fanout.Split(ctx, never, make(chan int)) },
		"Split, for room":        func(ctx context.Context, never chan int) error { return fanout.Split(ctx, source(1), never, never) },
		"Split, for room in one": func(ctx context.Context, never chan int) error { return fanout.Split(ctx, source(1), never) },
		"Tee, for values":        func(ctx context.Context, never chan int) error { return fanout.Tee(ctx, never, make(chan int)) },
		"Tee, for room in one": func(ctx context.Context, never chan int) error {
			return fanout.Tee(ctx, source(1), make(chan int, 1), never)
		},
		"Tee, for room in others": func(ctx context.Context, never chan int) error { return fanout.Tee(ctx, source(1), never, never) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				never := make(chan int)
				returned := make(chan error)
				go func() { returned <- run(ctx, never) }()
				synctest.Wait() // now it waits
				cancel(cause)
				require.Equal(t, cause, <-returned)
				close(never) // nobody else has
				require.Equal(t, cause, run(ctx, never), "of a dead context")
			})
		})
	}
}

// A dead context takes and sends nothing, even if both could be done.
func TestChannelsOfADeadContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in, out := make(chan int, 100), make(chan int, 100)
	for range 100 {
		in <- 1
	}
	require.ErrorIs(t, fanout.Merge(ctx, out, in), context.Canceled)
	for _, distribute := range distributions {
		require.ErrorIs(t, distribute(ctx, in, out), context.Canceled)
	}
	require.Len(t, in, 100)
	require.Empty(t, out)
}

// Nothing is lost but what is in the hands of whoever is cancelled: one value per input.
func TestChannelsLoseAtMostOneValueEach(t *testing.T) {
	for name, distribute := range distributions {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			in, out := make(chan int, 10), make(chan int, 3)
			for i := range 10 {
				in <- i
			}
			var caller sync.WaitGroup
			caller.Go(func() { require.ErrorIs(t, distribute(ctx, in, out), context.Canceled) })
			synctest.Wait()
			cancel()
			caller.Wait()
			require.Equal(t, []int{3, 6}, []int{len(out), len(in)}, name)
		})
	}
}

func TestTeeOfNilInterfaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := make(chan error), make(chan error)
		var receiver sync.WaitGroup
		receiver.Go(func() {
			time.Sleep(time.Second) // so that Tee has to wait for both
			require.NoError(t, <-b)
			require.NoError(t, <-a)
		})
		in := make(chan error)
		receiver.Go(func() { in <- nil; close(in) })
		require.NoError(t, fanout.Tee(t.Context(), in, a, b))
		receiver.Wait()
	})
}

// Who made a channel closes it; somebody who closes one that is in use hears of it.
func TestChannelsClosedByOthers(t *testing.T) {
	closed := make(chan int)
	close(closed)
	require.PanicsWithError(t, "send on closed channel", func() { fanout.Split(t.Context(), source(1), closed) })
	require.PanicsWithError(t, "send on closed channel", func() { fanout.Tee(t.Context(), source(1), closed) })
	defer func() { require.ErrorContains(t, recover().(*braid.PanicError), "send on closed channel") }()
	fanout.Merge(t.Context(), closed, source(1), source(2))
}
