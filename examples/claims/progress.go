package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress says which experiment runs, and how long the rest takes: on a terminal by a bar, in
// seconds of what the claims say they cost, elsewhere by a line for each. What is written to it
// appears above the bar.
type progress struct {
	out   io.Writer
	cost  func(claim) time.Duration
	total time.Duration
	count int // of claims
	ended chan struct{}
	drawn sync.WaitGroup

	mu      sync.Mutex               // guards what is below
	bar     *progressbar.ProgressBar // nil if out is no terminal
	nth     int
	now     claim
	done    time.Duration // what the claims before this one cost, by their own estimate
	began   time.Time     // this one
	started time.Time     // the first
}

func newProgress(out io.Writer, quick bool, claims []claim) *progress {
	p := &progress{out: out, count: len(claims), ended: make(chan struct{}), started: time.Now()}
	p.cost = func(c claim) time.Duration {
		if quick {
			return c.Quick
		}
		return c.Cost
	}
	for _, c := range claims {
		p.total += p.cost(c)
	}
	if terminal, ok := out.(*os.File); ok && term.IsTerminal(int(terminal.Fd())) {
		p.bar = progressbar.NewOptions64(int64(p.total/time.Second),
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionFullWidth(),
			progressbar.OptionClearOnFinish(),
		)
		p.drawn.Go(p.draw) // until close, which waits
	}
	return p
}

// next says that c begins, and that the one before it has ended.
func (p *progress) next(c claim) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.nth > 0 {
		p.done += p.cost(p.now)
	}
	p.nth++
	p.now, p.began = c, time.Now()
	if p.bar == nil {
		fmt.Fprintf(p.out, "%d/%d, about %v left: claim %d: %s\n", p.nth, p.count, p.left(), c.ID, c.Text)
		return
	}
	p.bar.Describe(fmt.Sprintf("%d/%d claim %d", p.nth, p.count, c.ID))
}

// left is what the rest costs by the claims' own estimate, corrected by how they kept to it so far.
func (p *progress) left() time.Duration {
	left := p.total - p.done
	if p.done > 0 {
		left = time.Duration(float64(left) * float64(time.Since(p.started)) / float64(p.done))
	}
	return left.Round(time.Second)
}

func (p *progress) draw() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.mu.Lock()
			if p.nth > 0 {
				// An experiment that takes longer than it said does not run into the next one's share.
				passed := min(time.Since(p.began), p.cost(p.now))
				_ = p.bar.Set64(int64((p.done + passed) / time.Second))
			}
			p.mu.Unlock()
		case <-p.ended:
			return
		}
	}
}

// Write puts a line of an experiment above the bar.
func (p *progress) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	return p.out.Write(line)
}

func (p *progress) close() {
	close(p.ended)
	p.drawn.Wait()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
