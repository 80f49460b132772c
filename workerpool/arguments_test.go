package workerpool_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/workerpool"
)

// A wrong argument panics at the call, and the message names function, argument
// and value.
func TestWrongArguments(t *testing.T) {
	ctx := context.Background()
	var none context.Context
	p := workerpool.New(1)
	defer p.Close()
	s := newStateful(1)
	defer s.Close()
	type task = func(context.Context) error
	type onState = func(context.Context, *int) error
	for message, call := range map[string]func(){
		"workerpool.New: workers is 0, want at least 1":              func() { workerpool.New(0) },
		"workerpool.New: workers is -3, want at least 1":             func() { workerpool.New(-3) },
		"workerpool.New: opts[1] is nil":                             func() { workerpool.New(1, workerpool.Queue(1), nil) },
		"workerpool.Queue: n is -1, want 0 to 1073741824":            func() { workerpool.Queue(-1) },
		"workerpool.Queue: n is 1073741825, want 0 to 1073741824":    func() { workerpool.Queue(1<<30 + 1) },
		"workerpool.IdleTimeout: d is -1ns, want at least 0":         func() { workerpool.IdleTimeout(-time.Nanosecond) },
		"workerpool.OnPanic: hook is nil":                            func() { workerpool.OnPanic(nil) },
		"workerpool.Pool.Submit: ctx is nil":                         func() { p.Submit(none, nothing) },
		"workerpool.Pool.Submit: task is nil":                        func() { p.Submit(ctx, nil) },
		"workerpool.Pool.TrySubmit: ctx is nil":                      func() { p.TrySubmit(none, nothing) },
		"workerpool.Pool.TrySubmit: task is nil":                     func() { p.TrySubmit(ctx, nil) },
		"workerpool.Go: p is nil":                                    func() { workerpool.Go(ctx, nil, seven) },
		"workerpool.Go: ctx is nil":                                  func() { workerpool.Go(none, p, seven) },
		"workerpool.Go: task is nil":                                 func() { workerpool.Go[int](ctx, p, nil) },
		"workerpool.Future.Wait: ctx is nil":                         func() { workerpool.Go(ctx, p, seven).Wait(none) },
		"workerpool.Pool.Group: ctx is nil":                          func() { p.Group(none) },
		"workerpool.Group.Go: task is nil":                           func() { p.Group(ctx).Go(nil) },
		"workerpool.Group.TryGo: task is nil":                        func() { p.Group(ctx).TryGo(nil) },
		"workerpool.Group.KeepGoing: called after Go":                func() { g := p.Group(ctx); g.Go(func(context.Context) error { return nil }); g.KeepGoing() },
		"workerpool.Pool.Resize: workers is 0, want at least 1":      func() { p.Resize(0) },
		"workerpool.Pool.Shutdown: ctx is nil":                       func() { p.Shutdown(none) },
		"workerpool.NewStateful: workers is 0, want at least 1":      func() { newStateful(0) },
		"workerpool.NewStateful: open is nil":                        func() { workerpool.NewStateful[int](1, nil, nil) },
		"workerpool.NewStateful: opts[0] is nil":                     func() { newStateful(1, nil) },
		"workerpool.Stateful.Do: ctx is nil":                         func() { s.Do(none, func(context.Context, *int) error { return nil }) },
		"workerpool.Stateful.Do: task is nil":                        func() { s.Do(ctx, nil) },
		"workerpool.Stateful.Group: ctx is nil":                      func() { s.Group(none) },
		"workerpool.StatefulGroup.Go: task is nil":                   func() { s.Group(ctx).Go(onState(nil)) },
		"workerpool.StatefulGroup.TryGo: task is nil":                func() { s.Group(ctx).TryGo(nil) },
		"workerpool.Stateful.Resize: workers is -1, want at least 1": func() { s.Resize(-1) },
		"workerpool.Stateful.Shutdown: ctx is nil":                   func() { s.Shutdown(none) },
	} {
		require.PanicsWithValue(t, message, call)
	}
	require.NotPanics(t, func() { p.Group(ctx).Go(task(func(context.Context) error { return nil })) })
}
