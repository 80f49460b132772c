package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
)

// An answer of a replica: how long it takes, and what comes then.
type answer struct {
	after  time.Duration
	err    error
	panics any
	exits  bool
	deaf   time.Duration // ignores its context for so long
}

func (a answer) give(ctx context.Context) error {
	if a.deaf > 0 {
		time.Sleep(a.deaf)
		ctx = context.Background()
	}
	select {
	case <-time.After(a.after):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if a.panics != nil {
		panic(a.panics)
	}
	if a.exits {
		runtime.Goexit()
	}
	return a.err
}

// replicas answers with the number of the replica that was asked.
type replicas struct {
	answers  []answer
	asked    atomic.Int64
	running  atomic.Int64
	contexts sync.Map // by replica

	mu        sync.Mutex
	discarded []int
}

func (r *replicas) ask(ctx context.Context, replica int) (int, error) {
	r.asked.Add(1)
	r.running.Add(1)
	defer r.running.Add(-1)
	r.contexts.Store(replica, ctx)
	return replica, r.answers[replica].give(ctx)
}

func (r *replicas) discard(replica int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.discarded = append(r.discarded, replica)
}

func (r *replicas) context(replica int) context.Context {
	ctx, _ := r.contexts.Load(replica)
	return ctx.(context.Context)
}

// racing are the three ways to have one of several replicas answer.
var racing = map[string]func(ctx context.Context, r *replicas) (int, error){
	"First": func(ctx context.Context, r *replicas) (int, error) {
		return fanout.First(ctx, integers[:len(r.answers)], r.ask, r.discard)
	},
	"Quorum of 1": func(ctx context.Context, r *replicas) (int, error) {
		return only(fanout.Quorum(ctx, 1, integers[:len(r.answers)], r.ask, r.discard))
	},
	"Hedge without delay": func(ctx context.Context, r *replicas) (int, error) {
		return fanout.Hedge(ctx, 0, len(r.answers), r.ask, r.discard)
	},
	"Hedge": func(ctx context.Context, r *replicas) (int, error) {
		return fanout.Hedge(ctx, time.Nanosecond, len(r.answers), r.ask, r.discard)
	},
}

func only(results []int, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return results[0], nil
}

var errReplica = errors.New("the replica failed")

func TestRace(t *testing.T) {
	const second = time.Second
	for name, run := range racing {
		for _, c := range []struct {
			name      string
			answers   []answer
			want      int
			fails     []int // these have failed, if the race is lost
			after     time.Duration
			discarded []int
		}{
			{"the quickest wins", []answer{{after: 3 * second}, {after: second}, {after: 2 * second}}, 1, nil, second, nil},
			{"alone", []answer{{after: second}}, 0, nil, second, nil},
			{"a failure is no answer", []answer{{err: errReplica}, {after: second}}, 1, nil, second, nil},
			{"Goexit is no answer", []answer{{exits: true}, {after: second}}, 1, nil, second, nil},
			{"all fail", []answer{{after: 2 * second, err: errReplica}, {after: second, err: errReplica}}, 0, []int{1, 0}, 2 * second, nil},
			{"a loser that ignores its context is waited for", []answer{{deaf: 5 * second}, {after: second}}, 1, nil, 5 * second, []int{0}},
			{"all late results are discarded", []answer{{deaf: 5 * second}, {after: second}, {deaf: 4 * second}}, 1, nil, 5 * second, []int{2, 0}},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := &replicas{answers: c.answers}
					begin := time.Now()
					got, err := run(t.Context(), r)
					require.Zero(t, r.running.Load(), "everybody is waited for")
					require.Equal(t, c.after, time.Since(begin).Truncate(time.Millisecond))
					require.Equal(t, c.discarded, r.discarded)
					if c.fails != nil {
						require.Equal(t, c.fails, indexes(err), "all errors, in the order they came")
						require.ErrorIs(t, err, errReplica)
						return
					}
					require.NoError(t, err)
					require.Equal(t, c.want, got)
					for replica := range c.answers {
						if replica == c.want {
							require.NoError(t, r.context(replica).Err(), "the winner's context lives")
						} else {
							require.Error(t, r.context(replica).Err(), "the others' does not")
						}
					}
				})
			})
		}
	}
}

// indexes are those of the errors that err joins.
func indexes(err error) (list []int) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, one := range joined.Unwrap() {
		list = append(list, one.(*fanout.IndexError).Index)
	}
	return list
}

