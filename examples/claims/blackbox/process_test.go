package blackbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asService in the environment makes this binary a service, which does what the value says.
const asService = "BLACKBOX_TEST_AS_SERVICE"

// witness is the address that a service which hangs connects to, so that its end can be seen.
const witness = "BLACKBOX_TEST_WITNESS"

func pretend(to string) {
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	switch to {
	case "fail":
		fmt.Fprintln(os.Stderr, "no such table")
		os.Exit(3)
	case "leave":
		os.Exit(0)
	case "leave a child":
		child := exec.Command(os.Args[0])
		child.Env = []string{asService + "=hang", witness + "=" + os.Getenv(witness)}
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
	case "hang":
		if _, err := net.Dial("tcp", os.Getenv(witness)); err != nil {
			panic(err)
		}
		select {}
	}
	go http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if to == "be unwell" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	<-terminate
	switch to {
	case "be deaf":
		select {}
	case "end badly":
		fmt.Println("could not save")
		os.Exit(1)
	}
	os.Exit(0)
}

// pretender starts this binary as a service.
func pretender(ctx context.Context, t *testing.T, to string, log io.Writer) (*Process, error) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	addr, err := freePort()
	require.NoError(t, err)
	c := command{args: []string{self, addr}, dir: t.TempDir(), env: []string{asService + "=" + to}}
	return c.serve(ctx, addr, log)
}

func TestStop(t *testing.T) {
	p, err := pretender(t.Context(), t, "be well", nil)
	require.NoError(t, err)
	response, err := http.Get(p.URL)
	require.NoError(t, err)
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, p.Stop())
	require.Error(t, p.Stop(), "it has ended")
	p.Kill() // does nothing
}

func TestStopReturnsTheExitStatus(t *testing.T) {
	p, err := pretender(t.Context(), t, "end badly", nil)
	require.NoError(t, err)
	err = p.Stop()
	require.ErrorContains(t, err, "exit status 1")
	require.ErrorContains(t, err, "could not save")
}

func TestStopKillsWhoDoesNotListen(t *testing.T) {
	p, err := pretender(t.Context(), t, "be deaf", nil)
	require.NoError(t, err)
	p.patience = 50 * time.Millisecond
	require.ErrorContains(t, p.Stop(), "did not end within 50ms")
	<-p.ended
}

// seen returns a function that waits until a service which hangs has begun to, and one that waits
// until it has ended.
func seen(t *testing.T) (begun, ended func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	t.Setenv(witness, listener.Addr().String())
	var conn net.Conn
	begun = func() {
		conn, err = listener.Accept()
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
	}
	ended = func() {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(startWithin)))
		_, err := io.ReadAll(conn)
		require.True(t, err == nil || errors.Is(err, syscall.ECONNRESET), "%v", err)
	}
	return begun, ended
}

func TestChildrenEndWithTheService(t *testing.T) {
	begun, ended := seen(t)
	p, err := pretender(t.Context(), t, "leave a child", nil)
	require.NoError(t, err)
	begun()
	// The child holds the pipe that the service's output is read from, until it is killed.
	require.ErrorIs(t, p.Stop(), exec.ErrWaitDelay)
	ended()
}

func TestWhoDoesNotAnswerIsKilled(t *testing.T) {
	begun, ended := seen(t)
	self, err := os.Executable()
	require.NoError(t, err)
	c := command{args: []string{self}, env: []string{asService + "=hang"}}
	p, err := c.launch(t.Context(), "127.0.0.1:1", nil)
	require.NoError(t, err)
	begun()
	require.EqualError(t, p.ready(t.Context(), time.Millisecond), "does not answer within 1ms")
	ended()
}

func TestStartFails(t *testing.T) {
	_, err := pretender(t.Context(), t, "fail", nil)
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "no such table")
	_, err = pretender(t.Context(), t, "leave", nil)
	require.ErrorContains(t, err, "ended before it answered: exit status 0")

	c := command{args: []string{"/no/such/program"}}
	_, err = c.serve(t.Context(), "127.0.0.1:1", nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestStartEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	seen(t)
	for _, to := range []string{"hang", "be unwell"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { cancel(cause) })
		_, err := pretender(ctx, t, to, nil)
		require.ErrorIs(t, err, cause, to)
	}
}

func TestTheServiceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := pretender(ctx, t, "be deaf", nil)
	require.NoError(t, err)
	cancel()
	<-p.Ended()
	require.ErrorContains(t, p.Stop(), "killed")
}

func TestTail(t *testing.T) {
	var end tail
	require.Empty(t, end.quoted())
	for range kept {
		fmt.Fprint(&end, "abc")
	}
	fmt.Fprint(&end, "\nthe end\n")
	require.Len(t, end.text, kept)
	require.Contains(t, end.quoted(), "bc\nthe end")
}
