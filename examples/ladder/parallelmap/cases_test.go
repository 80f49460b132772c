package parallelmap

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// The hostile cases, and what becomes of naive, leaking, by hand, errgroup and braid.
var cases = []matrix.Case[Map]{
	{Name: "no elements", Asks: "Is nothing to do the same as done?",
		Run: noElements, Want: "ok ok ok ok ok"},
	{Name: "one element", Asks: "Is its result the only one?",
		Run: oneElement, Want: "ok ok ok ok ok"},
	{Name: "fewer elements than workers", Asks: "Is each done once, and do idle workers harm nobody?",
		Run: fewElements, Want: "ok ok ok ok ok"},
	{Name: "the last element ends first", Asks: "Are the results in the order of the elements?",
		Run: order, Want: "ok wrong ok ok ok"},
	{Name: "eight wait for each other", Asks: "Do eight workers really run eight calls at once?",
		Run: waitForEachOther, Want: "ok ok ok ok ok"},
	{Name: "one waits for the next to start", Asks: "Is nothing held back behind it, after all the quick ones?",
		Run: waitForTheNext, Want: "ok ok ok ok ok"},
	{Name: "the expensive ones are at the end", Asks: "Do the workers share them, whoever they fell to?",
		Run: skewed, Want: "ok ok ok ok ok"},
	{Name: "a million elements", Asks: "Are there never more goroutines than workers?",
		Run: millionElements, Want: "wrong ok ok ok ok"},
	{Name: "context dead before the call", Asks: "Does nothing start, and is the cause returned?",
		Run: deadContext, Want: "wrong wrong ok ok ok"},
	{Name: "context dies midway", Asks: "Does nothing more start, and is the cause returned?",
		Run: dyingContext, Want: "wrong leak ok ok ok"},
	{Name: "context dies when all have started", Asks: "Is what was finished all the same handed over?",
		Run: dyingTooLate, Want: "ok ok ok ok ok"},
	{Name: "the first element fails", Asks: "Is the error returned, and the rest not started?",
		Run: failsAt(0), Want: "wrong leak ok ok ok"},
	{Name: "an element in the middle fails", Asks: "Is the error returned, and the rest not started?",
		Run: failsAt(50), Want: "wrong leak ok ok ok"},
	{Name: "the last element fails", Asks: "Is the error returned, although all else is done?",
		Run: failsAt(100), Want: "ok ok ok ok ok"},
	{Name: "which element failed", Asks: "Does the error name it?",
		Run: whichFailed, Want: "wrong wrong ok ok ok"},
	{Name: "two elements fail at once", Asks: "Is one of the errors returned, and the other in nobody's way?",
		Run: twoFail, Want: "race leak ok ok ok"},
	{Name: "a call panics", Asks: "Does the caller hear of it, after the others were stopped?",
		Run: panics, Want: "crash crash ok crash ok"},
	{Name: "a call calls runtime.Goexit", Asks: "Is a call that never returned an error?",
		Run: exits, Want: "wrong deadlock ok wrong ok"},
}

var errElement = errors.New("the element is broken")

// run maps as many elements as there shall be; each is its own position.
func run(subject Map, ctx context.Context, workers, elements int, f Func) (out []int, err error) {
	defer matrix.Heard(&err)
	in := make([]int, elements)
	for i := range in {
		in[i] = i
	}
	return subject(ctx, workers, in, f)
}

// double returns what Map shall make of elements, if f doubles each.
func double(elements int) []int {
	out := make([]int, elements)
	for i := range out {
		out[i] = 2 * i
	}
	return out
}

func noElements(t *testing.T, subject Map) {
	out, err := run(subject, t.Context(), 8, 0, func(context.Context, int) (int, error) { return 0, errElement })
	require.NoError(t, err)
	require.Empty(t, out)
}

func oneElement(t *testing.T, subject Map) {
	out, err := run(subject, t.Context(), 8, 1, func(_ context.Context, element int) (int, error) {
		return element + 7, nil
	})
	require.NoError(t, err)
	require.Equal(t, []int{7}, out)
}

func fewElements(t *testing.T, subject Map) {
	var calls matrix.Tally
	out, err := run(subject, t.Context(), 8, 3, func(_ context.Context, element int) (int, error) {
		defer calls.Begin()()
		time.Sleep(time.Duration(element) * time.Second)
		return 2 * element, nil
	})
	require.NoError(t, err)
	require.Equal(t, double(3), out)
	require.EqualValues(t, 3, calls.Ended.Load())
}

func order(t *testing.T, subject Map) {
	const elements = 100
	out, err := run(subject, t.Context(), 8, elements, func(_ context.Context, element int) (int, error) {
		time.Sleep(time.Duration(elements-element) * time.Second)
		return 2 * element, nil
	})
	require.NoError(t, err)
	require.Equal(t, double(elements), out)
}

func waitForEachOther(t *testing.T, subject Map) {
	meet := matrix.Meeting(8)
	_, err := run(subject, t.Context(), 8, 8, func(_ context.Context, element int) (int, error) {
		meet()
		return element, nil
	})
	require.NoError(t, err)
}

// Wherever the one that waits is: a map that gives each worker several elements at a time has
// the next one held back behind it somewhere.
func waitForTheNext(t *testing.T, subject Map) {
	const elements = 100
	for waiting := range elements - 1 {
		next := make(chan struct{})
		_, err := run(subject, t.Context(), 2, elements, func(_ context.Context, element int) (int, error) {
			switch element {
			case waiting:
				<-next
			case waiting + 1:
				close(next)
			}
			return element, nil
		})
		require.NoError(t, err)
	}
}

