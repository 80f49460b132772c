// Package keys tells which keys a map can find again.
package keys

import "reflect"

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
func AllUsable[K comparable]() bool { return allUsable(reflect.TypeFor[K]()) }

func allUsable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return false
	case reflect.Array:
		return allUsable(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if !allUsable(field.Type) {
				return false
			}
		}
	}
	return true
}
