package fanout_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/fanout"
)

// A wrong argument panics at the call, and the message names function, argument
// and value.
func TestWrongArguments(t *testing.T) {
	ctx := context.Background()
	var none context.Context
	var noSequence iter.Seq[int]
	in, three := upTo(3), integers[:3]
	f := func(context.Context, int) error { return nil }
	run := func(context.Context) error { return nil }
	key := func(i int) int { return i }
	c := make(chan int)
	hub := fanout.NewHub[int]()
	var flight fanout.Flight[int, int]
	seven := func(context.Context) (int, error) { return 7, nil }
	for message, call := range map[string]func(){
		"fanout.Map: ctx is nil":                               func() { fanout.Map(none, 1, three, double) },
		"fanout.Map: workers is 0, want at least 1":            func() { fanout.Map(ctx, 0, three, double) },
		"fanout.Map: workers is -1, want at least 1":           func() { fanout.Map(ctx, -1, nil, double) },
		"fanout.Map: f is nil":                                 func() { fanout.Map[int, int](ctx, 1, three, nil) },
		"fanout.Settle: ctx is nil":                            func() { fanout.Settle(none, 1, three, double) },
		"fanout.Settle: workers is 0, want at least 1":         func() { fanout.Settle(ctx, 0, three, double) },
		"fanout.Settle: f is nil":                              func() { fanout.Settle[int, int](ctx, 1, three, nil) },
		"fanout.ForEach: ctx is nil":                           func() { fanout.ForEach(none, 1, in, f) },
		"fanout.ForEach: workers is 0, want at least 1":        func() { fanout.ForEach(ctx, 0, in, f) },
		"fanout.ForEach: in is nil":                            func() { fanout.ForEach(ctx, 1, noSequence, f) },
		"fanout.ForEach: f is nil":                             func() { fanout.ForEach(ctx, 1, in, nil) },
		"fanout.ByKey: ctx is nil":                             func() { fanout.ByKey(none, 1, 1, in, key, f) },
		"fanout.ByKey: workers is 0, want at least 1":          func() { fanout.ByKey(ctx, 0, 1, in, key, f) },
		"fanout.ByKey: pending is 0, want at least 1":          func() { fanout.ByKey(ctx, 1, 0, in, key, f) },
		"fanout.ByKey: in is nil":                              func() { fanout.ByKey(ctx, 1, 1, noSequence, key, f) },
		"fanout.ByKey: key is nil":                             func() { fanout.ByKey[int, int](ctx, 1, 1, in, nil, f) },
		"fanout.ByKey: f is nil":                               func() { fanout.ByKey(ctx, 1, 1, in, key, nil) },
		"fanout.All: ctx is nil":                               func() { fanout.All(none, run) },
		"fanout.All: len(fs) is 0, want at least 1":            func() { fanout.All(ctx) },
		"fanout.All: fs[1] is nil":                             func() { fanout.All(ctx, run, nil) },
		"fanout.First: ctx is nil":                             func() { fanout.First(none, three, double, nil) },
		"fanout.First: f is nil":                               func() { fanout.First[int, int](ctx, three, nil, nil) },
		"fanout.Quorum: ctx is nil":                            func() { fanout.Quorum(none, 1, three, double, nil) },
		"fanout.Quorum: k is 0, want 1 to len(in), which is 3": func() { fanout.Quorum(ctx, 0, three, double, nil) },
		"fanout.Quorum: k is 4, want 1 to len(in), which is 3": func() { fanout.Quorum(ctx, 4, three, double, nil) },
		"fanout.Quorum: k is 1, want 1 to len(in), which is 0": func() { fanout.Quorum(ctx, 1, nil, double, nil) },
		"fanout.Quorum: f is nil":                              func() { fanout.Quorum[int, int](ctx, 1, three, nil, nil) },
		"fanout.Hedge: ctx is nil":                             func() { fanout.Hedge(none, 0, 1, double, nil) },
		"fanout.Hedge: delay is -1ns, want at least 0":         func() { fanout.Hedge(ctx, -time.Nanosecond, 1, double, nil) },
		"fanout.Hedge: attempts is 0, want at least 1":         func() { fanout.Hedge(ctx, 0, 0, double, nil) },
		"fanout.Hedge: f is nil":                               func() { fanout.Hedge[int](ctx, 0, 1, nil, nil) },
		"fanout.Merge: ctx is nil":                             func() { fanout.Merge(none, c) },
		"fanout.Merge: out is nil":                             func() { fanout.Merge(ctx, nil, c) },
		"fanout.Merge: ins[1] is nil":                          func() { fanout.Merge(ctx, c, c, nil) },
		"fanout.Split: ctx is nil":                             func() { fanout.Split(none, c, c) },
		"fanout.Split: in is nil":                              func() { fanout.Split(ctx, nil, c) },
		"fanout.Split: len(outs) is 0, want at least 1":        func() { fanout.Split(ctx, c) },
		"fanout.Split: outs[0] is nil":                         func() { fanout.Split(ctx, c, nil) },
		"fanout.Tee: ctx is nil":                               func() { fanout.Tee(none, c, c) },
		"fanout.Tee: in is nil":                                func() { fanout.Tee(ctx, nil, c) },
		"fanout.Tee: len(outs) is 0, want at least 1":          func() { fanout.Tee(ctx, c) },
		"fanout.Tee: outs[2] is nil":                           func() { fanout.Tee(ctx, c, c, c, nil) },
		"fanout.Hub.Publish: ctx is nil":                       func() { hub.Publish(none, 1) },
		"fanout.Hub.Subscribe: buffer is -1, want at least 0":  func() { hub.Subscribe(-1, fanout.Block) },
		"fanout.Hub.Subscribe: slow is Policy(4), want Block, DropOldest, DropNewest or Disconnect":  func() { hub.Subscribe(1, 4) },
		"fanout.Hub.Subscribe: slow is Policy(-1), want Block, DropOldest, DropNewest or Disconnect": func() { hub.Subscribe(1, -1) },
		"fanout.Flight.Do: ctx is nil":  func() { flight.Do(none, 1, seven) },
		"fanout.Flight.Do: call is nil": func() { flight.Do(ctx, 1, nil) },
	} {
		require.PanicsWithValue(t, message, call)
	}
}
