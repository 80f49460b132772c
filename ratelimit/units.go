package ratelimit

import (
	"math"
	"math/bits"
	"time"
)

// units is a time, or a span of time, in the units of a limit: fractions of a nanosecond
// that are small enough for an event to cost a whole number of them. At three events a
// second that is a third of a nanosecond, of which an event costs a billion. Nothing is
// ever rounded, and 128 bits are enough for whatever Rate, burst and time can be.
type units struct{ hi, lo uint64 }

func product(a, b uint64) units {
	hi, lo := bits.Mul64(a, b)
	return units{hi, lo}
}

// add saturates.
func (a units) add(b units) units {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, carry := bits.Add64(a.hi, b.hi, carry)
	if carry != 0 {
		return units{math.MaxUint64, math.MaxUint64}
	}
	return units{hi, lo}
}

// sub is 0 where b is the larger.
func (a units) sub(b units) units {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, borrow := bits.Sub64(a.hi, b.hi, borrow)
	if borrow != 0 {
		return units{}
	}
	return units{hi, lo}
}

func (a units) less(b units) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

func (a units) max(b units) units {
	if a.less(b) {
		return b
	}
	return a
}

// over is a/n, rounded down, and at most the largest int64. n is not 0.
func (a units) over(n uint64) int64 {
	if a.hi >= n {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(a.hi, a.lo, n)
	return int64(min(quotient, math.MaxInt64))
}

// overUp is a/n, rounded up.
func (a units) overUp(n uint64) int64 { return a.add(units{0, n - 1}).over(n) }

// scaled is a × n/d, rounded up, and at most the largest number of units. d is not 0.
func (a units) scaled(n, d uint64) units {
	high, middle := bits.Mul64(a.hi, n)
	carried, low := bits.Mul64(a.lo, n)
	middle, carry := bits.Add64(middle, carried, 0)
	if high += carry; high >= d {
		return units{math.MaxUint64, math.MaxUint64}
	}
	hi, rest := bits.Div64(high, middle, d)
	lo, rest := bits.Div64(rest, low, d)
	return units{hi, lo}.add(units{0, min(rest, 1)})
}

// forever is the answer where a time is longer than a Duration can be, or there is none.
const forever time.Duration = math.MaxInt64
