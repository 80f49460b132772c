//go:build mistakes

package twin

import "testing"

func TestNext(t *testing.T) {
	urgent, normal := make(chan string, 100), make(chan string, 100)
	for range 100 {
		urgent <- "urgent"
		normal <- "normal"
	}
	for i := range 100 {
		if job := Next(urgent, normal); job != "urgent" {
			t.Fatalf("job %d was a %s one, while urgent ones were waiting", i+1, job)
		}
	}
}
