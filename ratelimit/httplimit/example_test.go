package httplimit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// shop is a handler that is to be protected.
var shop = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "tea, milk, sugar") })

// ask sends a request to a handler and prints what comes back.
func ask(h http.Handler, r *http.Request) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
}

// The user is whoever the request says it is from; see to it that this is so.
func user(r *http.Request) string { return r.Header.Get("User") }

// Each client may ask twice at once, and then once an hour.
func ExampleMiddleware() {
	clients := ratelimit.NewKeyed[netip.Prefix](ratelimit.Every(time.Hour), 2, 100_000)
	server := httptest.NewServer(httplimit.Middleware(clients, httplimit.ClientIP())(shop))
	defer server.Close()

	get := func() *http.Response {
		response, err := http.Get(server.URL)
		if err != nil {
			panic(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Println(response.Status)
		fmt.Println(string(text))
		return response
	}
	admitted := get()
	fmt.Println("RateLimit-Policy:", admitted.Header.Get("RateLimit-Policy"))
	fmt.Println("RateLimit:", admitted.Header.Get("RateLimit"))

	get()
	denied := get()
	wait, _ := time.ParseDuration(denied.Header.Get("Retry-After") + "s")
	fmt.Println("Retry-After: about", wait.Round(time.Minute))
	// Output:
	// 200 OK
	// tea, milk, sugar
	// RateLimit-Policy: "burst";q=2;w=7200
	// RateLimit: "burst";r=1;t=3600
	// 200 OK
	// tea, milk, sugar
	// 429 Too Many Requests
	// {"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Request cannot be satisfied as assigned quota has been exceeded","status":429,"violated-policies":["burst"]}
	// Retry-After: about 1h0m0s
}

// The client has invented the first address. The others were seen by proxies.
func ExampleClientIP() {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "10.0.0.1:52044"
	r.Header.Set("X-Forwarded-For", "192.0.2.99, 203.0.113.7, 10.0.0.2")

	fmt.Println(httplimit.ClientIP()(r)) // believes nobody
	fmt.Println(httplimit.ClientIP(netip.MustParsePrefix("10.0.0.0/8"))(r))

	r.RemoteAddr = "[2001:db8:1:2:3:4:5:6]:52044" // one address of many
	fmt.Println(httplimit.ClientIP()(r))
	// Output:
	// 10.0.0.1/32
	// 203.0.113.7/32
	// 2001:db8:1:2::/64
}

// A client that is told to wait does so, unless it has no time to.
func ExampleTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: httplimit.Transport(nil, ratelimit.New(ratelimit.PerSecond(5), 1)),
	}
	defer client.CloseIdleConnections()

	response, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	fmt.Println(response.Status)

	_, err = client.Get(server.URL) // fails at once, and is not sent
	var wait *ratelimit.WaitError
	fmt.Println(errors.As(err, &wait), errors.Is(err, context.DeadlineExceeded))
	fmt.Println(wait.Needed.Round(time.Minute / 2))
	// Output:
	// 503 Service Unavailable
	// true true
	// 30s
}

// Options are given where the limit is made.
func ExampleOption() {
	options := []httplimit.Option{
		httplimit.Name("reads"),
		httplimit.Exempt(func(r *http.Request) bool { return r.Method != http.MethodGet }),
	}
	h := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Rate{}, 1, 1000), user, options...)(shop)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPost} {
		ask(h, httptest.NewRequest(method, "/", nil))
	}
	// Output:
	// 200 tea, milk, sugar
	// 200 tea, milk, sugar
	// 200 tea, milk, sugar
}

// Two limits, one behind the other, have different names.
func ExampleName() {
	burst := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Every(time.Minute), 5, 1000), user)
	daily := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Per(100, 24*time.Hour), 100, 1000), user, httplimit.Name("daily"))
	w := httptest.NewRecorder()
	burst(daily(shop)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, policy := range w.Header().Values("RateLimit-Policy") {
		fmt.Println(policy)
	}
	// Output:
	// "burst";q=5;w=300
	// "daily";q=100;w=86400
}

// A search costs as much as ten other requests.
func ExampleCost() {
	cost := httplimit.Cost(func(r *http.Request) int64 {
		if r.URL.Path == "/search" {
			return 10
		}
		return 1
	})
	h := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Rate{}, 12, 1000), user, cost)(shop)
	for _, path := range []string{"/search", "/search", "/tea"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(path, w.Code, w.Header().Get("RateLimit"))
	}
	// Output:
	// /search 200 "burst";r=2
	// /search 429 "burst";r=2
	// /tea 200 "burst";r=1
}

// Who looks whether the server is well is not limited.
func ExampleExempt() {
	health := httplimit.Exempt(func(r *http.Request) bool { return r.URL.Path == "/health" })
	h := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Rate{}, 0, 1000), user, health)(shop)
	ask(h, httptest.NewRequest(http.MethodGet, "/health", nil))
	// Output:
	// 200 tea, milk, sugar
}

// An answer for people instead of programs.
func ExampleDenied() {
	denied := httplimit.Denied(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait, _ := time.ParseDuration(w.Header().Get("Retry-After") + "s")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprintf(w, "Please come back in %v.", wait.Round(time.Minute))
	}))
	h := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 1, 1000), user, denied)(shop)
	for range 2 {
		ask(h, httptest.NewRequest(http.MethodGet, "/", nil))
	}
	// Output:
	// 200 tea, milk, sugar
	// 429 Please come back in 1h0m0s.
}
