//go:build exercises

package exercise

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A page takes three seconds to load.
type page struct {
	loads atomic.Int64
	err   error
}

func (p *page) load() (string, error) {
	p.loads.Add(1)
	time.Sleep(3 * time.Second) // of fake time
	return "a page", p.err
}

func (p *page) check(t *testing.T, want int64) {
	t.Helper()
	if got := p.loads.Load(); got != want {
		t.Errorf("it was loaded %d times; wanted %d", got, want)
	}
}

func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight
		var p page
		start := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if v, err := f.Do(context.Background(), "key", p.load); v != "a page" || err != nil {
					t.Errorf("Do returned %q, %v; wanted a page", v, err)
				}
			})
			time.Sleep(100 * time.Millisecond) // of fake time
		}
		all.Wait()
		p.check(t, 1)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v; wanted 3s", took)
		}
		f.Do(context.Background(), "key", p.load) // later
		p.check(t, 2)
	})
}

func TestErrorIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight
		p := page{err: errors.New("no page")}
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if _, err := f.Do(t.Context(), "key", p.load); !errors.Is(err, p.err) {
					t.Errorf("the error is %v; wanted %v", err, p.err)
				}
			})
		}
		all.Wait()
		p.check(t, 1)
	})
}

func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight
		var p page
		start := time.Now()
		var all sync.WaitGroup
		for _, key := range []string{"one", "two", "three"} {
			all.Go(func() { f.Do(t.Context(), key, p.load) })
		}
		all.Wait()
		p.check(t, 3)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("three keys took %v; wanted 3s, as they do not wait for each other", took)
		}
	})
}

func TestCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight
		var p page
		enough, start := errors.New("enough"), time.Now()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(enough) })
		var all sync.WaitGroup
		all.Go(func() { // starts the call
			_, err := f.Do(ctx, "key", p.load)
			if took := time.Since(start); took != time.Second || !errors.Is(err, enough) {
				t.Errorf("for who left, Do returned %v after %v; wanted %v after 1s", err, took, enough)
			}
		})
		synctest.Wait()
		all.Go(func() { // leaves as well
			f.Do(ctx, "key", p.load)
		})
		v, err := f.Do(t.Context(), "key", p.load)
		if took := time.Since(start); took != 3*time.Second || v != "a page" || err != nil {
			t.Errorf("for who stayed, Do returned %q, %v after %v; wanted a page after 3s", v, err, took)
		}
		all.Wait()
		p.check(t, 1)

		if _, err := f.Do(ctx, "key", p.load); !errors.Is(err, enough) {
			t.Errorf("with a dead context, the error is %v; wanted %v", err, enough)
		}
		synctest.Wait()
		p.check(t, 1)
	})
}
