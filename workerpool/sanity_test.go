package workerpool

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSanity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := New(1, Queue(1))
		release := make(chan struct{})
		require.NoError(t, p.TrySubmit(ctx, func(context.Context) { <-release }))
		require.NoError(t, p.TrySubmit(ctx, func(context.Context) {}))
		require.ErrorIs(t, p.TrySubmit(ctx, func(context.Context) {}), ErrFull)
		c2, cancel := context.WithTimeout(ctx, time.Second)
		require.ErrorIs(t, p.Submit(c2, func(context.Context) {}), context.DeadlineExceeded)
		cancel()
		close(release)
		synctest.Wait()
		t.Logf("%+v", p.Stats())
		// nested
		f := Go(ctx, p, func(ctx context.Context) (int, error) {
			g := Go(ctx, p, func(ctx context.Context) (int, error) {
				h := Go(ctx, p, func(context.Context) (int, error) { return 7, nil })
				v, err := h.Wait(ctx)
				return v + 1, err
			})
			v, err := g.Wait(ctx)
			return v + 1, err
		})
		v, err := f.Wait(ctx)
		require.NoError(t, err)
		require.Equal(t, 9, v)
		synctest.Wait()
		t.Logf("%+v", p.Stats())
		_, err = Go(ctx, p, func(ctx context.Context) (int, error) { runtime.Goexit(); return 0, nil }).Wait(ctx)
		t.Log(err)
		_, err = Go(ctx, p, func(ctx context.Context) (int, error) { panic("x") }).Wait(ctx)
		t.Log(err)
		gr := p.Group(ctx)
		for i := range 100 {
			gr.Go(func(ctx context.Context) error {
				if i == 50 {
					return errors.New("fifty")
				}
				return nil
			})
		}
		require.EqualError(t, gr.Wait(), "fifty")
		synctest.Wait()
		t.Logf("%+v", p.Stats())
		require.NoError(t, p.Shutdown(ctx))
		t.Logf("%+v", p.Stats())
		s := NewStateful(2, func(context.Context) (int, error) { return 5, nil }, func(int) error { return errors.New("closing") }, Queue(0), IdleTimeout(time.Minute))
		require.NoError(t, s.Do(ctx, func(_ context.Context, n int) error { require.Equal(t, 5, n); return nil }))
		sg := s.Group(ctx)
		for range 10 {
			sg.Go(func(ctx context.Context, n int) error { time.Sleep(time.Second); return nil })
		}
		require.NoError(t, sg.Wait())
		time.Sleep(2 * time.Minute)
		t.Logf("%+v", s.Stats())
		t.Log(s.Close())
	})
}
