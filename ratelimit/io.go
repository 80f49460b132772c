package ratelimit

import (
	"context"
	"io"

	"github.com/braidgo/braid/internal/argument"
)

// NewReader returns a reader that reads from r no faster than l admits bytes: an event of l is
// a byte. A Read asks r for at most a burst, and returns when l has admitted what came. So
// nothing is paid for what did not come, and a burst of some kilobytes keeps the reads large.
// Several readers may share l. Each is for one goroutine at a time, and closes nothing.
//
// A Read that cannot wait, for one of the reasons of [Limiter.WaitN], returns what it has read
// together with the error, and the next one waits for that first. An error of r comes back
// with what was read before it. If the burst is 0, the error is [ErrExceedsBurst].
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
	return &reader{ctx: ctx, r: r, limiter: l}
}

// NewWriter returns a writer that writes to w no faster than l admits bytes: an event of l is
// a byte. A Write is cut into pieces of at most a burst, each written when l has admitted it; a
// burst of some kilobytes keeps them large. Several writers may share l. Each is for one
// goroutine at a time, and flushes and closes nothing.
//
// A Write that fails returns how much was written before that, with the error of w or one of
// those of [Limiter.WaitN]. If the burst is 0, that is [ErrExceedsBurst]. What l has admitted
// and w has then not written is not given back.
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

// Neither has a ReadFrom or WriteTo: io.Copy would gain nothing by them.

type reader struct {
	ctx     context.Context
	r       io.Reader
	limiter *Limiter
	owed    int // what was read, and is not admitted yet
}

func (r *reader) Read(p []byte) (n int, err error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if err := r.pay(); err != nil {
		return 0, err
	}
	piece, err := r.limiter.piece(len(p))
	if err != nil {
		return 0, err
	}
	n, err = r.r.Read(p[:piece])
	r.owed = n
	if unpaid := r.pay(); unpaid != nil {
		return n, unpaid
	}
	return n, err
}

func (r *reader) pay() error {
	for r.owed > 0 { // at most once, unless SetLimit has made the burst smaller
		piece, err := r.limiter.waitForPiece(r.ctx, r.owed)
		if err != nil {
			return err
		}
		r.owed -= piece
	}
	return nil
}

type writer struct {
	ctx     context.Context
	w       io.Writer
	limiter *Limiter
}

func (w *writer) Write(p []byte) (n int, err error) {
	for {
		piece, err := w.limiter.waitForPiece(w.ctx, len(p)-n)
		if err != nil {
			return n, err
		}
		written, err := w.w.Write(p[n : n+piece])
		n += written
		if err == nil && written < piece {
			err = io.ErrShortWrite
		}
		if err != nil || n >= len(p) {
			return n, err
		}
	}
}

// waitForPiece waits until as many of n bytes as can be admitted at once are, and returns how
// many those are.
func (l *Limiter) waitForPiece(ctx context.Context, n int) (piece int, err error) {
	for {
		if piece, err = l.piece(n); err != nil {
			return 0, err
		}
		err = l.WaitN(ctx, int64(piece))
		if err != ErrExceedsBurst || context.Cause(ctx) == ErrExceedsBurst {
			return piece, err
		}
		// SetLimit has made the burst smaller in between.
	}
}

// piece is how many of n bytes can be admitted at once.
func (l *Limiter) piece(n int) (int, error) {
	e := l.era.Load()
	switch {
	case e.cost == 0 || n == 0:
		return n, nil
	case e.burst == 0:
		return 0, ErrExceedsBurst
	}
	return int(min(int64(n), e.burst)), nil
}
