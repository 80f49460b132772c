package fanout

// SetMostItems makes Map work in pieces of n elements.
func SetMostItems(n int) (restore func()) {
	before := mostItems
	mostItems = n
	return func() { mostItems = before }
}
