package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// show writes a value as people read it: "1.25 ms", "2.6 KiB", "12,345 requests/s".
func show(value float64, unit string) string {
	switch unit {
	case "ns":
		return scaled(value, 1000, "ns", "µs", "ms", "s")
	case "s":
		return scaled(value*1e9, 1000, "ns", "µs", "ms", "s")
	case "bytes":
		return scaled(value, 1024, "B", "KiB", "MiB", "GiB")
	case "":
		return number(value)
	}
	return number(value) + " " + unit
}

func scaled(value, step float64, units ...string) string {
	i := 0
	for ; i < len(units)-1 && math.Abs(value) >= step; i++ {
		value /= step
	}
	return number(value) + " " + units[i]
}

// number has three significant digits or more, and commas between the thousands.
func number(value float64) string {
	switch size := math.Abs(value); {
	case value == math.Trunc(value) || size >= 100:
		return thousands(strconv.FormatFloat(value, 'f', 0, 64))
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	case size >= 0.1:
		return fmt.Sprintf("%.2f", value)
	}
	return fmt.Sprintf("%.2g", value)
}

func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Text is the figure's value and unit, or why there is none.
func (f figure) Text() string {
	if f.Missing != "" {
		return f.Missing
	}
	return show(f.Value, f.Unit)
}

// Spread is the lowest and the highest of the rounds, and how many there were.
func (f figure) Spread() string {
	switch {
	case f.Missing != "":
		return ""
	case f.Rounds <= 1:
		return "once"
	}
	low, high := show(f.Low, f.Unit), show(f.High, f.Unit)
	if value, unit, _ := strings.Cut(low, " "); strings.HasSuffix(high, " "+unit) {
		low = value // the unit is said once
	}
	return fmt.Sprintf("%s to %s, %d rounds", low, high, f.Rounds)
}

// SpreadAndMore is the spread, and why the value decides nothing.
func (f figure) SpreadAndMore() string {
	if f.Disturbed == "" {
		return f.Spread()
	}
	return f.Spread() + "; " + f.Disturbed
}
