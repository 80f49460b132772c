package main

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A plot is drawn in units of which 360 are its width: on a phone one is about one pixel, so that
// the text is as large as text should be.
const (
	plotWidth  = 360
	plotHeight = 190 // of an area with lines
	lineHeight = 15
	perLine    = 54 // characters in the width, at the size of the style sheet
)

// drawing is an SVG in the making.
type drawing struct {
	strings.Builder
	y float64
}

func (d *drawing) add(format string, arguments ...any) {
	fmt.Fprintf(d, format+"\n", arguments...)
}

// text writes at (x, y); anchor is start, middle or end, class a style.
func (d *drawing) text(x, y float64, anchor, class, text string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class,
		html.EscapeString(text))
}

// SVG draws the plot. The colours are classes, so that the page decides what they are by day and
// by night; nothing is told by colour alone.
func (p *plot) SVG() template.HTML {
	var d drawing
	switch {
	case len(p.Bars) > 0:
		p.bars(&d)
	case len(p.Lines) > 0:
		p.lines(&d)
	default:
		return ""
	}
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %.0f" role="img" aria-label="%s">`+"\n%s</svg>",
		plotWidth, d.y, html.EscapeString(p.Title+". "+p.Words), d.String()))
}

// hue is the style of a language.
func hue(language string) string {
	words := strings.ToLower(language)
	for _, known := range []struct{ class, marks string }{
		{"rust", "rust tokio axum"},
		{"python", "python django asyncio gunicorn"},
		{"go", "go goroutine braid"},
	} {
		for mark := range strings.FieldsSeq(known.marks) {
			if strings.HasPrefix(words, mark) {
				return known.class
			}
		}
	}
	return "other"
}

func (p *plot) bars(d *drawing) {
	least, most := math.Inf(1), 0.0
	for _, b := range p.Bars {
		least, most = min(least, b.Value), max(most, b.Value)
	}
	s := scale{low: 0, high: most, from: 0, to: plotWidth}
	if p.Log {
		s = scale{log: true, low: decade(math.Floor, least/2), high: decade(math.Ceil, most), from: 0, to: plotWidth}
	}
	var rows drawing
	label := ""
	for _, b := range p.Bars {
		name := cmp.Or(languages[b.Language], b.Language)
		if strings.HasPrefix(b.Label, name) { // and says it all
			name, label = b.Label, b.Label
		}
		if b.Label != label {
			rows.y += 6
			for _, words := range wrap(b.Label, perLine) {
				rows.y += lineHeight
				rows.text(0, rows.y, "start", "label", words)
			}
			rows.y += 2
			label = b.Label
		}
		rows.y += lineHeight
		rows.text(0, rows.y, "start", "", name)
		rows.text(plotWidth, rows.y, "end", "", show(b.Value, p.Unit))
		rows.add(`<rect x="0" y="%.1f" width="%.1f" height="8" rx="1.5" class="%s"/>`, rows.y+4,
			max(1, s.at(b.Value)), hue(b.Language))
		rows.y += lineHeight
	}
	if p.Log {
		for _, tick := range s.ticks() {
			x := s.at(tick)
			d.add(`<line x1="%.1f" x2="%.1f" y1="0" y2="%.1f" class="grid"/>`, x, x, rows.y)
			anchor := "middle"
			switch {
			case x < 1:
				anchor = "start"
			case x > plotWidth-1:
				anchor = "end"
			}
			rows.text(x, rows.y+lineHeight, anchor, "tick", show(tick, p.Unit))
		}
		rows.y += 2 * lineHeight
		rows.text(0, rows.y, "start", "tick", "The scale is logarithmic.")
	}
	d.WriteString(rows.String())
	d.y = rows.y + 6
}

