//go:build !race

package pipeline

// mark is the state of a guard. It is a plain word, on purpose: two atomic exchanges
// would take as long as all the rest of a fused stage. It is there to notice those
// who yield on two goroutines, which is a data race in their program; if both come
// within the same few nanoseconds, it may take until their next yield. The race
// detector has a mark of its own.
type mark struct{ state int32 }

func (m *mark) is(state int32) bool { return m.state == state }
func (m *mark) set(state int32)     { m.state = state }

func (m *mark) swap(from, to int32) bool {
	if m.state != from {
		return false
	}
	m.state = to
	return true
}
