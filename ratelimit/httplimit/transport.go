package httplimit

import (
	"net/http"
	"strings"
	"time"

	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/ratelimit"
)

// Transport returns a RoundTripper that sends requests no faster than l admits them, in the order in
// which they came, and leaves a host alone that asks for it. Each request is one event of l, whatever its host.
// Where each host is to have a limit of its own, give each a client of its own.
//
// A host asks by answering 429 or 503 with Retry-After, a number of seconds or a date. Until then no
// further request is sent to it, though never for longer than a minute: after that it is asked again.
// The response comes back as it is, and nothing is ever sent a second time by this Transport. Up to 1024
// hosts can be paused at once; one more, and the pause that would end first is forgotten. Requests that
// were held back by a pause come to l after it, in no particular order. One whose host asks for a pause
// while it waits for l waits for l once more after the pause, so that no rate is exceeded then.
//
// The request is not changed. If it cannot be sent, its body is closed. base nil means http.DefaultTransport.
// A base of net/http may, by itself, send a request once more when the connection that it had kept turns out to be closed:
// that one is not counted. The timeout of an http.Client contains the wait for a turn, and a request that would have to
// wait longer than that fails at once; for a timeout without the wait, put it into base.
//
//	Goroutines: none of its own; those of base.
//	Blocks:     RoundTrip does, while the host is paused, until l admits the request, and while base does. Safe for
//	            concurrent use.
//	Ends:       with the request's context at the latest: at once if its deadline would be passed, with a
//	            *ratelimit.WaitError or what [ratelimit.Limiter.WaitN] says, else with its cause. There is nothing to
//	            be closed but the connections of base: CloseIdleConnections is handed on.
//	Panics:     if l is nil. A panic of base is not touched.
//	Memory:     a name and a time for each of at most 1024 hosts.
func Transport(base http.RoundTripper, l *ratelimit.Limiter) http.RoundTripper {
	argument.NotNil("httplimit.Transport", "l", l == nil)
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{base, l, pauses{until: make(map[string]time.Time)}}
}

type transport struct {
	base    http.RoundTripper
	limiter *ratelimit.Limiter
	pauses  pauses
}

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	host := hostOf(request)
	if err := t.wait(request, host); err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, err
	}
	response, err := t.base.RoundTrip(request)
	if response != nil {
		if pause := retryAfter(response); pause > 0 {
			t.pauses.add(host, pause)
		}
	}
	return response, err
}

// wait blocks until a request may be sent.
func (t *transport) wait(request *http.Request, host string) error {
	for {
		if err := t.pauses.wait(request.Context(), host); err != nil {
			return err
		}
		if err := t.limiter.Wait(request.Context()); err != nil {
			return err
		}
		if t.pauses.left(host) <= 0 {
			return nil
		}
	}
}

// CloseIdleConnections is what http.Client.CloseIdleConnections looks for.
func (t *transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// hostOf is the host a request goes to, one name for each.
func hostOf(request *http.Request) string {
	if request.URL == nil {
		return "" // base will say what it thinks of that
	}
	host := strings.ToLower(request.URL.Host)
	switch request.URL.Scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}