func TestRaceEndsWithTheContext(t *testing.T) {
	for name, run := range racing {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cause := errors.New("the caller left")
				dead, cancel := context.WithCancelCause(t.Context())
				cancel(cause)
				r := &replicas{answers: make([]answer, 3)}
				_, err := run(dead, r)
				require.Equal(t, cause, err)
				require.Zero(t, r.asked.Load(), "nothing starts")

				ctx, stop := context.WithTimeoutCause(t.Context(), time.Second, cause)
				defer stop()
				r = &replicas{answers: []answer{{after: time.Hour}, {after: time.Minute}}}
				_, err = run(ctx, r)
				require.Equal(t, cause, err, "the failures are its consequence")

				ctx, stop = context.WithTimeoutCause(t.Context(), time.Second, cause)
				defer stop()
				r = &replicas{answers: []answer{{err: errReplica}, {after: time.Minute}}}
				_, err = run(ctx, r)
				require.ErrorIs(t, err, cause)
				require.ErrorIs(t, err, errReplica, "this one failed before")

				ctx, stop = context.WithTimeoutCause(t.Context(), time.Second, cause)
				defer stop()
				r = &replicas{answers: []answer{{deaf: time.Minute}, {after: time.Hour}}}
				got, err := run(ctx, r)
				require.NoError(t, err, "a finished result is handed over even to a dead context")
				require.Zero(t, got)
			})
		})
	}
}

func TestRacePanics(t *testing.T) {
	for name, run := range racing {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &replicas{answers: []answer{{after: 2 * time.Second, panics: "broken"}, {after: time.Hour}, {deaf: 3 * time.Second, err: errReplica}}}
				func() {
					defer func() {
						panicked := recover().(*braid.PanicError)
						require.Equal(t, "broken", panicked.Value)
						require.Contains(t, string(panicked.Stack), "fanout_test.answer.give")
						require.Zero(t, r.running.Load(), "raised after the others have ended")
					}()
					run(t.Context(), r)
				}()

				// A panic is loud even if somebody has won: the winner's result is discarded.
				r = &replicas{answers: []answer{{after: time.Second}, {deaf: 2 * time.Second, panics: io.ErrNoProgress}}}
				func() {
					defer func() {
						require.ErrorIs(t, recover().(error), io.ErrNoProgress)
						require.Equal(t, []int{0}, r.discarded)
					}()
					run(t.Context(), r)
				}()
			})
		})
	}
}

func TestDiscardGetsThroughTheListEvenIfItPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var discarded []int
		defer func() {
			require.Equal(t, "cannot close", recover().(*braid.PanicError).Value)
			slices.Sort(discarded)
			require.Equal(t, []int{0, 1, 2}, discarded, "the winner, too: it is not returned")
		}()
		fanout.First(t.Context(), []int{0, 1, 2}, func(ctx context.Context, i int) (int, error) {
			time.Sleep(time.Duration(i) * time.Second)
			return i, nil
		}, func(i int) {
			discarded = append(discarded, i)
			panic("cannot close")
		})
	})
}

func TestFirstWithoutInput(t *testing.T) {
	_, err := fanout.First(t.Context(), nil, func(context.Context, int) (int, error) { return 0, nil }, nil)
	require.ErrorIs(t, err, fanout.ErrNoInput)
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = fanout.First(dead, nil, func(context.Context, int) (int, error) { return 0, nil }, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestQuorum(t *testing.T) {
	const second = time.Second
	for _, c := range []struct {
		name            string
		k               int
		answers         []answer
		want, discarded []int
		fails           []int
		after           time.Duration
	}{
		{"the first two, in the order they came", 2, []answer{{after: 2 * second}, {after: 9 * second}, {after: second}}, []int{2, 0}, nil, nil, 2 * second},
		{"all of them", 3, []answer{{after: second}, {}, {after: 2 * second}}, []int{1, 0, 2}, nil, nil, 2 * second},
		{"as many fail as may", 2, []answer{{err: errReplica}, {after: second}, {after: 2 * second}}, []int{1, 2}, nil, nil, 2 * second},
		{"out of reach ends it at once", 2, []answer{{after: time.Hour}, {after: second, err: errReplica}, {after: 2 * second, err: errReplica}}, nil, nil, []int{1, 2}, 2 * second},
		{"out of reach: what was there is discarded", 3, []answer{{}, {after: second, err: errReplica}, {after: time.Hour}}, nil, []int{0}, []int{1}, second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &replicas{answers: c.answers}
				begin := time.Now()
				got, err := fanout.Quorum(t.Context(), c.k, integers[:len(c.answers)], r.ask, r.discard)
				require.Equal(t, c.after, time.Since(begin))
				require.Zero(t, r.running.Load())
				require.Equal(t, c.want, got)
				require.Equal(t, c.discarded, r.discarded)
				require.Equal(t, c.fails, indexes(err))
				for replica := range c.answers {
					require.Equal(t, slices.Contains(c.want, replica), r.context(replica).Err() == nil)
				}
			})
		})
	}
}

