// Package keys tells which keys a map can find again.
package keys

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
