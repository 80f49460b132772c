package workerpool

import "context"

// Leaking is the pool that people write first: workers that range over a channel of jobs
// and send what comes out to a channel of results. It bounds what runs at once, and as long
// as nothing fails it is right.
type Leaking struct{ workers int }

func NewLeaking(workers int) Pool { return Leaking{workers} }

func (p Leaking) Run(ctx context.Context, tasks []Task) error {
	jobs := make(chan Task)
	results := make(chan error)

	// Each worker ends when jobs is closed and empty, if it gets there: a send to results
	// waits for somebody to receive. Nothing catches a task that panics or calls
	// runtime.Goexit: the first ends the program, the second ends the worker without a
	// result, and Run below waits for that result for ever.
	for range p.workers {
		go func() {
			for task := range jobs {
				results <- task(ctx)
			}
		}()
	}

	// A goroutine of its own sends the jobs, because nobody receives results before the
	// loop below runs. It looks at no context, so a dead one does not stop it.
	go func() {
		for _, task := range tasks {
			jobs <- task
		}
		close(jobs)
	}()

	// The leak: after the first error nobody receives. The workers hang in their sends, the
	// goroutine above in its own, and whatever they hold is held until the program ends.
	for range tasks {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

// Close has nothing to end: every Run has workers of its own. So two callers at once have
// twice as many.
func (Leaking) Close() {}
