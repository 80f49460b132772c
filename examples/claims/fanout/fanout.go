// Package fanout is one piece of concurrent code, written five times: a function for each item of a
// list, at most so many at once, within a time; the first failure cancels the others, and so does the
// caller. Go has it three times, plain.go, xsync.go and braid.go; Python's is with_asyncio.py and
// Rust's with_tokio.rs. Claim 4 counts their lines and puts each through the same cases (cases.go;
// ../python/lab_fanout.py; ../rust/src/bin/lab/fanout.rs).
//
// A comment in each file lists its concepts: what a reader has to know beside functions, loops, lists,
// errors and closures.
package fanout

import (
	"context"
	"embed"
	"time"
)

// Func is what is done for an item. It ends early when its context does.
type Func func(ctx context.Context, item int) (int, error)

// FanOut calls f for every item, at most limit at once, and returns the results in the order of the
// items. The first failure cancels the calls that run; no further one is started, and it is returned.
// So do the end of ctx, and the timeout. A panic of f goes to the caller: as an error, or as a panic
// that the caller can recover from. When FanOut returns, no call is running.
type FanOut func(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error)

// Versions are Go's, by their names.
var Versions = map[string]FanOut{"plain": Plain, "xsync": Xsync, "braid": Braid}

// Source holds the five files.
//
//go:embed plain.go xsync.go braid.go with_asyncio.py with_tokio.rs
var Source embed.FS
