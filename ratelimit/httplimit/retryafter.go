package httplimit

import (
	"net/http"
	"strings"
	"time"
)

// maxPause is the longest pause that a server can ask for.
const maxPause = time.Minute

// retryAfter is how long a response asks to wait before the next request: 0 if it does not, and
// at most maxPause.
func retryAfter(response *http.Response) time.Duration {
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := response.Header.Get("Retry-After")
	if digits := strings.TrimLeft(text, "0123456789"); digits == "" {
		return delay(text)
	}
	at, err := date(text)
	if err != nil {
		return 0
	}
	// The date is by the server's clock, and so its own Date is what to compare it with.
	now, err := date(response.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), maxPause)
}

// delay reads a number of seconds. It may have more digits than any integer.
func delay(digits string) time.Duration {
	seconds := time.Duration(0)
	for _, digit := range digits {
		seconds = min(10*seconds+time.Duration(digit-'0'), maxPause/time.Second)
	}
	return seconds * time.Second
}

// date reads a date of HTTP. Its time zone is GMT; there are servers that call it UTC.
func date(text string) (time.Time, error) {
	if rest, ok := strings.CutSuffix(text, " UTC"); ok {
		text = rest + " GMT"
	}
	return http.ParseTime(text)
}
