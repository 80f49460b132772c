//go:build race

package pipeline

import "sync/atomic"

// mark is the state of a guard, where nobody counts nanoseconds.
type mark struct{ state atomic.Int32 }

func (m *mark) is(state int32) bool      { return m.state.Load() == state }
func (m *mark) set(state int32)          { m.state.Store(state) }
func (m *mark) swap(from, to int32) bool { return m.state.CompareAndSwap(from, to) }
