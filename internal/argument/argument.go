// Package argument refuses wrong arguments: its functions panic with a message
// that names function, argument and value.
package argument

import (
	"context"
	"fmt"
	"time"
)

// Context refuses a nil context. function is the qualified name of the function
// that was called, here as below: "workerpool.Pool.Submit".
func Context(function string, ctx context.Context) {
	if ctx == nil {
		panic(function + ": ctx is nil")
	}
}

// NotNil refuses an argument that is nil.
func NotNil(function, name string, isNil bool) {
	if isNil {
		panic(fmt.Sprintf("%s: %s is nil", function, name))
	}
}

// AtLeast refuses a number that is too small.
func AtLeast[N int | int64](function, name string, value, least N) {
	if value < least {
		panic(fmt.Sprintf("%s: %s is %d, want at least %d", function, name, value, least))
	}
}

// Duration refuses a duration that is too short.
func Duration(function, name string, value, least time.Duration) {
	if value < least {
		panic(fmt.Sprintf("%s: %s is %v, want at least %v", function, name, value, least))
	}
}
