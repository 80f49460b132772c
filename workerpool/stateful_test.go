package workerpool_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/workerpool"
)

var (
	errOpen  = errors.New("open failed")
	errClose = errors.New("close failed")
)

// states opens and closes numbered states and keeps count of them. What the
// hooks do happens in place of the plain outcome.
type states struct {
	mu             sync.Mutex
	opened, closed int
	onOpen         func(ctx context.Context, number int) error
	onClose        func(number int) error
}

func (s *states) open(ctx context.Context) (int, error) {
	s.mu.Lock()
	number := s.opened + 1
	s.mu.Unlock()
	if s.onOpen != nil {
		if err := s.onOpen(ctx, number); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return s.opened, nil
}

func (s *states) close(number int) error {
	s.mu.Lock()
	s.closed++
	s.mu.Unlock()
	if s.onClose != nil {
		return s.onClose(number)
	}
	return nil
}

func (s *states) counts() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []int{s.opened, s.closed}
}

func (s *states) pool(t *testing.T, workers int, opts ...workerpool.Option) *workerpool.Stateful[int] {
	p := workerpool.NewStateful(workers, s.open, s.close, opts...)
	t.Cleanup(func() {
		p.Close()
		counts := s.counts()
		require.Equal(t, counts[0], counts[1], "every state is closed")
	})
	return p
}

func idle(context.Context, int) error { return nil }

