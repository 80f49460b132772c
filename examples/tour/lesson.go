package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"

	"github.com/braidgo/braid/examples"
)

// lesson is one pattern shown on real work. Each lives in a file of its own,
// named after it, which registers it; the learning path gives it its place.
type lesson struct {
	name  string
	title string   // the pattern, in one line
	work  string   // what is done to the input, and what to look at
	item  string   // what there is one goroutine for in the second way
	read  []string // beside the lesson's own file, from the repository's root

	// Three ways to the same answer: on the caller's goroutine, on a goroutine
	// for each item, and by the pattern. All of them obey ctx.
	alone, perItem, pattern way

	// What a lesson shows that has something else to compare, instead of these three.
	shows func(ctx context.Context, out io.Writer) error
}

// sources is where to read the code.
func (l lesson) sources() []string {
	return append([]string{"examples/tour/" + l.name + ".go"}, l.read...)
}

type way func(ctx context.Context, in *input) (answer string, err error)

var registered = map[string]lesson{}

func register(l lesson) { registered[l.name] = l }

// attempt is one way of doing a lesson's work, done.
type attempt struct {
	label   string
	answers []string // of each round
	err     error    // of the first round that failed
	traffic *traffic // of the last round, nil if there was none
	figures
}

// How often each way runs; they take turns.
const rounds = 3

// run does the work in all three ways and watches it; starting announces each.
// It gives up when ctx is done.
func (l lesson) run(ctx context.Context, in *input, starting func(label string)) []attempt {
	ways := []way{l.alone, l.perItem, l.pattern}
	attempts := []attempt{{label: "one goroutine"}, {label: "one per " + l.item}, {label: l.name}}
	measured := make([][]figures, len(ways))
	for range rounds {
		for i, way := range ways {
			if ctx.Err() != nil {
				return attempts
			}
			a := &attempts[i]
			starting(a.label)
			var answer string
			var err error
			in.traffic = nil
			figures := measure(func() { answer, err = way(ctx, in) })
			a.answers = append(a.answers, answer)
			a.err = cmp.Or(a.err, err)
			a.traffic = in.traffic
			measured[i] = append(measured[i], figures)
		}
	}
	for i := range attempts {
		attempts[i].figures = median(measured[i])
	}
	return attempts
}

// verdict is nil when every way ended well, left nothing behind and gave the
// answer that the first one gave first, every time.
func verdict(attempts []attempt) error {
	right := attempts[0].answers[0]
	var wrong []error
	for _, a := range attempts {
		other := slices.IndexFunc(a.answers, func(answer string) bool { return answer != right })
		switch {
		case a.err != nil:
			wrong = append(wrong, fmt.Errorf("%s: %w", a.label, a.err))
		case other >= 0:
			wrong = append(wrong, fmt.Errorf("%s: another answer: %s", a.label, a.answers[other]))
		}
		if a.leftOver > 0 {
			wrong = append(wrong, fmt.Errorf("%s: goroutines left over: %d", a.label, a.leftOver))
		}
	}
	return errors.Join(wrong...)
}

// learningPath returns the lessons in the order of examples/README.md.
func learningPath() ([]lesson, error) {
	return inOrder(examples.LearningPath, registered)
}

// A lesson is an entry of the ordered list that links to the lesson's file.
var lessonEntry = regexp.MustCompile(`(?m)^\d+\. .*\]\(tour/(\w+)\.go\)`)

func inOrder(readme string, lessons map[string]lesson) ([]lesson, error) {
	lessons = maps.Clone(lessons)
	var path []lesson
	for _, entry := range lessonEntry.FindAllStringSubmatch(readme, -1) {
		name := entry[1]
		l, known := lessons[name]
		if !known {
			return nil, fmt.Errorf("examples/README.md lists a lesson %q that does not exist, or lists it twice", name)
		}
		path = append(path, l)
		delete(lessons, name)
	}
	if len(lessons) > 0 {
		return nil, fmt.Errorf("examples/README.md does not list the lessons %q", slices.Sorted(maps.Keys(lessons)))
	}
	return path, nil
}
