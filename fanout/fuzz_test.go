package fanout_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/internal/testkit"
)

// ---- What runs a callback for each input -------------------------------------

// FuzzInputs has Map, Settle, ForEach and ByKey call a callback that returns, fails,
// panics, exits, ends the context or takes its time, as the program says, and checks
// what a plain loop over the same inputs would make true.
func FuzzInputs(f *testing.F) { testkit.Fuzz(f, fuzzInputs) }

func fuzzInputs(t *testing.T, p *testkit.Program) {
	const succeeds, fails, panics, exits, ends = 0, 1, 2, 3, 4
	workers, pending, keys, inputs := 1+p.Choose(9), 1+p.Choose(5), 1+p.Choose(6), p.Choose(100)
	way := p.Choose(4)
	kinds, costs := make([]int, inputs), make([]time.Duration, inputs)
	for i := range inputs {
		if p.Choose(8) == 0 {
			kinds[i] = p.Choose(5)
		}
		costs[i] = time.Duration(p.Choose(4)) * time.Second
	}
	cause := errors.New("the program ends the context")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var active atomic.Int64
	var over atomic.Int64 // when something has ended the work, in fake time; 0: not yet
	end := func() { over.CompareAndSwap(0, time.Now().UnixNano()) }
	started, finished := make([]atomic.Bool, inputs), make([]atomic.Bool, inputs)
	var latest [6]atomic.Int64 // of each key, the input after it
	callback := func(ctx context.Context, i int) (int, error) {
		require.False(t, started[i].Swap(true), "started twice")
		require.LessOrEqual(t, active.Add(1), int64(workers))
		defer active.Add(-1)
		if at := over.Load(); at != 0 {
			require.EqualValues(t, at, time.Now().UnixNano(), "started when all was at rest after the end")
		}
		if way == 3 {
			require.LessOrEqual(t, latest[i%keys].Swap(int64(i+1)), int64(i), "the order of the key")
		}
		time.Sleep(costs[i])
		if way == 3 {
			require.EqualValues(t, i+1, latest[i%keys].Load(), "alone with the key")
		}
		finished[i].Store(true)
		switch kinds[i] {
		case fails:
			if way != 1 {
				end()
			}
			return 0, errElement
		case panics:
			end()
			panic(i)
		case exits:
			if way != 1 {
				end()
			}
			runtime.Goexit()
		case ends:
			end()
			cancel(cause)
		}
		return -i, nil
	}

	var out []int
	var results []fanout.Result[int]
	var err error
	var raised any
	func() {
		defer func() { raised = recover() }()
		each := func(ctx context.Context, i int) error { _, err := callback(ctx, i); return err }
		switch way {
		case 0:
			out, err = fanout.Map(ctx, workers, integers[:inputs], callback)
		case 1:
			results = fanout.Settle(ctx, workers, integers[:inputs], callback)
		case 2:
			err = fanout.ForEach(ctx, workers, upTo(inputs), each)
		case 3:
			err = fanout.ByKey(ctx, workers, pending, upTo(inputs), func(i int) int { return i % keys }, each)
		}
	}()

	require.Zero(t, active.Load(), "running after the return")
	happened := map[int]int{} // by kind
	for i := range inputs {
		require.Equal(t, started[i].Load(), finished[i].Load())
		if finished[i].Load() {
			happened[kinds[i]]++
		}
	}
	all := happened[succeeds]+happened[fails]+happened[panics]+happened[exits]+happened[ends] == inputs
	require.Equal(t, happened[panics] > 0, raised != nil)
	if raised != nil {
		require.Equal(t, panics, kinds[raised.(*braid.PanicError).Value.(int)])
		return
	}
	for i, result := range out {
		want := 0
		if finished[i].Load() && kinds[i] != fails && kinds[i] != exits {
			want = -i
		}
		require.Equal(t, want, result)
	}
	for i, result := range results {
		switch {
		case !started[i].Load():
			require.Equal(t, fanout.Result[int]{Err: cause}, result)
		case kinds[i] == fails:
			require.Equal(t, fanout.Result[int]{Err: errElement}, result)
		case kinds[i] == exits:
			require.Equal(t, fanout.Result[int]{Err: braid.ErrGoexit}, result)
		default:
			require.Equal(t, fanout.Result[int]{Value: -i}, result)
		}
	}
	switch index, ok := err.(*fanout.IndexError); {
	case way == 1:
		require.True(t, all || happened[ends] > 0)
	case err == nil:
		require.True(t, all && happened[fails]+happened[exits] == 0)
	case ok:
		require.True(t, finished[index.Index].Load())
		require.Equal(t, map[int]error{fails: errElement, exits: braid.ErrGoexit}[kinds[index.Index]], index.Err)
	default:
		require.Equal(t, cause, err)
		require.Positive(t, happened[ends])
	}
}

