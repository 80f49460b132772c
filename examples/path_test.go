package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples"
)

// steps are the entries of the learning path's list, without their numbers.
func steps(t *testing.T) (steps []string) {
	list, _, found := strings.Cut(examples.LearningPath, "\n`go run ./examples/tour` runs all lessons")
	require.True(t, found, "what comes after the list has changed")
	return regexp.MustCompile(`(?m)^\d+\. `).Split(list, -1)[1:]
}

var link = regexp.MustCompile(`\]\(([^)]+)\)`)

// Each step begins with where to look, and has a command, a mistake that no other step has, an
// exercise, and what to read next, in this order. Beside the exercise there may be one with a test.
func TestEveryStepIsWhole(t *testing.T) {
	seen := make(map[string]bool) // mistakes, and exercises with a test
	for _, step := range steps(t) {
		parts := regexp.MustCompile(`\n +- (Run|A mistake:|Exercise:|Next:)`).Split(step, -1)
		require.Len(t, parts, 5, step)
		require.Regexp(t, `^\[[^]]+\]\([^)]+\): `, parts[0])
		require.Regexp(t, "`[^`]*go (run|test) [^`]+`", parts[1], step)
		require.Regexp(t, `^ \[[^]]+\]\(mistakes/\d\d-[\w-]+\)`, parts[2], step)
		mistake := link.FindStringSubmatch(parts[2])[1]
		require.False(t, seen[mistake], "%s has a step already", mistake)
		seen[mistake] = true
		require.NotEmpty(t, strings.TrimSpace(parts[3]), step)
		for _, exercise := range regexp.MustCompile(`\]\((exercises/[^)]+)\)`).FindAllStringSubmatch(step, -1) {
			require.Contains(t, parts[3], exercise[0], "it is an exercise")
			require.False(t, seen[exercise[1]], "%s has a step already", exercise[1])
			seen[exercise[1]] = true
		}
		require.Regexp(t, link, parts[4], step)
	}
}

// Markdown numbers a list by itself, and a text that says "step 7" would then be wrong.
func TestStepsAreNumbered(t *testing.T) {
	for i, number := range regexp.MustCompile(`(?m)^(\d+)\. `).FindAllStringSubmatch(examples.LearningPath, -1) {
		require.Equal(t, strconv.Itoa(i+1), number[1])
	}
}

// Links and commands lead somewhere, and the path leads to all there is.
func TestPathLeadsToAllPrograms(t *testing.T) {
	linked := make(map[string]bool)
	for _, l := range link.FindAllStringSubmatch(examples.LearningPath, -1) {
		place, _, _ := strings.Cut(l[1], "#")
		linked[place] = true
		_, err := os.Stat(filepath.FromSlash(place))
		require.NoError(t, err)
	}
	for _, command := range regexp.MustCompile("go (?:run|test) [^`]*?\\./([^` ]+)").FindAllStringSubmatch(examples.LearningPath, -1) {
		_, err := os.Stat(filepath.Join("..", filepath.FromSlash(command[1])))
		require.NoError(t, err)
	}
	for _, pattern := range []string{"basics/[0-9]*", "mistakes/[0-9]*", "exercises/[0-9]*", "ladder/*/ladder.go", "*/main.go"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		for _, place := range found {
			if filepath.Ext(place) == ".go" {
				place = filepath.Dir(place)
			}
			place = filepath.ToSlash(place)
			switch place {
			case "tour", "ladder", "exercises": // their parts are in the steps
			default:
				require.True(t, linked[place], "no step leads to %s", place)
			}
		}
	}
}
