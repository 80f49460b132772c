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

// A cheat is a plausible solution that is none, testdata/NAME.go.
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
}