func (p *plot) lines(d *drawing) {
	leastX, mostX, leastY, mostY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, l := range p.Lines {
		leastX, mostX = min(leastX, slices.Min(l.X)), max(mostX, slices.Max(l.X))
		leastY, mostY = min(leastY, slices.Min(l.Y)), max(mostY, slices.Max(l.Y))
	}
	const top, left, right = 22, 62, plotWidth - 8
	down := scale{low: 0, high: mostY, from: top + plotHeight, to: top}
	if p.Log {
		down = scale{
			log:  true,
			low:  decade(math.Floor, leastY),
			high: decade(math.Ceil, mostY),
			from: top + plotHeight,
			to:   top,
		}
	}
	across := scale{low: min(0, leastX), high: mostX, from: left, to: right}
	for _, tick := range down.ticks() {
		y := down.at(tick)
		d.add(`<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" class="grid"/>`, left, right, y, y)
		d.text(left-5, y+4, "end", "tick", show(tick, tickUnit(p.Unit)))
	}
	if tickUnit(p.Unit) == "" {
		d.text(0, 11, "start", "tick", p.Unit)
	}
	for _, tick := range across.ticks() {
		x := across.at(tick)
		d.add(`<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" class="grid"/>`, x, x, top, top+plotHeight)
		d.text(x, top+plotHeight+lineHeight, "middle", "tick", number(tick))
	}
	d.y = top + plotHeight + 2*lineHeight
	d.text((left+right)/2, d.y, "middle", "tick", p.XLabel)
	d.y += 8
	dashes := map[string]int{} // so far, by hue: the lines of a language differ in their dashes
	for _, l := range p.Lines {
		class := fmt.Sprintf("%s dash%d", hue(l.Language), dashes[hue(l.Language)]%4)
		dashes[hue(l.Language)]++
		var points []string
		for i, x := range l.X {
			points = append(points, fmt.Sprintf("%.1f,%.1f", across.at(x), down.at(l.Y[i])))
			d.add(`<circle cx="%.1f" cy="%.1f" r="2.6" class="%s"/>`, across.at(x), down.at(l.Y[i]), hue(l.Language))
		}
		d.add(`<polyline points="%s" class="%s"/>`, strings.Join(points, " "), class)
		name := strings.Trim(cmp.Or(languages[l.Language], l.Language)+", "+l.Label, ", ")
		if strings.HasPrefix(l.Label, cmp.Or(languages[l.Language], l.Language)) {
			name = l.Label
		}
		d.y += lineHeight
		d.add(`<line x1="0" x2="30" y1="%.1f" y2="%.1f" class="key %s"/>`, d.y-4, d.y-4, class)
		d.text(36, d.y, "start", "", name)
	}
	d.y += 6
}

// tickUnit is the unit that stands at each tick, where that is short; others stand above the axis.
func tickUnit(unit string) string {
	switch unit {
	case "ns", "s", "bytes":
		return unit
	}
	return ""
}

// scale maps values to places.
type scale struct {
	log       bool
	low, high float64
	from, to  float64
}

func (s scale) at(value float64) float64 {
	low, high := s.low, s.high
	if s.log {
		value, low, high = math.Log10(value), math.Log10(low), math.Log10(high)
	}
	if high == low {
		return s.from
	}
	return s.from + (s.to-s.from)*(value-low)/(high-low)
}

// ticks are the round values on a scale: powers of ten, or multiples of 1, 2 or 5 times one.
func (s scale) ticks() []float64 {
	const most = 6 // what the width has room for
	var all []float64
	if s.log {
		decades := math.Round(math.Log10(s.high / s.low))
		step := math.Pow(10, math.Ceil(max(1, decades/(most-1))))
		for tick := s.low; tick <= s.high*1.001; tick *= step {
			all = append(all, tick)
		}
		return all
	}
	if s.high <= s.low {
		return []float64{s.low}
	}
	step := math.Pow(10, math.Floor(math.Log10((s.high-s.low)/most)))
	for _, times := range []float64{1, 2, 5, 10} {
		if (s.high-s.low)/(step*times) <= most {
			step *= times
			break
		}
	}
	for i := math.Ceil(s.low / step); i*step <= s.high*1.001; i++ {
		all = append(all, i*step)
	}
	return all
}

// decade is the power of ten below or above a value.
func decade(round func(float64) float64, value float64) float64 {
	return math.Pow(10, round(math.Log10(value)))
}

// wrap breaks a text into lines of at most so many characters, where its words allow it.
func wrap(text string, most int) (lines []string) {
	var line []string
	length := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		if len(line) > 0 && length+1+n > most {
			lines, line, length = append(lines, strings.Join(line, " ")), nil, 0
		}
		if len(line) > 0 {
			length++ // the space
		}
		line, length = append(line, word), length+n
	}
	return append(lines, strings.Join(line, " "))
}
