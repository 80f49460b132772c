package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// used is what the processes of a group have used so far: gunicorn is several, which share pages.
type used struct {
	CPU    time.Duration // user and system
	Memory int64         // bytes: each page is divided by those who share it
}

// tick is the unit of /proc/PID/stat, the same on every Linux.
const tick = 10 * time.Millisecond

// usedBy adds up what the processes of a group have used, those that ended included if their
// parent, in the group, has waited for them.
func usedBy(group int) (u used, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return u, err
	}
	found := false
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// After the name, which may hold anything: state, parent, group, …, utime, stime, cutime, cstime.
		_, rest, _ := bytes.Cut(text[bytes.LastIndexByte(text, ')')+1:], []byte(" "))
		f := strings.Fields(string(rest))
		const ofGroup, ofTimes = 2, 11
		if len(f) < ofTimes+4 || f[ofGroup] != strconv.Itoa(group) {
			continue
		}
		found = true
		for _, ticks := range f[ofTimes : ofTimes+4] {
			n, err := strconv.ParseInt(ticks, 10, 64)
			if err != nil {
				return u, fmt.Errorf("%s: %w", path, err)
			}
			u.CPU += time.Duration(n) * tick
		}
		var kilobytes int64
		_, _ = fmt.Sscan(field(filepath.Join(filepath.Dir(path), "smaps_rollup"), "Pss"), &kilobytes)
		u.Memory += kilobytes << 10
	}
	if !found {
		return u, fmt.Errorf("the service has ended: no process of group %d", group)
	}
	return u, nil
}
