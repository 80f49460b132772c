package offenders_test

import (
	"fmt"
	"testing"
)

func ExampleSilent() {
	fmt.Println("nobody looks at this")
}

func ExampleEmpty() {
	// Output:
}

func ExampleMapper() {
	fmt.Println("is no example of Map")
	// Output: is no example of Map
}

func ExampleSorted() {
	fmt.Println("b")
	fmt.Println("a")
	// Unordered output:
	// a
	// b
}

func ExampleShown_Method() {
	fmt.Println("serves its type")
	// Output: serves its type
}

func TestType(t *testing.T) {}
