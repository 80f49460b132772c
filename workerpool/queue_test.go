package workerpool

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// A submitter can be preempted between claiming its cell and filling it. Its task
// is the oldest nevertheless, and who waits for room does not overtake it.
func TestNobodyOvertakesAPreemptedSubmitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		begin := func(name string) fireAndForget {
			return func(context.Context) { order = append(order, name) }
		}
		p := New(1, Queue(2))
		defer p.Close()
		release := make(chan struct{})
		require.NoError(t, p.Submit(background, func(context.Context) { <-release }))
		synctest.Wait()

		claimed := p.queue.tail.Add(1) - 1 // the first half of a push
		require.NoError(t, p.Submit(background, begin("second")))
		go p.Submit(background, begin("third")) // waits: the queue is full
		synctest.Wait()
		close(release)
		synctest.Wait()
		require.Empty(t, order)

		c := p.queue.cell(claimed) // the second half, and what accept does after it
		c.task = begin("first")
		c.turn.Store(2*claimed + 1)
		require.Positive(t, p.spare.Load())
		p.wakeOne()
		synctest.Wait()
		require.Equal(t, []string{"first", "second", "third"}, order)
	})
}

// What is being pushed while Close looks into the queue is dropped by the worker
// that is woken for it, and Close waits for that.
func TestCloseDropsWhatIsJustBeingPushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(1, Queue(2))
		claimed := p.queue.tail.Add(1) - 1 // the first half of a push
		closed := make(chan struct{})
		go func() { p.Close(); close(closed) }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close has not waited")
		default:
		}
		c := p.queue.cell(claimed) // the second half, and what accept does after it
		c.task = fireAndForget(func(context.Context) { t.Error("begun after Close") })
		c.turn.Store(2*claimed + 1)
		p.wakeOne()
		<-closed
		require.EqualValues(t, 1, p.Stats().Dropped)
	})
}

// What a worker spends on one task that does nothing, by the two ways there are.
func BenchmarkOneTask(b *testing.B) {
	p := New(1)
	defer p.Close()
	w := &worker{pool: p, ctx: &workerContext{Context: p.base, pool: p}}
	f := fireAndForget(func(context.Context) {})
	b.Run("call", func(b *testing.B) {
		for b.Loop() {
			w.call(f)
		}
	})
	b.Run("perform", func(b *testing.B) {
		for b.Loop() {
			w.perform(f)
		}
	})
}
