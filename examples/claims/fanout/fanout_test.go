package fanout

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestVersionsSurvive(t *testing.T) {
	for version, run := range Versions {
		for _, c := range Cases {
			if version == "xsync" && c.Name == "panic" {
				continue // it would end the tests
			}
			t.Run(version+"/"+c.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { require.Empty(t, Judge(t.Context(), run, c.Name)) })
			})
		}
	}
}

// The cases find what is wrong with these.
func TestCasesFind(t *testing.T) {
	type with = func(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error)
	for name, c := range map[string]struct {
		version with
		cases   string
		wrong   string
	}{
		"one after the other": {func(ctx context.Context, _ int, timeout time.Duration, items []int, f Func) ([]int,
			error) {
			return Plain(ctx, 1, timeout, items, f)
		}, "bound", "1 calls ran at once, not 3"},
		"all at once": {func(ctx context.Context, _ int, timeout time.Duration, items []int, f Func) ([]int, error) {
			return Plain(ctx, len(items), timeout, items, f)
		}, "bound", "20 calls ran at once, not 3"},
		"turned round": {func(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error) {
			results, err := Plain(ctx, limit, timeout, items, f)
			results[0], results[1] = results[1], results[0]
			return results, err
		}, "order", "it returned [2 0"},
		"no timeout": {func(ctx context.Context, limit int, _ time.Duration, items []int, f Func) ([]int, error) {
			return Plain(ctx, limit, 2*time.Hour, items, f)
		}, "timeout", "it returned [0 2"},
		"deaf to the caller": {func(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int,
			error) {
			results, _ := Plain(context.WithoutCancel(ctx), limit, timeout, items, f)
			return results, context.Canceled
		}, "cancel", "it took 5"},
		"goes on after a failure": {func(ctx context.Context, limit int, timeout time.Duration, items []int,
			f Func) ([]int, error) {
			_, err := Plain(ctx, limit, timeout, items, f)
			for _, item := range items[limit+1:] {
				dead, cancel := context.WithCancel(ctx)
				cancel()
				_, _ = f(dead, item)
			}
			return nil, err
		}, "error", "calls were started"},
		"does not wait": {func(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error) {
			failed := make(chan error, 1)
			go func() {
				_, _ = Plain(ctx, limit, timeout, items, func(ctx context.Context, item int) (int, error) {
					result, err := f(ctx, item)
					if err == errCall { // also the cause of those that it cancels
						select {
						case failed <- err:
						default:
						}
					}
					return result, err
				})
			}()
			return nil, <-failed
		}, "left", "calls are still running"},
		"loses the panic": {func(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int,
			error) {
			_, _ = Plain(ctx, limit, timeout, items, f)
			return nil, nil
		}, "panic", "it returned [] and <nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				require.Contains(t, Judge(t.Context(), c.version, c.cases), c.wrong)
				time.Sleep(long) // of fake time, until those have ended that were not waited for
			})
		})
	}
}

func TestAPanicIsRaisedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		require.Panics(t, func() {
			_, _ = Braid(t.Context(), 2, time.Second, []int{1, 2, 3}, func(context.Context, int) (int, error) { panic("no") })
		})
	})
}

func TestLines(t *testing.T) {
	for name, c := range map[string]struct {
		source     string
		all, alone int
	}{
		"Go": {"// Package x\npackage x\n\nimport (\n\t\"a\"\n\n\t\"b\"\n)\n\n" +
			"// F\nfunc F() {\n\t// no\n\ta.B() // yes\n}\n", 8, 3},
		"short": {"package x\n\nimport \"a\"\n\nvar X = a.B\n", 3, 1},
		"Python": {"\"\"\"A text\n\nof three lines.\n\"\"\"\n\nimport a\nfrom b import c\n\n\n" +
			"def f():\n    \"\"\"One line.\"\"\"\n    # no\n    return a\n", 4, 2},
		"Rust": {"//! A text.\n\nuse a::b;\n\n/// F\npub fn f() {\n    b();\n}\n", 4, 3},
		"none": {"", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			all, alone := Lines(c.source)
			require.Equal(t, [2]int{c.all, c.alone}, [2]int{all, alone})
		})
	}
}

func TestConcepts(t *testing.T) {
	require.Nil(t, Concepts("// nothing\n"))
	require.Equal(t, []string{"a", "b c", "d"}, Concepts("// F.\n//\n// Concepts: a, b\n// c, d\nfunc F() {}\n"))
	require.Equal(t, []string{"a", "b"}, Concepts("\"\"\"F.\n\nConcepts: a, b\n\"\"\"\nimport x\n"))
	require.Equal(t, []string{"a", "b"}, Concepts("//! F.\n//!\n//! Concepts: a,\n//! b\n\nuse x;\n"))
}

func ExampleBraid() {
	squares, err := Braid(context.Background(), 2, time.Minute, []int{1, 2, 3},
		func(_ context.Context, n int) (int, error) { return n * n, nil })
	fmt.Println(squares, err)
	// Output: [1 4 9] <nil>
}
