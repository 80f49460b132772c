package httplimit_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// FuzzClientIP compares ClientIP with a version that takes all of the header apart first.
func FuzzClientIP(f *testing.F) {
	f.Add("10.0.0.1:80", "198.51.100.1, 203.0.113.7", "10.0.0.2")
	f.Add("[::ffff:10.0.0.1]:80", "203.0.113.7:80,[2001:db8:1::1]:80", "2001:db8:1::2%eth0")
	f.Add("@", "unknown,_hidden", ",,")
	f.Add("[fe80::1%eth0]:80", "::ffff:203.0.113.7", "0.0.0.0")
	f.Add("192.0.2.1:80", "[::1", "]")
	f.Add("10.0.0.1", "1.2.3.4%x", "\t[::]:,::1:80")
	trusted := prefixes("10.0.0.0/8", "2001:db8:1::/48", "fe80::/10", "0.0.0.0/32")
	client := httplimit.ClientIP(trusted...)
	f.Fuzz(func(t *testing.T, peer, line1, line2 string) {
		got := client(from(peer, line1, line2))
		require.True(t, got.IsValid())
		require.Equal(t, got.Masked(), got)
		require.False(t, got.Addr().Is4In6())
		require.Empty(t, got.Addr().Zone())
		if got.Addr().Is4() {
			require.Equal(t, 32, got.Bits())
		} else {
			require.Equal(t, 64, got.Bits())
		}
		require.Equal(t, plainClientIP(trusted, peer, line1, line2), got)
	})
}

// All chains of up to three hops, and all ways to spread them over two lines.
func TestClientIPOfAllShortChains(t *testing.T) {
	hops := []string{"10.0.0.1", " 10.0.0.2:80", "[2001:db8:1::1]", "fe80::1%eth0", "::ffff:10.0.0.3",
		"203.0.113.7", "\t[2001:db8:2::1]:80 ", "unknown", ""}
	trusted := prefixes("10.0.0.0/8", "2001:db8:1::/48", "fe80::/10")
	client := httplimit.ClientIP(trusted...)
	var try func(chain []string)
	try = func(chain []string) {
		for cut := range len(chain) {
			lines := []string{strings.Join(chain[:cut], ","), strings.Join(chain[cut:], ",")}
			if cut == 0 {
				lines = lines[1:]
			}
			for _, peer := range []string{"10.0.0.9:80", "192.0.2.1:80"} {
				if got, want := client(from(peer, lines...)), plainClientIP(trusted, peer, lines...); got != want {
					t.Errorf("%v, %q: got %v, want %v", peer, lines, got, want)
				}
			}
		}
		for _, hop := range hops {
			if len(chain) < 3 && !t.Failed() {
				try(append(chain[:len(chain):len(chain)], hop))
			}
		}
	}
	try(nil)
}

// plainClientIP is ClientIP as its doc comment has it.
func plainClientIP(trusted []netip.Prefix, peer string, lines ...string) netip.Prefix {
	hops := append(strings.Split(strings.Join(lines, ","), ","), peer)
	slices.Reverse(hops)
	nearest := netip.MustParseAddr("0.0.0.0")
	for i, hop := range hops {
		addr, ok := plainAddress(hop)
		if !ok && i > 0 {
			break
		}
		if ok {
			nearest = addr
		}
		if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(nearest) }) {
			break
		}
	}
	if nearest.Is4() {
		return netip.PrefixFrom(nearest, 32)
	}
	prefix, _ := nearest.Prefix(64)
	return prefix
}

var withBrackets = regexp.MustCompile(`^\[([^\]]*)(\](?s:.*))?$`)

func plainAddress(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if inside := withBrackets.FindStringSubmatch(text); inside != nil {
		text = inside[1]
	} else if host := strings.Split(text, ":"); len(host) == 2 {
		text = host[0]
	}
	addr, err := netip.ParseAddr(strings.Split(text, "%")[0])
	return addr.Unmap(), err == nil
}

