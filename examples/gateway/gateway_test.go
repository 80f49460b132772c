package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

func TestAnswers(t *testing.T) {
	type replicas []http.Handler
	failing, hanging := http.HandlerFunc(fails), http.HandlerFunc(hangs)
	for name, c := range map[string]struct {
		replicas replicas
		target   string
		status   int
		says     string
		asked    string
		took     time.Duration
	}{
		"first: the quickest": {
			replicas{says(1, 9*ms), says(2, 5*ms), hanging}, "/item/tea?by=first", 200, `{"value":2}`, "3", 5 * ms},
		"first: not the one that fails": {
			replicas{failing, says(2, 5*ms), hanging}, "/item/tea?by=first", 200, `{"value":2}`, "3", 5 * ms},
		"hedge: one is enough": {
			replicas{says(1, 9*ms), says(2), says(3)}, "/item/tea?by=hedge", 200, `{"value":1}`, "1", 9 * ms},
		"hedge is the default": {
			replicas{says(1, 9*ms), says(2), says(3)}, "/item/tea", 200, `{"value":1}`, "1", 9 * ms},
		"hedge: another after the delay": {
			replicas{hanging, says(2, 5*ms), says(3)}, "/item/tea", 200, `{"value":2}`, "2", 15 * ms},
		"hedge: the slow one may still win": {
			replicas{says(1, 12*ms), says(2, 5*ms), says(3)}, "/item/tea", 200, `{"value":1}`, "2", 12 * ms},
		"hedge: another at once after a failure": {
			replicas{failing, says(2, 5*ms), says(3)}, "/item/tea", 200, `{"value":2}`, "2", 5 * ms},
		"hedge: all are asked in the end": {
			replicas{hanging, hanging, says(3, 5*ms)}, "/item/tea", 200, `{"value":3}`, "3", 25 * ms},
		"quorum: two of three": {
			replicas{says(1, 5*ms), hanging, says(1, 9*ms)}, "/item/tea?by=quorum", 200, `{"value":1}`, "3", 9 * ms},
		"quorum: values agree, not bodies": {
			replicas{sends(`{"value":"x","n":1}`), sends(`{"n":2, "value":"x"}`)}, "/item/tea?by=quorum", 200, `"value":"x"`, "2", 0},
		"quorum: one of one": {
			replicas{says(1)}, "/item/tea?by=quorum", 200, `{"value":1}`, "1", 0},
		"quorum: no agreement": {
			replicas{says(1, 5*ms), hanging, says(2, 9*ms)}, "/item/tea?by=quorum", 502, "no agreement among 0, 2", "3", 9 * ms},
		"quorum: too many fail": {
			replicas{says(1), failing, failing}, "/item/tea?by=quorum", 502, "1: 500 Internal Server Error", "3", 0},
		"first: all fail": {
			replicas{failing, failing}, "/item/tea?by=first", 502, "1: 500 Internal Server Error", "2", 0},
		"hedge: all fail": {
			replicas{failing, failing}, "/item/tea", 502, "input 0: 0: 500 Internal Server Error\ninput 1: 1: 500 Internal Server Error\n", "2", 0},
		"nobody answers": {
			replicas{hanging, hanging}, "/item/tea", 504, "deadline exceeded", "2", answerWithin},
		"another status is a failure": {
			replicas{http.NotFoundHandler()}, "/item/tea", 502, "0: 404 Not Found", "1", 0},
		"not JSON": {
			replicas{sends("tea")}, "/item/tea", 502, "0: invalid character", "1", 0},
		"JSON without a value": {
			replicas{sends("{}")}, "/item/tea", 502, "0: the answer has no value", "1", 0},
		"a null is a value": {
			replicas{sends(`{"value":null}`)}, "/item/tea", 200, "null", "1", 0},
		"too large": {
			replicas{says(strings.Repeat("x", largest))}, "/item/tea", 502, "0: the answer is larger than 16777216 bytes", "1", 0},
		"unknown way": {
			replicas{hanging}, "/item/tea?by=luck", 400, `by is "luck", want first, quorum or hedge`, "", 0},
		"a name that leads elsewhere": {
			replicas{hanging}, "/item/%2e%2e", 400, "leads elsewhere", "", 0},
		"no name": {
			replicas{hanging}, "/item/", 404, "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := inMemory(t, 10*ms, c.replicas...)
				began := time.Now()
				w := ask(t.Context(), g, c.target)
				require.Equal(t, c.took, time.Since(began))
				require.Equal(t, c.status, w.Code, w.Body)
				require.Contains(t, w.Body.String(), c.says)
				require.Equal(t, c.asked, w.Header().Get("Gateway-Asked"))
				if c.status == http.StatusOK {
					require.Equal(t, "application/json", w.Header().Get("Content-Type"))
				}
			})
		})
	}
}

