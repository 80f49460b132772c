package pipeline

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// The hostile cases, and what becomes of naive, leaking, by hand, errgroup and braid.
var cases = []matrix.Case[Pipeline]{
	{Name: "no lines", Asks: "Is nothing to do the same as done?",
		Run: noLines, Want: "ok ok ok ok ok"},
	{Name: "one line", Asks: "Is its result the only one?",
		Run: oneLine, Want: "ok ok ok ok ok"},
	{Name: "the first item is slow", Asks: "Are the results in the order of the lines?",
		Run: order, Want: "ok wrong ok ok ok"},
	{Name: "eight wait for each other", Asks: "Do eight workers really run eight calls at once?",
		Run: waitForEachOther, Want: "ok ok ok ok ok"},
	{Name: "every stage takes a second", Asks: "Do all stages work at the same time?",
		Run: overlap, Want: "wrong ok ok ok ok"},
	{Name: "a hundred thousand lines", Asks: "Are there never more calls than workers, and only a few items in memory?",
		Run: manyLines, Want: "wrong ok ok ok ok"},
	{Name: "the source falls silent", Asks: "Does what came before come out, and can one leave?",
		Run: silence, Want: "deadlock leak ok ok ok"},
	{Name: "the source never ends", Asks: "Does it when nobody wants more?",
		Run: endless, Want: "wrong leak ok ok ok"},
	{Name: "the collector leaves early", Asks: "Are the calls that run cancelled, and waited for?",
		Run: leavesEarly, Want: "wrong leak ok ok ok"},
	{Name: "context dead before the call", Asks: "Does no call start, and is the cause returned?",
		Run: deadContext, Want: "wrong wrong ok ok ok"},
	{Name: "context dies midway", Asks: "Does nothing more start, and is the cause returned?",
		Run: dyingContext, Want: "wrong leak ok ok ok"},
	{Name: "context dies in a silence", Asks: "Is that told from the end of the source, and the cause returned?",
		Run: dyingInSilence, Want: "wrong wrong ok ok ok"},
	{Name: "an item in the middle fails", Asks: "Is the error returned, and the rest not started?",
		Run: failsMidway, Want: "wrong leak ok ok ok"},
	{Name: "which item failed", Asks: "Does the error name it?",
		Run: whichFailed, Want: "wrong wrong ok ok ok"},
	{Name: "the later of two fails first", Asks: "Is the error of the earlier one returned?",
		Run: laterFailsFirst, Want: "race leak ok wrong ok"},
	{Name: "an item fails before its turn", Asks: "Is what comes before it collected all the same?",
		Run: failsBeforeItsTurn, Want: "wrong leak ok wrong ok"},
	{Name: "lines come after a failure", Asks: "Does nothing more start while its turn is waited for?",
		Run: linesAfterFailure, Want: "wrong leak wrong ok ok"},
	{Name: "a line cannot be parsed", Asks: "Are those before it collected, and does the error name it?",
		Run: unparsable, Want: "wrong leak ok wrong ok"},
	{Name: "the source fails", Asks: "Is what it gave before collected, and the error returned?",
		Run: sourceFails, Want: "wrong leak ok wrong ok"},
	{Name: "a call panics", Asks: "Does the caller hear of it, after the others were stopped?",
		Run: panics, Want: "crash crash crash crash ok"},
	{Name: "the source panics", Asks: "Does the caller hear of it, after the calls were stopped?",
		Run: sourcePanics, Want: "ok crash crash crash ok"},
	{Name: "the collector panics", Asks: "Does the caller hear of it, after the calls were stopped?",
		Run: collectorPanics, Want: "ok leak ok crash ok"},
	{Name: "a call calls runtime.Goexit", Asks: "Is a call that never returned an error?",
		Run: exits, Want: "wrong wrong ok deadlock ok"},
}

var errItem = errors.New("the item is broken")

// A line is one that a source gives, or the error with which it ends.
type line struct {
	text string
	err  error
}

// from returns a source of these lines.
func from(lines ...line) Source {
	return func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for _, line := range lines {
				if !yield(line.text, line.err) {
					return
				}
			}
		}
	}
}

// numbered returns a source of as many lines as there shall be; each is its own position.
func numbered(lines int) Source { return spaced(lines, 0) }

