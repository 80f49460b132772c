package testkit

import (
	"testing"
	"testing/synctest"
)

// Program is a fuzzer's input, read as a list of choices. Where it ends, so does
// the test; a choice beyond its end is the first.
type Program []byte

const longestProgram = 300

// Choose returns a number from 0 to n-1, where n is at most 256.
func (p *Program) Choose(n int) int {
	if len(*p) == 0 {
		return 0
	}
	choice := int((*p)[0]) % n
	*p = (*p)[1:]
	return choice
}

// Fuzz runs programs in synctest bubbles.
func Fuzz(f *testing.F, run func(*testing.T, *Program)) {
	for seed := range 40 { // a linear congruential generator is random enough
		state, bytes := uint32(seed)*2654435761+1, make([]byte, 20+seed*3)
		for i := range bytes {
			state = state*1664525 + 1013904223
			bytes[i] = byte(state >> 24)
		}
		f.Add(bytes)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		if len(bytes) > longestProgram {
			t.Skip("a shorter one finds the same")
		}
		synctest.Test(t, func(t *testing.T) { run(t, (*Program)(&bytes)) })
	})
}
