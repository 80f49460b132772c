package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/braidgo/braid/examples"
)

// found is what a search has found; with -json, it is the output.
type found struct {
	Groups  []group   `json:"groups"`
	Skipped []skipped `json:"skipped"`
	Totals  totals    `json:"totals"`
}

type group struct {
	Size   int64      `json:"size"` // of each
	SHA256 string     `json:"sha256"`
	Paths  []pathname `json:"paths"`
}

type skipped struct {
	Path   pathname `json:"path"`
	Reason string   `json:"reason"`
}

type totals struct {
	Files     int     `json:"files"`
	Bytes     int64   `json:"bytes"` // of these files
	Read      int64   `json:"read"`  // bytes
	Groups    int     `json:"groups"`
	Wasted    int64   `json:"wasted"` // bytes
	Seconds   float64 `json:"seconds"`
	Small     int     `json:"small"`
	Symlinks  int     `json:"symlinks"`
	Hardlinks int     `json:"hardlinks"` // names of files that are counted under another
	Special   int     `json:"special"`
}

// wasted is what all but one of them take.
func (g group) wasted() int64 { return g.Size * int64(len(g.Paths)-1) }

// conclude brings what was found into an order that depends on the files alone.
func (r *found) conclude(bySum map[digest][]file, took time.Duration) {
	r.Groups = []group{} // never null in JSON
	for sum, files := range bySum {
		if len(files) == 1 {
			continue // others begin like it, and go on differently
		}
		g := group{Size: files[0].info.Size(), SHA256: hex.EncodeToString(sum[:])}
		for _, f := range files {
			g.Paths = append(g.Paths, pathname(f.path))
		}
		slices.Sort(g.Paths)
		r.Groups = append(r.Groups, g)
		r.Totals.Groups++
		r.Totals.Wasted += g.wasted()
	}
	slices.SortFunc(r.Groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.wasted(), a.wasted()), cmp.Compare(a.Paths[0], b.Paths[0]))
	})
	slices.SortFunc(r.Skipped, func(a, b skipped) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason))
	})
	r.Skipped = append([]skipped{}, slices.Compact(r.Skipped)...) // a directory may fail twice
	r.Totals.Seconds = took.Round(time.Millisecond).Seconds()
}

func (r *found) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w) // writes once, when all is encoded
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func (r *found) writeText(w io.Writer) error {
	var text bytes.Buffer
	for _, g := range r.Groups {
		fmt.Fprintf(&text, "%s wasted by %d files of %s\n", examples.InUnits(g.wasted()), len(g.Paths), examples.InUnits(g.Size))
		for _, path := range g.Paths {
			fmt.Fprintf(&text, "  %v\n", path)
		}
		fmt.Fprintln(&text)
	}
	t := r.Totals
	fmt.Fprintf(&text, "passed over: %d small, %d symbolic links, %d hard links, %d special\n",
		t.Small, t.Symlinks, t.Hardlinks, t.Special)
	fmt.Fprintf(&text, "%d files, %s, %s read; %d groups, %s wasted; %.3f s\n",
		t.Files, examples.InUnits(t.Bytes), examples.InUnits(t.Read), t.Groups, examples.InUnits(t.Wasted), t.Seconds)
	_, err := text.WriteTo(w)
	return err
}

// complain lists what was skipped, and returns the exit status.
func (r *found) complain(stderr io.Writer) (status int) {
	if len(r.Skipped) == 0 {
		return 0
	}
	const shown = 20
	fmt.Fprintf(stderr, "dupes: %d could not be read:\n", len(r.Skipped))
	for _, s := range r.Skipped[:min(len(r.Skipped), shown)] {
		fmt.Fprintf(stderr, "  %v: %s\n", s.Path, s.Reason)
	}
	if more := len(r.Skipped) - shown; more > 0 {
		fmt.Fprintf(stderr, "  and %d more; -json lists them all\n", more)
	}
	return 1
}

// pathname is a path, which may be any bytes. Where the output cannot hold them, it
// is quoted as in Go, and so is what would look as if it were: strconv.Unquote
// gives the path back.
type pathname string

func (p pathname) String() string { return p.quotedUnless(strconv.IsPrint) }

func (p pathname) MarshalText() ([]byte, error) { // for JSON, which can escape anything that is valid
	return []byte(p.quotedUnless(func(rune) bool { return true })), nil
}

func (p pathname) quotedUnless(plain func(rune) bool) string {
	path := string(p)
	if utf8.ValidString(path) && !strings.HasPrefix(path, `"`) &&
		!strings.ContainsFunc(path, func(r rune) bool { return !plain(r) }) {
		return path
	}
	return strconv.Quote(path)
}