func TestHedge(t *testing.T) {
	const second = time.Second
	for _, c := range []struct {
		name    string
		delay   time.Duration
		answers []answer
		want    int
		asked   int64
		after   time.Duration
	}{
		{"a quick answer costs one attempt", second, []answer{{after: second / 2}, {}}, 0, 1, second / 2},
		{"a slow one is overtaken", second, []answer{{after: time.Hour}, {after: second}}, 1, 2, 2 * second},
		{"or still wins", second, []answer{{after: 3 * second / 2}, {after: second}}, 0, 2, 3 * second / 2},
		{"each attempt after another delay", second, []answer{{after: time.Hour}, {after: time.Hour}, {after: second / 2}}, 2, 3, 5 * second / 2},
		{"a failure has the next one start at once", time.Minute, []answer{{after: second, err: errReplica}, {after: second}}, 1, 2, 2 * second},
		{"and the delay begins anew", 2 * second, []answer{{after: second, err: errReplica}, {after: time.Hour}, {after: second}}, 2, 3, 4 * second},
		{"a spent budget stops new attempts only", second, []answer{{after: 10 * second}, {after: time.Hour}}, 0, 2, 10 * second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &replicas{answers: c.answers}
				begin := time.Now()
				got, err := fanout.Hedge(t.Context(), c.delay, len(c.answers), r.ask, r.discard)
				require.NoError(t, err)
				require.Equal(t, c.want, got)
				require.Equal(t, c.asked, r.asked.Load())
				require.Equal(t, c.after, time.Since(begin))
			})
		})
	}
}

func TestHedgeStartsNothingAfterTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := &replicas{answers: []answer{{deaf: time.Minute, err: errReplica}, {}, {}}}
		_, err := fanout.Hedge(ctx, 2*time.Second, 3, r.ask, nil) // the timer fires after the context's end
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualValues(t, 1, r.asked.Load())
	})
}

func TestHedgeOfManyAttemptsCostsWhatIsStarted(t *testing.T) {
	got, err := fanout.Hedge(t.Context(), time.Hour, math.MaxInt, func(context.Context, int) (string, error) { return "quick", nil }, nil)
	require.NoError(t, err)
	require.Equal(t, "quick", got)
}

// A winner's response body is read after the race, which has cancelled all others.
func TestWinnersBodyIsStillReadable(t *testing.T) {
	const size = 4 << 20 // more than any buffer holds
	stuck := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/0" {
			select {
			case <-r.Context().Done(): // the loser is cancelled
			case <-stuck:
			}
			return
		}
		io.WriteString(w, strings.Repeat("x", size))
	}))
	defer server.Close()
	defer close(stuck)
	defer server.Client().CloseIdleConnections()

	get := func(ctx context.Context, i int) (*http.Response, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprint(server.URL, "/", i), nil)
		if err != nil {
			return nil, err
		}
		return server.Client().Do(request)
	}
	discard := func(r *http.Response) { r.Body.Close() }
	for name, race := range map[string]func(context.Context) (*http.Response, error){
		"First": func(ctx context.Context) (*http.Response, error) { return fanout.First(ctx, []int{0, 1}, get, discard) },
		"Hedge": func(ctx context.Context) (*http.Response, error) {
			return fanout.Hedge(ctx, time.Millisecond, 2, get, discard)
		},
		"Quorum": func(ctx context.Context) (*http.Response, error) {
			responses, err := fanout.Quorum(ctx, 1, []int{0, 1}, get, discard)
			return append(responses, nil)[0], err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		response, err := race(ctx)
		require.NoError(t, err, name)
		n, err := io.Copy(io.Discard, response.Body)
		require.NoError(t, err, name)
		require.EqualValues(t, size, n, name)
		require.NoError(t, response.Body.Close())
		cancel()
	}
}
