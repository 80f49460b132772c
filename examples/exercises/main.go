// Exercises are small tasks in concurrent Go, each with a test that says when it is solved:
//
//	go run ./examples/exercises               shows what is done, and again whenever you save
//	go run ./examples/exercises -once         the same without waiting for that
//	go run ./examples/exercises next          shows the task of the first that is not done
//	go run ./examples/exercises hint NAME     helps a little
//	go run ./examples/exercises reset NAME    begins it anew; your file is kept, as exercise.go.old
//
// The first call copies the exercises to examples/exercises/mine. Work there: it is a module of its
// own, so whatever you break there breaks nothing else, and git does not see it.
//
// To add an exercise:
//
//   - Add an entry to the table in table.go, and nowhere else: number, name, hint, and the cheats,
//     with what the test says of each.
//   - Write NN-name/exercise.go, where the package comment is the task, and the code panics with
//     "not written yet"; exercise_test.go, which begins with "//go:build exercises" and uses the
//     standard library only; solution/exercise.go; and each cheat, testdata/CHEAT.go, or, where it
//     is the solution but for some lines, testdata/CHEAT.diff.
//
// The tests prove that the stub and each cheat fail, and that the solution passes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/braidgo/braid/examples"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	once := flag.Bool("once", false, "do not wait for changes")
	flag.Parse()
	err := run(ctx, os.Stdout, *once, flag.Args())
	switch {
	case ctx.Err() != nil:
		fmt.Println("\nUntil next time.")
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "exercises:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "exercises:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong usage; there are: (nothing), -once, next, hint NAME, reset NAME")

func run(ctx context.Context, out io.Writer, once bool, arguments []string) error {
	c, err := open(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	switch {
	case len(arguments) == 0 && once:
		_, err = c.progress(ctx, out)
		return err
	case len(arguments) == 0:
		return c.watch(ctx, out)
	case len(arguments) == 1 && arguments[0] == "next":
		return c.next(ctx, out)
	case len(arguments) != 2:
		return errUsage
	}
	e, err := find(arguments[1])
	if err != nil {
		return err
	}
	switch arguments[0] {
	case "hint":
		_, err = fmt.Fprintln(out, e.hint)
	case "reset":
		err = c.reset(out, e)
	default:
		err = errUsage
	}
	return err
}

// open finds the copies, below the sources.
func open(ctx context.Context) (*course, error) {
	dir, err := examples.Sources(ctx, "exercises")
	if err != nil {
		return nil, err
	}
	return newCourse(filepath.Join(dir, "mine"))
}