// spaced returns the same source with a pause before each line.
func spaced(lines int, pause time.Duration) Source {
	return func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for i := range lines {
				time.Sleep(pause)
				if !yield(strconv.Itoa(i), nil) {
					return
				}
			}
		}
	}
}

// double is what most of the calls do.
func double(_ context.Context, number int) (int, error) { return 2 * number, nil }

// unhurried doubles, too, and takes an hour for it, or a second when it is cancelled.
func unhurried(ctx context.Context, number int) (int, error) {
	select {
	case <-time.After(time.Hour):
		return 2 * number, nil
	case <-ctx.Done():
		time.Sleep(time.Second)
		return 0, ctx.Err()
	}
}

// doubles returns the results of so many numbers from 0, if slow doubles each.
func doubles(numbers int) []int {
	out := make([]int, numbers)
	for i := range out {
		out[i] = 2 * i
	}
	return out
}

// run collects all results.
func run(subject Pipeline, ctx context.Context, workers int, source Source, slow Slow) (results []int, err error) {
	err = runInto(subject, ctx, workers, source, slow, func(result int) bool {
		results = append(results, result)
		return true
	})
	return results, err
}

func runInto(subject Pipeline, ctx context.Context, workers int, source Source, slow Slow, collect Collect) (err error) {
	defer matrix.Heard(&err)
	return subject(ctx, workers, source, slow, collect)
}

func noLines(t *testing.T, subject Pipeline) {
	results, err := run(subject, t.Context(), 8, numbered(0), double)
	require.NoError(t, err)
	require.Empty(t, results)
}

func oneLine(t *testing.T, subject Pipeline) {
	results, err := run(subject, t.Context(), 8, from(line{text: "21"}), double)
	require.NoError(t, err)
	require.Equal(t, []int{42}, results)
}

func order(t *testing.T, subject Pipeline) {
	const lines = 100
	results, err := run(subject, t.Context(), 8, numbered(lines), func(_ context.Context, number int) (int, error) {
		if number == 0 {
			time.Sleep(time.Hour)
		}
		return 2 * number, nil
	})
	require.NoError(t, err)
	require.Equal(t, doubles(lines), results)
}

func waitForEachOther(t *testing.T, subject Pipeline) {
	meet := matrix.Meeting(8)
	results, err := run(subject, t.Context(), 8, numbered(8), func(_ context.Context, number int) (int, error) {
		meet()
		return number, nil
	})
	require.NoError(t, err)
	require.Len(t, results, 8)
}

// One worker is the hardest: who lets it wait for the collector has nobody else to work.
func overlap(t *testing.T, subject Pipeline) {
	const lines, stages = 60, 3
	start := time.Now()
	err := runInto(subject, t.Context(), 1, spaced(lines, time.Second), func(_ context.Context, number int) (int, error) {
		time.Sleep(time.Second)
		return number, nil
	}, func(int) bool {
		time.Sleep(time.Second)
		return true
	})
	require.NoError(t, err)
	require.Equal(t, (lines+stages-1)*time.Second, time.Since(start), "the last line comes through behind all others")
}

func manyLines(t *testing.T, subject Pipeline) {
	lines := matrix.Many(100_000)
	for _, workers := range []int{1, 8} {
		var calls matrix.Tally
		var read, collected, most atomic.Int64
		counted := func(ctx context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for text := range numbered(lines)(ctx) {
					most.Store(max(most.Load(), read.Add(1)-collected.Load()))
					if !yield(text, nil) {
						return
					}
				}
			}
		}

		// A hundred sleep: while anything can start or be read, it is, before any of them wakes.
		var err error
		goroutines := matrix.Goroutines(func() {
			err = runInto(subject, t.Context(), workers, counted, func(_ context.Context, number int) (int, error) {
				defer calls.Begin()()
				if number < 100 {
					time.Sleep(time.Second)
				}
				return number, nil
			}, func(int) bool {
				collected.Add(1)
				return true
			})
		})
		require.NoError(t, err)
		require.EqualValues(t, lines, collected.Load())
		require.LessOrEqual(t, calls.Peak.Load(), int64(workers), "calls at once")
		require.LessOrEqual(t, most.Load(), int64(4*workers), "read and not collected")
		require.LessOrEqual(t, goroutines, workers+4, "goroutines: workers, the caller, one for each other stage, one to close")
	}
}