// ---- Races -------------------------------------------------------------------

// FuzzRace has replicas answer after times that the program chooses, all different,
// and compares Quorum and Hedge with a calculation of who must have won, when it was
// decided, and when the last one had ended.
func FuzzRace(f *testing.F) { testkit.Fuzz(f, fuzzRace) }

func fuzzRace(t *testing.T, p *testkit.Program) {
	n := 1 + p.Choose(8)
	k, hedged := 1+p.Choose(n), p.Choose(2) == 1
	delay := time.Duration(p.Choose(50)) * time.Millisecond
	if hedged {
		k = 1
	} else {
		delay = 0
	}
	answers := make([]answer, n)
	for i := range answers {
		// No two sums of such powers are equal: nothing ever happens at the same time.
		after := time.Duration(p.Choose(100))*time.Millisecond + time.Duration(1<<(2*i))
		answers[i] = answer{after: after}
		switch p.Choose(4) {
		case 1:
			answers[i].err = errReplica
		case 2:
			answers[i] = answer{deaf: after}
		case 3:
			answers[i] = answer{deaf: after, err: errReplica}
		}
	}
	deadline := time.Duration(1+p.Choose(256))*time.Millisecond + 500*time.Microsecond
	cause := errors.New("the program ends the context")
	ctx, cancel := context.WithTimeoutCause(t.Context(), deadline, cause)
	defer cancel()

	r := &replicas{answers: answers}
	var got []int
	var err error
	begin := time.Now()
	if hedged {
		var one int
		if one, err = fanout.Hedge(ctx, delay, n, r.ask, r.discard); err == nil {
			got = []int{one}
		}
	} else {
		got, err = fanout.Quorum(ctx, k, integers[:n], r.ask, r.discard)
	}
	elapsed := time.Since(begin)
	require.Zero(t, r.running.Load())

	want := calculate(answers, k, hedged, delay, deadline)
	require.Equal(t, want.winners, got)
	require.Equal(t, want.discarded, r.discarded)
	require.Equal(t, want.asked, int(r.asked.Load()))
	require.Equal(t, want.elapsed, elapsed)
	if want.winners == nil {
		require.Equal(t, want.ended, errors.Is(err, cause))
		var indexes []int
		for _, one := range append(joined(err), err) {
			if one, ok := one.(*fanout.IndexError); ok {
				indexes = append(indexes, one.Index)
			}
		}
		require.Equal(t, want.failures, indexes)
	}
}

func joined(err error) []error {
	if err, ok := err.(interface{ Unwrap() []error }); ok {
		return err.Unwrap()
	}
	return nil
}

// raceResult is what must come of a race.
type raceResult struct {
	winners, discarded, failures []int
	asked                        int
	ended                        bool // an attempt failed because the context ended
	elapsed                      time.Duration
}

