package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// compared are the lessons with three ways to one answer.
func compared() (lessons []lesson) {
	for _, l := range registered {
		if l.shows == nil {
			lessons = append(lessons, l)
		}
	}
	return lessons
}

// eachWay runs the test for every way of every lesson.
func eachWay(t *testing.T, test func(t *testing.T, way way)) {
	for _, l := range compared() {
		for name, way := range map[string]way{"alone": l.alone, "per item": l.perItem, "pattern": l.pattern} {
			t.Run(l.name+"/"+name, func(t *testing.T) { test(t, way) })
		}
	}
}

func gathered(t *testing.T, tree fs.FS) *input {
	in, err := gather(t.Context(), tree)
	require.NoError(t, err)
	return in
}

func TestLessonsGiveOneAnswerAndLeaveNothing(t *testing.T) {
	many := fstest.MapFS{}
	for i := range 60 {
		many[strings.Repeat("deep/", i%40)+string(rune('a'+i%26))+".go"] = comments(fmt.Sprintf("// %d\n", i), 100*i)
	}
	for name, tree := range map[string]fs.FS{
		"a small tree":         smallTree(),
		"one file":             fstest.MapFS{"a.go": {Data: []byte("package a\n")}},
		"deeper than any pool": many,
		"more than one block":  fstest.MapFS{"a.go": comments("// a\n", 2*blockSize), "b.go": comments("// b\n//\n", blockSize/2)},
	} {
		for _, l := range compared() {
			t.Run(l.name+"/"+name, func(t *testing.T) {
				attempts := l.run(t.Context(), gathered(t, tree), func(string) {})
				require.NoError(t, verdict(attempts))
				require.Len(t, attempts, 3)
				for _, a := range attempts {
					require.Len(t, a.answers, rounds)
					require.NotEmpty(t, a.answers[0])
				}
			})
		}
	}
}

func TestAnswersDependOnTheContent(t *testing.T) {
	changed := smallTree()
	changed["b/c/c.go"] = &fstest.MapFile{Data: []byte("package c\n// quite another comment\n")}
	eachWay(t, func(t *testing.T, way way) {
		before, err := way(t.Context(), gathered(t, smallTree()))
		require.NoError(t, err)
		after, err := way(t.Context(), gathered(t, changed))
		require.NoError(t, err)
		require.NotEqual(t, before, after)
	})
}

func TestHalfOfTheWords(t *testing.T) {
	require.Equal(t, "half of 20 words are in 1 of 4 files", countAnswer([]int{3, 10, 7, 0}))
	require.Equal(t, "half of 20 words are in 2 of 4 files", countAnswer([]int{3, 9, 8, 0}))
	require.Equal(t, "half of 0 words are in 0 of 1 files", countAnswer([]int{0}))
}

func comments(text string, times int) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(strings.Repeat(text, times))}
}

func TestComments(t *testing.T) {
	in := gathered(t, fstest.MapFS{"a.go": {Data: []byte("// one\ncode() // two\n\t//three\n//\n")}})
	found, err := in.comments(t.Context(), in.files[0])
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte(" one"), []byte("three"), {}}, found)

	answer, err := registered["pipeline"].pattern(t.Context(), in)
	require.NoError(t, err)
	require.Contains(t, answer, "2 lines in 1 blocks")
}

// In a bubble everything takes the time that it is told to.
func TestStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := fstest.MapFS{"b/b.go": comments("// b", 1)}
		for i := range 30 {
			tree[fmt.Sprintf("a/%d.go", i)] = comments("// a", i)
		}
		in := gathered(t, tree)
		l := registered["ratelimit"]
		for name, c := range map[string]struct {
			way
			refused int
			takes   time.Duration
		}{
			"each is refused once":      {l.alone, 20, 20 * time.Millisecond},
			"all are, for one admitted": {l.perItem, 20 + 20*19/2, 20 * time.Millisecond},
			"none is":                   {l.pattern, 0, 25 * time.Millisecond},
		} {
			start := time.Now()
			answer, err := c.way(t.Context(), in)
			require.NoError(t, err)
			require.Contains(t, answer, "31 documents by 2 authors")
			require.Equal(t, c.refused, in.traffic.refused, name)
			require.Equal(t, c.takes, time.Since(start), name)
		}
	})
}

func TestLessonsStopAtADeadContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	in := gathered(t, smallTree())
	cancel(stopped)
	in.tree = withBadFiles{smallTree(), func(name string) bool { panic("read " + name) }}
	eachWay(t, func(t *testing.T, way way) {
		_, err := way(ctx, in)
		require.ErrorIs(t, err, stopped)
	})
}

func TestLessonsNameTheFileThatFailed(t *testing.T) {
	in := gathered(t, smallTree())
	in.tree = withBadFiles{smallTree(), func(name string) bool { return name == "b/c/c.go" }}
	eachWay(t, func(t *testing.T, way way) {
		before := runtime.NumGoroutine()
		_, err := way(t.Context(), in)
		require.ErrorContains(t, err, "b/c/c.go")
		require.Zero(t, goroutinesAbove(before))
	})
}

func TestVerdict(t *testing.T) {
	right := attempt{label: "right", answers: []string{"42", "42"}}
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		second attempt
		wrong  string
	}{
		"another answer in the second round": {attempt{label: "x", answers: []string{"42", "41"}}, "x: another answer: 41"},
		"an error":                           {attempt{label: "x", answers: []string{"42", ""}, err: broken}, "x: broken"},
		"a goroutine that did not end":       {attempt{label: "x", answers: right.answers, figures: figures{leftOver: 1}}, "x: goroutines left over: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			require.EqualError(t, verdict([]attempt{right, c.second}), c.wrong)
		})
	}
	require.NoError(t, verdict([]attempt{right, right}))
	require.EqualError(t, verdict([]attempt{{label: "first", answers: []string{"42", "41"}}}), "first: another answer: 41")
}
