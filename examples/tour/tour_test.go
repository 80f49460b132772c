package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/examples"
)

func TestMain(m *testing.M) {
	measured = fewer
	goleak.VerifyTestMain(m)
}

// take runs the program and returns what it printed.
func take(t tour) (out, errout string, err error) {
	var printed, complained bytes.Buffer
	t.out, t.errout = &printed, &complained
	if t.in == nil {
		t.in = strings.NewReader("")
	}
	t.width = 80
	err = t.run()
	return printed.String(), complained.String(), err
}

// sources makes a small tree on the disk.
func sources(t *testing.T) string {
	dir := t.TempDir()
	for name, file := range smallTree() {
		name = filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, file.Data, 0o666))
	}
	return dir
}

func TestListIsTheLearningPath(t *testing.T) {
	readme := examples.LearningPath
	var inReadme []string
	for _, entry := range regexp.MustCompile(`\]\(tour/(\w+)\.go\)`).FindAllStringSubmatch(readme, -1) {
		inReadme = append(inReadme, entry[1])
	}

	out, _, err := take(tour{list: true})
	require.NoError(t, err)
	var listed []string
	for line := range strings.Lines(out) {
		listed = append(listed, strings.Fields(line)[0])
	}
	require.Equal(t, inReadme, listed)
	require.Len(t, listed, len(registered))
}

func TestLearningPathAndLessonsMustAgree(t *testing.T) {
	lessons := map[string]lesson{"one": {name: "one"}, "two": {name: "two"}}
	for name, c := range map[string]struct{ readme, complaint string }{
		"a lesson that is not listed":   {"1. [x](tour/one.go)\n", `does not list the lessons ["two"]`},
		"an entry without a lesson":     {"1. [x](tour/one.go)\n2. [x](tour/two.go)\n3. [x](tour/three.go)\n", `lists a lesson "three"`},
		"a lesson that is listed twice": {"1. [x](tour/one.go)\n2. [x](tour/one.go)\n", `lists a lesson "one"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inOrder(c.readme, lessons)
			require.ErrorContains(t, err, c.complaint)
		})
	}
	path, err := inOrder("1. [x](tour/two.go): y\n2. [x](other)\n3. [x](tour/one.go)\n", lessons)
	require.NoError(t, err)
	require.Equal(t, []string{"two", "one"}, []string{path[0].name, path[1].name})
}

func TestEveryLinkAndCommandLeadsSomewhere(t *testing.T) {
	readme := examples.LearningPath
	var places []string // from the repository's root
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readme, -1) {
		require.NotContains(t, link[1], "://", "this test cannot check what is elsewhere")
		place, _, _ := strings.Cut(link[1], "#")
		places = append(places, "examples/"+place)
	}
	for _, command := range regexp.MustCompile(`go run \./(examples/[\w/-]+)`).FindAllStringSubmatch(readme, -1) {
		places = append(places, command[1])
	}
	require.NotEmpty(t, places)
	for _, l := range registered {
		places = append(places, l.sources()...)
	}
	for _, place := range places {
		_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(place)))
		require.NoError(t, err)
	}
}

func TestWholeTour(t *testing.T) {
	dir := sources(t)
	out, errout, err := take(tour{dir: dir})
	require.NoError(t, err)
	require.Empty(t, errout)
	require.Contains(t, out, "Input: "+dir+", 4 files in 4 directories")
	path, err := learningPath()
	require.NoError(t, err)
	at := -1
	for _, l := range path {
		next := strings.Index(out, ": "+l.name+", "+l.title)
		require.Greater(t, next, at, "%s, in its place", l.name)
		at = next
	}
	require.Equal(t, len(compared()), strings.Count(out, "Goroutines left over:  0\n"))
}

func TestOneLesson(t *testing.T) {
	out, _, err := take(tour{dir: sources(t), lesson: "futures"})
	require.NoError(t, err)
	require.Contains(t, out, "Lesson 1 of 1: futures")

	_, _, err = take(tour{dir: sources(t), lesson: "nonsense"})
	require.EqualError(t, err, `no lesson "nonsense"; there are workerpool, futures, stateful, fanout, pipeline, ratelimit, languages`)
}

func TestBadDirectory(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, _, err := take(tour{dir: missing})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, missing)

	file := filepath.Join(sources(t), "a.go")
	_, _, err = take(tour{dir: file})
	require.EqualError(t, err, file+" is not a directory")

	empty := t.TempDir()
	_, _, err = take(tour{dir: empty})
	require.EqualError(t, err, empty+": no file that can be read")
}

func TestOnATerminal(t *testing.T) {
	dir := sources(t)
	for name, c := range map[string]struct {
		keys    string
		lessons []string
	}{
		"Enter goes on":       {"\n\n\n\n\n\n\n", []string{"1 of 7", "2 of 7", "3 of 7", "4 of 7", "5 of 7", "6 of 7", "7 of 7"}},
		"r runs it again":     {"\nr\nr\nq\n", []string{"1 of 7", "2 of 7", "2 of 7", "2 of 7"}},
		"q quits":             {"q\n", []string{"1 of 7"}},
		"end of input quits":  {"\n", []string{"1 of 7", "2 of 7"}},
		"others are as Enter": {"what?\n q \n", []string{"1 of 7", "2 of 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := take(tour{dir: dir, interactive: true, in: strings.NewReader(c.keys)})
			require.NoError(t, err)
			var lessons []string
			for _, heading := range regexp.MustCompile(`Lesson (\d of \d)`).FindAllStringSubmatch(out, -1) {
				lessons = append(lessons, heading[1])
			}
			require.Equal(t, c.lessons, lessons)
		})
	}
}

func TestNothingIsAskedWithoutATerminal(t *testing.T) {
	out, _, err := take(tour{dir: sources(t), in: iotest.ErrReader(errors.New("was read"))})
	require.NoError(t, err)
	require.NotContains(t, out, "Enter")
	require.NotContains(t, out, "\r")
}

func TestFailedLessonFailsTheTour(t *testing.T) {
	says := func(answer string) way {
		return func(context.Context, *input) (string, error) { return answer, nil }
	}
	good := lesson{name: "good", alone: says("42"), perItem: says("42"), pattern: says("42")}
	bad := lesson{name: "bad", alone: says("42"), perItem: says("42"), pattern: says("41")}

	var out bytes.Buffer
	err := (&tour{out: &out}).teach([]lesson{bad, good}, &input{})
	require.EqualError(t, err, "failed: bad")
	require.Contains(t, out.String(), "FAILED\nbad: another answer: 41\n")
	require.Contains(t, out.String(), "All three:             42\n", "the next lesson is still shown")
	require.Equal(t, 1, strings.Count(out.String(), "All three:"))
}
