package examples

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnits(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 127_562_029: "127.6 MB", 1 << 62: "4.6 EB",
	} {
		require.Equal(t, want, InUnits(bytes))
	}
}

func TestFirstLines(t *testing.T) {
	long := strings.Repeat("goroutine\n", 70)
	require.Equal(t, long[:600], FirstLines(long[:600], 60))
	require.Equal(t, long[:600]+"... and 10 more lines\n", FirstLines(long, 60))
	require.Equal(t, "no end", FirstLines("no end", 1))
}

func TestFold(t *testing.T) {
	require.Equal(t, "one two", Fold(" one\ntwo ", 96))
	long := strings.Repeat("x", 93)
	require.Equal(t, "one\n"+long+"\nthree four", Fold("one "+long+" three four", 96))
	require.Equal(t, "one\n"+long+"\ntwo", Fold("one "+long+" two", 5))
}
