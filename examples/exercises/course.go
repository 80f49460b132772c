package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// originals are the exercises as they were when this program was built.
//
//go:embed 0*
var originals embed.FS

// original is a file of an exercise, by its path in the exercise's folder. That it is missing is
// a mistake in this program, and its tests would have seen it.
func (e exercise) original(file string) []byte {
	code, err := originals.ReadFile(path.Join(e.folder(), file))
	if err != nil {
		panic(err)
	}
	return code
}

// test is the exercise's test as the learner gets it: without the tag that keeps it from
// `go test work`, where it would fail.
func (e exercise) test() []byte {
	return bytes.TrimPrefix(e.original("exercise_test.go"), []byte("//go:build exercises\n\n"))
}

// task is the package comment of the stub.
func (e exercise) task() string {
	file, err := parser.ParseFile(token.NewFileSet(), "", e.original("exercise.go"), parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		panic(err)
	}
	return file.Doc.Text()
}

// A course is a learner's copy of the exercises: a module and a workspace of its own, so that the
// go command works in it, and does not see it from outside.
type course struct {
	dir     string
	scratch string // for the programs that are built
	tools   tools
}

func newCourse(dir string) (*course, error) {
	scratch, err := os.MkdirTemp("", "exercises")
	if err != nil {
		return nil, err
	}
	c := &course{dir: dir, scratch: scratch, tools: tools{proc: "/proc"}}
	err = errors.Join(
		writeNew(filepath.Join(dir, "go.mod"), []byte("module mine\n\ngo 1.26.0\n")),
		writeNew(filepath.Join(dir, "go.work"), []byte("go 1.26.0\n\nuse .\n")),
	)
	for _, e := range exercises {
		err = errors.Join(err, writeNew(c.file(e), e.original("exercise.go")))
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *course) close() { os.RemoveAll(c.scratch) }

// file is the one that the learner writes.
func (c *course) file(e exercise) string { return filepath.Join(c.dir, e.folder(), "exercise.go") }

// writeNew leaves a file alone that is there.
func writeNew(file string, contents []byte) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, contents, 0o666)
}

// reset keeps what it replaces: a learner who has mistyped the name would not forgive it.
func (c *course) reset(out io.Writer, e exercise) error {
	if err := os.Rename(c.file(e), c.file(e)+".old"); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is as it was; yours is in exercise.go.old\n", shown(c.file(e)))
	return writeNew(c.file(e), e.original("exercise.go"))
}

// next shows the task of the first exercise that is not done.
func (c *course) next(ctx context.Context, out io.Writer) error {
	for _, e := range exercises {
		v, err := c.try(ctx, e)
		if err != nil {
			return err
		}
		if v.is != done {
			_, err := fmt.Fprintf(out, "%d. %s\n\n%s\nWrite it in %s\n", e.number, e.name, e.task(), shown(c.file(e)))
			return err
		}
	}
	_, err := fmt.Fprintln(out, "All are done.")
	return err
}

// progress tries all, and says of the first that is not done what is the matter with it.
func (c *course) progress(ctx context.Context, out io.Writer) (verdicts []verdict, err error) {
	fmt.Fprintln(out, "Running the tests. The first time it takes a minute, as Go builds its library for the race detector.")
	for _, e := range exercises {
		v, err := c.try(ctx, e)
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, v)
		printLine(out, e, v)
	}
	c.explain(out, verdicts, firstOpen(verdicts))
	return verdicts, nil
}

func printLine(out io.Writer, e exercise, v verdict) {
	fmt.Fprintf(out, "%-12s %d  %-13s %s\n", v.is, e.number, e.name, e.about)
}

// firstOpen is the index of the first exercise that is not done, if there is one.
func firstOpen(verdicts []verdict) int {
	return slices.IndexFunc(verdicts, func(v verdict) bool { return v.is != done })
}

// explain says what is the matter with the exercise of this index; there is none if all are done.
func (c *course) explain(out io.Writer, verdicts []verdict, i int) {
	if c.tools.raceless != "" {
		fmt.Fprintf(out, "\nNobody has looked for data races, as the race detector does not work here; it needs a C compiler.\n%s", c.tools.raceless)
	}
	if _, err := residentMemory(c.tools.proc, os.Getpid()); err != nil {
		fmt.Fprintf(out, "\nNobody has watched how much memory your programs take, as that is not known here: %v\n", err)
	}
	if i < 0 {
		fmt.Fprintln(out, "\nAll are done. How others did it is in examples/exercises/NN-name/solution.")
		return
	}
	e := exercises[i]
	fmt.Fprintf(out, "\n%d. %s: %s\n%s\n", e.number, e.name, verdicts[i].is.explained(), verdicts[i].details)
	fmt.Fprintf(out, "The task is in %s\nA hint: go run ./examples/exercises hint %s\n", shown(c.file(e)), e.name)
}

// pause is how often watch looks at the files: eight of them, so it costs nothing to speak of.
const pause = 300 * time.Millisecond

// watch shows the progress, and does it again for each exercise whose file has changed, until ctx ends.
func (c *course) watch(ctx context.Context, out io.Writer) error {
	seen := c.stamps()
	verdicts, err := c.progress(ctx, out)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nWaiting for you to save; Ctrl-C ends this.")
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := c.stamps() // before the run: what is saved while it runs is seen the next time
		if err := c.again(ctx, out, seen, now, verdicts); err != nil {
			return err
		}
		seen = now
	}
}

// again tries what has changed, and if anything has, shows all. It explains what was changed, or, if
// that is done, what is next.
func (c *course) again(ctx context.Context, out io.Writer, seen, now []stamp, verdicts []verdict) (err error) {
	changed := -1
	for i, e := range exercises {
		if now[i] == seen[i] {
			continue
		}
		changed = i
		fmt.Fprintf(out, "\n%s has changed\n", e.name)
		if verdicts[i], err = c.try(ctx, e); err != nil {
			return err
		}
	}
	if changed < 0 {
		return nil
	}
	for i, e := range exercises {
		printLine(out, e, verdicts[i])
	}
	if verdicts[changed].is == done {
		changed = firstOpen(verdicts)
	}
	c.explain(out, verdicts, changed)
	return nil
}

// A stamp changes when a file does.
type stamp struct {
	modified time.Time
	size     int64
}

// stamps are those of all exercises. A file that is missing has none, and that is a change as well.
func (c *course) stamps() []stamp {
	stamps := make([]stamp, len(exercises))
	for i, e := range exercises {
		if info, err := os.Stat(c.file(e)); err == nil {
			stamps[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return stamps
}

// shown is a path as a person would type it.
func shown(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if relative, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(relative) {
		return relative
	}
	return file
}
