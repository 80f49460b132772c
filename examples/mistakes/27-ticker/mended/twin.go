package main

import "time"

// SendAll sends mails, one in each interval, and up to three at once to make up for a pause.
// The goroutine that puts permits into the bucket waits for the end as well, wherever it waits.
func SendAll(mails []string, interval time.Duration, send func(string)) {
	permits := make(chan struct{}, 3)
	done := make(chan struct{})
	defer close(done)
	go func() {
		tick := time.Tick(interval)
		for {
			select {
			case <-tick:
			case <-done:
				return
			}
			select {
			case permits <- struct{}{}:
			case <-done:
				return
			}
		}
	}()
	for _, mail := range mails {
		<-permits
		send(mail)
	}
}

// Beat calls beat in each interval. Stop says so on a channel of its own.
func Beat(interval time.Duration, beat func()) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.Tick(interval)
		for {
			select {
			case <-tick:
				beat()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
