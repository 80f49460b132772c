package main

import (
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
)

// What a group uses is what its processes use, those that have ended included.
func TestUsedBy(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what a service uses is read from /proc, which this system does not have")
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this machine")
	}
	// Two children that count, the first of which has ended before the shell reads.
	c := exec.Command(shell, "-c", "(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); echo; read line")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	_, err = stdout.Read(make([]byte, 1)) // the child has ended
	require.NoError(t, err)
	u, err := usedBy(c.Process.Pid)
	require.NoError(t, err)
	require.Positive(t, u.Memory)
	require.NoError(t, stdin.Close())
	_ = c.Wait() // read fails: its input has ended
	ended := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	require.InDelta(t, ended, u.CPU, float64(3*tick)) // rounded down, each of four
	_, err = usedBy(c.Process.Pid)
	require.ErrorContains(t, err, "the service has ended")
}

func TestShare(t *testing.T) {
	function := func(name string) *profile.Location {
		return &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}}
	}
	p := &profile.Profile{Sample: []*profile.Sample{
		{
			Location: []*profile.Location{
				function("runtime.memmove"),
				function("modernc.org/sqlite/lib._step"),
				function("main.run"),
			},
			Value: []int64{3, 30},
		},
		{Location: []*profile.Location{function("net/http.serve"), function("example.com/modernc.org/x")}, Value: []int64{1, 10}},
		{Location: []*profile.Location{{}}, Value: []int64{1, 10}},
	}}
	require.InDelta(t, 0.6, share(p, "modernc.org/"), 1e-9)
	require.InDelta(t, 0.8, share(p, "modernc.org/", "net/http."), 1e-9)
	require.Zero(t, share(&profile.Profile{}, "modernc.org/"))
}

func TestCoresApart(t *testing.T) {
	service, loading := apart()
	if len(cores()) < 2 {
		require.Empty(t, service)
		require.Empty(t, loading)
		return
	}
	require.Len(t, loading, 1)
	require.ElementsMatch(t, cores(), append(service, loading...))
	var ran []int
	require.NoError(t, onCores(loading, func() error { ran = cores(); return nil }))
	require.Equal(t, loading, ran, "a process that is started there inherits this")
	require.ElementsMatch(t, cores(), append(service, loading...), "and this goroutine has all of them again")
}

func TestDrivenPerCPUSecond(t *testing.T) {
	require.EqualValues(t, 150,
		driven{loaded: loaded{Good: 200, Late: 100, Refused: 50}, CPU: 2 * time.Second}.PerCPUSecond())
}
