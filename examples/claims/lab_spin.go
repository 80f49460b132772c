package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/braidgo/braid/examples/internal/probe"
)

func init() { works["spin"] = labSpin }

// labSpin keeps cores busy: spin map|pipeline WORKERS CHUNKS START. It works on chunks 1 to CHUNKS,
// from START on (in seconds since 1970; 0 is now).
func labSpin(ctx context.Context, args []string) (answer, error) {
	var workers, chunks int
	var start float64
	if len(args) != 4 {
		return nil, fmt.Errorf("spin PATTERN WORKERS CHUNKS START, not %q", args)
	}
	for i, n := range []*int{&workers, &chunks} {
		var err error
		if *n, err = strconv.Atoi(args[1+i]); err != nil {
			return nil, err
		}
	}
	start, err := strconv.ParseFloat(args[3], 64)
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Until(time.UnixMicro(int64(start * 1e6))))
	spun, err := probe.Spin(ctx, args[0], workers, chunks)
	if err != nil {
		return nil, err
	}
	return answer{"began": epoch(spun.Began), "ended": epoch(spun.Ended), "sum": spun.Sum}, nil
}

// epoch is a time in seconds since 1970.
func epoch(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
