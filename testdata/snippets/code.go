// Package snippets has what page.md shows, and what it does not.
package snippets

func _() {
	// region answer
	answer := 6 * 7
	println("another line") // not shown
	if answer > 0 {
		println(answer)
	}
	// endregion
}
