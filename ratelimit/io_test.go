package ratelimit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
)

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

var errDevice = errors.New("the device is broken")

// inBubbles runs each test as a subtest in a bubble of its own.
func inBubbles(t *testing.T, tests map[string]func(*testing.T)) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
	}
}

func TestReader(t *testing.T) {
	inBubbles(t, map[string]func(*testing.T){
		"a buffer larger than the burst": func(t *testing.T) {
			var reads []int
			text := strings.NewReader(strings.Repeat("x", 1000))
			r := ratelimit.NewReader(t.Context(), readFunc(func(p []byte) (int, error) {
				reads = append(reads, len(p))
				return text.Read(p)
			}), ratelimit.New(ratelimit.PerSecond(100), 300))
			begin := time.Now()
			p := make([]byte, 4096)
			n, err := r.Read(p)
			require.NoError(t, err)
			require.Equal(t, 300, n)
			require.Zero(t, time.Since(begin), "the first burst costs no time")
			n, err = io.ReadFull(r, p[:250])
			require.NoError(t, err)
			require.Equal(t, 250, n)
			rest, err := io.ReadAll(r)
			require.NoError(t, err)
			require.Len(t, rest, 450)
			require.Equal(t, 7*time.Second, time.Since(begin), "and the rest what it takes")
			require.Equal(t, []int{300, 250}, reads[:2])
			for _, size := range reads {
				require.LessOrEqual(t, size, 300)
			}
		},
		"what did not come is not paid for": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 100)
			r := ratelimit.NewReader(t.Context(), iotest.OneByteReader(strings.NewReader("tea")), l)
			n, err := r.Read(make([]byte, 100))
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.EqualValues(t, 99, l.Tokens())
		},
		"an error in mid-read comes with what was read": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(1), 10)
			r := ratelimit.NewReader(t.Context(), readFunc(func(p []byte) (int, error) { return copy(p, "tea"), errDevice }), l)
			begin := time.Now()
			p := make([]byte, 10)
			n, err := r.Read(p)
			require.Equal(t, errDevice, err)
			require.Equal(t, "tea", string(p[:n]))
			require.Equal(t, 3*time.Second, time.Since(begin), "and is limited like any other")
		},
		"an error instead of a read": func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			r := ratelimit.NewReader(ctx, readFunc(func([]byte) (int, error) { cancel(); return 0, io.EOF }), spent(ratelimit.PerSecond(1), 1))
			n, err := r.Read(make([]byte, 10))
			require.Zero(t, n)
			require.Equal(t, io.EOF, err, "for nothing nobody has to wait")
		},
		"a context that ends in mid-read": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(1), 10)
			cause := errors.New("that is enough")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			text := strings.NewReader("tea and milk")
			r := ratelimit.NewReader(ctx, text, l)
			p := make([]byte, 20)
			n, err := r.Read(p)
			require.Equal(t, cause, err)
			require.Equal(t, "tea and mi", string(p[:n]), "it has been read, so it is handed over")
			require.EqualValues(t, 1, l.Tokens(), "but not admitted")
			n, err = r.Read(p)
			require.Equal(t, cause, err)
			require.Zero(t, n)
			require.Equal(t, 2, text.Len(), "nothing is read with a dead context")
		},
		"a deadline that cannot be met": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(1), 3)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			text := strings.NewReader("tea and milk")
			r := ratelimit.NewReader(ctx, text, l)
			n, err := r.Read(make([]byte, 20))
			require.Equal(t, &ratelimit.WaitError{Needed: 3 * time.Second}, err)
			require.Equal(t, 3, n)
			for range 3 {
				n, err = r.Read(make([]byte, 20))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Zero(t, n, "what was read is still not admitted")
			}
			time.Sleep(1500 * time.Millisecond)
			n, err = r.Read(nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Zero(t, n)
			require.Equal(t, 9, text.Len())
		},
		"a rate of zero": func(t *testing.T) {
			l := ratelimit.New(ratelimit.Rate{}, 3)
			text := strings.NewReader("tea and milk")
			r := ratelimit.NewReader(t.Context(), text, l)
			p := make([]byte, 20)
			n, err := r.Read(p)
			require.NoError(t, err)
			require.Equal(t, 3, n)
			n, err = r.Read(p)
			require.Equal(t, ratelimit.ErrNever, err)
			require.Equal(t, 3, n)
			n, err = r.Read(p)
			require.Equal(t, ratelimit.ErrNever, err)
			require.Zero(t, n)
			l.SetLimit(ratelimit.PerSecond(1), 3)
			begin := time.Now()
			n, err = r.Read(p)
			require.NoError(t, err)
			require.Equal(t, "d m", string(p[:n]), "and now it goes on")
			require.Equal(t, 6*time.Second, time.Since(begin), "three that were owed, and three")
		},
		"a burst of 0": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 0)
			text := strings.NewReader("tea")
			r := ratelimit.NewReader(t.Context(), text, l)
			n, err := r.Read(make([]byte, 10))
			require.Equal(t, ratelimit.ErrExceedsBurst, err)
			require.Zero(t, n)
			require.Equal(t, 3, text.Len(), "nothing is read that could not be handed over")
			_, err = r.Read(nil)
			require.NoError(t, err)
			l.SetLimit(ratelimit.PerSecond(1), 10)
			n, err = r.Read(make([]byte, 10))
			require.NoError(t, err)
			require.Equal(t, 3, n)
		},
		"a read of nothing": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(1), 10)
			r := ratelimit.NewReader(t.Context(), readFunc(func(p []byte) (int, error) {
				require.Empty(t, p)
				return 0, errDevice
			}), l)
			n, err := r.Read(nil)
			require.Equal(t, errDevice, err, "r may have something to say")
			require.Zero(t, n)
		},
		"no limit": func(t *testing.T) {
			l := ratelimit.New(ratelimit.Unlimited, 0)
			n, err := ratelimit.NewReader(t.Context(), zeros{}, l).Read(make([]byte, 1<<20))
			require.NoError(t, err)
			require.Equal(t, 1<<20, n)
		},
		"a burst that is larger than an int": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), math.MaxInt64)
			n, err := ratelimit.NewReader(t.Context(), zeros{}, l).Read(make([]byte, 1<<20))
			require.NoError(t, err)
			require.Equal(t, 1<<20, n)
		},
		"the burst becomes smaller while r reads": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(10), 100)
			r := ratelimit.NewReader(t.Context(), readFunc(func(p []byte) (int, error) {
				l.SetLimit(ratelimit.PerSecond(10), 30)
				return len(p), nil
			}), l)
			begin := time.Now()
			n, err := r.Read(make([]byte, 200))
			require.NoError(t, err)
			require.Equal(t, 100, n)
			require.Equal(t, 7*time.Second, time.Since(begin))
		},
		"the burst becomes smaller while the reader waits": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(10), 100)
			time.AfterFunc(time.Second, func() { l.SetLimit(ratelimit.PerSecond(10), 30) })
			begin := time.Now()
			n, err := ratelimit.NewReader(t.Context(), zeros{}, l).Read(make([]byte, 200))
			require.NoError(t, err)
			require.Equal(t, 100, n)
			// After a second 90 are owed, of a burst of 30: 6 seconds until the first, 10 for all.
			require.Equal(t, 17*time.Second, time.Since(begin))
		},
		"the burst becomes 0 while the reader waits": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(10), 100)
			time.AfterFunc(time.Second, func() { l.SetLimit(ratelimit.PerSecond(10), 0) })
			n, err := ratelimit.NewReader(t.Context(), zeros{}, l).Read(make([]byte, 200))
			require.Equal(t, ratelimit.ErrExceedsBurst, err)
			require.Equal(t, 100, n)
		},
		"a context that ended because another burst was exceeded": func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			l := spent(ratelimit.PerSecond(1), 10)
			time.AfterFunc(time.Second, func() { cancel(ratelimit.ErrExceedsBurst) })
			n, err := ratelimit.NewReader(ctx, zeros{}, l).Read(make([]byte, 10))
			require.Equal(t, ratelimit.ErrExceedsBurst, err)
			require.Equal(t, 10, n)
			n, err = ratelimit.NewWriter(ctx, io.Discard, l).Write(make([]byte, 10))
			require.Equal(t, ratelimit.ErrExceedsBurst, err)
			require.Zero(t, n)
		},
		"two that share a limiter": func(t *testing.T) {
			l := spent(ratelimit.PerSecond(100), 10)
			calls := newWaiters()
			for range 2 {
				calls.add("500", func() error {
					_, err := io.CopyN(io.Discard, ratelimit.NewReader(t.Context(), zeros{}, l), 500)
					return err
				})
			}
			require.Equal(t, []string{"500 9.9s", "500 10s"}, calls.wait())
		},
		"a panic in r": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 10)
			r := ratelimit.NewReader(t.Context(), readFunc(func([]byte) (int, error) { panic(errDevice) }), l)
			require.PanicsWithValue(t, errDevice, func() { r.Read(make([]byte, 10)) })
			require.PanicsWithValue(t, errDevice, func() { r.Read(make([]byte, 10)) }, "nothing is locked")
			require.EqualValues(t, 10, l.Tokens())
		},
		"as testing/iotest wants it": func(t *testing.T) {
			text := []byte(strings.Repeat("tea and milk ", 100))
			r := ratelimit.NewReader(t.Context(), bytes.NewReader(text), ratelimit.New(ratelimit.PerSecond(3), 7))
			require.NoError(t, iotest.TestReader(r, text))
		},
	})
}

