package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/braidgo/braid/examples"
)

// report is what a crawl has found; with -json, it is the output.
type report struct {
	Broken []finding `json:"broken"`
	Barred []finding `json:"barred"`
	Totals totals    `json:"totals"`
}

type finding struct {
	URL    string   `json:"url"`
	Reason string   `json:"reason"`
	From   []string `json:"from,omitempty"` // the pages that link to a broken one; none links to a start
}

type totals struct {
	Fetched     int     `json:"fetched"`
	Bytes       int64   `json:"bytes"` // of HTML
	Redirects   int     `json:"redirects"`
	Cut         int     `json:"cut"`       // pages of which not all was read
	Elsewhere   int     `json:"elsewhere"` // links to hosts that are not visited
	Deeper      int     `json:"deeper"`    // pages too far from a start,
	Beyond      int     `json:"beyond"`    // and those that were too many
	Seconds     float64 `json:"seconds"`
	Interrupted bool    `json:"interrupted"`
}

// report has an order that does not depend on who was fast.
func (f *frontier) report(took time.Duration, interrupted bool) *report {
	r := &report{Broken: []finding{}, Barred: []finding{}, Totals: f.totals} // never null in JSON
	r.Totals.Seconds, r.Totals.Interrupted = took.Round(time.Millisecond).Seconds(), interrupted
	from := map[*page][]string{}
	for _, p := range f.known {
		for _, to := range p.links {
			from[to] = append(from[to], p.url)
		}
	}
	for _, p := range f.known {
		switch reason := p.trouble(); {
		case reason != "" && (from[p] != nil || slices.Contains(f.starts, p)): // else only redirects lead there
			slices.Sort(from[p])
			r.Broken = append(r.Broken, finding{p.url, printable(reason), from[p]})
		case p.barred != "":
			r.Barred = append(r.Barred, finding{URL: p.url, Reason: printable(p.barred)})
		case p.asked:
		case p.depth > f.mostDepth:
			r.Totals.Deeper++
		default:
			r.Totals.Beyond++
		}
	}
	for _, list := range [][]finding{r.Broken, r.Barred} {
		slices.SortFunc(list, func(a, b finding) int { return cmp.Compare(a.URL, b.URL) })
	}
	return r
}

func (r *report) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w) // writes once, when all is encoded
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func (r *report) writeText(w io.Writer) error {
	const mostFrom = 3
	var text bytes.Buffer
	for _, b := range r.Broken {
		fmt.Fprintf(&text, "%s\n  %s\n", b.URL, b.Reason)
		for _, from := range b.From[:min(len(b.From), mostFrom)] {
			fmt.Fprintf(&text, "  from %s\n", from)
		}
		if more := len(b.From) - mostFrom; more > 0 {
			fmt.Fprintf(&text, "  and %d more; -json lists them all\n", more)
		}
		fmt.Fprintln(&text)
	}
	reasons := map[string]int{}
	for _, b := range r.Barred {
		reasons[b.Reason]++
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(&text, "barred: %d pages, %s\n", reasons[reason], reason)
	}
	t := r.Totals
	fmt.Fprintf(&text, "not fetched: %d pages beyond -depth, %d beyond -pages, %d links that lead elsewhere\n", t.Deeper, t.Beyond, t.Elsewhere)
	fmt.Fprintf(&text, "%d fetched, %d redirects, %s of HTML, %d cut; %d broken; %.3f s\n",
		t.Fetched, t.Redirects, examples.InUnits(t.Bytes), t.Cut, len(r.Broken), t.Seconds)
	_, err := text.WriteTo(w)
	return err
}

// printable keeps what a server has said from doing something to the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
