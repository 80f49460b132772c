package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/braidgo/braid/examples/internal/probe"
)

func init() { works["tasks"], works["channel"] = labTasks, labChannel }

// labTasks has many goroutines alive at once: tasks goroutines COUNT BUDGET, in bytes.
func labTasks(_ context.Context, args []string) (answer, error) {
	if len(args) != 3 || args[0] != "goroutines" {
		return nil, fmt.Errorf("tasks goroutines COUNT BUDGET, not %q", args)
	}
	count, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, err
	}
	budget, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return nil, err
	}
	a := probe.Goroutines(count, budget)
	return answer{"count": a.Count, "seconds": a.Took.Seconds(), "bytes": a.Bytes, "stopped": a.Stopped}, nil
}

// labChannel has one goroutine send to another: channel goroutines MESSAGES.
func labChannel(_ context.Context, args []string) (answer, error) {
	if len(args) != 2 || args[0] != "goroutines" {
		return nil, fmt.Errorf("channel goroutines MESSAGES, not %q", args)
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, err
	}
	took, sum := probe.Channel(n)
	return answer{"seconds": took.Seconds(), "sum": sum}, nil
}
