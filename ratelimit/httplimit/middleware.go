package httplimit

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"

	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
	"github.com/braidgo/braid/ratelimit"
)

// Middleware hands a request on if l admits it for its key, and answers it otherwise: with 429 Too
// Many Requests, with Retry-After, and with a body for programs, application/problem+json
// (RFC 9457). Every response to a request that was limited says what the limit is and how much of it is
// left, in the fields RateLimit-Policy and RateLimit; the package's comment has their form. Where
// several of these stand one behind the other, each adds its own; give each a [Name].
//
// key says whose request it is. That is often its address, for which there is [ClientIP], but an
// account is better wherever there is one: addresses are cheap. A key that no map can find again,
// such as NaN, is denied.
//
// A handler gets the ResponseWriter as it is, and so can do whatever that can. Nothing is ever waited for: to
// be denied at once costs the server less than a client that waits.
//
//	Goroutines: none.
//	Blocks:     never, beyond what key and the handler do. Safe for concurrent use.
//	Ends:       nothing has to be ended.
//	Panics:     if an argument is wrong. A panic of key, or of a function in an option, is answered with 500
//	            and logged, as the server logs those of a handler; http.ErrAbortHandler passes.
//	Memory:     that of l; per request some 100 bytes of text.
func Middleware[K comparable](l *ratelimit.Keyed[K], key func(*http.Request) K, opts ...Option) func(http.Handler) http.Handler {
	const function = "httplimit.Middleware"
	argument.NotNil(function, "l", l == nil)
	argument.NotNil(function, "key", key == nil)
	o := options{
		name:   "burst",
		cost:   func(*http.Request) int64 { return 1 },
		exempt: func(*http.Request) bool { return false },
	}
	for i, option := range opts {
		argument.NotNil(function, fmt.Sprintf("opts[%d]", i), option == nil)
		option(&o)
	}
	if o.denied == nil {
		o.denied = problem(o.name)
	}
	policy := newPolicy(o.name, l.Rate(), l.Burst())
	return func(next http.Handler) http.Handler {
		argument.NotNil(function, "next", next == nil)
		return &limited[K]{o, policy, l, key, next}
	}
}

// limited is a handler behind a limit.
type limited[K comparable] struct {
	options
	policy  policy
	limiter *ratelimit.Keyed[K]
	key     func(*http.Request) K
	next    http.Handler
}

func (h *limited[K]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	decision, exempt, err := h.decide(r)
	switch {
	case err != nil:
		logf(r, "httplimit: deciding about %s: %v", r.RemoteAddr, err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	case exempt:
		h.next.ServeHTTP(w, r)
	case decision.OK:
		h.policy.describe(w.Header(), decision)
		h.next.ServeHTTP(w, r)
	default:
		h.policy.describe(w.Header(), decision)
		h.denied.ServeHTTP(w, r)
	}
}

// decide runs what is not ours: the key function and the options'. What panics there must neither let the
// request through nor take the client's connection away, on which there may be others.
func (h *limited[K]) decide(r *http.Request) (d ratelimit.Decision, exempt bool, err error) {
	defer func() {
		switch value := recover(); value {
		case nil:
		case http.ErrAbortHandler:
			panic(value)
		default:
			err = capture.Error(value)
		}
	}()
	if h.exempt(r) {
		return d, true, nil
	}
	return h.limiter.Take(h.key(r), h.cost(r)), false, nil
}

// logf writes to where the server that serves r writes of its handlers' panics.
func logf(r *http.Request, format string, values ...any) {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ErrorLog != nil {
		server.ErrorLog.Printf(format, values...)
		return
	}
	log.Printf(format, values...)
}

// problem answers a denied request in the words of the draft.
func problem(policy string) http.Handler {
	body, err := json.Marshal(struct {
		Type     string   `json:"type"`
		Title    string   `json:"title"`
		Status   int      `json:"status"`
		Policies []string `json:"violated-policies"`
	}{
		"https://iana.org/assignments/http-problem-types#quota-exceeded",
		"Request cannot be satisfied as assigned quota has been exceeded",
		http.StatusTooManyRequests,
		[]string{policy},
	})
	if err != nil {
		panic(err) // nothing of this can fail
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusTooManyRequests)
		w.Write(body)
	})
}
