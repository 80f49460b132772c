package firstanswer

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// The hostile cases, and what becomes of naive, leaking, by hand, errgroup and braid.
var cases = []matrix.Case[First]{
	{Name: "no replicas", Asks: "Is it an error, and at once?",
		Run: noReplicas, Want: "deadlock wrong ok ok ok"},
	{Name: "one replica", Asks: "Is its answer the answer?",
		Run: oneReplica, Want: "ok ok ok ok ok"},
	{Name: "three replicas", Asks: "Does the fastest win, without waiting for the others?",
		Run: fastestWins, Want: "ok ok ok ok ok"},
	{Name: "a thousand replicas", Asks: "Are all asked at once, and one of their answers taken?",
		Run: thousandReplicas, Want: "leak wrong ok ok ok"},
	{Name: "the fastest fails", Asks: "Is a failure no answer, as long as others may have one?",
		Run: fastestFails, Want: "ok ok ok ok ok"},
	{Name: "all fail", Asks: "Do all of the errors come back?",
		Run: allFail, Want: "deadlock ok ok ok ok"},
	{Name: "a loser waits until cancelled", Asks: "Is it cancelled, although the caller's context lives on?",
		Run: losersAreCancelled, Want: "leak leak ok ok ok"},
	{Name: "a loser takes its time to end", Asks: "Is it waited for?",
		Run: losersAreWaitedFor, Want: "wrong wrong ok ok ok"},
	{Name: "a loser answers all the same", Asks: "Is its answer closed, and the winner's not?",
		Run: lateAnswer, Want: "leak wrong ok ok ok"},
	{Name: "the answer is read after the call", Asks: "Does the winner's context live on?",
		Run: readLater, Want: "ok ok ok wrong ok"},
	{Name: "context dead before the call", Asks: "Is nobody asked, and the cause returned?",
		Run: deadContext, Want: "deadlock wrong ok ok ok"},
	{Name: "context dies midway", Asks: "Is the cause returned, when the replicas have ended?",
		Run: dyingContext, Want: "deadlock wrong ok ok ok"},
	{Name: "a replica panics", Asks: "Does the caller hear of it, after the others were stopped?",
		Run: panics, Want: "crash crash ok crash ok"},
	{Name: "a loser panics", Asks: "Does the caller hear of it, and is the answer closed?",
		Run: loserPanics, Want: "crash crash wrong crash ok"},
	{Name: "a replica calls runtime.Goexit", Asks: "Is that a failure as any other, which the error tells?",
		Run: exits, Want: "deadlock deadlock ok wrong ok"},
}

var errBroken = errors.New("the replica is broken")

// A replica is what happens when it is asked.
type replica func(ctx context.Context) (io.ReadCloser, error)

// A service is some replicas, how they were asked, and which answers are open.
type service struct {
	asked matrix.Tally
	open  atomic.Int64
}

// first calls the subject.
func (s *service) first(subject First, ctx context.Context, replicas ...replica) (answer io.ReadCloser, err error) {
	defer matrix.Heard(&err)
	names := make([]string, len(replicas))
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return subject(ctx, names, func(ctx context.Context, name string) (io.ReadCloser, error) {
		defer s.asked.Begin()()
		i, err := strconv.Atoi(name)
		if err != nil {
			return nil, err
		}
		return replicas[i](ctx)
	})
}

// An answer is a line of text that can be read as long as its context lives.
type answer struct {
	io.Reader
	ctx     context.Context
	service *service
}

func (s *service) answer(ctx context.Context, text string) io.ReadCloser {
	s.open.Add(1)
	return &answer{strings.NewReader(text), ctx, s}
}

func (a *answer) Read(p []byte) (int, error) {
	if a.ctx.Err() != nil {
		return 0, context.Cause(a.ctx)
	}
	return a.Reader.Read(p)
}

func (a *answer) Close() error {
	a.service.open.Add(-1)
	return nil
}

