package pipeline

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestHasPointers(t *testing.T) {
	type point struct{ X, Y float64 }
	for _, test := range []struct {
		item any
		has  bool
	}{
		{0, false}, {true, false}, {complex64(0), false}, {complex128(0), false}, {uintptr(0), false}, {time.Second, false},
		{point{}, false}, {[3]point{}, false}, {struct{}{}, false}, {[0]*int{}, false}, {[2][0]*int{}, false},
		{new(int), true}, {"", true}, {[]int{}, true}, {map[int]int{}, true}, {make(chan int), true}, {func() {}, true}, {unsafe.Pointer(nil), true},
		{time.Time{}, true}, {[1]string{}, true},
		{struct {
			point
			next struct{ last error }
		}{}, true},
	} {
		require.Equal(t, test.has, hasPointers(reflect.TypeOf(test.item)), "%T", test.item)
	}
	require.True(t, hasPointers(reflect.TypeFor[any]()))
}
