//go:build race

package testkit

// Race says whether the race detector is on, which makes everything ten times
// slower.
const Race = true
