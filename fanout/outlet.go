package fanout

import (
	"context"
	"reflect"
)

// outlet is a channel to send to, for as long as gone is not closed. A nil gone
// never is.
type outlet[T any] struct {
	c    chan<- T
	gone <-chan struct{}
}

// offer sends v if that needs no waiting.
func (o outlet[T]) offer(v T) bool {
	select {
	case o.c <- v:
		return true
	default:
		return false
	}
}

// await waits until one of the outlets has taken v, or is gone, and returns which;
// or -1, when ctx is done. It is a select statement with as many cases as there
// are outlets, and that costs some hundred nanoseconds a case. So offer first.
// There is a limit to the cases; it waits for no more than the first 16,384 outlets.
func await[T any](ctx context.Context, v T, outs []outlet[T]) int {
	if len(outs) == 1 {
		select {
		case outs[0].c <- v:
			return 0
		case <-outs[0].gone:
			return 0
		case <-ctx.Done():
			return -1
		}
	}
	outs = outs[:min(len(outs), 1<<14)]
	sent := v                              // v itself need not be on the heap
	value := reflect.ValueOf(&sent).Elem() // ValueOf(v) would lose the type of a nil interface
	cases := make([]reflect.SelectCase, 0, 2*len(outs)+1)
	for _, o := range outs {
		cases = append(cases,
			reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(o.c), Send: value},
			reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(o.gone)})
	}
	cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())})
	chosen, _, _ := reflect.Select(cases)
	if chosen == len(cases)-1 {
		return -1
	}
	return chosen / 2
}

// receive waits for a value. more is false when in is closed, or ctx done: then
// err is the cause.
func receive[T any](ctx context.Context, in <-chan T) (v T, more bool, err error) {
	if ctx.Err() == nil { // with both ready, select might take either
		select {
		case v, more = <-in:
			return v, more, nil
		case <-ctx.Done():
		}
	}
	return v, false, context.Cause(ctx)
}
