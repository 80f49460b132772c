package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// fact is a line of the machine's description.
type fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// machine is what the figures were taken on.
type machine struct {
	Began    time.Time `json:"began"`
	Facts    []fact    `json:"facts"`
	Limits   []fact    `json:"limits"` // what may end an experiment before the language does
	Versions []fact    `json:"versions"`
}

func (l *lab) describe(ctx context.Context) machine {
	m := machine{Began: time.Now()}
	m.Facts = present(fact{"processor", field("/proc/cpuinfo", "model name")},
		fact{"cores", fmt.Sprintf("%d, of which Go uses %d", runtime.NumCPU(), runtime.GOMAXPROCS(0))},
		fact{"memory", inGiB(field("/proc/meminfo", "MemTotal"))},
		fact{"system", runtime.GOOS + "/" + runtime.GOARCH + ", kernel " + first("/proc/sys/kernel/osrelease")},
		fact{"load before the first experiment", strings.Join(head(strings.Fields(first("/proc/loadavg")), 3), " ")})
	m.Limits = present(
		fact{"open files", resource(unix.RLIMIT_NOFILE)},
		fact{"processes and threads of a user", resource(unix.RLIMIT_NPROC)},
		fact{"threads of the system", first("/proc/sys/kernel/threads-max")},
		fact{"threads of the control group", first("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")},
		fact{
			"memory of the control group",
			first("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
		},
		fact{
			"processor time of the control group",
			first("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
		},
		fact{"memory mappings of a process", first("/proc/sys/vm/max_map_count")},
		fact{"local ports", first("/proc/sys/net/ipv4/ip_local_port_range")},
		fact{"connections waiting to be accepted", first("/proc/sys/net/core/somaxconn")},
	)
	m.Versions = present(fact{"Go", runtime.Version()}, fact{"Python", output(ctx, "python3", "--version")},
		fact{"Rust", output(ctx, "rustc", "--version")}, fact{"Go modules", modules(ctx)},
		fact{"Python packages", l.packages(ctx)}, fact{"Rust crates", crates(ctx)})
	return m
}

// present drops what this system does not tell.
func present(facts ...fact) (known []fact) {
	for _, f := range facts {
		if f.Value = strings.Join(strings.Fields(f.Value), " "); f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

func head(words []string, n int) []string { return words[:min(n, len(words))] }

// first returns what is in the first of the files that there is.
func first(paths ...string) string {
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			return strings.TrimSpace(string(text))
		}
	}
	return ""
}

// field returns the value of a line "name : value" of a file.
func field(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func inGiB(kilobytes string) string {
	var n float64
	if _, err := fmt.Sscan(kilobytes, &n); err != nil {
		return ""
	}
	return fmt.Sprintf("%.1f GiB", n/(1<<20))
}

func resource(which int) string {
	var r unix.Rlimit
	if unix.Getrlimit(which, &r) != nil {
		return ""
	}
	return limited(r.Cur) + ", at most " + limited(r.Max)
}

func limited(n uint64) string {
	if n == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return thousands(fmt.Sprint(n))
}

// output is the first line that a command prints, nothing if it cannot be run.
func output(ctx context.Context, command string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // a version is printed at once
	defer cancel()
	text, _ := exec.CommandContext(ctx, command, args...).Output()
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// modules are the Go modules that matter for the figures.
func modules(ctx context.Context) string {
	text, _ := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}",
		"modernc.org/sqlite", "github.com/tsenart/vegeta/v12", "golang.org/x/sync").Output()
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ", ")
}

// packages are what the Python service runs on, if it was prepared.
func (l *lab) packages(ctx context.Context) string {
	if l.HasService("python") != "" {
		return ""
	}
	all, err := lines(ctx, "", l.servicePython(), "-m", "pip", "list", "--disable-pip-version-check", "--format=freeze")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.Join(all, ", "), "==", " ")
}

var locked = regexp.MustCompile(`name = "([^"]+)"\nversion = "([^"]+)"`)

// crates are those that the Rust package asks for itself, in the versions that Cargo.lock has.
func crates(ctx context.Context) string {
	dir, err := sources(ctx)
	if err != nil {
		return ""
	}
	direct := map[string]bool{}
	_, dependencies, _ := strings.Cut(first(filepath.Join(dir, "rust", "Cargo.toml")), "[dependencies]\n")
	dependencies, _, _ = strings.Cut(dependencies, "\n[")
	for line := range strings.Lines(dependencies) {
		if name, _, ok := strings.Cut(line, "="); ok {
			direct[strings.TrimSpace(name)] = true
		}
	}
	var all []string
	for _, match := range locked.FindAllStringSubmatch(first(filepath.Join(dir, "rust", "Cargo.lock")), -1) {
		if direct[match[1]] {
			all = append(all, match[1]+" "+match[2])
		}
	}
	return strings.Join(all, ", ")
}
