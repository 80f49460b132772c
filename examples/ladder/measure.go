package main

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// measure returns what each rung adds to a unit of work, in nanoseconds: the median of
// three rounds, in which the rungs take turns, so that what else the machine does
// meanwhile hits all of them.
func measure(ladder matrix.Ladder) ([]float64, error) {
	const rounds = 3
	testing.Init()
	if err := flag.Set("test.benchtime", "300ms"); err != nil {
		return nil, err
	}
	costs := make([][]float64, len(ladder.Rungs))
	for range rounds {
		for i, rung := range ladder.Rungs {
			result := testing.Benchmark(rung.Benchmark)
			cost, reported := result.Extra["ns/"+ladder.Unit]
			if !reported {
				return nil, fmt.Errorf("the benchmark of %s failed", rung.Name)
			}
			costs[i] = append(costs[i], cost)
		}
	}
	medians := make([]float64, len(costs))
	for i, cost := range costs {
		slices.Sort(cost)
		medians[i] = cost[rounds/2]
	}
	return medians, nil
}
