package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/braidgo/braid/fanout"
)

// load is what a bench asks for in each round: so many requests of each kind, one
// every so often, whether or not those before have been answered. A client that
// waited for its answer would ask the least while answers are slow, and hardly see
// the time that hedging is about.
type load struct {
	rounds, requests int
	every            time.Duration
}

// fullLoad takes 20 seconds, and about half of one processor.
var fullLoad = load{rounds: 5, requests: 1300, every: time.Millisecond}

// contender is a way to ask that is measured.
type contender struct {
	name string
	ask  func(ctx context.Context, item string) (asked int, err error)

	took   [][]time.Duration // of each round
	asked  int               // replicas
	late   int               // requests that were sent too late for the figures to mean much
	failed []error
}

const tooLate = 5 * time.Millisecond

// bench measures whole requests, from a client over a gateway to replicas.
func bench(ctx context.Context, l load, hedgeAfter time.Duration, stdout io.Writer) error {
	log := slog.New(slog.DiscardHandler)
	replicas, stop, err := startAll(alike(), log)
	if err != nil {
		return err
	}
	defer stop()
	client := &http.Client{Transport: newTransport()}
	const never = time.Hour
	var contenders []*contender
	for _, c := range []struct {
		name, by   string
		hedgeAfter time.Duration
	}{
		{"one replica", "hedge", never},
		{fmt.Sprintf("hedge after %v", hedgeAfter), "hedge", hedgeAfter},
		{"first of three", "first", never},
	} {
		g := newGateway(replicas, c.hedgeAfter, newTransport(), log)
		defer g.close()
		s, err := start("127.0.0.1:0", g.handler(), log)
		if err != nil {
			return err
		}
		defer s.stop()
		contenders = append(contenders, &contender{name: c.name, ask: func(ctx context.Context, item string) (int, error) {
			return askGateway(ctx, client, "http://"+s.host, item, c.by)
		}})
	}
	defer client.CloseIdleConnections() // first, or each stop would wait for those that were never used
	fmt.Fprintf(stdout, `A client, a gateway and three replicas, all in this process, over HTTP on the
loopback interface. Each replica
  %s,
by chance, though the same in every run, and independently of the others. Real
replicas are seldom that independent: what slows one often slows all. Where
another has won, a request is cancelled, which in HTTP/1 costs its connection.

%d requests each way, in %d rounds by turns, %.0f a second, each timed from
when it was due. All are for different items, so that none shares an answer. Of
each percentile, the median of the rounds is shown.

`, replicas[0].note, l.rounds*l.requests, l.rounds, float64(time.Second)/float64(l.every))
	if err := measure(ctx, l, contenders); err != nil {
		return err
	}
	return conclude(stdout, contenders)
}

// askGateway asks one question, and checks the answer.
func askGateway(ctx context.Context, client *http.Client, gateway, item, by string) (asked int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway+"/item/"+item+"?by="+by, nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	var content struct{ Value uint32 }
	if json.Unmarshal(body, &content) != nil || content.Value != valueOf(item) {
		return 0, fmt.Errorf("%s: %s: %s", item, response.Status, body)
	}
	return strconv.Atoi(response.Header.Get("Gateway-Asked"))
}

// measure has the contenders take turns, each round in another order, so that
// what else happens on the machine happens to all. Before that, all warm up.
func measure(ctx context.Context, l load, contenders []*contender) error {
	for _, c := range contenders {
		warm := contender{ask: c.ask}
		if err := warm.run(ctx, "warm", load{requests: l.requests / 10, every: l.every}); err != nil {
			return err
		}
	}
	for round := range l.rounds {
		for i := range contenders {
			c := contenders[(round+i)%len(contenders)]
			if err := c.run(ctx, strconv.Itoa(round), l); err != nil {
				return err
			}
		}
	}
	return nil
}

// atOnce bounds the requests under way. Those who have to wait for that are timed
// all the same: from when they were due.
const atOnce = 512

// run is one round. No item is asked for twice, so that no request shares another's
// answer.
func (c *contender) run(ctx context.Context, round string, l load) error {
	took := make([]time.Duration, l.requests)
	var mu sync.Mutex // guards all counts
	began := time.Now()
	due := func(i int) time.Time { return began.Add(time.Duration(i) * l.every) }
	err := fanout.ForEach(ctx, atOnce, func(yield func(int) bool) {
		for i := range l.requests {
			select {
			case <-time.After(time.Until(due(i))):
			case <-ctx.Done(): // ForEach sees it too
			}
			if !yield(i) {
				return
			}
		}
	}, func(ctx context.Context, i int) error {
		late := time.Since(due(i)) > tooLate
		asked, err := c.ask(ctx, fmt.Sprintf("%s-%d", round, i))
		took[i] = time.Since(due(i))
		mu.Lock()
		defer mu.Unlock()
		c.asked += asked
		if late {
			c.late++
		}
		if err != nil {
			c.failed = append(c.failed, err)
		}
		return nil
	})
	slices.Sort(took)
	c.took = append(c.took, took)
	return err
}

// percentile is the median of the rounds: what happens to one of them on a busy
// machine does not count. In each, it is the time that so many of 1000 requests
// did not exceed.
func (c *contender) percentile(of1000 int) time.Duration {
	var rounds []time.Duration
	for _, took := range c.took {
		rounds = append(rounds, took[(len(took)*of1000+999)/1000-1])
	}
	slices.Sort(rounds)
	return rounds[len(rounds)/2]
}

// requests is how many were made.
func (c *contender) requests() int { return len(c.took) * len(c.took[0]) }

// cost is how many requests to replicas a request has caused.
func (c *contender) cost() float64 { return float64(c.asked) / float64(c.requests()) }

// conclude prints the table. Failures are an error; figures that are worth little
// are said to be.
func conclude(w io.Writer, contenders []*contender) error {
	fmt.Fprintf(w, "%-16s %8s %8s %8s   %s\n", "ms", "p50", "p99", "p99.9", "to replicas, a request   failed")
	var failed []error
	late, requests := 0, 0
	for _, c := range contenders {
		fmt.Fprintf(w, "%-16s", c.name)
		for _, of1000 := range []int{500, 990, 999} {
			fmt.Fprintf(w, " %8.1f", c.percentile(of1000).Seconds()*1000)
		}
		fmt.Fprintf(w, "   %22.3f   %6d\n", c.cost(), len(c.failed))
		failed = append(failed, c.failed...)
		late += c.late
		requests += c.requests()
	}
	one, hedge := contenders[0], contenders[1]
	fmt.Fprintf(w, "\nHedging: a p99 of %.1f ms instead of %.1f, for %.1f %% more requests.\n",
		hedge.percentile(990).Seconds()*1000, one.percentile(990).Seconds()*1000, 100*(hedge.cost()/one.cost()-1))
	if late > requests/100 {
		fmt.Fprintf(w, "But do not rely on it: the machine is busy, and %d of %d requests\nwere sent more than %v too late.\n",
			late, requests, tooLate)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d requests failed, one of them like this: %w", len(failed), failed[0])
	}
	return nil
}
