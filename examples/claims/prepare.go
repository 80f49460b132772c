package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

func (l *lab) startDev(ctx context.Context, w wanted, database string) (*endpoint, error) {
	bin := filepath.Join(l.Dir, "restapi-dev")
	if _, err := os.Stat(bin); err != nil {
		c := exec.Command("go", "build", "-o", bin, "github.com/braidgo/braid/examples/restapi")
		if err := c.Run(); err != nil {
			return nil, err
		}
	}
	addr, _ := freePort()
	c := exec.Command(bin, append([]string{"-addr", addr, "-db", database, "-limit", "0"}, w.Flags...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	e := &endpoint{URL: "http://" + addr, Group: c.Process.Pid, stop: func() error { c.Process.Signal(syscall.SIGTERM); return c.Wait() }}
	return e, e.settle(ctx)
}
