package httplimit

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// The names of the fields as http.Header has them. Case does not matter in HTTP.
const (
	policyField = "Ratelimit-Policy"
	limitField  = "Ratelimit"
)

// largest is the largest integer of a structured field (RFC 9651).
const largest = 999_999_999_999_999

// policy is what can be said about a limit in advance.
type policy struct {
	name  string // as it stands in a field: in quotes
	field string // all of RateLimit-Policy; empty if there is no limit
}

func newPolicy(name string, rate ratelimit.Rate, burst int64) policy {
	p := policy{name: `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`}
	if rate == ratelimit.Unlimited {
		return p
	}
	p.field = p.name + ";q=" + strconv.FormatInt(min(burst, largest), 10)
	// A limiter that has just spent its burst knows best how long it takes to refill it.
	refill, ever := seconds(ratelimit.New(rate, burst).Take(burst).ResetAfter)
	if ever && refill > 0 {
		p.field += ";w=" + strconv.FormatInt(refill, 10)
	}
	return p
}

// describe adds to the header of a response what was decided about its request.
func (p *policy) describe(h http.Header, d ratelimit.Decision) {
	if p.field == "" {
		return
	}
	h[policyField] = append(h[policyField], p.field)
	h[limitField] = append(h[limitField], p.limit(d))
	if retry, ever := seconds(d.RetryAfter); ever && !d.OK {
		h.Set("Retry-After", strconv.FormatInt(retry, 10))
	}
}

// limit is the value of the field RateLimit.
func (p *policy) limit(d ratelimit.Decision) string {
	text := make([]byte, 0, 64) // stays on the stack
	text = append(text, p.name...)
	text = append(text, ";r="...)
	text = strconv.AppendInt(text, min(d.Remaining, largest), 10)
	window := d.ResetAfter
	if !d.OK {
		window = d.RetryAfter // the draft wants the window to end no later than that
	}
	if reset, ever := seconds(window); ever {
		text = append(text, ";t="...)
		text = strconv.AppendInt(text, reset, 10)
	}
	return string(text)
}

// seconds is d rounded up. The longest Duration stands for never.
func seconds(d time.Duration) (n int64, ever bool) {
	if d == math.MaxInt64 {
		return 0, false
	}
	n = int64(d / time.Second)
	if d%time.Second > 0 {
		n++
	}
	return n, true
}
