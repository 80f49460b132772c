//go:build ignore

package snippets

func _() {
	// region ignored
	fmt.Println("never built")
	// endregion
}