func TestWriter(t *testing.T) {
	inBubbles(t, map[string]func(*testing.T){
		"more than the burst": func(t *testing.T) {
			var pieces []string
			begin := time.Now()
			w := ratelimit.NewWriter(t.Context(), writeFunc(func(p []byte) (int, error) {
				pieces = append(pieces, fmt.Sprintf("%s %v", p, time.Since(begin)))
				return len(p), nil
			}), ratelimit.New(ratelimit.PerSecond(2), 4))
			n, err := io.WriteString(w, "tea and milk!")
			require.NoError(t, err)
			require.Equal(t, 13, n)
			require.Equal(t, []string{"tea  0s", "and  2s", "milk 4s", "! 4.5s"}, pieces)
		},
		"an error of w": func(t *testing.T) {
			calls := 0
			l := ratelimit.New(ratelimit.PerSecond(1), 4)
			w := ratelimit.NewWriter(t.Context(), writeFunc(func(p []byte) (int, error) {
				if calls++; calls == 2 {
					return 1, errDevice
				}
				return len(p), nil
			}), l)
			n, err := io.WriteString(w, "tea and milk")
			require.Equal(t, errDevice, err)
			require.Equal(t, 5, n)
			require.Zero(t, l.Tokens(), "what was admitted is spent")
		},
		"a short write without an error": func(t *testing.T) {
			w := ratelimit.NewWriter(t.Context(), writeFunc(func(p []byte) (int, error) { return 1, nil }), ratelimit.New(ratelimit.PerSecond(1), 4))
			n, err := io.WriteString(w, "tea")
			require.Equal(t, io.ErrShortWrite, err)
			require.Equal(t, 1, n)
		},
		"a context that ends in mid-write": func(t *testing.T) {
			cause := errors.New("that is enough")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(3*time.Second, func() { cancel(cause) })
			l := ratelimit.New(ratelimit.PerSecond(2), 4)
			var written strings.Builder
			w := ratelimit.NewWriter(ctx, &written, l)
			n, err := io.WriteString(w, "tea and milk")
			require.Equal(t, cause, err)
			require.Equal(t, 8, n)
			require.Equal(t, "tea and ", written.String())
			require.EqualValues(t, 2, l.Tokens(), "who gave up has taken nothing")
		},
		"a deadline that cannot be met": func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			begin := time.Now()
			var written strings.Builder
			n, err := io.WriteString(ratelimit.NewWriter(ctx, &written, ratelimit.New(ratelimit.PerSecond(2), 4)), "tea and milk")
			require.Equal(t, &ratelimit.WaitError{Needed: 2 * time.Second}, err)
			require.Equal(t, 8, n)
			require.Equal(t, 2*time.Second, time.Since(begin), "seen when the last piece was asked for")
		},
		"a rate of zero": func(t *testing.T) {
			n, err := io.WriteString(ratelimit.NewWriter(t.Context(), io.Discard, ratelimit.New(ratelimit.Rate{}, 4)), "tea and milk")
			require.Equal(t, ratelimit.ErrNever, err)
			require.Equal(t, 4, n)
		},
		"a burst of 0": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 0)
			var written strings.Builder
			w := ratelimit.NewWriter(t.Context(), &written, l)
			n, err := io.WriteString(w, "tea")
			require.Equal(t, ratelimit.ErrExceedsBurst, err)
			require.Zero(t, n)
			require.Zero(t, written.Len())
			n, err = w.Write(nil)
			require.NoError(t, err)
			require.Zero(t, n)
		},
		"a write of nothing": func(t *testing.T) {
			calls := 0
			w := ratelimit.NewWriter(t.Context(), writeFunc(func(p []byte) (int, error) {
				calls++
				require.Empty(t, p)
				return 0, nil
			}), spent(ratelimit.PerSecond(1), 4))
			n, err := w.Write([]byte{})
			require.NoError(t, err)
			require.Zero(t, n)
			require.Equal(t, 1, calls, "w may have to send a header, or an empty packet")
		},
		"no limit": func(t *testing.T) {
			calls := 0
			w := ratelimit.NewWriter(t.Context(), writeFunc(func(p []byte) (int, error) { calls++; return len(p), nil }), ratelimit.New(ratelimit.Unlimited, 0))
			n, err := w.Write(make([]byte, 1<<20))
			require.NoError(t, err)
			require.Equal(t, 1<<20, n)
			require.Equal(t, 1, calls)
		},
		"the limit changes in mid-write": func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 10)
			time.AfterFunc(time.Second, func() { l.SetLimit(ratelimit.PerSecond(1), 4) })
			time.AfterFunc(12*time.Second, func() { l.SetLimit(ratelimit.Unlimited, 0) })
			var pieces []string
			begin := time.Now()
			w := ratelimit.NewWriter(t.Context(), writeFunc(func(p []byte) (int, error) {
				pieces = append(pieces, fmt.Sprintf("%d %v", len(p), time.Since(begin)))
				return len(p), nil
			}), l)
			n, err := w.Write(make([]byte, 100))
			require.NoError(t, err)
			require.Equal(t, 100, n)
			// Ten at once; after a second nine are owed, and the rest comes in fours.
			require.Equal(t, []string{"10 0s", "4 10s", "4 12s", "82 12s"}, pieces)
		},
	})
}

