package pipeline

import (
	"context"
	"sync"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/keys"
	"github.com/braidgo/braid/internal/lanes"
)

// MapByKey is [Map] with a promise: items with the same key are done one after the
// other, in their order. So, with [Unordered] too, their results stay in order. A slow
// item holds up the start of those with its own key, until the buffer is full: a key with
// many slow items fills it. (In order, it holds up all later results as well.) key is
// called once an item, upstream of the workers. An item whose key cannot be compared with
// itself, such as NaN, fails with braid.ErrKey.
//
//	Goroutines: none of its own. Workers(n): at most n, started on demand, and one that runs
//	            what is upstream. Buffer alone: that one.
//	Blocks:     while f does. Safe for concurrent runs if f and key are.
//	Ends:       when what is upstream ends, f fails, nobody wants more, or the context is
//	            done.
//	Panics:     a panic in f or key is raised in the caller of the sink, as a
//	            *braid.PanicError.
//	Memory:     one item. Workers(n): at most n, and what Buffer allows; a key costs only
//	            while one of its items waits or runs.
//
// Without [Workers] all items are done in their order anyway, and only the check of the
// keys is left. An item costs a lock and a map more than in Map, about 200 ns.
func MapByKey[A, B any, K comparable](s Stream[A], key func(A) K, f func(context.Context, A) (B, error), opts ...Option) Stream[B] {
	s.check("pipeline.MapByKey", "s")
	argument.NotNil("pipeline.MapByKey", "key", key == nil)
	argument.NotNil("pipeline.MapByKey", "f", f == nil)
	o := apply("MapByKey", opts)
	n := &node{name: o.name, inputs: []*node{s.node}, workers: o.workers}
	f = region(o, f)
	fused := func(p place, yield func(B) bool) error {
		return mapFused(p, n, buffered(s, o, n), func(ctx context.Context, item A) (result B, err error) {
			if !keys.Usable(key(item)) {
				return result, braid.ErrKey
			}
			return f(ctx, item)
		}, yield)
	}
	withKeys := Stream[keyed[A, K]]{node: s.node, run: func(p place, yield func(keyed[A, K]) bool) error {
		at := p.spot(n.name)
		return s.run(p, func(item A) bool {
			p.begin(at)
			next := keyed[A, K]{item: item, key: key(item)}
			if !keys.Usable(next.key) {
				var none K
				next.key, next.err = none, braid.ErrKey // whose lane it fails in makes no difference
			}
			return yield(next)
		})
	}}
	do := func(ctx context.Context, next keyed[A, K]) (result B, err error) {
		if next.err != nil {
			return result, next.err
		}
		return f(ctx, next.item)
	}
	ring := func(p place, yield func(B) bool) error {
		return parallelMap(p, n, o, withKeys, newByKey[A, K], do, yield)
	}
	return stream(n, o, fused, ring)
}

// keyed is an item and its key, or why it has none.
type keyed[A any, K comparable] struct {
	item A
	key  K
	err  error
}

// byKey is a supply in which items of one key keep their order and never run at the
// same time.
type byKey[A any, K comparable] struct {
	*window
	mu      sync.Mutex // never held while a callback runs
	lanes   *lanes.Set[K, numbered[A, K]]
	running map[int64]*lanes.Lane[K, numbered[A, K]]
}

type numbered[A any, K comparable] struct {
	at   int64
	item keyed[A, K]
}

func newByKey[A any, K comparable](w *window, _ options) supply[keyed[A, K]] {
	return &byKey[A, K]{
		window:  w,
		lanes:   lanes.New[K, numbered[A, K]](),
		running: make(map[int64]*lanes.Lane[K, numbered[A, K]]),
	}
}

func (b *byKey[A, K]) push(item keyed[A, K]) bool {
	at, ok := b.enter()
	if !ok {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes.Add(item.key, numbered[A, K]{at, item})
	b.tail.Store(at + 1)
	return true
}

func (b *byKey[A, K]) state() readiness {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.look()
}

// look is for those who have the lock. What waits in lanes that are not ready is for
// the workers that run an item of those.
func (b *byKey[A, K]) look() readiness {
	switch {
	case b.abandoned.Load() != nil:
		return never
	case b.lanes.Ready() > 0:
		return there
	case b.closed.Load():
		return never
	default:
		return notYet
	}
}

// claim drops what is behind an item that has failed.
func (b *byKey[A, K]) claim() (at int64, item keyed[A, K], state readiness) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		if state = b.look(); state != there {
			return at, item, state
		}
		lane, first := b.lanes.Take()
		if first.at < b.failed.Load() {
			b.running[first.at] = lane
			return first.at, first.item, there
		}
		b.lanes.Done(lane)
	}
}

func (b *byKey[A, K]) done(at int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes.Done(b.running[at])
	delete(b.running, at)
}

func (b *byKey[A, K]) waiting() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int64(b.lanes.Waiting())
}
