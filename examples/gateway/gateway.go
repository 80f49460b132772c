package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/fanout"
)

// gateway answers requests for items by asking replicas, of which there is at
// least one:
//
//	request ──┐                     ┌──▶ replica
//	request ──┼──▶ flight ──▶ ask ──┼──▶ replica
//	request ──┘                     └──▶ replica
//
// Nothing runs here that no request is waiting for. When a client goes away, its
// request's context ends; when the last of those who share an answer is gone, the
// flight cancels the question, and with it what the replicas are doing for it.
type gateway struct {
	replicas   []replica
	hedgeAfter time.Duration
	client     *http.Client
	log        *slog.Logger

	turn   atomic.Uint64 // counts hedged questions, each of which begins with another replica
	flight fanout.Flight[question, answer]
	events *fanout.Hub[event]
}

// question is what two requests have in common that share an answer.
type question struct{ by, item string }

// answer holds the whole body, and not a response whose body is still to be read:
// many requests share it, and a body can be read once. Also, what has begun
// under the context of the flight's call ends with the call.
type answer struct {
	body    []byte
	replica string // who gave it
	asked   int    // how many replicas were, for this answer
}

// answerWithin bounds an answer's time. The flight's call does not have the
// deadlines of those who wait for it.
const answerWithin = 5 * time.Second

func newGateway(replicas []replica, hedgeAfter time.Duration, transport http.RoundTripper, log *slog.Logger) *gateway {
	return &gateway{
		replicas: replicas, hedgeAfter: hedgeAfter, client: &http.Client{Transport: transport}, log: log,
		events: fanout.NewHub[event](),
	}
}

func (g *gateway) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /item/{name}", g.item)
	mux.HandleFunc("GET /events", g.stream)
	mux.HandleFunc("GET /{$}", servePage)
	return mux
}

// close ends what is left when no request runs any more.
func (g *gateway) close() {
	g.events.Close()
	g.flight.Close()
	g.client.CloseIdleConnections()
}

func (g *gateway) item(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	q := question{by: cmp.Or(r.URL.Query().Get("by"), "hedge"), item: r.PathValue("name")}
	if !slices.Contains([]string{"first", "quorum", "hedge"}, q.by) {
		http.Error(w, fmt.Sprintf("by is %q, want first, quorum or hedge", q.by), http.StatusBadRequest)
		return
	}
	if q.item == "." || q.item == ".." {
		http.Error(w, "such a name leads elsewhere in a URL", http.StatusBadRequest)
		return
	}
	a, shared, err := g.flight.Do(r.Context(), q, func(ctx context.Context) (answer, error) { return g.ask(ctx, q) })
	if r.Context().Err() != nil {
		g.log.Info("the client has left", "item", q.item, "by", q.by)
		return
	}
	status := http.StatusOK
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		status = http.StatusGatewayTimeout
	case err != nil:
		status = http.StatusBadGateway
	}
	g.report(r.Context(), event{
		Item: q.item, By: q.by, Replica: a.replica, Asked: a.asked, Shared: shared, Status: status,
		Milliseconds: float64(time.Since(began).Microseconds()) / 1000,
	}, err)
	w.Header().Set("Gateway-Asked", strconv.Itoa(a.asked))
	if err != nil {
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(a.body) // an error means that the client is gone
}

// ask has the replicas answer q. They race for the first byte of the response: what
// wins is a response whose body is still open. It can be read because a winner's
// context lives on, as long as ctx. Bodies that come too late are closed unread.
func (g *gateway) ask(ctx context.Context, q question) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel() // and with it the winners' contexts: their bodies were read
	var asked atomic.Int64
	get := func(ctx context.Context, r replica) (reply, error) {
		asked.Add(1)
		return r.get(ctx, g.client, q.item)
	}
	var replies []reply
	var err error
	switch q.by {
	case "first":
		replies, err = one(fanout.First(ctx, g.replicas, get, reply.discard))
	case "hedge":
		begin, n := g.turn.Add(1)-1, uint64(len(g.replicas))
		replies, err = one(fanout.Hedge(ctx, g.hedgeAfter, len(g.replicas), func(ctx context.Context, attempt int) (reply, error) {
			return get(ctx, g.replicas[(begin+uint64(attempt))%n])
		}, reply.discard))
	case "quorum":
		replies, err = fanout.Quorum(ctx, len(g.replicas)/2+1, g.replicas, get, reply.discard)
	}
	var a answer
	if err == nil {
		a, err = agreed(replies)
	}
	a.asked = int(asked.Load())
	return a, err
}

func one(r reply, err error) ([]reply, error) { return []reply{r}, err }

// agreed reads all replies, even after a failure, since reading closes them. If
// they say the same, the answer is the first of them, in the name of all.
func agreed(replies []reply) (answer, error) {
	var bodies [][]byte
	var values, names []string
	var failed []error
	for _, r := range replies {
		body, value, err := r.read()
		bodies, values = append(bodies, body), append(values, string(value))
		names, failed = append(names, r.from), append(failed, err)
	}
	who := strings.Join(names, ", ")
	if err := errors.Join(failed...); err != nil {
		return answer{}, err
	}
	if len(slices.Compact(values)) > 1 {
		return answer{}, fmt.Errorf("no agreement among %s", who)
	}
	return answer{body: bodies[0], replica: who}, nil
}