// calculate goes through the race, event by event.
func calculate(answers []answer, k int, hedged bool, delay, deadline time.Duration) (r raceResult) {
	const never = time.Duration(1 << 62)
	starts := make([]time.Duration, 0, len(answers))
	running := map[int]bool{}
	start := func(now time.Duration) {
		running[len(starts)] = true
		starts = append(starts, now)
	}
	start(0)
	for !hedged && len(starts) < len(answers) {
		start(0)
	}
	spare, decided, decision := len(answers)-k, false, never
	nextStart := delay
	for len(running) > 0 {
		// Who ends next, and when? Those that listen end with the decision or the context.
		next, now := -1, never
		for i := range running {
			end := starts[i] + answers[i].after + answers[i].deaf
			if answers[i].deaf == 0 {
				end = min(end, max(starts[i], min(decision, deadline)))
			}
			if end < now {
				next, now = i, end
			}
		}
		mayStart := !decided && len(starts) < len(answers)
		if mayStart && nextStart < now && nextStart < deadline {
			start(nextStart)
			nextStart += delay
			continue
		}
		delete(running, next)
		r.elapsed = max(r.elapsed, now)
		a := answers[next]
		cut := a.deaf == 0 && now < starts[next]+a.after
		switch {
		case !cut && a.err == nil && decided:
			r.discarded = append(r.discarded, next)
		case !cut && a.err == nil:
			if r.winners = append(r.winners, next); len(r.winners) == k {
				decided, decision = true, now
			}
		case decided:
		default:
			if now >= deadline {
				r.ended = true
			} else {
				r.failures = append(r.failures, next)
			}
			if spare--; spare < 0 {
				decided, decision = true, now
			}
			if mayStart && !decided && now < deadline {
				start(now)
				nextStart = now + delay
			}
		}
	}
	r.asked = len(starts)
	if len(r.winners) < k {
		r.ended = r.ended || !decided
		r.discarded, r.winners = append(r.winners, r.discarded...), nil
	}
	return r
}

// ---- A Hub -------------------------------------------------------------------

// FuzzHub has one goroutine do one thing after the other to a hub, lets everything
// come to rest each time, and compares what subscribers receive and miss with queues
// that do what the policies say.
func FuzzHub(f *testing.F) { testkit.Fuzz(f, fuzzHub) }

// modelSubscription is what a subscription should be.
type modelSubscription struct {
	real    *fanout.Subscription[int]
	policy  fanout.Policy
	buffer  int
	queue   []int
	missed  uint64
	ended   bool
	err     error
	waiting map[int]bool // the value of the publisher that waits for it
}

// modelPublisher is a Publish that may still be waiting.
type modelPublisher struct {
	cancel  context.CancelCauseFunc
	result  chan error
	waiting map[*modelSubscription]bool
	err     error
}

