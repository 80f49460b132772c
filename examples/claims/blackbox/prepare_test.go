package blackbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/fanout"
)

// machine has go on its PATH, the standard tools, and the given programs, which are shell scripts.
func machine(t *testing.T, scripts map[string]string) (cache string) {
	t.Helper()
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err)
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh for the tools that stand in: ", err)
	}
	bin := t.TempDir()
	require.NoError(t, os.Symlink(goCommand, filepath.Join(bin, "go")))
	for name, script := range scripts {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o755))
	}
	t.Setenv("PATH", bin)
	cache = filepath.Join(t.TempDir(), "cache")
	t.Setenv("BRAID_CLAIMS_DIR", cache)
	return cache
}

// cargo builds, after it has fetched, a program that does nothing.
const cargo = `
case $1 in
fetch) : ;;
build)
	while [ "$1" != --target-dir ]; do shift; done
	/bin/mkdir -p "$2/release"
	echo built >>"$2/release/books"
	echo "it took $SECONDS_IT_TOOK"
esac
`

func TestPrepare(t *testing.T) {
	cache := machine(t, map[string]string{"cargo": cargo})
	why, err := Unprepared(t.Context(), Rust)
	require.NoError(t, err)
	require.Equal(t, "Rust (axum) is not prepared in "+cache, why)

	var log bytes.Buffer
	require.NoError(t, Fetch(t.Context(), Rust, cache, &log))
	require.NoError(t, Build(t.Context(), Rust, cache, &log, "SECONDS_IT_TOOK=7"))
	require.Contains(t, log.String(), "it took 7")
	why, err = Unprepared(t.Context(), Rust)
	require.NoError(t, err)
	require.Empty(t, why)

	program := filepath.Join(cache, "rust", "release", "books")
	require.NoError(t, Prepare(t.Context(), Rust, &log))
	built, err := os.ReadFile(program)
	require.NoError(t, err)
	require.Equal(t, "built\n", string(built), "what is prepared is not built again")

	require.NoError(t, os.Remove(program))
	why, err = Unprepared(t.Context(), Rust)
	require.NoError(t, err)
	require.Contains(t, why, "not in "+cache+" any more")

	require.NoError(t, os.WriteFile(filepath.Join(cache, "rust.sum"), []byte("another"), 0o644))
	why, err = Unprepared(t.Context(), Rust)
	require.NoError(t, err)
	require.Equal(t, "Rust (axum) was prepared in "+cache+" from other sources", why)
	require.NoError(t, Prepare(t.Context(), Rust, &log))
	require.FileExists(t, program)
}

func TestWithoutAToolChain(t *testing.T) {
	machine(t, nil)
	for s, tool := range map[*Service]string{&Rust: "cargo", &Python: "python3"} {
		missing := "no " + tool + " on this machine"
		require.Equal(t, missing, s.Missing())
		why, err := Unprepared(t.Context(), *s)
		require.NoError(t, err)
		require.Equal(t, missing, why)
		require.EqualError(t, Prepare(t.Context(), *s, io.Discard), missing)
	}
	require.Empty(t, Go.Missing())
}

func TestAToolFails(t *testing.T) {
	cache := machine(t, map[string]string{"cargo": "echo no network >&2; exit 101"})
	err := Prepare(t.Context(), Rust, io.Discard)
	require.ErrorContains(t, err, "cargo fetch")
	require.ErrorContains(t, err, "exit status 101; it said:\nno network")
	require.NoFileExists(t, filepath.Join(cache, "rust.sum"))
}

func TestPrepareEndsWithItsContext(t *testing.T) {
	begun, ended := seen(t)
	self, err := os.Executable()
	require.NoError(t, err)
	machine(t, map[string]string{"cargo": fmt.Sprintf("%s=hang '%s' & wait", asService, self)})
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	err = fanout.All(t.Context(), func(context.Context) error {
		return Prepare(ctx, Rust, io.Discard)
	}, func(context.Context) error {
		begun()
		cancel(cause)
		return nil
	})
	require.ErrorIs(t, err, cause)
	ended()
}

// TestInputs: a pattern that matches nothing would never see a change.
func TestInputs(t *testing.T) {
	p, err := locate(t.Context(), t.TempDir())
	require.NoError(t, err)
	for _, s := range Services {
		for _, pattern := range s.inputs {
			names, err := filepath.Glob(filepath.Join(p.claims, pattern))
			require.NoError(t, err)
			require.NotEmpty(t, names, pattern)
		}
	}
}

func TestASumIsOfAllSources(t *testing.T) {
	p := place{claims: t.TempDir()}
	sum := func() string {
		sum, err := Rust.sum(p)
		require.NoError(t, err)
		return string(sum)
	}
	sums := map[string]bool{sum(): true}
	bin := filepath.Join(p.claims, "rust", "src", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	for _, text := range []string{"", "a", "b"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, "lab.rs"), []byte(text), 0o644))
		require.False(t, sums[sum()], "%q", text)
		sums[sum()] = true
	}
	require.NoError(t, os.Rename(filepath.Join(bin, "lab.rs"), filepath.Join(bin, "other.rs")))
	require.False(t, sums[sum()])
}

func TestDir(t *testing.T) {
	t.Setenv("BRAID_CLAIMS_DIR", "")
	dir, err := Dir()
	require.NoError(t, err)
	require.Equal(t, "braid-claims", filepath.Base(dir))
}
