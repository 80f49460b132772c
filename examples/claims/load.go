package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// load is requests at a rate, and what came back. It runs in a process of its own, `claims load`,
// so that what it costs is not counted as the service's.
//
// The requests are meant to be sent at even distances, whatever becomes of those before, as those
// of many clients who know nothing of each other would be. An answer's latency counts from when
// its request was meant to be sent: one that waited for a free connection has waited for the
// service. vegeta sends them and times each from when it was sent; the rest is arithmetic.
type load struct {
	URL    string // where the service is
	Route  string // with %d for the number of a book
	Books  int    // there are books 1 to Books
	Rate   int    // requests a second
	For    time.Duration
	AtOnce int           // requests under way at most: connections
	Within time.Duration // an answer after this is too late, and the client has gone
	Skip   time.Duration // what is meant to be sent before this is not counted
}

func (o load) args() []string {
	return []string{
		"load",
		"-url",
		o.URL,
		"-route",
		o.Route,
		"-books",
		fmt.Sprint(o.Books),
		"-rate",
		fmt.Sprint(o.Rate),
		"-for",
		o.For.String(),
		"-at-once",
		fmt.Sprint(o.AtOnce),
		"-within",
		o.Within.String(),
		"-skip",
		o.Skip.String(),
	}
}

// loaded is what came back. Latencies are those of the answers with status 2xx, in nanoseconds.
type loaded struct {
	Meant   int `json:"meant"`   // requests
	Sent    int `json:"sent"`    // the others found no free connection until the end
	Good    int `json:"good"`    // answered with 2xx, in time
	Late    int `json:"late"`    // answered with 2xx, too late
	Refused int `json:"refused"` // answered with 429 or 503: the service defends itself
	Wrong   int `json:"wrong"`   // any other status
	Broken  int `json:"broken"`  // no answer: timed out, or the connection broke

	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	P999    float64 `json:"p999"`
	Max     float64 `json:"max"`
	Seconds float64 `json:"seconds"` // from the first request's time to the last's
	Behind  float64 `json:"behind"`  // how late a request was sent at most, in ns
	AtOnce  int     `json:"at_once"` // requests that were under way at most
	Example string  `json:"example"` // of what was wrong or broken
}

// runLoad is `claims load`.
func runLoad(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	var o load
	flags := flag.NewFlagSet("claims load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.URL, "url", "", "of the service")
	flags.StringVar(&o.Route, "route", "/healthz", "path, with %d for the number of a book")
	flags.IntVar(&o.Books, "books", 1, "how many books there are")
	flags.IntVar(&o.Rate, "rate", 100, "requests a second")
	flags.DurationVar(&o.For, "for", time.Second, "for so long")
	flags.IntVar(&o.AtOnce, "at-once", 64, "connections")
	flags.DurationVar(&o.Within, "within", time.Second, "an answer after this is too late")
	flags.DurationVar(&o.Skip, "skip", 0, "do not count what is sent before this")
	if flags.Parse(args) != nil {
		return 2
	}
	result, err := o.run(ctx)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(stderr, "claims load:", err)
		return 1
	}
	return 0
}

// pace says when each request is meant to be sent, and ends after the last.
type pace struct {
	interval time.Duration
	count    uint64
	until    time.Duration // gives up on what is not sent by then
	began    time.Time     // set by the first call
	behind   time.Duration
}

func (p *pace) Pace(elapsed time.Duration, hits uint64) (wait time.Duration, stop bool) {
	if hits == 0 {
		p.began = time.Now().Add(-elapsed)
	}
	if hits >= p.count || elapsed > p.until {
		return 0, true
	}
	wait = p.meant(hits) - elapsed
	p.behind = max(p.behind, -wait)
	return wait, false
}

func (p *pace) meant(nth uint64) time.Duration { return time.Duration(nth) * p.interval }

// Rate is what vegeta's own reports would show.
func (p *pace) Rate(time.Duration) float64 { return float64(time.Second) / float64(p.interval) }

func (o load) run(ctx context.Context) (loaded, error) {
	if o.Rate < 1 || o.Books < 1 || o.AtOnce < 1 || o.Skip >= o.For {
		return loaded{}, errors.New("-rate, -books and -at-once must be at least 1, -skip less than -for")
	}
	p := &pace{interval: time.Second / time.Duration(o.Rate), until: o.For}
	p.count = uint64(o.For / p.interval)
	attacker := vegeta.NewAttacker(
		vegeta.Workers(uint64(min(o.AtOnce, 16))),
		vegeta.MaxWorkers(uint64(o.AtOnce)), // 16 to start with; it starts more when they are busy
		vegeta.Connections(o.AtOnce),
		vegeta.MaxConnections(o.AtOnce),
		vegeta.HTTP2(false),
		vegeta.Timeout(o.Within),
		vegeta.Redirects(vegeta.NoFollow),
	)
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()

	skipped := uint64(o.Skip / p.interval)
	r := loaded{Meant: int(p.count - min(skipped, p.count)), Seconds: (o.For - o.Skip).Seconds()}
	var latencies []time.Duration
	var underWay atomic.Int64
	target := o.targets()
	targeter := func(t *vegeta.Target) error {
		underWay.Add(1)
		return target(t)
	}
	for result := range attacker.Attack(targeter, p, 0, "") {
		r.AtOnce = max(r.AtOnce, int(underWay.Load()))
		underWay.Add(-1)
		if result.Seq < skipped {
			continue
		}
		r.Sent++
		took := result.Timestamp.Add(result.Latency).Sub(p.began.Add(p.meant(result.Seq)))
		switch {
		case result.Code == 0:
			r.Broken++
			r.Example = result.Error
		case result.Code == http.StatusTooManyRequests || result.Code == http.StatusServiceUnavailable:
			r.Refused++
		case result.Code/100 != 2:
			r.Wrong++
			r.Example = result.Error
		case result.Error != "": // the body broke off
			r.Broken++
			r.Example = result.Error
		default:
			latencies = append(latencies, took)
			if took <= o.Within {
				r.Good++
			} else {
				r.Late++
			}
		}
	}
	if ctx.Err() != nil {
		return r, context.Cause(ctx)
	}
	slices.Sort(latencies)
	r.P50, r.P99, r.P999, r.Max = quantile(latencies, 0.5), quantile(latencies,
		0.99), quantile(latencies, 0.999), quantile(
		latencies,
		1,
	)
	r.Behind = float64(p.behind)
	return r, nil
}

// targets are the same books in the same order for every service.
func (o load) targets() vegeta.Targeter {
	if !strings.Contains(o.Route, "%d") {
		return vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: o.URL + o.Route})
	}
	const seed = 1
	var mu sync.Mutex // vegeta calls the targeter from all its workers
	books := rand.New(rand.NewPCG(seed, seed))
	return func(t *vegeta.Target) error {
		mu.Lock()
		book := 1 + books.IntN(o.Books)
		mu.Unlock()
		t.Method, t.URL = http.MethodGet, o.URL+fmt.Sprintf(o.Route, book)
		return nil
	}
}

// quantile returns the smallest value that a share q of the sorted ones does not exceed.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(q*float64(len(sorted))+0.999999) - 1
	return float64(sorted[min(max(i, 0), len(sorted)-1)])
}

// start puts the load on the service from a process of its own.
func (o load) start(ctx context.Context, cpus []int) (r loaded, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	const grace = 20 * time.Second // for answers that are under way at the end
	line, err := twin{Command: append([]string{self}, o.args()...), Limit: o.For + grace, CPUs: cpus}.output(ctx)
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	return r, err
}
