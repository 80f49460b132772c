package httplimit_test

import (
	"context"
	"errors"
	"io"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

const minute = time.Minute

// everybody is a key function for those who are all one client.
func everybody(*http.Request) int { return 0 }

// get asks a handler once.
func get(h http.Handler, request *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request)
	return w.Result()
}

func request() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }

// hello is a handler that says so.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })

// behind is hello behind a limit for everybody.
func behind(rate ratelimit.Rate, burst int64, opts ...httplimit.Option) http.Handler {
	return httplimit.Middleware(ratelimit.NewKeyed[int](rate, burst, 10), everybody, opts...)(hello)
}

// fields are the three fields of a response.
func fields(response *http.Response) []string {
	h := response.Header
	return []string{h.Get("RateLimit-Policy"), h.Get("RateLimit"), h.Get("Retry-After")}
}

func body(t *testing.T, response *http.Response) string {
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text)
}

func TestAdmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := behind(ratelimit.Per(100, minute), 100)
		for range 49 {
			get(h, request())
		}
		response := get(h, request())
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, "hello", body(t, response))
		require.Equal(t, []string{`"burst";q=100;w=60`, `"burst";r=50;t=30`, ""}, fields(response))
		time.Sleep(30*time.Second - 1)
		require.Equal(t, `"burst";r=98;t=1`, fields(get(h, request()))[1], "99 and nearly one")
	})
}

func TestDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := behind(ratelimit.Per(100, minute), 2)
		get(h, request())
		require.Equal(t, []string{`"burst";q=2;w=2`, `"burst";r=0;t=2`, ""}, fields(get(h, request())))
		response := get(h, request())
		require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
		require.Equal(t, []string{`"burst";q=2;w=2`, `"burst";r=0;t=1`, "1"}, fields(response))
		require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
		require.JSONEq(t, `{
			"type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
			"title": "Request cannot be satisfied as assigned quota has been exceeded",
			"status": 429,
			"violated-policies": ["burst"]
		}`, body(t, response))
		time.Sleep(600*time.Millisecond - 1)
		require.Equal(t, http.StatusTooManyRequests, get(h, request()).StatusCode)
		time.Sleep(time.Nanosecond)
		require.Equal(t, http.StatusOK, get(h, request()).StatusCode)
	})
}

func TestTimesAreWholeSecondsRoundedUp(t *testing.T) {
	for _, c := range []struct {
		every       time.Duration
		elapsed     time.Duration
		window      string
		retryAndEnd string
	}{
		{1, 0, "1", "1"},
		{time.Second - 1, 0, "1", "1"},
		{time.Second, 0, "1", "1"},
		{time.Second + 1, 0, "2", "2"},
		{time.Second + 1, 1, "2", "1"},
		{90 * time.Second, time.Second / 2, "90", "90"},
		{90 * time.Second, 90*time.Second - 1, "90", "1"},
		{time.Hour, 0, "3600", "3600"},
		{math.MaxInt64 - 1, 0, "9223372037", "9223372037"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := behind(ratelimit.Every(c.every), 1)
			require.Equal(t, `"burst";r=0;t=`+c.window, fields(get(h, request()))[1])
			time.Sleep(c.elapsed)
			require.Equal(t, []string{`"burst";q=1;w=` + c.window, `"burst";r=0;t=` + c.retryAndEnd, c.retryAndEnd}, fields(get(h, request())))
		})
	}
}

func TestWhatIsNotSaid(t *testing.T) {
	cost := func(n int64) httplimit.Option { return httplimit.Cost(func(*http.Request) int64 { return n }) }
	for name, c := range map[string]struct {
		h      http.Handler
		status int
		fields []string
	}{
		"the rate never refills, admitted":    {behind(ratelimit.Rate{}, 3), 200, []string{`"burst";q=3`, `"burst";r=2`, ""}},
		"the rate never refills, denied":      {behind(ratelimit.Rate{}, 3, cost(4)), 429, []string{`"burst";q=3`, `"burst";r=3`, ""}},
		"it costs more than a burst":          {behind(ratelimit.PerSecond(1), 3, cost(4)), 429, []string{`"burst";q=3;w=3`, `"burst";r=3`, ""}},
		"it costs more than anything":         {behind(ratelimit.PerSecond(1), 3, cost(math.MaxInt64)), 429, []string{`"burst";q=3;w=3`, `"burst";r=3`, ""}},
		"it costs nothing":                    {behind(ratelimit.PerSecond(1), 3, cost(0)), 200, []string{`"burst";q=3;w=3`, `"burst";r=3;t=0`, ""}},
		"there is no burst":                   {behind(ratelimit.PerSecond(1), 0), 429, []string{`"burst";q=0`, `"burst";r=0`, ""}},
		"there is no limit":                   {behind(ratelimit.Unlimited, 3), 200, []string{"", "", ""}},
		"there is no limit, and no burst":     {behind(ratelimit.Unlimited, 0), 200, []string{"", "", ""}},
		"the burst is too large for a field":  {behind(ratelimit.Every(1), math.MaxInt64-1), 200, []string{`"burst";q=999999999999999;w=9223372037`, `"burst";r=999999999999999;t=1`, ""}},
		"refilling lasts longer than a field": {behind(ratelimit.Every(math.MaxInt64), 1), 200, []string{`"burst";q=1`, `"burst";r=0`, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			response := get(c.h, request())
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, c.fields, fields(response))
		})
	}
}

