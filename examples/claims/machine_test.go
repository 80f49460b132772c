package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMachine(t *testing.T) {
	l := &lab{missing: map[string]string{}}
	m := l.describe(t.Context())
	known := map[string]string{}
	for _, facts := range [][]fact{m.Facts, m.Limits, m.Versions} {
		for _, f := range facts {
			require.NotEmpty(t, f.Value, f.Name)
			known[f.Name] = f.Value
		}
	}
	require.Equal(t, runtime.Version(), known["Go"])
	require.Regexp(t, `modernc.org/sqlite v\d.*, github.com/tsenart/vegeta/v12 v12`, known["Go modules"])
	require.Regexp(t, `axum \d.*tokio \d`, known["Rust crates"])
	require.Contains(t, known, "open files")
	require.NotContains(t, known, "Python packages", "was not asked for")
}

func TestFieldOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpuinfo")
	require.NoError(t, os.WriteFile(path, []byte("model\t\t: 7\nmodel name\t: A: B\n"), 0o644))
	require.Equal(t, "A: B", field(path, "model name"))
	require.Empty(t, field(path, "none"))
	require.Empty(t, field(path+"x", "model name"))
	require.Equal(t, "model\t\t: 7\nmodel name\t: A: B", first(path+"x", path))
	require.Equal(t, "1.5 GiB", inGiB("1572864 kB"))
	require.Empty(t, inGiB(""))
}
