package examples

import (
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