func TestEveryKeyHasALimitOfItsOwn(t *testing.T) {
	user := func(r *http.Request) string { return r.Header.Get("User") }
	h := httplimit.Middleware(ratelimit.NewKeyed[string](ratelimit.Rate{}, 1, 10), user)(hello)
	for _, name := range []string{"ann", "bob", ""} {
		asks := request()
		asks.Header.Set("User", name)
		require.Equal(t, http.StatusOK, get(h, asks).StatusCode)
		require.Equal(t, http.StatusTooManyRequests, get(h, asks).StatusCode)
	}
}

func TestOptions(t *testing.T) {
	t.Run("a name with quotes", func(t *testing.T) {
		h := behind(ratelimit.Rate{}, 1, httplimit.Name(`a "b\c"`))
		require.Equal(t, []string{`"a \"b\\c\"";q=1`, `"a \"b\\c\"";r=0`, ""}, fields(get(h, request())))
		require.Contains(t, body(t, get(h, request())), `"violated-policies":["a \"b\\c\""]`)
	})
	t.Run("a request that costs more", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := behind(ratelimit.PerSecond(1), 10, httplimit.Cost(func(r *http.Request) int64 { return r.ContentLength }))
			post := func(text string) *http.Response {
				return get(h, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text)))
			}
			require.Equal(t, `"burst";r=3;t=7`, fields(post("1234567"))[1])
			require.Equal(t, []string{`"burst";q=10;w=10`, `"burst";r=3;t=2`, "2"}, fields(post("12345")))
			require.Equal(t, `"burst";r=0;t=10`, fields(post("123"))[1])
		})
	})
	t.Run("exempt", func(t *testing.T) {
		asked := 0
		key := func(*http.Request) int { asked++; return 0 }
		health := httplimit.Exempt(func(r *http.Request) bool { return r.URL.Path == "/health" })
		h := httplimit.Middleware(ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1), key, health)(hello)
		for range 3 {
			response := get(h, httptest.NewRequest(http.MethodGet, "/health", nil))
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Equal(t, []string{"", "", ""}, fields(response))
		}
		require.Zero(t, asked)
		require.Equal(t, `"burst";r=0`, fields(get(h, request()))[1])
	})
	t.Run("somebody else denies", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			denied := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Error(w, "come back in "+w.Header().Get("Retry-After"), http.StatusServiceUnavailable)
			})
			h := behind(ratelimit.Every(time.Hour), 1, httplimit.Denied(denied))
			get(h, request())
			response := get(h, request())
			require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
			require.Equal(t, "come back in 3600\n", body(t, response))
			require.Equal(t, []string{`"burst";q=1;w=3600`, `"burst";r=0;t=3600`, "3600"}, fields(response))
		})
	})
}

func TestSeveralLimits(t *testing.T) {
	burst := httplimit.Middleware(ratelimit.NewKeyed[int](ratelimit.Every(time.Hour), 5, 1), everybody)
	daily := httplimit.Middleware(ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1), everybody, httplimit.Name("daily"))
	h := burst(daily(hello))
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests} {
		response := get(h, request())
		require.Equal(t, status, response.StatusCode)
		require.Equal(t, []string{`"burst";q=5;w=18000`, `"daily";q=1`}, response.Header.Values("RateLimit-Policy"))
		require.Len(t, response.Header.Values("RateLimit"), 2)
		require.Empty(t, response.Header.Get("Retry-After"), "the day is over")
	}
}

func TestHandlersGetTheResponseWriterAsItIs(t *testing.T) {
	w := httptest.NewRecorder()
	var got http.ResponseWriter
	keep := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { got = w })
	httplimit.Middleware(ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1), everybody)(keep).ServeHTTP(w, request())
	require.Same(t, w, got)
}

