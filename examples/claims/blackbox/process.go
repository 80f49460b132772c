package blackbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Options are what Start can be told.
type Options struct {
	Dir      string    // what Build has filled; default Dir()
	Database string    // the file of the catalogue, made if it is not there
	Flags    []string  // added to the command line
	Env      []string  // added to the environment
	Log      io.Writer // gets what the service prints; default nobody
}

// Process is a service that runs.
type Process struct {
	URL   string // http://127.0.0.1:PORT
	Group int    // of its processes: the id of the first, which is the group's, too

	command  *exec.Cmd
	patience time.Duration // of Stop
	said     tail
	ended    chan struct{} // closed when the first process has ended, and the others were killed
	err      error         // how it ended, once it has
}

const (
	// startWithin is ample: the slowest imports Django in each of its processes.
	startWithin = time.Minute
	// endWithin is more than any of them gives its open requests; gunicorn, half a minute.
	endWithin = 40 * time.Second
	// look is how often to try whether it answers.
	look = 10 * time.Millisecond
)

// Start starts a service that was prepared and returns when it answers. It ends when Stop is
// called, or killed when ctx is done.
//
// The processes are children of the thread that calls, and inherit what is set for it alone, such
// as the cores it may use.
func Start(ctx context.Context, s Service, o Options) (*Process, error) {
	if o.Dir == "" {
		var err error
		if o.Dir, err = Dir(); err != nil {
			return nil, err
		}
	}
	place, err := locate(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	c := s.start(place, addr, o.Database)
	c.args = append(c.args, o.Flags...)
	c.env = append(c.env, o.Env...)
	p, err := c.serve(ctx, addr, o.Log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Title, err)
	}
	return p, nil
}

// freePort returns an address that nobody listens on. Another program may take it before the
// service does; then Start fails, and says so.
func freePort() (addr string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serve starts the command and waits until it answers at addr.
func (c command) serve(ctx context.Context, addr string, log io.Writer) (*Process, error) {
	p, err := c.launch(ctx, addr, log)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx, startWithin); err != nil {
		return nil, fmt.Errorf("%w%s", err, p.said.quoted())
	}
	return p, nil
}

func (c command) launch(ctx context.Context, addr string, log io.Writer) (*Process, error) {
	p := &Process{URL: "http://" + addr, command: c.in(ctx), patience: endWithin, ended: make(chan struct{})}
	output := io.Writer(&p.said)
	if log != nil {
		output = io.MultiWriter(log, output)
	}
	p.command.Stdout, p.command.Stderr = output, output
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	p.Group = p.command.Process.Pid
	go func() { // until the process ends; Stop, or the end of ctx, sees to that
		defer close(p.ended)
		p.err = p.command.Wait()
		_ = killGroup(p.command.Process) // usually nobody is left to kill
	}()
	return p, nil
}

// ready waits until the service answers. If it does not, it is ended.
func (p *Process) ready(ctx context.Context, within time.Duration) (err error) {
	defer func() {
		if err != nil {
			p.Kill()
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("does not answer within %v", within))
	defer cancel()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/healthz", nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.ended:
			return fmt.Errorf("ended before it answered: %w", cmp.Or(p.err, errors.New("exit status 0")))
		case <-tick.C:
		}
	}
}

// Stop sends SIGTERM and waits until the service has ended. It is an error if it does not end
// in time, and is killed, or has any exit status but 0. Of its processes none is left.
func (p *Process) Stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.Kill()
		return cmp.Or(p.err, err) // it had ended, or this system has no SIGTERM
	}
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("did not end within %v of SIGTERM%s", p.patience, p.said.quoted())
	}
	if p.err != nil {
		return fmt.Errorf("%w%s", p.err, p.said.quoted())
	}
	return nil
}

// Kill ends the service at once, and waits until it has ended.
func (p *Process) Kill() {
	select {
	case <-p.ended: // the number of its group may be another's by now
	default:
		_ = killGroup(p.command.Process)
		<-p.ended
	}
}

// Ended is closed when the service has ended, for whatever reason.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const kept = 2000 // bytes: the end of a traceback

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-kept):]
	return len(p), nil
}

// quoted is what was written last, to go behind an error, or nothing.
func (t *tail) quoted() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := bytes.TrimSpace(t.text)
	if len(text) == 0 {
		return ""
	}
	return "; it said:\n" + string(text)
}
