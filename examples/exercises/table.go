package main

import (
	"fmt"
	"slices"
	"strconv"
)

// An exercise is a folder, and what is said of it here.
type exercise struct {
	number int
	name   string
	about  string // in one line
	hint   string
	cheats []cheat
}

// A cheat is a plausible solution that is none: testdata/NAME.go, or .diff to the real one.
type cheat struct {
	name string
	is   state  // what it fails with
	says string // words by which one knows that it fails for that reason
}

func (e exercise) folder() string { return fmt.Sprintf("%02d-%s", e.number, e.name) }

// find takes a number, a name or a folder.
func find(name string) (exercise, error) {
	i := slices.IndexFunc(exercises, func(e exercise) bool {
		return slices.Contains([]string{e.name, e.folder(), strconv.Itoa(e.number)}, name)
	})
	if i < 0 {
		return exercise{}, fmt.Errorf("there is no exercise %q; go run ./examples/exercises lists them", name)
	}
	return exercises[i], nil
}

var exercises = []exercise{
	{
		number: 1, name: "parallel-map",
		about: "a parallel map that stops at the first error",
		hint: "Start as many goroutines as there are workers, and let each take the next index from an atomic.Int64\n" +
			"until none is left. context.WithCancelCause keeps the first error and stops the others, all in one call.\n" +
			"Wait for all of them before you return anything.",
		cheats: []cheat{
			{"empty", fails, "results"},
			{"serial", fails, "took 6s"},
			{"unbounded", fails, "6 calls at once"},
			{"ignores-context", fails, "were started"},
			{"goes-on", fails, "were started"},
			{"does-not-wait", fails, "still run"},
			{"sleeps", races, "exercise.go"},
			{"leaks", leaks, "chan receive"},
		},
	},
	{
		number: 2, name: "leaves-early",
		about: "a pipeline whose consumer leaves before the end",
		hint: "Whoever sends on a channel may wait for ever, if nobody receives any more. So wait for two things with a\n" +
			"select: that the value is taken, or that ctx is done. And whoever sends is the one who closes: defer it\n" +
			"at the start of the goroutine, and it happens on each way out.",
		cheats: []cheat{
			{"empty", deadlocked, "chan receive"},
			{"serial", endless, ""},
			{"ignores-context", leaks, "chan send"},
			{"only-sends", deadlocked, "chan receive"},
			{"never-closes", deadlocked, "chan receive"},
			{"large-buffer", fails, "ahead"},
			{"gives-up", fails, "instead of"},
		},
	},
	{
		number: 3, name: "worker-pool",
		about: "a worker pool that obeys a context",
		hint: "A worker is a loop around a select with two cases: a task comes, or ctx is done. If both are ready, select takes\n" +
			"either; so look at ctx.Err() before you run what you have received. Run waits for the workers, not for the tasks.",
		cheats: []cheat{
			{"empty", fails, "0 of 6 tasks have ended"},
			{"serial", fails, "took 6s"},
			{"unbounded", fails, "6 tasks at once"},
			{"ignores-context", deadlocked, "chan receive"},
			{"keeps-the-context", fails, "wanted 2s, one of them"},
			{"loses-the-cause", fails, "wanted the cause"},
			{"tosses-a-coin", fails, "tasks were started"},
			{"does-not-wait", fails, "2 tasks still run"},
			{"leaks", leaks, "chan receive (nil chan)"},
			{"sleeps", fails, "took 1m0s"},
		},
	},
	{
		number: 4, name: "first-answer",
		about: "the first answer of several, whose losers have tidied up",
		hint: "Let each goroutine try to put its answer into a channel with room for one: a select with a default. Who succeeds\n" +
			"cancels the others. Then it is enough to wait for all goroutines, and to look what is in the channel.",
		cheats: []cheat{
			{"empty", fails, "wanted the quick one"},
			{"serial", fails, "slow"},
			{"first-reply", fails, "I do not know"},
			{"keeps-the-losers", fails, "wanted 3s"},
			{"does-not-wait", fails, "losers are still at work"},
			{"ignores-context", fails, "wanted the cause"},
			{"leaks", fails, "losers are still at work"},
			{"sleeps", fails, "wanted 3s"},
		},
	},
	{
		number: 5, name: "batcher",
		about: "batches by size and age",
		hint: "One goroutine, and in it a select of three: a value comes, the batch is old enough, ctx is done. The second is a\n" +
			"channel that is nil while there is no batch, because a nil channel is never ready; the first value of a batch sets it\n" +
			"to time.After(age). Sending a batch can wait, too, so that is a select of its own.",
		cheats: []cheat{
			{"empty", deadlocked, "chan receive"},
			{"only-by-size", fails, "wanted [1 2 3] after 1s"},
			{"puts-it-off", fails, "came   [1 2 3 4 5] after 1.6s"},
			{"ticker", fails, "came   [1 2 3] after 2.5s; [4 5] after 4s"},
			{"loses-the-rest", fails, "wanted [1 2 3] after 0s; [4 5 6] after 0s; [7] after 0s"},
			{"same-slice", fails, "came   [7 5 6] after 0s; [7 5 6] after 0s; [7] after 0s"},
			{"ignores-context", deadlocked, "select"},
			{"leaks", leaks, "chan send"},
			{"sleeps", fails, "came   [1] after 1s; [2] after 2s"},
		},
	},
	{
		number: 6, name: "limiter",
		about: "a limiter that keeps a time, not a counter",
		hint: "Keep the time at which all events so far are paid off. An event costs the time every, from then on, or from now if\n" +
			"then is past. It may happen if that time is no more than every*(burst-1) in the future. Wait is the same, but takes\n" +
			"its turn in any case, unlocks, and waits until it has come.",
		cheats: []cheat{
			{"empty", fails, "100 events were allowed; wanted 3"},
			{"counts-by-period", fails, "after a second, with 97 refused: 0 events"},
			{"saves-up", fails, "after an hour without events: 100 events"},
			{"charges-the-refused", fails, "after a second, with 97 refused: 0 events"},
			{"no-lock", races, "exercise.go"},
			{"all-together", fails, "wanted [0s 0s 1s 2s 3s]"},
			{"dead-takes-a-turn", fails, "after a Wait with a dead context: 0 events"},
			{"holds-the-lock", endless, "sync.Mutex.Lock"},
			{"leaks", leaks, "chan receive"},
			{"sleeps", fails, "wanted enough after 1s"},
		},
	},
	{
		number: 7, name: "shutdown",
		about: "a shutdown that loses no accepted job",
		hint: "Do not close a channel that others send on. Keep the waiting jobs in a slice, and whether the queue is closed beside\n" +
			"it, under one Mutex, with a sync.Cond that is told of each change: then accepting and closing cannot overlap. A worker\n" +
			"ends when the queue is closed and nothing waits; one goroutine waits for all workers and closes a channel, so that\n" +
			"Shutdown can wait for that and for ctx in a select.",
		cheats: []cheat{
			{"empty", fails, "10 jobs were accepted, Shutdown has returned, and 0 are done"},
			{"serial", fails, "took 10s with 2 workers"},
			{"unlimited-room", fails, "4 jobs were accepted after 0s"},
			{"closes-under-senders", panics, "send on closed channel"},
			{"accepts-the-waiting", fails, "10 jobs were accepted, and 0 refused"},
			{"drops-the-queue", fails, "4 jobs were accepted, Shutdown has returned, and 2 are done"},
			{"does-not-wait", fails, "10 jobs were accepted, Shutdown has returned, and 0 are done"},
			{"ignores-context", fails, "wanted enough after 1.5s"},
			{"leaks", leaks, "sync.Cond.Wait"},
			{"sleeps", fails, "took 1m0s with 2 workers"},
		},
	},
	{
		number: 8, name: "shared-call",
		about: "one call for all who ask for the same at the same time",
		hint: "Keep a map from the key to the call that runs: a struct with its value, its error, and a channel that is closed when\n" +
			"both are there. Whoever finds none in the map puts one there and starts a goroutine, all under one lock, which is not\n" +
			"held while the call runs. Everybody then waits for the channel or for ctx.",
		cheats: []cheat{
			{"empty", fails, "wanted a page"},
			{"each-for-itself", fails, "loaded 10 times; wanted 1"},
			{"serial", endless, "sync.Mutex.Lock"},
			{"never-forgets", fails, "loaded 1 times; wanted 2"},
			{"ignores-context", fails, "wanted enough after 1s"},
			{"first-cannot-leave", fails, "wanted enough after 1s"},
			{"takes-the-others-along", fails, "for who stayed"},
			{"dead-starts-a-call", fails, "loaded 2 times; wanted 1"},
			{"no-lock-at-the-end", races, "exercise.go"},
			{"leaks", leaks, "chan send"},
			{"sleeps", fails, "it took"},
		},
	},
}
