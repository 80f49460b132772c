package parallelmap

import "context"

type result struct {
	value int
	err   error
}

// Leaking is the map that people write first: workers that range over a channel of jobs and
// send what comes out to a channel of results. It bounds what runs at once.
func Leaking(ctx context.Context, workers int, in []int, f Func) ([]int, error) {
	jobs := make(chan int)
	results := make(chan result)

	// Each worker ends when jobs is closed and empty, if it gets there: a send to results
	// waits for somebody to receive. Nothing catches a call that panics or calls
	// runtime.Goexit: the first ends the program, the second ends the worker without a
	// result, and the last loop waits for that result for ever.
	for range workers {
		go func() {
			for element := range jobs {
				value, err := f(ctx, element)
				results <- result{value, err}
			}
		}()
	}

	// A goroutine of its own sends the jobs, because nobody receives results before the
	// loop below runs. It looks at no context, so a dead one does not stop it.
	go func() {
		for _, element := range in {
			jobs <- element
		}
		close(jobs)
	}()

	// The results come in the order in which the calls end, and nothing says which element
	// one belongs to. A position with each job and each result would mend this, and name the
	// one that failed; it would not mend the leak: after the first error nobody receives. The
	// workers hang in their sends, the goroutine above in its own, until the program ends.
	var out []int
	for range in {
		r := <-results
		if r.err != nil {
			return nil, r.err
		}
		out = append(out, r.value)
	}
	return out, nil
}
