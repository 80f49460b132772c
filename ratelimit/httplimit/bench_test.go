package httplimit_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// nowhere is a ResponseWriter that keeps nothing.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(int)             {}

// What the middleware costs is the difference to the bare handler: here with the header map
// that net/http makes for each response.
func BenchmarkMiddleware(b *testing.B) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	proxies := prefixes("10.0.0.0/8", "2001:db8:1::/48")
	limited := func(rate ratelimit.Rate, burst int64) http.Handler {
		l := ratelimit.NewKeyed[netip.Prefix](rate, burst, 1000)
		return httplimit.Middleware(l, httplimit.ClientIP(proxies...))(nothing)
	}
	for _, c := range []struct {
		name string
		h    http.Handler
	}{
		{"bare", nothing},
		{"admitted", limited(ratelimit.PerSecond(1_000_000_000), 1<<40)},
		{"denied", limited(ratelimit.Rate{}, 0)},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := from("10.0.0.1:80", "198.51.100.1, 203.0.113.7")
			b.ReportAllocs()
			for b.Loop() {
				c.h.ServeHTTP(&nowhere{make(http.Header)}, r)
			}
		})
	}
}

func BenchmarkClientIP(b *testing.B) {
	client := httplimit.ClientIP(prefixes("10.0.0.0/8", "2001:db8:1::/48")...)
	r := from("10.0.0.1:80", "198.51.100.1, 203.0.113.7, 10.0.0.2")
	b.ReportAllocs()
	for b.Loop() {
		client(r)
	}
}

func BenchmarkTransport(b *testing.B) {
	base := roundTripper(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil })
	r := request()
	for name, transport := range map[string]http.RoundTripper{
		"bare": base, "limited": httplimit.Transport(base, ratelimit.New(ratelimit.Unlimited, 1)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				transport.RoundTrip(r)
			}
		})
	}
}
