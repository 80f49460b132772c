package main

import "time"

// SendAll sends mails, one in each interval, and up to three at once to make up for a pause.
// A goroutine puts permits into a bucket. It does not end when the mails are sent: the bucket
// gets full, and the goroutine waits until somebody takes from it again.
func SendAll(mails []string, interval time.Duration, send func(string)) {
	permits := make(chan struct{}, 3)
	go func() {
		for range time.Tick(interval) {
			permits <- struct{}{}
		}
	}()
	for _, mail := range mails {
		<-permits
		send(mail)
	}
}

// Beat calls beat in each interval. Stop ends the ticks, and does not close their channel: the
// loop waits for the next tick, which never comes.
func Beat(interval time.Duration, beat func()) (stop func()) {
	ticker := time.NewTicker(interval)
	go func() {
		for range ticker.C {
			beat()
		}
	}()
	return ticker.Stop
}
