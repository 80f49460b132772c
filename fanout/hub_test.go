package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/fanout"
)

// drain receives what waits in s, without waiting.
func drain(s *fanout.Subscription[int]) (values []int) {
	for {
		select {
		case v, open := <-s.C():
			if !open {
				return values
			}
			values = append(values, v)
		default:
			return values
		}
	}
}

func isClosed(s *fanout.Subscription[int]) bool {
	select {
	case _, open := <-s.C():
		return !open
	default:
		return false
	}
}

func publish(t *testing.T, hub *fanout.Hub[int], values ...int) {
	t.Helper()
	for _, v := range values {
		require.NoError(t, hub.Publish(t.Context(), v))
	}
}

// Each policy does what its name says, and counts what its subscriber has missed.
func TestHubPolicies(t *testing.T) {
	for _, c := range []struct {
		policy  fanout.Policy
		buffer  int
		got     []int
		dropped uint64
		err     error
	}{
		{fanout.Block, 5, []int{1, 2, 3, 4, 5}, 0, nil},
		{fanout.DropOldest, 2, []int{4, 5}, 3, nil},
		{fanout.DropOldest, 1, []int{5}, 4, nil},
		{fanout.DropOldest, 0, nil, 5, nil},
		{fanout.DropNewest, 2, []int{1, 2}, 3, nil},
		{fanout.DropNewest, 0, nil, 5, nil},
		{fanout.Disconnect, 2, []int{1, 2}, 1, fanout.ErrSlow},
		{fanout.Disconnect, 0, nil, 1, fanout.ErrSlow},
		{fanout.Disconnect, 5, []int{1, 2, 3, 4, 5}, 0, nil},
	} {
		t.Run(fmt.Sprint(c.policy, ", room for ", c.buffer), func(t *testing.T) {
			hub := fanout.NewHub[int]()
			s := hub.Subscribe(c.buffer, c.policy)
			witness := hub.Subscribe(5, fanout.Block)
			publish(t, hub, 1, 2, 3, 4, 5)
			require.Equal(t, c.got, drain(s))
			require.Equal(t, c.dropped, s.Dropped())
			require.ErrorIs(t, s.Err(), c.err)
			require.Equal(t, c.err != nil, isClosed(s))
			require.Equal(t, []int{1, 2, 3, 4, 5}, drain(witness), "others are not concerned")
			require.NoError(t, hub.Close())
			require.True(t, isClosed(s))
		})
	}
}

// With a buffer of 0 there is room while somebody receives.
func TestHubWithoutBuffer(t *testing.T) {
	for _, policy := range []fanout.Policy{fanout.Block, fanout.DropOldest, fanout.DropNewest, fanout.Disconnect} {
		synctest.Test(t, func(t *testing.T) {
			hub := fanout.NewHub[int]()
			s := hub.Subscribe(0, policy)
			got := collect(s.C(), 0)
			for v := range 10 {
				synctest.Wait() // the receiver waits
				publish(t, hub, v)
			}
			hub.Close()
			require.Equal(t, integers[:10], got(), policy)
			require.Zero(t, s.Dropped())
		})
	}
}

// A blocked subscriber holds up the publisher, and nobody else.
func TestHubBlockedSubscriberHoldsUpOnlyThePublisher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := fanout.NewHub[int]()
		stuck := hub.Subscribe(0, fanout.Block)
		alsoFull := hub.Subscribe(0, fanout.Block)
		others := []*fanout.Subscription[int]{
			hub.Subscribe(1, fanout.Block), hub.Subscribe(1, fanout.DropOldest),
			hub.Subscribe(1, fanout.DropNewest), hub.Subscribe(1, fanout.Disconnect),
		}
		var published atomic.Bool
		var publisher sync.WaitGroup
		publisher.Go(func() {
			publish(t, hub, 7)
			published.Store(true)
		})
		synctest.Wait()
		for _, other := range others {
			require.Equal(t, []int{7}, drain(other), "who has room is served first")
		}
		begin := time.Now()
		require.Equal(t, 7, <-alsoFull.C(), "each is served when it has room")
		require.LessOrEqual(t, time.Since(begin), time.Millisecond)
		late := hub.Subscribe(1, fanout.Block) // nothing is locked meanwhile
		late.Close()
		synctest.Wait()
		require.False(t, published.Load())
		require.Equal(t, 7, <-stuck.C())
		publisher.Wait()
		require.NoError(t, hub.Close())
	})
}

func TestHubPublishEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("the publisher gave up")
		for _, full := range []int{1, 3} {
			hub := fanout.NewHub[int]()
			quick := hub.Subscribe(1, fanout.Block)
			var stuck []*fanout.Subscription[int]
			for range full {
				stuck = append(stuck, hub.Subscribe(0, fanout.Block))
			}
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
			begin := time.Now()
			require.Equal(t, cause, hub.Publish(ctx, 1))
			require.Equal(t, time.Second, time.Since(begin))
			require.Equal(t, []int{1}, drain(quick))
			require.Equal(t, cause, hub.Publish(ctx, 2), "dead before")
			require.Empty(t, drain(quick), "and nobody gets it")
			cancel()
			for _, s := range stuck {
				require.EqualValues(t, 1, s.Dropped())
				s.Close()
			}
			hub.Close()
		}
	})
}