// silent is a source that gives one line and then waits until it is cancelled.
func silent(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if yield("21", nil) {
			<-ctx.Done()
		}
	}
}

// The context is one that nobody else ends: the test's own would free who waits for it.
func silence(t *testing.T, subject Pipeline) {
	collected := 0
	err := runInto(subject, context.Background(), 8, silent, double, func(result int) bool {
		collected = result
		return false
	})
	require.NoError(t, err)
	require.Equal(t, 42, collected)
}

func endless(t *testing.T, subject Pipeline) {
	const wanted = 3
	const patience = 10_000 // lines, after which this source has shown that it would never end
	var read atomic.Int64
	counted := func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for read.Add(1) < patience && yield("21", nil) {
			}
		}
	}
	collected := 0
	err := runInto(subject, t.Context(), 4, counted, double, func(int) bool {
		collected++
		return collected < wanted
	})
	require.NoError(t, err)
	require.Equal(t, wanted, collected)
	require.Less(t, read.Load(), int64(patience))
}

func leavesEarly(t *testing.T, subject Pipeline) {
	var calls matrix.Tally
	start := time.Now()
	err := runInto(subject, t.Context(), 4, numbered(100), func(ctx context.Context, number int) (int, error) {
		defer calls.Begin()()
		if number == 0 {
			return number, nil
		}
		return unhurried(ctx, number)
	}, func(int) bool {
		time.Sleep(time.Second) // the others start
		return false
	})
	require.NoError(t, err)
	require.Zero(t, calls.Running.Load(), "running after the return")
	require.Equal(t, 2*time.Second, time.Since(start), "the others were not cancelled")
}

func deadContext(t *testing.T, subject Pipeline) {
	ctx, cause := matrix.CallerLeaves(t, 0)
	var calls matrix.Tally
	for range 20 { // it is chance which case a select takes, when there are two
		results, err := run(subject, ctx, 8, numbered(10), func(_ context.Context, number int) (int, error) {
			defer calls.Begin()()
			return number, nil
		})
		require.ErrorIs(t, err, cause)
		require.Empty(t, results)
		require.Zero(t, calls.Started.Load())
	}
}

func dyingContext(t *testing.T, subject Pipeline) {
	ctx, cause := matrix.CallerLeaves(t, time.Second)

	// The call for item 0 returns what its context says, as many functions do, and the
	// others end well, a second later.
	var calls matrix.Tally
	_, err := run(subject, ctx, 2, numbered(10), func(ctx context.Context, number int) (int, error) {
		defer calls.Begin()()
		<-ctx.Done()
		if number == 0 {
			return 0, ctx.Err()
		}
		time.Sleep(time.Second)
		return number, nil
	})
	require.ErrorIs(t, err, cause)
	require.EqualValues(t, 2, calls.Started.Load())
	require.Zero(t, calls.Running.Load(), "running after the return")
}

func dyingInSilence(t *testing.T, subject Pipeline) {
	ctx, cause := matrix.CallerLeaves(t, time.Second)
	_, err := run(subject, ctx, 2, silent, double)
	require.ErrorIs(t, err, cause)
}

// The other items take a second and the one that fails takes half of one, so four workers are
// busy with others when it fails.
func failsMidway(t *testing.T, subject Pipeline) {
	const workers, position = 4, 50
	var calls matrix.Tally
	_, err := run(subject, t.Context(), workers, numbered(101), func(_ context.Context, number int) (int, error) {
		defer calls.Begin()()
		if number == position {
			time.Sleep(time.Second / 2)
			return 0, errItem
		}
		time.Sleep(time.Second)
		return number, nil
	})
	require.ErrorIs(t, err, errItem)
	require.Zero(t, calls.Running.Load(), "running after the return")

	// Before it, all; beside it, the other workers' calls; after it, at most one each.
	const most = position + 1 + 2*(workers-1)
	require.LessOrEqual(t, calls.Started.Load(), int64(most), "started")
}

