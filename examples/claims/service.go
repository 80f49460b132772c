package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"
)

// endpoint is a REST service that runs, alone on a new database.
type endpoint struct {
	Language string // "go", …
	URL      string
	Group    int // of its processes
	CPUs     []int
	stop     func() error
}

// wanted is how a service is started.
type wanted struct {
	Language string
	CPUs     []int    // none: all
	Flags    []string // more of the Go service's flags
	Books    int      // imported before it is handed out
}

// names are the services as the report calls them.
var names = map[string]string{"go": "Go (net/http)", "python": "Python (Django, gunicorn)", "rust": "Rust (axum)"}

// Serve starts a service, and fills it. Its stop must be called.
func (l *lab) Serve(ctx context.Context, w wanted) (*endpoint, error) {
	dir, err := l.scratch()
	if err != nil {
		return nil, err
	}
	var e *endpoint
	err = onCores(w.CPUs, func() error {
		e, err = l.start(ctx, w, filepath.Join(dir, "books.db"))
		return err
	})
	if err != nil {
		return nil, err
	}
	e.Language, e.CPUs = w.Language, w.CPUs
	if err := e.fill(ctx, w.Books); err != nil {
		_ = e.stop()
		return nil, err
	}
	return e, nil
}

// fill imports n books, and reads the answer's last line, which counts them.
func (e *endpoint) fill(ctx context.Context, n int) error {
	var lines bytes.Buffer
	for i := range n {
		fmt.Fprintf(
			&lines,
			`{"title": "Book %d", "author": "Author %d", "isbn": "%s", "year": %d, "pages": %d, "genre": "genre %d"}`+"\n",
			i,
			i%500,
			isbn(i),
			1900+i%120,
			100+i%900,
			i%20,
		) // ten books an author, hundreds a genre
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+"/import", &lines)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	body = bytes.TrimSpace(body)
	var last struct{ Imported int }
	if err := json.Unmarshal(body[bytes.LastIndexByte(body, '\n')+1:], &last); err != nil || last.Imported != n {
		return fmt.Errorf("import of %d books: %s: %.200q", n, response.Status, body)
	}
	return nil
}

// isbn is a number of 13 digits, the last of which checks the others.
func isbn(n int) string {
	digits := fmt.Sprintf("978%09d", n)
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	return fmt.Sprint(digits, (10-sum%10)%10)
}

// settle waits until the service answers at once again: after an overload it may have requests
// left that nobody waits for any more.
func (e *endpoint) settle(ctx context.Context) error {
	const most, soon, pause = 20 * time.Second, 50 * time.Millisecond, 100 * time.Millisecond
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("does not recover within %v", most))
	defer cancel()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		began := time.Now()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL+"/healthz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		if err == nil && response.StatusCode == http.StatusOK && time.Since(began) < soon {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// driven is what a load did to a service.
type driven struct {
	loaded
	CPU time.Duration // of the service
}

// PerCPUSecond is how many answers the service gave for a second of processor time.
func (d driven) PerCPUSecond() float64 {
	return float64(d.Good+d.Late) / d.CPU.Seconds()
}

// drive puts a load on the service.
func (e *endpoint) drive(ctx context.Context, o load, cpus ...int) (d driven, err error) {
	o.URL = e.URL
	before, err := usedBy(e.Group)
	if err != nil {
		return d, err
	}
	if d.loaded, err = o.start(ctx, cpus); err != nil {
		return d, err
	}
	after, err := usedBy(e.Group)
	d.CPU = after.CPU - before.CPU
	return d, err
}

// sustained tells whether the service kept up.
func (r loaded) sustained() bool {
	const answered, soon = 0.999, 100 * time.Millisecond
	return float64(r.Good) >= answered*float64(r.Meant) && time.Duration(r.P99) <= soon
}

const sustainedMeans = "99.9 % of the requests answered with 2xx, and 99 % of those within 100 ms of when they " +
	"were meant to be sent"

// capable is what a service can do.
type capable struct {
	Most      int // answers a second to connections that ask again at once
	Sustained int // the highest rate that it sustains; 0: none of those that were tried
}

// everything is more requests a second than any of the services answers here: the load's
// connections ask again as soon as they have an answer.
const everything = 100_000

// capacity finds what the service can do. It begins with all that the connections can ask for,
// and then halves the interval between what was sustained and what was not, steps times.
func (e *endpoint) capacity(ctx context.Context, o load, steps int, cpus ...int) (c capable, err error) {
	o.Rate = everything
	full, err := e.drive(ctx, o, cpus...)
	if err != nil {
		return c, err
	}
	if c.Most = int(float64(full.Good+full.Late) / full.Seconds); c.Most < 1 {
		return c, fmt.Errorf("answers nothing under load: %s", full.Example)
	}
	const likely = 0.85 // of the most is sustained, and is tried first
	low, high := 0.0, 1.1*float64(c.Most)
	for step := range steps {
		if err := e.settle(ctx); err != nil {
			return c, err
		}
		middle := (low + high) / 2
		if step == 0 {
			middle = likely * float64(c.Most)
		}
		o.Rate = max(1, int(middle))
		r, err := e.drive(ctx, o, cpus...)
		if err != nil {
			return c, err
		}
		if r.sustained() {
			low, c.Sustained = middle, o.Rate
		} else {
			high = middle
		}
	}
	return c, e.settle(ctx)
}

// freePort is an address of the loopback interface that nobody listens on just now.
func freePort() (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("no port is free: %w", err)
	}
	return l.Addr().String(), l.Close()
}