func TestOneHandlersFieldsAreNotAnothers(t *testing.T) {
	h := httplimit.Middleware(ratelimit.NewKeyed[int](ratelimit.Rate{}, 5, 1), everybody)(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { w.Header()["Ratelimit-Policy"][0] += ";mine=1" }))
	for range 2 {
		require.Equal(t, `"burst";q=5;mine=1`, fields(get(h, request()))[0])
	}
}

func TestKeyFunctionPanics(t *testing.T) {
	for name, value := range map[string]any{
		"a value":               "no such user",
		"an error":              errors.New("no such user"),
		"nil":                   nil,
		"what nobody can print": unprintable{},
		"what nobody compares":  []int{1},
	} {
		t.Run(name, func(t *testing.T) {
			key := func(r *http.Request) int {
				if r.URL.Path == "/" {
					panic(value)
				}
				return 0
			}
			served := 0
			count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })
			l := ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1)
			server := httptest.NewUnstartedServer(httplimit.Middleware(l, key)(count))
			var logged strings.Builder
			server.Config.ErrorLog = log.New(&logged, "", 0)
			server.Start()
			defer server.Close()
			for _, c := range []struct {
				path   string
				status int
			}{{"/", 500}, {"/a", 200}, {"/", 500}, {"/a", 429}} {
				response, err := server.Client().Get(server.URL + c.path)
				require.NoError(t, err)
				response.Body.Close()
				require.Equal(t, c.status, response.StatusCode)
				require.Equal(t, c.status < 500, response.Header.Get("RateLimit") != "")
			}
			server.Close()
			require.Equal(t, 1, served, "a panic lets nothing through")
			require.Contains(t, logged.String(), "TestKeyFunctionPanics", "the stack")
		})
	}
}

// unprintable panics when it is printed.
type unprintable struct{}

func (unprintable) Error() string { panic("not that either") }

func TestAFunctionInAnOptionPanics(t *testing.T) {
	defer log.SetOutput(log.Writer())
	var logged strings.Builder
	log.SetOutput(&logged)
	for name, option := range map[string]httplimit.Option{
		"Cost":            httplimit.Cost(func(*http.Request) int64 { panic("cost") }),
		"a negative Cost": httplimit.Cost(func(*http.Request) int64 { return -1 }),
		"Exempt":          httplimit.Exempt(func(*http.Request) bool { panic("exempt") }),
	} {
		t.Run(name, func(t *testing.T) {
			r := request()
			for _, server := range []*http.Server{nil, {}} { // one, if any, that writes to the standard logger
				logged.Reset()
				if server != nil {
					r = r.WithContext(context.WithValue(t.Context(), http.ServerContextKey, server))
				}
				response := get(behind(ratelimit.Rate{}, 1, option), r)
				require.Equal(t, http.StatusInternalServerError, response.StatusCode)
				require.Equal(t, []string{"", "", ""}, fields(response))
				require.Contains(t, logged.String(), "panic: ")
			}
		})
	}
}

// It ends the goroutine, as it would in a handler, and lets nothing through.
func TestKeyFunctionCallsGoexit(t *testing.T) {
	key := func(*http.Request) int { runtime.Goexit(); return 0 }
	l := ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1)
	served := false
	h := httplimit.Middleware(l, key)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }))
	w := httptest.NewRecorder()
	var ended sync.WaitGroup
	ended.Go(func() { h.ServeHTTP(w, request()) })
	ended.Wait()
	require.False(t, served)
	require.False(t, w.Flushed || w.Body.Len() > 0)
	require.Zero(t, l.Len())
}

func TestErrAbortHandlerPasses(t *testing.T) {
	key := func(*http.Request) int { panic(http.ErrAbortHandler) }
	h := httplimit.Middleware(ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1), key)(hello)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { get(h, request()) })
}

func TestKeysThatCannotBeFoundAgain(t *testing.T) {
	for name, key := range map[string]any{"NaN": math.NaN(), "a slice": []int{1}, "a map": map[int]int{}} {
		t.Run(name, func(t *testing.T) {
			var next any = key
			l := ratelimit.NewKeyed[any](ratelimit.PerSecond(1), 5, 10)
			h := httplimit.Middleware(l, func(*http.Request) any { return next })(hello)
			for range 3 {
				response := get(h, request())
				require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
				require.Equal(t, []string{`"burst";q=5;w=5`, `"burst";r=0`, ""}, fields(response))
			}
			next = "ann"
			require.Equal(t, http.StatusOK, get(h, request()).StatusCode, "the limiter stays usable")
		})
	}
}
