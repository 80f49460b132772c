package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/braidgo/braid/examples"
)

// report is what a crawl has found; with -json, it is the output.
type report struct {
	Broken []broken `json:"broken"`
	Barred []barred `json:"barred"`
	Totals totals   `json:"totals"`
}

type broken struct {
	URL    string   `json:"url"`
	Reason string   `json:"reason"`
	From   []string `json:"from"` // the pages that link there; none for one that was asked for on the command line
}

type barred struct {
	URL    string `json:"url"`
	Reason string `json:"reason"`
}

type totals struct {
	Fetched     int     `json:"fetched"`
	Bytes       int64   `json:"bytes"` // of HTML
	Redirects   int     `json:"redirects"`
	Cut         int     `json:"cut"`       // pages of which not all was read
	Elsewhere   int     `json:"elsewhere"` // links to hosts that are not visited
	Deeper      int     `json:"deeper"`    // pages too far from a start,
	Beyond      int     `json:"beyond"`    // and those that were one too many
	Seconds     float64 `json:"seconds"`
	Interrupted bool    `json:"interrupted"`
}

// report brings what is known into an order that does not depend on who was fast.
func (f *frontier) report(took time.Duration, interrupted bool) *report {
	r := &report{Broken: []broken{}, Barred: []barred{}, Totals: f.totals} // never null in JSON
	r.Totals.Seconds, r.Totals.Interrupted = took.Round(time.Millisecond).Seconds(), interrupted
	troubles := map[*page]*broken{}
	for _, p := range f.known {
		switch reason := p.trouble(); {
		case reason != "":
			troubles[p] = &broken{URL: p.url, Reason: reason, From: []string{}}
		case p.barred != "":
			r.Barred = append(r.Barred, barred{p.url, p.barred})
		case p.asked:
		case p.depth > f.mostDepth:
			r.Totals.Deeper++
		default:
			r.Totals.Beyond++
		}
	}
	for _, p := range f.known {
		for _, to := range p.links {
			if b := troubles[to]; b != nil {
				b.From = append(b.From, p.url)
			}
		}
	}
	for p, b := range troubles {
		if len(b.From) > 0 || slices.Contains(f.starts, p) { // else it is only part of why a redirect is
			slices.Sort(b.From)
			r.Broken = append(r.Broken, *b)
		}
	}
	slices.SortFunc(r.Broken, func(a, b broken) int { return cmp.Compare(a.URL, b.URL) })
	slices.SortFunc(r.Barred, func(a, b barred) int { return cmp.Compare(a.URL, b.URL) })
	return r
}

func (r *report) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w) // writes once, when all is encoded
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// mostFrom is how many pages with the same broken link are printed.
const mostFrom = 3

func (r *report) writeText(w io.Writer) error {
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
	fmt.Fprintf(&text, "not fetched: %d pages deeper, %d beyond -pages; %d links lead elsewhere\n", t.Deeper, t.Beyond, t.Elsewhere)
	fmt.Fprintf(&text, "%d fetched, %d redirects, %s of HTML, %d cut; %d broken; %.3f s\n",
		t.Fetched, t.Redirects, examples.InUnits(t.Bytes), t.Cut, len(r.Broken), t.Seconds)
	_, err := text.WriteTo(w)
	return err
}