func whichFailed(t *testing.T, subject Pipeline) {
	results, err := run(subject, t.Context(), 1, numbered(8), func(_ context.Context, number int) (int, error) {
		if number == 7 {
			return 0, errItem
		}
		return 2 * number, nil
	})
	require.ErrorIs(t, err, errItem)
	require.ErrorContains(t, err, "input 7: ")
	require.Equal(t, doubles(7), results)
}

func laterFailsFirst(t *testing.T, subject Pipeline) {
	errs := []error{errors.New("the earlier one is broken"), errors.New("the later one is broken")}
	_, err := run(subject, t.Context(), 4, numbered(len(errs)), func(_ context.Context, number int) (int, error) {
		time.Sleep(time.Duration(len(errs)-number) * time.Second)
		return 0, errs[number]
	})
	require.ErrorIs(t, err, errs[0])
}

func failsBeforeItsTurn(t *testing.T, subject Pipeline) {
	results, err := run(subject, t.Context(), 4, numbered(3), func(ctx context.Context, number int) (int, error) {
		if number == 2 {
			return 0, errItem
		}
		return unhurried(ctx, number)
	})
	require.ErrorIs(t, err, errItem)
	require.Equal(t, doubles(2), results)
}

// The source gives a line a second, and item 1 fails long before item 0 is finished.
func linesAfterFailure(t *testing.T, subject Pipeline) {
	var calls matrix.Tally
	_, err := run(subject, t.Context(), 4, spaced(10, time.Second), func(ctx context.Context, number int) (int, error) {
		defer calls.Begin()()
		if number == 1 {
			return 0, errItem
		}
		return unhurried(ctx, number)
	})
	require.ErrorIs(t, err, errItem)
	require.EqualValues(t, 2, calls.Started.Load())
}

func unparsable(t *testing.T, subject Pipeline) {
	results, err := run(subject, t.Context(), 4,
		from(line{text: "0"}, line{text: "1"}, line{text: "two"}, line{text: "3"}), unhurried)
	require.ErrorIs(t, err, strconv.ErrSyntax)
	require.ErrorContains(t, err, "input 2: ")
	require.Equal(t, doubles(2), results)
}

func sourceFails(t *testing.T, subject Pipeline) {
	lost := errors.New("the connection is lost")
	results, err := run(subject, t.Context(), 4, from(line{text: "0"}, line{text: "1"}, line{err: lost}), unhurried)
	require.ErrorIs(t, err, lost)
	require.Equal(t, doubles(2), results)
}

func panics(t *testing.T, subject Pipeline) {
	var others matrix.Tally
	_, err := run(subject, t.Context(), 2, numbered(2), func(ctx context.Context, number int) (int, error) {
		if number == 0 {
			time.Sleep(time.Second) // the other one starts
			panic("the call is broken")
		}
		defer others.Begin()()
		return unhurried(ctx, number)
	})
	require.ErrorContains(t, err, "the call is broken")
	require.EqualValues(t, 1, others.Started.Load())
	require.Zero(t, others.Running.Load(), "running after the return")
}

func sourcePanics(t *testing.T, subject Pipeline) {
	var calls matrix.Tally
	_, err := run(subject, t.Context(), 2, func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			yield("0", nil)
			time.Sleep(time.Second) // its call starts
			panic("the source is broken")
		}
	}, func(ctx context.Context, number int) (int, error) {
		defer calls.Begin()()
		return unhurried(ctx, number)
	})
	require.ErrorContains(t, err, "the source is broken")
	require.Zero(t, calls.Running.Load(), "running after the return")
}

func collectorPanics(t *testing.T, subject Pipeline) {
	var others matrix.Tally
	err := runInto(subject, t.Context(), 2, numbered(10), func(ctx context.Context, number int) (int, error) {
		if number == 0 {
			return number, nil
		}
		defer others.Begin()()
		return unhurried(ctx, number)
	}, func(int) bool {
		time.Sleep(time.Second) // the others start
		panic("the collector is broken")
	})
	require.ErrorContains(t, err, "the collector is broken")
	require.Zero(t, others.Running.Load(), "running after the return")
}

func exits(t *testing.T, subject Pipeline) {
	_, err := run(subject, t.Context(), 2, numbered(1), func(context.Context, int) (int, error) {
		runtime.Goexit()
		return 0, nil
	})
	require.Error(t, err)
}
