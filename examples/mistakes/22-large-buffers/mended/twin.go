// Package twin makes small pictures of large ones, on four goroutines.
package twin

import "context"

// Shrink sends the jobs on one more goroutine, and so takes results at the same time. It needs
// no buffers. A program that is right without them is right with any, and may then be faster.
func Shrink(_ context.Context, pictures []string, shrink func(string) string) []string {
	jobs, results := make(chan string), make(chan string)
	for range 4 {
		go func() {
			for picture := range jobs {
				results <- shrink(picture)
			}
		}()
	}
	go func() {
		defer close(jobs)
		for _, picture := range pictures {
			jobs <- picture
		}
	}()
	var small []string
	for range pictures {
		small = append(small, <-results)
	}
	return small
}