// answers returns a replica that answers after a time, unless it is cancelled before.
func (s *service) answers(after time.Duration) replica {
	return func(ctx context.Context) (io.ReadCloser, error) {
		select {
		case <-time.After(after):
			return s.answer(ctx, "the answer"), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// fails returns a replica that fails after a time.
func fails(after time.Duration, err error) replica {
	return func(context.Context) (io.ReadCloser, error) {
		time.Sleep(after)
		return nil, err
	}
}

// lingers is a replica that takes another second to end when it is cancelled.
func lingers(ctx context.Context) (io.ReadCloser, error) {
	<-ctx.Done()
	time.Sleep(time.Second)
	return nil, ctx.Err()
}

func noReplicas(t *testing.T, subject First) {
	var s service
	answer, err := s.first(subject, t.Context())
	require.Error(t, err)
	require.Nil(t, answer)
}

func oneReplica(t *testing.T, subject First) {
	var s service
	answer, err := s.first(subject, t.Context(), s.answers(time.Second))
	require.NoError(t, err)
	require.NotNil(t, answer)
	require.EqualValues(t, 1, s.asked.Started.Load())
	require.EqualValues(t, 1, s.open.Load(), "open answers")
}

func fastestWins(t *testing.T, subject First) {
	var s service
	start := time.Now()
	_, err := s.first(subject, t.Context(), s.answers(2*time.Hour), s.answers(time.Second), s.answers(time.Hour))
	require.NoError(t, err)
	require.Equal(t, time.Second, time.Since(start))
}

func thousandReplicas(t *testing.T, subject First) {
	var s service
	meet := matrix.Meeting(1000)
	_, err := s.first(subject, t.Context(), slices.Repeat([]replica{func(ctx context.Context) (io.ReadCloser, error) {
		meet()
		return s.answer(ctx, "the answer"), nil
	}}, 1000)...)
	require.NoError(t, err)
	synctest.Wait()
	require.EqualValues(t, 1, s.open.Load(), "open answers")
}

func fastestFails(t *testing.T, subject First) {
	var s service
	start := time.Now()
	_, err := s.first(subject, t.Context(), s.answers(time.Hour), fails(time.Second, errBroken), s.answers(time.Minute))
	require.NoError(t, err)
	require.Equal(t, time.Minute, time.Since(start))
}

func allFail(t *testing.T, subject First) {
	var s service
	errs := []error{errors.New("no route"), errors.New("no space"), errors.New("no idea")}
	answer, err := s.first(subject, t.Context(),
		fails(3*time.Second, errs[0]), fails(time.Second, errs[1]), fails(2*time.Second, errs[2]))
	for _, each := range errs {
		require.ErrorIs(t, err, each)
	}
	require.Nil(t, answer)
}

func losersAreCancelled(t *testing.T, subject First) {
	var s service
	// The test's own context would end, and free those whom nobody else has cancelled.
	_, err := s.first(subject, context.Background(), s.answers(time.Second), func(ctx context.Context) (io.ReadCloser, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	require.NoError(t, err)
}

func losersAreWaitedFor(t *testing.T, subject First) {
	var s service
	_, err := s.first(subject, t.Context(), lingers, s.answers(time.Second), lingers)
	require.NoError(t, err)
	require.Zero(t, s.asked.Running.Load(), "asked after the return")
}

func lateAnswer(t *testing.T, subject First) {
	var s service
	_, err := s.first(subject, t.Context(), s.answers(time.Second), func(ctx context.Context) (io.ReadCloser, error) {
		time.Sleep(time.Hour) // and does not look at its context
		return s.answer(ctx, "too late"), nil
	})
	require.NoError(t, err)
	time.Sleep(2 * time.Hour)
	require.EqualValues(t, 1, s.open.Load(), "open answers")
}

func readLater(t *testing.T, subject First) {
	var s service
	answer, err := s.first(subject, t.Context(), s.answers(time.Hour), s.answers(time.Second))
	require.NoError(t, err)
	time.Sleep(time.Minute)
	text, err := io.ReadAll(answer)
	require.NoError(t, err)
	require.Equal(t, "the answer", string(text))
}

func deadContext(t *testing.T, subject First) {
	ctx, cause := matrix.CallerLeaves(t, 0)
	var s service
	_, err := s.first(subject, ctx, s.answers(time.Second), s.answers(time.Second))
	require.ErrorIs(t, err, cause)
	synctest.Wait()
	require.Zero(t, s.asked.Started.Load())
}

func dyingContext(t *testing.T, subject First) {
	ctx, cause := matrix.CallerLeaves(t, time.Second)
	var s service
	_, err := s.first(subject, ctx, lingers, s.answers(time.Hour), lingers)
	require.ErrorIs(t, err, cause)
	require.Zero(t, s.asked.Running.Load(), "asked after the return")
}

func panics(t *testing.T, subject First) {
	var s service
	_, err := s.first(subject, t.Context(), lingers, func(context.Context) (io.ReadCloser, error) {
		time.Sleep(time.Second)
		panic("the client is broken")
	})
	require.ErrorContains(t, err, "the client is broken")
	require.Zero(t, s.asked.Running.Load(), "asked after the return")
}

func loserPanics(t *testing.T, subject First) {
	var s service
	_, err := s.first(subject, t.Context(), s.answers(time.Second), func(context.Context) (io.ReadCloser, error) {
		time.Sleep(time.Hour)
		panic("the client is broken")
	})
	require.ErrorContains(t, err, "the client is broken")
	require.Zero(t, s.open.Load(), "open answers")
}

func exits(t *testing.T, subject First) {
	var s service
	exit := func(context.Context) (io.ReadCloser, error) {
		runtime.Goexit()
		return nil, nil
	}
	_, err := s.first(subject, t.Context(), exit, s.answers(time.Second))
	require.NoError(t, err, "another has answered")
	_, err = s.first(subject, t.Context(), exit, exit)
	require.ErrorContains(t, err, "runtime.Goexit")
}
