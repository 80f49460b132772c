package keys_test

import (
	"math"
	"net/netip"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/keys"
	"github.com/braidgo/braid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestUsable(t *testing.T) {
	type pair struct {
		name  string
		value any
	}
	require.True(t, keys.Usable(""))
	require.True(t, keys.Usable(0.0))
	require.True(t, keys.Usable[any](nil))
	require.True(t, keys.Usable(pair{"a", 1}))

	require.False(t, keys.Usable(math.NaN()))
	require.False(t, keys.Usable([2]float64{1, math.NaN()}))
	require.False(t, keys.Usable[any](math.NaN()))
	require.False(t, keys.Usable[any]([]int{1}))
	require.False(t, keys.Usable(pair{"a", func() {}}))
}

func TestAllUsable(t *testing.T) {
	require.True(t, keys.AllUsable[string]())
	require.True(t, keys.AllUsable[uint8]())
	require.True(t, keys.AllUsable[*float64]())
	require.True(t, keys.AllUsable[chan any]())
	require.True(t, keys.AllUsable[netip.Prefix]())
	require.True(t, keys.AllUsable[[2]struct{ a, b bool }]())

	require.False(t, keys.AllUsable[float32]())
	require.False(t, keys.AllUsable[complex128]())
	require.False(t, keys.AllUsable[any]())
	require.False(t, keys.AllUsable[error]())
	require.False(t, keys.AllUsable[[2]struct{ a, b any }]())
}

func TestPlain(t *testing.T) {
	require.True(t, keys.Plain[string]())
	require.True(t, keys.Plain[uint8]())
	require.True(t, keys.Plain[complex64]())
	require.True(t, keys.Plain[[2]struct {
		a bool
		b string
	}]())

	require.False(t, keys.Plain[any]())
	require.False(t, keys.Plain[*int]())
	require.False(t, keys.Plain[chan int]())
	require.False(t, keys.Plain[unsafe.Pointer]())
	require.False(t, keys.Plain[netip.Addr](), "has a pointer to its zone")
	require.False(t, keys.Plain[[2]struct {
		a string
		b error
	}]())
}
