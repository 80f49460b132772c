package main

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	patience = 10 * time.Second // with a client that sends nothing, or does not read what it is told
	slowest  = 1 << 10          // bytes per second; who sends less uses up the patience
	farewell = 3 * time.Second  // for what a client was about to send, and to read why it should not
)

// patient reads a body for as long as it comes. The client uses up the patience while it is silent, and earns it back
// with what it sends. What the service itself takes does not count: the client may wait for it.
type patient struct {
	conn    *http.ResponseController
	body    io.Reader
	reading context.Context

	mu      sync.Mutex // guards the rest
	left    time.Duration
	awaited bool // a read waits for the client
	served  bool // a batch is being committed
	since   time.Time
}

func (p *patient) Read(into []byte) (n int, err error) {
	if p.reading.Err() != nil {
		return 0, p.reading.Err()
	}
	p.now(func(p *patient) { p.awaited = true })
	n, err = p.body.Read(into)
	p.now(func(p *patient) {
		p.awaited = false
		p.left = min(patience, p.left+time.Duration(n)*time.Second/slowest)
	})
	return n, err
}

// now changes whether the client's patience is being used up, and has a read wait for as long as there is some.
func (p *patient) now(change func(*patient)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.awaited && !p.served {
		p.left -= time.Since(p.since)
	}
	change(p)
	p.since = time.Now()
	switch {
	case !p.awaited:
	case p.reading.Err() != nil: // soon, yet not at once: nothing can be read any more after a read that has failed
		p.left = min(p.left, farewell)
		p.conn.SetReadDeadline(p.since.Add(p.left))
	case p.served:
		p.conn.SetReadDeadline(time.Time{})
	default:
		p.conn.SetReadDeadline(p.since.Add(p.left))
	}
}