func TestHedgedQuestionsBeginInTurn(t *testing.T) {
	g := inMemory(t, time.Hour, says(0), says(1), says(2))
	for i := range 7 {
		require.JSONEq(t, fmt.Sprintf(`{"value":%d}`, i%3), ask(t.Context(), g, "/item/tea").Body.String())
	}
}

func TestNamesArriveAsTheyWere(t *testing.T) {
	_, at := onLoopback(t, nil, examples()[0].handler())
	for _, target := range []string{"a%2Fb", "gr%C3%BC%C3%9Fe", "%3Fx=1%26y", "a%2F..%2F..%2Fb", "100%25", "a%20b"} {
		status, _, body, err := get(t.Context(), at+"/item/"+target)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, body)
		name := httptest.NewRequest(http.MethodGet, "/"+target, nil).URL.Path[1:]
		require.JSONEq(t, fmt.Sprintf(`{"item":%q,"replica":"quick","value":%d}`, name, valueOf(name)), body)
	}
}

// Also a gateway in front of gateways: what one answers is what another asks for.
func TestOverRealConnections(t *testing.T) {
	_, a := onLoopback(t, nil, says("x"), http.HandlerFunc(fails), http.HandlerFunc(hangs))
	inner, err := parseReplica(a)
	require.NoError(t, err)
	outer := newGateway([]replica{inner, inner}, time.Millisecond, newTransport(), quiet)
	defer outer.close()
	s, err := start("127.0.0.1:0", outer.handler(), quiet)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.stop()) }()
	for _, at := range []string{a, "http://" + s.host} {
		for _, by := range []string{"first", "hedge", "hedge", "hedge"} { // each replica has been the first to be asked
			status, header, body, err := get(t.Context(), at+"/item/tea?by="+by)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status, body)
			require.Equal(t, "application/json", header.Get("Content-Type"))
			require.JSONEq(t, `{"value":"x"}`, body)
		}
	}
}

// The replicas send the bulk of their bodies when the gateway has begun to read one,
// which it does when the race is over: the losers have been cancelled, the
// winners must not be.
func TestWinnersAreReadAfterTheRace(t *testing.T) {
	value := strings.Repeat("x", 3<<20)
	for _, by := range []string{"first", "quorum", "hedge"} {
		t.Run(by, func(t *testing.T) {
			decided := make(chan struct{})
			var once sync.Once
			counted := &bodies{firstRead: func() { once.Do(func() { close(decided) }) }}
			large := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, `{"value":"`)
				http.NewResponseController(w).Flush()
				select {
				case <-decided:
				case <-r.Context().Done(): // a loser
					return
				}
				io.WriteString(w, value+`"}`)
			})
			_, at := onLoopback(t, counted.layer, large, large, large)
			status, _, body, err := get(t.Context(), at+"/item/tea?by="+by)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, `{"value":"`+value+`"}`, body)
			require.Equal(t, counted.opened.Load(), counted.closed.Load())
		})
	}
}

