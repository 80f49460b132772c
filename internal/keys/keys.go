// Package keys tells which keys a map can find again, and which need not be kept for that.
package keys

import (
	"reflect"
	"slices"
)

// Usable reports whether key equals itself. NaN does not, and comparing an
// interface that holds a slice, a map or a function panics. A map that takes in
// such a key never finds it again, or panics itself.
func Usable[K comparable](key K) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return equal(key, key)
}

func equal[K comparable](a, b K) bool { return a == b }

// AllUsable reports whether every K is usable, as every string and every integer is.
func AllUsable[K comparable]() bool {
	return without(reflect.TypeFor[K](), reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface)
}

// Plain reports whether a K is made of numbers, booleans and strings alone. Then a hash tells any two apart, if it
// is long enough. That of an interface need not: 1 has the same as int64(1). And an address that nobody keeps may
// be that of something else the next time.
func Plain[K comparable]() bool {
	return without(reflect.TypeFor[K](), reflect.Interface, reflect.Pointer, reflect.UnsafePointer, reflect.Chan)
}

func without(t reflect.Type, kinds ...reflect.Kind) bool {
	switch t.Kind() {
	case reflect.Array:
		return without(t.Elem(), kinds...)
	case reflect.Struct:
		for field := range t.Fields() {
			if !without(field.Type, kinds...) {
				return false
			}
		}
	}
	return !slices.Contains(kinds, t.Kind())
}