// FuzzRetryAfter has a host answer anything: the next request is sent within a minute.
func FuzzRetryAfter(f *testing.F) {
	f.Add(429, "7", "")
	f.Add(503, "Sat, 01 Jan 2000 00:00:07 GMT", "Sat, 01 Jan 2000 00:00:00 GMT")
	f.Add(429, "Sat, 01 Jan 2000 00:00:07 UTC", "Sat Jan  1 00:00:07 2000")
	f.Add(429, "99999999999999999999", "-1")
	f.Add(200, "7", "")
	f.Fuzz(func(t *testing.T, status int, retryAfter, date string) {
		synctest.Test(t, func(t *testing.T) {
			host := &answers{status: status, retryAfter: retryAfter, date: date}
			transport := httplimit.Transport(host, ratelimit.New(ratelimit.Unlimited, 1))
			require.Zero(t, took(t, transport, "http://a.example/"))
			pause := took(t, transport, "http://a.example/")
			require.LessOrEqual(t, pause, time.Minute)
			if status != 429 && status != 503 || retryAfter == "" {
				require.Zero(t, pause)
			}
			if seconds, err := strconv.Atoi(retryAfter); err == nil && retryAfter[0] != '+' && pause > 0 {
				require.Equal(t, time.Duration(min(seconds, 60))*time.Second, pause)
			}
		})
	})
}

var (
	policyForm = regexp.MustCompile(`^"burst";q=(\d{1,15})(;w=([1-9]\d{0,14}))?$`)
	limitForm  = regexp.MustCompile(`^"burst";r=(\d{1,15})(;t=(\d{1,15}))?$`)
	retryForm  = regexp.MustCompile(`^([1-9]\d{0,14})?$`)
)

// FuzzFields reads the fields of responses for any limit and any cost.
func FuzzFields(f *testing.F) {
	f.Add(int64(100), int64(time.Minute), int64(100), int64(1), int64(0))
	f.Add(int64(3), int64(time.Second), int64(1<<32), int64(1<<31), int64(time.Hour))
	f.Add(int64(0), int64(0), int64(2), int64(1), int64(1))
	f.Add(int64(1), int64(math.MaxInt64), int64(1), int64(math.MaxInt64), int64(math.MaxInt64/8))
	f.Add(int64(1<<40), int64(1), int64(math.MaxInt64), int64(7), int64(1))
	f.Fuzz(func(t *testing.T, n, per, burst, cost, elapsed int64) {
		if burst < 0 || cost < 0 || elapsed < 0 || elapsed > math.MaxInt64/8 {
			t.Skip("cannot be")
		}
		if n > 0 && per > 0 && (n > 1<<40 || burst > 0 && per > math.MaxInt64/burst) {
			t.Skip("NewKeyed refuses some of these")
		}
		synctest.Test(t, func(t *testing.T) {
			rate := ratelimit.Rate{}
			if n > 0 && per > 0 {
				rate = ratelimit.Per(n, time.Duration(per))
			}
			h := behind(rate, burst, httplimit.Cost(func(*http.Request) int64 { return cost }))
			for range 3 {
				response := get(h, httptest.NewRequest(http.MethodGet, "/", nil))
				texts := fields(response)
				require.Regexp(t, policyForm, texts[0])
				require.Regexp(t, limitForm, texts[1])
				require.Regexp(t, retryForm, texts[2])
				policy, limit := policyForm.FindStringSubmatch(texts[0]), limitForm.FindStringSubmatch(texts[1])
				require.LessOrEqual(t, number(limit[1]), number(policy[1]), "no more is left than there is")
				if policy[3] != "" && limit[3] != "" {
					require.LessOrEqual(t, number(limit[3]), number(policy[3]), "no longer than for all")
				}
				if response.StatusCode == http.StatusOK {
					require.Empty(t, texts[2])
				} else {
					require.Equal(t, limit[3], texts[2])
				}
				time.Sleep(time.Duration(elapsed))
			}
		})
	})
}

func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