// A worker that kept what it was given in the beginning would sit here with most of the work,
// for more than five minutes.
func skewed(t *testing.T, subject Map) {
	const workers = 4
	const quick, slow = 90, 10 // elements
	const longest = 30 * time.Second
	start := time.Now()
	_, err := run(subject, t.Context(), workers, quick+slow, func(_ context.Context, element int) (int, error) {
		if element < quick {
			time.Sleep(time.Second)
		} else {
			time.Sleep(longest)
		}
		return element, nil
	})
	require.NoError(t, err)

	// Graham's bound, which holds for whoever leaves no worker idle while there is something
	// to start.
	total := quick*time.Second + slow*longest
	require.LessOrEqual(t, time.Since(start), total/workers+longest)
}

func millionElements(t *testing.T, subject Map) {
	total := matrix.Many(1_000_000)

	// A hundred sleep: while anything can start, it does, before any of them wakes.
	var calls matrix.Tally
	var out []int
	var err error
	goroutines := matrix.Goroutines(func() {
		out, err = run(subject, t.Context(), 8, total, func(_ context.Context, element int) (int, error) {
			defer calls.Begin()()
			if element < 100 {
				time.Sleep(time.Second)
			}
			return 2 * element, nil
		})
	})
	require.NoError(t, err)
	slices.Sort(out) // their order is another case
	require.True(t, slices.Equal(double(total), out), "not each of them once")
	require.LessOrEqual(t, calls.Peak.Load(), int64(8), "calls at once")
	require.LessOrEqual(t, goroutines, 8+2, "goroutines at once: workers, the caller, and one to feed them")
}

func deadContext(t *testing.T, subject Map) {
	ctx, cause := matrix.CallerLeaves(t, 0)
	var calls matrix.Tally
	_, err := run(subject, ctx, 8, 10, func(_ context.Context, element int) (int, error) {
		defer calls.Begin()()
		return element, nil
	})
	require.ErrorIs(t, err, cause)
	require.Zero(t, calls.Started.Load())
}

func dyingContext(t *testing.T, subject Map) {
	ctx, cause := matrix.CallerLeaves(t, time.Second)

	// The call for element 0 returns what its context says, as many functions do, and the
	// others end well, a second later.
	var calls matrix.Tally
	_, err := run(subject, ctx, 2, 10, func(ctx context.Context, element int) (int, error) {
		defer calls.Begin()()
		<-ctx.Done()
		if element == 0 {
			return 0, ctx.Err()
		}
		time.Sleep(time.Second)
		return element, nil
	})
	require.ErrorIs(t, err, cause)
	require.EqualValues(t, 2, calls.Started.Load())
	require.Zero(t, calls.Running.Load(), "running after the return")
}

func dyingTooLate(t *testing.T, subject Map) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	out, err := run(subject, ctx, 2, 2, func(_ context.Context, element int) (int, error) {
		time.Sleep(time.Duration(2+element) * time.Second)
		return 2 * element, nil
	})
	require.NoError(t, err)
	require.Equal(t, double(2), out)
}

// failsAt returns the case of 101 elements, of which the one at position fails. The others take
// a second and it takes half of one, so four workers are busy with others when it fails, unless
// it is the last: that one runs alone.
func failsAt(position int) func(*testing.T, Map) {
	return func(t *testing.T, subject Map) {
		const workers = 4
		var calls matrix.Tally
		_, err := run(subject, t.Context(), workers, 101, func(_ context.Context, element int) (int, error) {
			defer calls.Begin()()
			if element == position {
				time.Sleep(time.Second / 2)
				return 0, errElement
			}
			time.Sleep(time.Second)
			return element, nil
		})
		require.ErrorIs(t, err, errElement)
		require.Zero(t, calls.Running.Load(), "running after the return")

		// Before it, all; beside it, the other workers' calls; after it, at most one each.
		most := position + 1 + 2*(workers-1)
		require.LessOrEqual(t, calls.Started.Load(), int64(most), "started")
	}
}

func whichFailed(t *testing.T, subject Map) {
	_, err := run(subject, t.Context(), 1, 8, func(_ context.Context, element int) (int, error) {
		if element == 7 {
			return 0, errElement
		}
		return element, nil
	})
	require.ErrorIs(t, err, errElement)
	require.EqualError(t, err, "input 7: "+errElement.Error())
}

func twoFail(t *testing.T, subject Map) {
	meet := matrix.Meeting(2)
	_, err := run(subject, t.Context(), 2, 2, func(context.Context, int) (int, error) {
		meet()
		return 0, errElement
	})
	require.ErrorIs(t, err, errElement)
}

func panics(t *testing.T, subject Map) {
	var others matrix.Tally
	meet := matrix.Meeting(2)
	_, err := run(subject, t.Context(), 2, 2, func(ctx context.Context, element int) (int, error) {
		meet()
		if element == 0 {
			panic("the function is broken")
		}
		defer others.Begin()()
		<-ctx.Done()
		return element, nil
	})
	require.ErrorContains(t, err, "the function is broken")
	require.EqualValues(t, 1, others.Started.Load())
	require.Zero(t, others.Running.Load(), "running after the return")
}

func exits(t *testing.T, subject Map) {
	_, err := run(subject, t.Context(), 2, 1, func(context.Context, int) (int, error) {
		runtime.Goexit()
		return 0, nil
	})
	require.Error(t, err)
}