// Closing a subscription frees whoever waits for it.
func TestHubCloseFreesPublishers(t *testing.T) {
	for _, full := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			hub := fanout.NewHub[int]()
			var stuck []*fanout.Subscription[int]
			for range full {
				stuck = append(stuck, hub.Subscribe(0, fanout.Block))
			}
			errs := make(chan error)
			for range 5 {
				go func() { errs <- hub.Publish(t.Context(), 1) }()
			}
			synctest.Wait() // five publishers wait
			for _, s := range stuck {
				s.Close()
				s.Close()
			}
			for range 5 {
				require.NoError(t, <-errs)
			}
			for _, s := range stuck {
				require.True(t, isClosed(s), "the last publisher has closed it")
				require.NoError(t, s.Err())
			}

			last := hub.Subscribe(0, fanout.Block)
			for range 5 {
				go func() { errs <- hub.Publish(t.Context(), 1) }()
			}
			synctest.Wait()
			require.NoError(t, hub.Close())
			require.NoError(t, hub.Close())
			for range 5 {
				require.ErrorIs(t, <-errs, fanout.ErrClosed)
			}
			require.True(t, isClosed(last))
			require.ErrorIs(t, last.Err(), fanout.ErrClosed)
		})
	}
}

func TestHubAfterClose(t *testing.T) {
	hub := fanout.NewHub[int]()
	s := hub.Subscribe(2, fanout.Block)
	publish(t, hub, 1, 2)
	require.NoError(t, hub.Close())
	require.ErrorIs(t, hub.Publish(t.Context(), 3), fanout.ErrClosed)
	require.Equal(t, []int{1, 2}, drain(s), "what waited can still be received")
	late := hub.Subscribe(2, fanout.DropOldest)
	require.True(t, isClosed(late))
	require.ErrorIs(t, late.Err(), fanout.ErrClosed)
	late.Close()
	s.Close()
	require.ErrorIs(t, s.Err(), fanout.ErrClosed, "why it has ended does not change")
}

// After the value that has cut a subscriber off, it gets no other: there is no gap
// in what a subscriber with Disconnect has received.
func TestHubDisconnectLeavesNoGap(t *testing.T) {
	const publishers, each = 8, 2000
	hub := fanout.NewHub[int]()
	for range 50 {
		s := hub.Subscribe(4, fanout.Disconnect)
		next := make(map[int]int)
		var all sync.WaitGroup
		stop := make(chan struct{})
		for p := range publishers {
			all.Go(func() {
				for n := range each {
					select {
					case <-stop:
						return
					default:
					}
					hub.Publish(t.Context(), p*each+n)
				}
			})
		}
		for v := range s.C() {
			p, n := v/each, v%each
			if n != next[p] {
				t.Errorf("publisher %d: %d, not %d", p, n, next[p])
			}
			if next[p]++; n == each-1 {
				s.Close() // it was never too slow
			}
		}
		close(stop)
		all.Wait()
	}
	hub.Close()
}

// Subscribers come and go while values flow. Each sees what one publisher sends in
// order, and with Block without a gap.
func TestHubSubscribersComeAndGo(t *testing.T) {
	const publishers, each, subscribers = 4, 500, 32
	hub := fanout.NewHub[[2]int]()
	var publishing, subscribing sync.WaitGroup
	var over atomic.Bool
	for i := range subscribers {
		subscribing.Go(func() {
			for round := 0; !over.Load(); round++ {
				policy := fanout.Policy((i + round) % 4)
				s := hub.Subscribe(round%3, policy)
				last := map[int]int{}
				received := 0
				for v := range s.C() {
					before, seen := last[v[0]]
					if seen && (v[1] <= before || policy == fanout.Block && v[1] != before+1) {
						t.Errorf("%v: publisher %d: %d after %d", policy, v[0], v[1], before)
					}
					last[v[0]] = v[1]
					if received++; received == 20+i {
						s.Close()
					}
				}
			}
		})
	}
	for p := range publishers {
		publishing.Go(func() {
			for n := range each {
				if err := hub.Publish(t.Context(), [2]int{p, n}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishing.Wait()
	over.Store(true)
	hub.Close()
	subscribing.Wait()
}

func TestHubPublishAllocatesNothing(t *testing.T) {
	hub := fanout.NewHub[int]()
	defer hub.Close()
	for _, policy := range []fanout.Policy{fanout.Block, fanout.DropOldest, fanout.DropNewest, fanout.Disconnect} {
		for range 25 {
			hub.Subscribe(1000, policy)
		}
	}
	ctx := context.Background()
	require.Zero(t, testing.AllocsPerRun(500, func() { hub.Publish(ctx, 1) }))
}

// Nor does a publisher that has to sleep, as long as it is not for long.
func TestHubPublishAllocatesNothingWhenItSleeps(t *testing.T) {
	hub := fanout.NewHub[int]()
	var receivers sync.WaitGroup
	for range 10 {
		s := hub.Subscribe(0, fanout.Block)
		receivers.Go(func() {
			for range s.C() {
			}
		})
	}
	ctx := context.Background()
	require.Less(t, testing.AllocsPerRun(2000, func() { hub.Publish(ctx, 1) }), 0.5)
	hub.Close()
	receivers.Wait()
}

func TestPolicyString(t *testing.T) {
	require.Equal(t, "Block DropOldest DropNewest Disconnect Policy(4) Policy(-1)",
		fmt.Sprint(fanout.Block, " ", fanout.DropOldest, " ", fanout.DropNewest, " ", fanout.Disconnect, " ", fanout.Policy(4), " ", fanout.Policy(-1)))
}
