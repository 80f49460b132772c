package pipeline

import (
	"sync/atomic"
	"time"
)

// gate is an eventcount: where goroutines wait until another has changed something. The
// one that waits says so before it looks for the last time; the one that changes something
// does that before it looks whether somebody waits. So one of the two sees the other, and
// nobody sleeps through a change:
//
//	wait:                          notify:
//	    waiting++                      (the change, by an atomic store)
//	    ready? then waiting--          waiting > 0? then waiting--, and a token
//	    otherwise take a token,
//	    and look once more
//
// All that wait at one gate wait for the same: a token may be taken by another than the
// one that it was meant for. While nobody waits, a change costs one load of a word that seldom changes.
type gate struct {
	waiting atomic.Int64  // those who wait and for whom no token is under way
	tokens  chan struct{} // one for each who is to look again; holds as many as there can be waiters
}

func (g *gate) open(waiters int) { g.tokens = make(chan struct{}, waiters) }

// wait returns when ready does not say no any more. The time that it took goes to lost,
// unless that is nil.
func (g *gate) wait(lost *gauge, ready func() bool) { g.waitUntil(nil, lost, ready) }

// waitUntil returns false if the timer was first.
func (g *gate) waitUntil(timer <-chan time.Time, lost *gauge, ready func() bool) (ok bool) {
	lost.add(1)
	defer lost.add(-1)
	for {
		g.waiting.Add(1)
		if ready() {
			g.withdraw()
			return true
		}
		if timer == nil {
			<-g.tokens // from notify
		} else {
			select {
			case <-g.tokens:
			case <-timer:
				g.withdraw()
				return ready()
			}
		}
		if ready() {
			return true
		}
	}
}

// withdraw takes back that somebody waits, or the token that is under way already.
func (g *gate) withdraw() {
	for {
		waiting := g.waiting.Load()
		if waiting == 0 {
			<-g.tokens // comes at once
			return
		}
		if g.waiting.CompareAndSwap(waiting, waiting-1) {
			return
		}
	}
}

// notify has one of those who wait look again, if there is one.
func (g *gate) notify() (found bool) {
	for {
		waiting := g.waiting.Load()
		if waiting == 0 {
			return false
		}
		if g.waiting.CompareAndSwap(waiting, waiting-1) {
			g.tokens <- struct{}{} // has room for all
			return true
		}
	}
}

func (g *gate) notifyAll() {
	for g.notify() {
	}
}