func fuzzHub(t *testing.T, p *testkit.Program) {
	hub, closed := fanout.NewHub[int](), false
	var subscriptions []*modelSubscription
	publishers := map[int]*modelPublisher{}
	cause := errors.New("the publisher leaves")
	served := func(s *modelSubscription, value int) {
		delete(s.waiting, value)
		delete(publishers[value].waiting, s)
	}
	end := func(s *modelSubscription, err error) {
		if !s.ended {
			s.ended, s.err = true, err
			for value := range s.waiting {
				if served(s, value); err == fanout.ErrClosed {
					publishers[value].err = err
				}
			}
		}
	}
	settle := func() {
		time.Sleep(time.Second) // a publisher that waits for many looks at all of them after a moment
		synctest.Wait()
		for value, one := range publishers {
			select {
			case err := <-one.result:
				require.Empty(t, one.waiting, "value %d: returned before all were served", value)
				require.ErrorIs(t, err, one.err)
				require.Equal(t, one.err == nil, err == nil)
				delete(publishers, value)
			default:
				require.NotEmpty(t, one.waiting, "value %d: does not return", value)
			}
		}
	}
	receive := func(s *modelSubscription) {
		select {
		case value, open := <-s.real.C():
			switch {
			case len(s.queue) > 0:
				require.True(t, open)
				require.Equal(t, s.queue[0], value)
				s.queue = s.queue[1:]
				for value := range s.waiting { // it takes the room
					s.queue = append(s.queue, value)
					served(s, value)
				}
			case len(s.waiting) > 0:
				require.True(t, open)
				require.Contains(t, s.waiting, value)
				served(s, value)
			default:
				require.False(t, open, "value %d out of nowhere", value)
				require.True(t, s.ended)
			}
		default:
			require.Empty(t, s.queue)
			require.False(t, s.ended)
			require.Empty(t, s.waiting)
		}
	}

	for value := 1; len(*p) > 0; value++ {
		switch choice := p.Choose(16); {
		case choice < 3:
			s := &modelSubscription{policy: fanout.Policy(p.Choose(4)), buffer: p.Choose(4), waiting: map[int]bool{}}
			s.real = hub.Subscribe(s.buffer, s.policy)
			if closed {
				end(s, fanout.ErrClosed)
			}
			subscriptions = append(subscriptions, s)
		case choice < 8:
			if len(publishers) > 0 {
				continue // the model does not know which of several gets the room
			}
			one := &modelPublisher{result: make(chan error, 1), waiting: map[*modelSubscription]bool{}}
			var ctx context.Context
			ctx, one.cancel = context.WithCancelCause(t.Context())
			publishers[value] = one
			go func() { one.result <- hub.Publish(ctx, value) }()
			if closed {
				one.err = fanout.ErrClosed
			}
			for _, s := range subscriptions {
				switch {
				case s.ended:
				case len(s.queue) < s.buffer:
					s.queue = append(s.queue, value)
				case s.policy == fanout.Block:
					s.waiting[value], one.waiting[s] = true, true
				case s.policy == fanout.DropOldest && s.buffer > 0:
					s.queue, s.missed = append(s.queue[1:], value), s.missed+1
				case s.policy == fanout.Disconnect:
					s.missed++
					end(s, fanout.ErrSlow)
				default:
					s.missed++
				}
			}
		case choice < 13:
			if len(subscriptions) > 0 {
				receive(subscriptions[p.Choose(len(subscriptions))])
			}
		case choice < 14:
			for value, one := range publishers {
				one.cancel(cause)
				one.err = cause
				for s := range one.waiting {
					s.missed++
					served(s, value)
				}
			}
		case choice < 15:
			if len(subscriptions) > 0 {
				s := subscriptions[p.Choose(len(subscriptions))]
				s.real.Close()
				end(s, nil)
			}
		case p.Choose(8) == 0:
			require.NoError(t, hub.Close())
			closed = true
			for _, s := range subscriptions {
				end(s, fanout.ErrClosed)
			}
		}
		settle()
		for _, s := range subscriptions {
			require.Equal(t, s.missed, s.real.Dropped())
			require.Equal(t, s.err, s.real.Err())
		}
	}
	hub.Close()
	for _, s := range subscriptions {
		end(s, fanout.ErrClosed)
	}
	settle()
	for _, s := range subscriptions {
		for range len(s.queue) + 1 { // what is left, and then that it is closed
			receive(s)
		}
	}
}

// ---- A Flight ----------------------------------------------------------------

// FuzzFlight has callers come and leave, and keys forgotten, at times that the
// program chooses, and compares what everybody gets, and when, with a calculation.
func FuzzFlight(f *testing.F) { testkit.Fuzz(f, fuzzFlight) }

// flightCaller is a caller, and the call that it would make.
type flightCaller struct {
	key           int
	start, leave  time.Duration // its context ends at leave; 0: never
	takes         time.Duration
	how           int  // the call ends
	deaf          bool // to its context
	forgetsBefore bool // it comes
}

// The ways in which a call ends.
const (
	callSucceeds = iota
	callFails
	callPanics
	callExits
)

// flightOutcome is what became of a caller.
type flightOutcome struct {
	value  int
	shared bool
	err    error
	how    int // callPanics: it was raised; callExits: it has ended the caller
	at     time.Duration
}

var errLeft = errors.New("the caller has left")