// A replica can have answered before it hears that it has lost.
func TestLateBodiesAreClosed(t *testing.T) {
	for by, c := range map[string]struct {
		stubborn   []bool // who answers only when it is too late
		read, late int64
	}{
		"first":  {[]bool{true, false, true}, 1, 2},
		"hedge":  {[]bool{true, true, false}, 1, 2},
		"quorum": {[]bool{false, true, false}, 2, 1},
	} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var handlers []http.Handler
				for range c.stubborn {
					handlers = append(handlers, says("x"))
				}
				g := inMemory(t, 10*ms, handlers...)
				var counted bodies
				g.client.Transport = counted.layer(roundTripper(func(r *http.Request) (*http.Response, error) {
					if i := r.URL.Host[0] - '0'; c.stubborn[i] {
						<-r.Context().Done() // until the race is decided
					}
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"value":"x"}`))}, nil
				}))
				w := ask(t.Context(), g, "/item/tea?by="+by)
				require.Equal(t, http.StatusOK, w.Code, w.Body)
				require.Equal(t, c.read+c.late, counted.opened.Load())
				require.Equal(t, c.read+c.late, counted.closed.Load())
				require.Equal(t, c.read, counted.read.Load())
			})
		})
	}
}

func TestRepliesThatCannotBeReadAreClosed(t *testing.T) {
	g := inMemory(t, time.Hour, sends("not JSON"), sends("{}"))
	var counted bodies
	g.client.Transport = counted.layer(g.client.Transport)
	w := ask(t.Context(), g, "/item/tea?by=quorum")
	require.Equal(t, http.StatusBadGateway, w.Code)
	require.Contains(t, w.Body.String(), "0: invalid character")
	require.Contains(t, w.Body.String(), "1: the answer has no value")
	require.EqualValues(t, 2, counted.closed.Load())
}

func TestNoBodyIsLeftOpen(t *testing.T) {
	var counted bodies
	var handlers []http.Handler
	for _, s := range examples() {
		handlers = append(handlers, s.handler())
	}
	_, at := onLoopback(t, counted.layer, handlers...)
	var clients sync.WaitGroup
	for i := range 30 {
		clients.Go(func() {
			by := []string{"first", "quorum", "hedge"}[i%3]
			_, _, _, err := get(t.Context(), fmt.Sprintf("%s/item/%d?by=%s", at, i, by))
			if err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
	require.GreaterOrEqual(t, counted.opened.Load(), int64(30))
	require.Equal(t, counted.opened.Load(), counted.closed.Load())
}

func TestClientThatLeavesFreesTheReplicas(t *testing.T) {
	for _, by := range []string{"first", "quorum", "hedge"} {
		t.Run(by, func(t *testing.T) {
			arrived, freed := make(chan struct{}, 3), make(chan struct{}, 3)
			waits := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				<-r.Context().Done()
				freed <- struct{}{}
			})
			_, at := onLoopback(t, nil, waits, waits, waits)
			ctx, leave := context.WithCancel(t.Context())
			var client sync.WaitGroup
			client.Go(func() {
				if _, _, _, err := get(ctx, at+"/item/tea?by="+by); err == nil {
					t.Error("an answer from nobody")
				}
			})
			for range 3 {
				<-arrived
			}
			leave()
			began := time.Now()
			for range 3 {
				<-freed
			}
			require.Less(t, time.Since(began), answerWithin, "it is not the time limit that has freed them")
			client.Wait()
		})
	}
}

func TestThousandEqualRequestsAreOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		release := make(chan struct{})
		replica := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			<-release // closed below
			says("x")(w, r)
		})
		g := inMemory(t, time.Hour, replica, replica, replica)
		told := g.events.Subscribe(2000, 0)
		defer told.Close()

		recorders := make([]*httptest.ResponseRecorder, 1000)
		ctx, leave := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		for i := range recorders {
			clients.Go(func() {
				if i == 0 {
					ask(ctx, g, "/item/tea?by=quorum") // and leaves
				} else {
					recorders[i] = ask(t.Context(), g, "/item/tea?by=quorum")
				}
			})
		}
		synctest.Wait()
		require.EqualValues(t, 3, asked.Load(), "one round")
		other := make(chan *httptest.ResponseRecorder, 1)
		go func() { other <- ask(t.Context(), g, "/item/tea?by=first") }()
		synctest.Wait()
		require.EqualValues(t, 6, asked.Load(), "another way to ask is another question")

		leave()
		synctest.Wait()
		close(release)
		clients.Wait()
		for _, w := range recorders[1:] {
			require.Equal(t, http.StatusOK, w.Code)
			require.JSONEq(t, `{"value":"x"}`, w.Body.String())
		}
		require.Equal(t, http.StatusOK, (<-other).Code)
		require.EqualValues(t, 6, asked.Load())

		shared := 0
		for range 1000 { // one has left, and one asked another question
			if e := <-told.C(); e.Shared {
				shared++
			}
		}
		require.Equal(t, 999, shared)
	})
}

func TestCloseEndsWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := inMemory(t, time.Hour, http.HandlerFunc(hangs))
		began, answered := time.Now(), make(chan *httptest.ResponseRecorder, 1)
		go func() { answered <- ask(t.Context(), g, "/item/tea") }()
		synctest.Wait()
		g.close()
		require.Equal(t, http.StatusBadGateway, (<-answered).Code)
		require.Zero(t, time.Since(began))
	})
}