func TestStateful(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"one state a worker, opened when there is work for it", func(t *testing.T) {
			s := &states{}
			p := s.pool(t, 2)
			require.Equal(t, []int{0, 0}, s.counts())
			for range 3 {
				require.NoError(t, p.Do(t.Context(), func(_ context.Context, number int) error {
					require.Equal(t, 1, number)
					return nil
				}))
				synctest.Wait() // the worker is idle again
			}
			g := p.Group(t.Context())
			for range 4 {
				g.Go(func(context.Context, int) error { time.Sleep(time.Second); return nil })
			}
			require.NoError(t, g.Wait())
			require.Equal(t, []int{2, 0}, s.counts())
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []int{2, 2}, s.counts())
		}},
		{"when none can open, those who wait get the error", func(t *testing.T) {
			s := &states{onOpen: func(context.Context, int) error { time.Sleep(time.Second); return errOpen }}
			p := s.pool(t, 1, workerpool.Queue(1))
			var callers sync.WaitGroup
			for range 4 { // more than there is room for
				callers.Go(func() { require.ErrorIs(t, p.Do(t.Context(), idle), errOpen) })
			}
			callers.Wait()
			require.Zero(t, p.Stats().Workers)
			s.onOpen = nil
			require.NoError(t, p.Do(t.Context(), idle), "another task, another attempt")
		}},
		{"a panic in open is the error, and the hook's", func(t *testing.T) {
			hooked := 0
			s := &states{onOpen: func(context.Context, int) error { panic(errOpen) }}
			p := s.pool(t, 1, workerpool.OnPanic(func(*braid.PanicError) { hooked++ }))
			err := p.Do(t.Context(), idle)
			var panicked *braid.PanicError
			require.ErrorAs(t, err, &panicked)
			require.ErrorIs(t, err, errOpen)
			require.Equal(t, 1, hooked)
		}},
		{"Goexit in open is the error", func(t *testing.T) {
			s := &states{onOpen: func(context.Context, int) error { runtime.Goexit(); return nil }}
			p := s.pool(t, 1)
			require.ErrorIs(t, p.Do(t.Context(), idle), braid.ErrGoexit)
			s.onOpen = nil
			require.NoError(t, p.Do(t.Context(), idle))
		}},
		{"one worker that cannot open leaves the work to another", func(t *testing.T) {
			s := &states{onOpen: func(_ context.Context, number int) error {
				if number > 1 {
					return errOpen
				}
				return nil
			}}
			p := s.pool(t, 2, workerpool.Queue(2))
			require.NoError(t, p.Do(t.Context(), idle))
			var callers sync.WaitGroup
			for range 3 {
				callers.Go(func() {
					require.NoError(t, p.Do(t.Context(), func(context.Context, int) error { time.Sleep(time.Second); return nil }))
				})
			}
			callers.Wait()
			require.Equal(t, []int{1, 0}, s.counts())
		}},
		{"errors of close are joined", func(t *testing.T) {
			first, second := errors.New("first"), errors.New("second")
			s := &states{onClose: func(number int) error { return []error{first, second}[number-1] }}
			p := s.pool(t, 2)
			both := p.Group(t.Context())
			for range 2 {
				both.Go(func(context.Context, int) error { time.Sleep(time.Second); return nil })
			}
			require.NoError(t, both.Wait())
			for _, err := range []error{p.Shutdown(t.Context()), p.Close()} {
				require.ErrorIs(t, err, first)
				require.ErrorIs(t, err, second)
			}
		}},
		{"a panic and Goexit in close are such errors", func(t *testing.T) {
			hooked := 0
			s := &states{onClose: func(number int) error {
				if number == 1 {
					panic(errClose)
				}
				runtime.Goexit()
				return nil
			}}
			p := s.pool(t, 2, workerpool.OnPanic(func(*braid.PanicError) { hooked++ }))
			both := p.Group(t.Context())
			for range 2 {
				both.Go(func(context.Context, int) error { time.Sleep(time.Second); return nil })
			}
			require.NoError(t, both.Wait())
			err := p.Shutdown(t.Context())
			require.ErrorIs(t, err, errClose)
			require.ErrorIs(t, err, braid.ErrGoexit)
			require.Equal(t, 1, hooked)
		}},
		{"the errors that are remembered are bounded", func(t *testing.T) {
			s := &states{onClose: func(int) error { return errClose }}
			p := s.pool(t, 1)
			for range 1000 {
				require.ErrorIs(t, p.Do(t.Context(), func(context.Context, int) error { runtime.Goexit(); return nil }), braid.ErrGoexit)
			}
			joined := p.Close().(interface{ Unwrap() []error }).Unwrap()
			require.LessOrEqual(t, len(joined), 101)
			require.ErrorContains(t, joined[len(joined)-1], " more ")
		}},
		{"after a panic or Goexit the state is replaced, after an error it is not", func(t *testing.T) {
			s := &states{}
			p := s.pool(t, 1)
			func() {
				defer func() { require.ErrorIs(t, recover().(*braid.PanicError), errTask) }()
				p.Do(t.Context(), func(context.Context, int) error { panic(errTask) })
			}()
			number := func() (number int) {
				require.ErrorIs(t, p.Do(t.Context(), func(_ context.Context, n int) error { number = n; return errTask }), errTask)
				return number
			}
			require.Equal(t, 2, number())
			require.Equal(t, 2, number())
			require.ErrorIs(t, p.Do(t.Context(), func(context.Context, int) error { runtime.Goexit(); return nil }), braid.ErrGoexit)
			require.Equal(t, 3, number())
			require.Equal(t, []int{3, 2}, s.counts())
		}},
		{"IdleTimeout closes the state", func(t *testing.T) {
			s := &states{}
			p := s.pool(t, 1, workerpool.IdleTimeout(time.Minute))
			require.NoError(t, p.Do(t.Context(), idle))
			time.Sleep(time.Minute + 1)
			synctest.Wait()
			require.Equal(t, []int{1, 1}, s.counts())
			require.Zero(t, p.Stats().Workers)
			require.NoError(t, p.Do(t.Context(), idle))
			require.Equal(t, []int{2, 1}, s.counts())
		}},
		{"Resize closes states", func(t *testing.T) {
			s := &states{}
			p := s.pool(t, 3)
			g := p.Group(t.Context())
			for range 3 {
				g.Go(func(context.Context, int) error { time.Sleep(time.Second); return nil })
			}
			synctest.Wait()
			p.Resize(2)
			synctest.Wait()
			require.Equal(t, []int{3, 0}, s.counts(), "a task that runs keeps its state")
			require.NoError(t, g.Wait())
			synctest.Wait()
			require.Equal(t, []int{3, 1}, s.counts())
			p.Resize(1)
			synctest.Wait()
			require.Equal(t, []int{3, 2}, s.counts(), "an idle worker leaves at once")
		}},
		{"Do inside returns ErrFull when every worker is taken", func(t *testing.T) {
			s := &states{}
			p := s.pool(t, 2, workerpool.Queue(4))
			require.NoError(t, p.Do(t.Context(), func(ctx context.Context, _ int) error {
				return p.Do(ctx, func(ctx context.Context, _ int) error { // on the other worker
					require.ErrorIs(t, p.Do(ctx, idle), workerpool.ErrFull)
					g := p.Group(ctx)
					g.Go(idle)
					require.ErrorIs(t, g.Wait(), workerpool.ErrFull)
					return nil
				})
			}))
		}},
		{"and when the worker that opens is spoken for", func(t *testing.T) {
			s := &states{onOpen: func(context.Context, int) error { time.Sleep(time.Second); return nil }}
			p := s.pool(t, 2, workerpool.Queue(2))
			goOn, release, inner := make(chan struct{}), make(chan struct{}), error(nil)
			outer := make(chan error)
			go func() {
				outer <- p.Do(t.Context(), func(ctx context.Context, _ int) error {
					<-goOn
					inner = p.Do(ctx, idle)
					return nil
				})
			}()
			time.Sleep(2 * time.Second)
			other := make(chan error)
			go func() { other <- p.Do(t.Context(), func(context.Context, int) error { <-release; return nil }) }()
			synctest.Wait() // the second worker opens its state for that one
			close(goOn)
			require.NoError(t, <-outer)
			require.ErrorIs(t, inner, workerpool.ErrFull)
			close(release)
			require.NoError(t, <-other)
		}},
		{"and when the last open failed but another task has claimed the attempt", func(t *testing.T) {
			fail := false
			s := &states{onOpen: func(context.Context, int) error {
				time.Sleep(time.Second)
				if fail {
					return errOpen
				}
				return nil
			}}
			p := s.pool(t, 2, workerpool.Queue(2))
			goOn, release := make(chan struct{}), make(chan struct{})
			ended := make(chan error, 2)
			go func() {
				ended <- p.Do(t.Context(), func(ctx context.Context, _ int) error {
					<-goOn
					return p.Do(ctx, idle)
				})
			}()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			fail = true
			go func() { ended <- p.Do(t.Context(), func(context.Context, int) error { <-release; return nil }) }()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			fail = false
			close(goOn)
			require.ErrorIs(t, <-ended, workerpool.ErrFull, "it must not wait for its own worker")
			close(release)
			require.NoError(t, <-ended)
		}},
		{"Do inside ends though Resize takes away the worker that opens for it", func(t *testing.T) {
			s := &states{onOpen: func(context.Context, int) error { time.Sleep(time.Second); return nil }}
			p := s.pool(t, 2, workerpool.Queue(2))
			outer := make(chan error, 1)
			go func() {
				outer <- p.Do(t.Context(), func(ctx context.Context, _ int) error { return p.Do(ctx, idle) })
			}()
			time.Sleep(time.Second + time.Millisecond) // the second worker opens its state for the inner task
			p.Resize(1)
			select {
			case err := <-outer:
				require.True(t, err == nil || errors.Is(err, workerpool.ErrFull), "%v", err)
			case <-time.After(time.Hour):
				t.Error("it waits for its own worker")
			}
		}},
		{"TryGo on a fresh pool without a queue is accepted", func(t *testing.T) {
			p := (&states{}).pool(t, 1, workerpool.Queue(0))
			g := p.Group(t.Context())
			require.True(t, g.TryGo(func(context.Context, int) error { time.Sleep(time.Second); return nil }))
			require.False(t, g.TryGo(idle))
			require.NoError(t, g.Wait())
		}},
		{"Shutdown does not wait beyond its deadline for an open that does not obey", func(t *testing.T) {
			s := &states{onOpen: func(context.Context, int) error { time.Sleep(time.Hour); return nil }}
			p := s.pool(t, 1)
			done := make(chan error)
			go func() { done <- p.Do(t.Context(), idle) }()
			synctest.Wait()
			requireOverrun(t, p, 1, 1)
			require.ErrorIs(t, <-done, workerpool.ErrDropped)
		}},
		{"nor for a close that takes long", func(t *testing.T) {
			s := &states{onClose: func(int) error { time.Sleep(time.Hour); return errClose }}
			p := s.pool(t, 1)
			require.NoError(t, p.Do(t.Context(), idle))
			begin := time.Now()
			requireOverrun(t, p, 0, 1)
			require.ErrorIs(t, p.Close(), errClose)
			require.Equal(t, time.Hour, time.Since(begin))
			require.ErrorIs(t, p.Shutdown(t.Context()), errClose)
		}},
		{"open's context ends with the pool", func(t *testing.T) {
			s := &states{onOpen: func(ctx context.Context, _ int) error { <-ctx.Done(); return context.Cause(ctx) }}
			p := s.pool(t, 1)
			done := make(chan error)
			go func() { done <- p.Do(t.Context(), idle) }()
			synctest.Wait()
			require.NoError(t, p.Close())
			require.ErrorIs(t, <-done, workerpool.ErrDropped)
		}},
		{"a wait for a state obeys its own context", func(t *testing.T) {
			s := &states{onOpen: func(context.Context, int) error { time.Sleep(time.Hour); return nil }}
			p := s.pool(t, 1)
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			begin := time.Now()
			require.ErrorIs(t, p.Do(short, idle), context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(begin))
		}},
		{"a state that takes long to close still counts", func(t *testing.T) {
			closing := make(chan struct{})
			s := &states{onClose: func(int) error { <-closing; return nil }}
			pool := workerpool.NewStateful(1, s.open, s.close, workerpool.IdleTimeout(time.Minute))
			use := func(context.Context, int) error { return nil }
			require.NoError(t, pool.Do(t.Context(), use))
			time.Sleep(2 * time.Minute)

			second := make(chan error)
			go func() { second <- pool.Do(t.Context(), use) }()
			synctest.Wait()
			require.Equal(t, []int{1, 1}, s.counts(), "the second is not opened beside the first")
			close(closing)
			require.NoError(t, <-second)
			require.NoError(t, pool.Close())
			require.Equal(t, []int{2, 2}, s.counts())
		}},
	} {
		t.Run(c.name, func(t *testing.T) { synctest.Test(t, c.test) })
	}
}

// requireOverrun shuts p down with a deadline of a second, and wants it to be
// passed with that many tasks dropped and workers left.
func requireOverrun(t *testing.T, p *workerpool.Stateful[int], dropped, running int) {
	begin := time.Now()
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var overrun *workerpool.ShutdownError
	require.ErrorAs(t, p.Shutdown(short), &overrun)
	require.Equal(t, time.Second, time.Since(begin))
	require.Equal(t, []int{dropped, running}, []int{overrun.Dropped, overrun.Running})
	require.ErrorIs(t, overrun, context.DeadlineExceeded)
}
