package main

import (
	"context"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// SendAll sends mails, one in each interval, and up to three at once to make up for a pause.
// Nobody fills the bucket: the limiter reads the clock, and counts what has come in since.
func SendAll(mails []string, interval time.Duration, send func(string)) {
	limiter := ratelimit.New(ratelimit.Every(interval), 3)
	for _, mail := range mails {
		if limiter.Wait(context.Background()) == nil {
			send(mail)
		}
	}
}

// Beat calls beat in each interval, until Wait says that the context has ended.
func Beat(interval time.Duration, beat func()) (stop func()) {
	limiter := ratelimit.New(ratelimit.Every(interval), 1)
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		for limiter.Wait(ctx) == nil {
			beat()
		}
	}()
	return stop
}
