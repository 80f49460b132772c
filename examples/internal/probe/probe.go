// Package probe is work that can be measured in a moment: cores kept busy, goroutines kept alive,
// a channel kept full. The laboratory (examples/claims) compares it with the same work in Python and
// in Rust, and a lesson of the tour shows it.
package probe

import (
	"fmt"
	"os"
)

// Resident returns the bytes of memory that this process has, 0 where there is no /proc.
func Resident() int64 {
	var total, pages int64
	statm, _ := os.ReadFile("/proc/self/statm")
	_, _ = fmt.Sscan(string(statm), &total, &pages)
	return pages * int64(os.Getpagesize())
}