func fuzzFlight(t *testing.T, p *testkit.Program) {
	callers := make([]flightCaller, 1+p.Choose(10))
	for i := range callers {
		// Starts, leaves and ends fall on different microseconds, all of them.
		c := flightCaller{key: p.Choose(2), how: p.Choose(4) * p.Choose(2), deaf: p.Choose(3) == 0, forgetsBefore: p.Choose(6) == 0}
		c.start = time.Duration(p.Choose(20))*time.Second + time.Duration(i)*time.Microsecond
		if p.Choose(3) > 0 {
			c.leave = time.Duration(p.Choose(30))*time.Second + time.Duration(100+i)*time.Microsecond
		}
		c.takes = time.Duration(p.Choose(15))*time.Second + 200*time.Microsecond
		callers[i] = c
	}
	var flight fanout.Flight[int, int]
	begin := time.Now()
	outcomes := make([]flightOutcome, len(callers))
	var all sync.WaitGroup
	for i, c := range callers {
		all.Go(func() {
			ctx := context.Background()
			if c.leave > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadlineCause(ctx, begin.Add(c.leave), errLeft)
				defer cancel()
			}
			time.Sleep(c.start)
			if c.forgetsBefore {
				flight.Forget(c.key)
			}
			o := flightOutcome{how: callExits}
			defer func() {
				if panicked, ok := recover().(*braid.PanicError); ok {
					require.Equal(t, "broken", panicked.Value)
					o.how = callPanics
				}
				o.at = time.Since(begin)
				outcomes[i] = o
			}()
			o.value, o.shared, o.err = flight.Do(ctx, c.key, func(ctx context.Context) (int, error) { return c.call(ctx, i) })
			o.how = callSucceeds
		})
	}
	all.Wait()
	require.NoError(t, flight.Close())
	require.Equal(t, calculateFlight(callers), outcomes)
}

func (c flightCaller) call(ctx context.Context, i int) (int, error) {
	if c.deaf {
		ctx = context.Background()
	}
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	switch c.how {
	case callPanics:
		panic("broken")
	case callExits:
		runtime.Goexit()
	case callFails:
		return 0, errElement
	}
	return i, nil
}

// calculateFlight goes through what happens, event by event.
func calculateFlight(callers []flightCaller) []flightOutcome {
	type call struct {
		by        int
		end       time.Duration
		waiting   []int // callers
		abandoned bool
	}
	outcomes := make([]flightOutcome, len(callers))
	joinable := map[int]*call{}
	var running []*call
	const never = time.Duration(1 << 62)
	came, left := make([]bool, len(callers)), make([]bool, len(callers))
	for {
		now, event := never, func() {}
		at := func(when time.Duration, what func()) {
			if when < now {
				now, event = when, what
			}
		}
		for i, c := range callers {
			if !came[i] {
				at(c.start, func() {
					came[i] = true
					if c.forgetsBefore {
						delete(joinable, c.key)
					}
					if c.leave > 0 && c.leave < now {
						outcomes[i] = flightOutcome{err: errLeft, at: now}
						left[i] = true
					} else if shared := joinable[c.key]; shared != nil {
						shared.waiting = append(shared.waiting, i)
					} else {
						joinable[c.key] = &call{by: i, end: now + c.takes, waiting: []int{i}}
						running = append(running, joinable[c.key])
					}
				})
			} else if c.leave > 0 && !left[i] {
				at(c.leave, func() {
					left[i] = true
					for _, r := range running {
						place := slices.Index(r.waiting, i)
						if place < 0 || r.abandoned {
							continue
						}
						if len(r.waiting) > 1 {
							r.waiting = slices.Delete(r.waiting, place, place+1)
							outcomes[i] = flightOutcome{err: errLeft, at: now}
							continue
						}
						if r.abandoned = true; joinable[c.key] == r {
							delete(joinable, c.key)
						}
						if !callers[r.by].deaf {
							r.end = now
						}
					}
				})
			}
		}
		for place, r := range running {
			at(r.end, func() {
				running = slices.Delete(running, place, place+1)
				by := callers[r.by]
				if joinable[by.key] == r {
					delete(joinable, by.key)
				}
				for _, i := range r.waiting {
					o := flightOutcome{shared: len(r.waiting) > 1, at: now}
					switch how := by.how; {
					case r.abandoned && !by.deaf:
						o = flightOutcome{err: errLeft, at: now}
					case how == callPanics:
						o = flightOutcome{how: callPanics, at: now}
					case r.abandoned && how != callSucceeds:
						o = flightOutcome{err: errLeft, at: now}
					case how == callExits && i == r.by && by.leave == 0:
						o = flightOutcome{how: callExits, at: now}
					case how == callExits:
						o.err = braid.ErrGoexit
					case how == callFails:
						o.err = errElement
					default:
						o.value = r.by
					}
					outcomes[i], left[i] = o, true
				}
			})
		}
		if now == never {
			return outcomes
		}
		event()
	}
}
