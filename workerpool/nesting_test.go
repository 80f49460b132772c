package workerpool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/workerpool"
)

// A task that waits for another of its own pool lends it its slot. Each case is
// a way in which that once went wrong, or a promise that follows from it.
func TestNesting(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"a member that Go ran in the caller's place is not run again by Wait", func(t *testing.T) {
			p, release := occupied(t, 0)
			p.Resize(2)
			runs, slowEnded := 0, false
			inside(t, p, func(ctx context.Context) {
				g := p.Group(ctx)
				g.Go(func(context.Context) error { runs++; return nil }) // no room: in the caller's place
				close(release)
				synctest.Wait()
				g.Go(func(context.Context) error { time.Sleep(time.Second); slowEnded = true; return nil })
				require.NoError(t, g.Wait())
			})
			require.Equal(t, 1, runs)
			require.True(t, slowEnded, "Wait returned before the last task ended")
			require.EqualValues(t, 4, p.Stats().Completed)
		}},
		{"Wait runs a member that was added while it waits", func(t *testing.T) {
			p := workerpool.New(2, workerpool.Queue(2))
			t.Cleanup(func() { p.Close() })
			add, release, ran := make(chan struct{}), make(chan struct{}), false
			future := workerpool.Go(t.Context(), p, func(ctx context.Context) (int, error) {
				g := p.Group(ctx)
				g.Go(func(context.Context) error {
					<-add
					g.Go(func(context.Context) error { ran = true; return nil })
					return nil
				})
				time.Sleep(time.Second) // that one begins on the other worker
				return 0, g.Wait()
			})
			time.Sleep(2 * time.Second)
			require.NoError(t, p.TrySubmit(t.Context(), func(context.Context) { <-release })) // is queued before the new member
			close(add)
			synctest.Wait()
			require.True(t, ran)
			close(release)
			_, err := future.Wait(t.Context())
			require.NoError(t, err)
		}},
		{"Wait does not cancel a member that is not accepted yet", func(t *testing.T) {
			for _, waitFirst := range []bool{true, false} {
				p, release := occupied(t, 1)
				ctx, cancel := context.WithCancel(t.Context())
				g := p.Group(ctx)
				g.Go(failing) // in the queue
				if waitFirst {
					go g.Wait()
					synctest.Wait()
				}
				go g.Go(failing) // waits for room
				synctest.Wait()
				go g.Wait()
				synctest.Wait()
				cancel()
				synctest.Wait()
				require.ErrorIs(t, g.Wait(), context.Canceled)
				close(release)
				synctest.Wait()
				s := p.Stats()
				require.Equal(t, []int{0, 0}, []int{s.Queued, s.Running})
				require.Equal(t, []uint64{2, 1, 1, 1}, []uint64{s.Accepted, s.Completed, s.Cancelled, s.Rejected})
			}
		}},
		{"Wait does not run a member that is not accepted yet", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(0))
			t.Cleanup(func() { p.Close() })
			runs := 0
			inside(t, p, func(ctx context.Context) {
				g := p.Group(ctx)
				release := make(chan struct{})
				go p.Submit(ctx, func(context.Context) { <-release }) // borrows the slot
				synctest.Wait()
				go g.Go(func(context.Context) error { runs++; return nil })
				synctest.Wait()
				waited := make(chan error)
				go func() { waited <- g.Wait() }()
				synctest.Wait()
				close(release)
				require.NoError(t, <-waited)
				synctest.Wait()
				s := p.Stats()
				require.Equal(t, []int{1, 0}, []int{s.Running, s.Queued})
			})
			require.Equal(t, 1, runs)
			require.EqualValues(t, 3, p.Stats().Completed)
		}},
		{"waits on a dead context need no worker", func(t *testing.T) {
			p, release := occupied(t, 2)
			ctx, cancel := context.WithCancel(t.Context())
			g := p.Group(ctx)
			g.Go(failing)
			future := workerpool.Go(ctx, p, seven)
			cancel()
			_, err := future.Wait(t.Context())
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, g.Wait(), context.Canceled)
			require.EqualValues(t, 2, p.Stats().Cancelled)
			require.ErrorIs(t, p.TrySubmit(t.Context(), nothing), workerpool.ErrFull, "their places are free when a worker comes to them")
			close(release)
			synctest.Wait()
			require.NoError(t, p.TrySubmit(t.Context(), nothing))
		}},
		{"a wait that is given up leaves the task in its slot running", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(1))
			t.Cleanup(func() { p.Close() })
			begin := time.Now()
			inside(t, p, func(ctx context.Context) {
				inner := workerpool.Go(ctx, p, func(context.Context) (int, error) { time.Sleep(time.Hour); return 1, nil })
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				_, err := inner.Wait(short)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, time.Second, time.Since(begin))
				require.Equal(t, 2, p.Stats().Running)
				got, err := inner.Wait(ctx)
				require.NoError(t, err)
				require.Equal(t, 1, got)
			})
			require.Equal(t, time.Hour, time.Since(begin))
		}},
		{"a worker whose slot is still lent begins nothing", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(2))
			t.Cleanup(func() { p.Close() })
			begin := time.Now()
			inside(t, p, func(ctx context.Context) {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				_, err := workerpool.Go(context.WithoutCancel(ctx), p, func(context.Context) (int, error) {
					time.Sleep(time.Hour)
					return 0, nil
				}).Wait(short)
				require.Error(t, err)
			})
			require.Equal(t, time.Second, time.Since(begin))
			inside(t, p, func(context.Context) { require.Equal(t, time.Hour, time.Since(begin)) })
		}},
		{"a slot is lent to one task at a time", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(0))
			t.Cleanup(func() { p.Close() })
			begin := time.Now()
			inside(t, p, func(ctx context.Context) {
				ended := make(chan error)
				for range 3 {
					go func() { ended <- p.Submit(ctx, func(context.Context) { time.Sleep(time.Second) }) }()
				}
				for i := range 3 {
					require.NoError(t, <-ended)
					require.Equal(t, time.Duration(i+1)*time.Second, time.Since(begin))
				}
			})
		}},
		{"TrySubmit never borrows, and neither does who is no longer inside", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(0))
			t.Cleanup(func() { p.Close() })
			var over context.Context
			inside(t, p, func(ctx context.Context) {
				require.ErrorIs(t, p.TrySubmit(ctx, nothing), workerpool.ErrFull)
				require.False(t, p.Group(ctx).TryGo(failing))
				over = context.WithoutCancel(ctx)
			})
			begin := time.Now()
			require.NoError(t, p.Submit(t.Context(), func(context.Context) { time.Sleep(time.Second) }))
			require.NoError(t, p.Submit(over, nothing))
			require.Equal(t, time.Second, time.Since(begin))
		}},
		{"a panic of what runs in the caller's place reaches who waits", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(1))
			t.Cleanup(func() { p.Close() })
			cause := errors.New("the cause")
			inside(t, p, func(ctx context.Context) {
				_, err := workerpool.Go(ctx, p, func(context.Context) (int, error) { panic(cause) }).Wait(ctx)
				require.ErrorIs(t, err, cause)
				g := p.Group(ctx)
				g.KeepGoing()
				for range 3 { // one waits in the queue, the others find no room
					g.Go(func(context.Context) error { panic(cause) })
				}
				require.ErrorIs(t, g.Wait(), cause)
			})
			require.EqualValues(t, 4, p.Stats().Failed)
		}},
	} {
		t.Run(c.name, func(t *testing.T) { synctest.Test(t, c.test) })
	}
}

// inside runs f in a task of p that has the test's context, and waits for it.
func inside(t *testing.T, p *workerpool.Pool, f func(context.Context)) {
	ended := false
	_, err := workerpool.Go(t.Context(), p, func(ctx context.Context) (int, error) { f(ctx); ended = true; return 0, nil }).Wait(t.Context())
	require.True(t, ended, err)
}

func failing(context.Context) error { return errTask }
