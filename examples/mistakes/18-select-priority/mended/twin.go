// Package twin takes jobs from two queues, the urgent ones first.
package twin

// Next returns a job. It looks for an urgent one alone, without waiting; only if there is none, it
// waits for either.
func Next(urgent, normal <-chan string) string {
	select {
	case job := <-urgent:
		return job
	default:
	}
	select {
	case job := <-urgent:
		return job
	case job := <-normal:
		return job
	}
}