// io.Copy looks for methods that would go past the limiter.
func TestCopyDoesNotGoPastTheLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(ratelimit.PerSecond(100), 100)
		begin := time.Now()
		var to bytes.Buffer // has a ReadFrom
		n, err := io.Copy(&to, ratelimit.NewReader(t.Context(), strings.NewReader(strings.Repeat("x", 1000)), l))
		require.NoError(t, err)
		require.EqualValues(t, 1000, n)
		require.Equal(t, 9*time.Second, time.Since(begin))
		n, err = io.Copy(ratelimit.NewWriter(t.Context(), io.Discard, l), &to) // has a WriteTo
		require.NoError(t, err)
		require.EqualValues(t, 1000, n)
		require.Equal(t, 19*time.Second, time.Since(begin))
	})
}

// A request's body and a response's, through a real server.
func TestBodies(t *testing.T) {
	l := ratelimit.New(ratelimit.PerSecond(10_000_000), 10_000)
	body := strings.Repeat("tea and milk ", 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		_, err = ratelimit.NewWriter(r.Context(), w, l).Write(received)
		assert.NoError(t, err)
	}))
	defer server.Close()
	begin := time.Now()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, ratelimit.NewReader(t.Context(), strings.NewReader(body), l))
	require.NoError(t, err)
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	echo, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.True(t, body == string(echo))
	require.GreaterOrEqual(t, time.Since(begin), 25*time.Millisecond, "twice 130 kB, ten at once")
}
