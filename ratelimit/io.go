package ratelimit

import (
	"context"
	"io"

	"github.com/braidgo/braid/internal/argument"
)

// NewReader returns a reader that reads from r no faster than l admits bytes. An event of l
// is a byte; several readers may share a limiter. A read asks r for no more than the burst at
// once, and waits, after it, until l admits what has come. So nothing is paid for what
// did not come, and the reader is never ahead by more than a burst.
//
// A Read that fails while it waits returns what it has read together with the error: the context's cause, or what
// [Limiter.WaitN] says. An error of r comes back with what was read before it. The reader is for
// one goroutine at a time.
//
//	Goroutines: none.
//	Blocks:     Read does, while r does and until l admits what was read.
//	Ends:       a Read when ctx is done or its deadline would be passed; the read of r itself does not obey ctx.
//	Panics:     if ctx, r or l is nil.
//	Memory:     none; Read uses the caller's buffer.
func NewReader(ctx context.Context, r io.Reader, l *Limiter) io.Reader {
	argument.Context("ratelimit.NewReader", ctx)
	argument.NotNil("ratelimit.NewReader", "r", r == nil)
	argument.NotNil("ratelimit.NewReader", "l", l == nil)
	return &reader{ctx, r, l}
}

// NewWriter returns a writer that writes to w no faster than l admits bytes. An event of l is a
// byte; several writers may share a limiter. What is written at once is cut into pieces of at
// most a burst, and each is written when l has admitted it.
//
// A Write that fails returns how much was written before that, with the error of w, the context's
// cause, or what [Limiter.WaitN] says. The writer is for one goroutine at a time.
//
//	Goroutines: none.
//	Blocks:     Write does, while w does and until l admits the last piece.
//	Ends:       a Write when ctx is done or its deadline would be passed; the write to w itself does not obey ctx.
//	Panics:     if ctx, w or l is nil.
//	Memory:     none.
func NewWriter(ctx context.Context, w io.Writer, l *Limiter) io.Writer {
	argument.Context("ratelimit.NewWriter", ctx)
	argument.NotNil("ratelimit.NewWriter", "w", w == nil)
	argument.NotNil("ratelimit.NewWriter", "l", l == nil)
	return &writer{ctx, w, l}
}

type reader struct {
	ctx     context.Context
	r       io.Reader
	limiter *Limiter
}

func (r *reader) Read(p []byte) (n int, err error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	piece := r.limiter.piece(len(p))
	if piece == 0 && len(p) > 0 {
		return 0, ErrExceedsBurst
	}
	n, err = r.r.Read(p[:piece])
	for paid := 0; paid < n; {
		piece := r.limiter.piece(n - paid) // SetLimit may have made the burst smaller meanwhile
		if piece == 0 {
			return n, ErrExceedsBurst
		}
		if failed := r.limiter.WaitN(r.ctx, int64(piece)); failed != nil && failed != ErrExceedsBurst {
			return n, failed
		} else if failed == nil {
			paid += piece
		}
	}
	return n, err
}

type writer struct {
	ctx     context.Context
	w       io.Writer
	limiter *Limiter
}

func (w *writer) Write(p []byte) (n int, err error) {
	for n < len(p) {
		piece := w.limiter.piece(len(p) - n)
		if piece == 0 {
			return n, ErrExceedsBurst
		}
		if err := w.limiter.WaitN(w.ctx, int64(piece)); err == ErrExceedsBurst {
			continue
		} else if err != nil {
			return n, err
		}
		written, err := w.w.Write(p[n : n+piece])
		n += written
		if err == nil && written < piece {
			err = io.ErrShortWrite
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// piece is how many of n bytes can be admitted at once.
func (l *Limiter) piece(n int) int {
	if e := l.era.Load(); e.cost > 0 {
		return int(min(int64(n), e.burst))
	}
	return n
}
