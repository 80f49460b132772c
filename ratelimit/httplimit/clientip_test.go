package httplimit_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit/httplimit"
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// from is a request from a peer, with the lines of X-Forwarded-For.
func from(peer string, forwarded ...string) *http.Request {
	r := request()
	r.RemoteAddr = peer
	for _, line := range forwarded {
		r.Header.Add("X-Forwarded-For", line)
	}
	return r
}

func TestClientIP(t *testing.T) {
	ours := prefixes("10.0.0.0/8", "2001:db8:1::/48", "fe80::/10")
	unix := prefixes("0.0.0.0/32")
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		request *http.Request
		client  string
	}{
		"nobody is trusted":                     {nil, from("192.0.2.1:80", "203.0.113.7"), "192.0.2.1/32"},
		"the peer is not trusted":               {ours, from("192.0.2.1:80", "203.0.113.7"), "192.0.2.1/32"},
		"one proxy":                             {ours, from("10.0.0.1:80", "203.0.113.7"), "203.0.113.7/32"},
		"a proxy without a header":              {ours, from("10.0.0.1:80"), "10.0.0.1/32"},
		"two proxies":                           {ours, from("10.0.0.1:80", "203.0.113.7, 10.0.0.2"), "203.0.113.7/32"},
		"spoofed by the client":                 {ours, from("10.0.0.1:80", "10.9.9.9, 198.51.100.1, 203.0.113.7, 10.0.0.2"), "203.0.113.7/32"},
		"several lines":                         {ours, from("10.0.0.1:80", "198.51.100.1", "203.0.113.7,10.0.0.3", "10.0.0.2"), "203.0.113.7/32"},
		"all are trusted":                       {ours, from("10.0.0.1:80", "10.0.0.3,10.0.0.2"), "10.0.0.3/32"},
		"a proxy of IPv6":                       {ours, from("[2001:db8:1::1]:80", "203.0.113.7"), "203.0.113.7/32"},
		"a client of IPv6":                      {ours, from("10.0.0.1:80", "2001:db8:2:3:4:5:6:7"), "2001:db8:2:3::/64"},
		"a peer of IPv6":                        {ours, from("[2001:db8:2:3:4:5:6:7]:80"), "2001:db8:2:3::/64"},
		"a mapped peer":                         {ours, from("[::ffff:192.0.2.1]:80"), "192.0.2.1/32"},
		"a mapped proxy and client":             {ours, from("[::ffff:10.0.0.1]:80", "::ffff:203.0.113.7"), "203.0.113.7/32"},
		"a mapped prefix":                       {prefixes("::ffff:10.0.0.0/104"), from("10.0.0.1:80", "203.0.113.7"), "203.0.113.7/32"},
		"a prefix wider than all mapped ones":   {prefixes("::ffff:0:0/90"), from("[::fffe:0:1]:80", "203.0.113.7"), "203.0.113.7/32"},
		"a prefix longer than its bits":         {prefixes("10.1.2.3/8"), from("10.0.0.1:80", "203.0.113.7"), "203.0.113.7/32"},
		"::/0 is not IPv4":                      {prefixes("::/0"), from("10.0.0.1:80", "203.0.113.7"), "10.0.0.1/32"},
		"a peer with a zone":                    {ours, from("[fe80::1%eth0]:80", "203.0.113.7"), "203.0.113.7/32"},
		"a client with a zone":                  {ours, from("10.0.0.1:80", "2001:db8:2::1%eth0"), "2001:db8:2::/64"},
		"with a port":                           {ours, from("10.0.0.1:80", "203.0.113.7:4711, [2001:db8:1::2]:80"), "203.0.113.7/32"},
		"in brackets":                           {ours, from("10.0.0.1:80", "[2001:db8:2::1]"), "2001:db8:2::/64"},
		"with spaces and tabs":                  {ours, from("10.0.0.1:80", " 198.51.100.1\t,\t 203.0.113.7\t "), "203.0.113.7/32"},
		"garbage":                               {ours, from("10.0.0.1:80", "garbage"), "10.0.0.1/32"},
		"garbage behind a trusted hop":          {ours, from("10.0.0.1:80", "203.0.113.7, unix:, 10.0.0.2"), "10.0.0.2/32"},
		"an empty line":                         {ours, from("10.0.0.1:80", "203.0.113.7", ""), "10.0.0.1/32"},
		"an empty entry":                        {ours, from("10.0.0.1:80", "203.0.113.7,"), "10.0.0.1/32"},
		"a name":                                {ours, from("10.0.0.1:80", "localhost"), "10.0.0.1/32"},
		"an address of three numbers":           {ours, from("10.0.0.1:80", "203.0.113"), "10.0.0.1/32"},
		"an address with a leading zero":        {ours, from("10.0.0.1:80", "203.0.113.07"), "10.0.0.1/32"},
		"Forwarded is not read":                 {ours, withForwarded(from("10.0.0.1:80")), "10.0.0.1/32"},
		"X-Real-IP is not read":                 {ours, withRealIP(from("10.0.0.1:80")), "10.0.0.1/32"},
		"a peer without a port":                 {ours, from("10.0.0.1", "203.0.113.7"), "203.0.113.7/32"},
		"a Unix socket":                         {ours, from("@", "203.0.113.7"), "0.0.0.0/32"},
		"a Unix socket that is trusted":         {unix, from("@", "203.0.113.7"), "203.0.113.7/32"},
		"a Unix socket with a path":             {unix, from("/run/web.sock", "203.0.113.7"), "203.0.113.7/32"},
		"no peer":                               {ours, from(""), "0.0.0.0/32"},
		"0.0.0.0 in the header is not the peer": {ours, from("10.0.0.1:80", "203.0.113.7, 0.0.0.0"), "0.0.0.0/32"},
		"no header at all":                      {ours, &http.Request{RemoteAddr: "10.0.0.1:80"}, "10.0.0.1/32"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, netip.MustParsePrefix(c.client), httplimit.ClientIP(c.trusted...)(c.request))
		})
	}
}

func withForwarded(r *http.Request) *http.Request {
	r.Header.Set("Forwarded", "for=203.0.113.7")
	return r
}

func withRealIP(r *http.Request) *http.Request {
	r.Header.Set("X-Real-Ip", "203.0.113.7")
	return r
}

func TestTrustedIsCopied(t *testing.T) {
	trusted := prefixes("10.0.0.0/8")
	client := httplimit.ClientIP(trusted...)
	trusted[0] = netip.MustParsePrefix("0.0.0.0/0")
	require.Equal(t, "203.0.113.7/32", client(from("10.0.0.1:80", "198.51.100.1, 203.0.113.7")).String())
}

// A header of a million bytes is answered in the time that it takes to read it, without memory.
func TestMillionByteHeaders(t *testing.T) {
	const million = 1_000_000
	client := httplimit.ClientIP(prefixes("10.0.0.0/8")...)
	for name, text := range map[string]string{
		"trusted hops":      "203.0.113.7" + strings.Repeat(",10.0.0.1", million/9),
		"commas":            "203.0.113.7" + strings.Repeat(",", million),
		"digits":            strings.Repeat("1", million),
		"colons":            strings.Repeat(":", million),
		"brackets":          strings.Repeat("[", million),
		"points":            strings.Repeat(".", million),
		"a zone":            "2001:db8:2::1%" + strings.Repeat("z", million),
		"zones":             strings.Repeat("2001:db8:2::1%z,", million/16),
		"spaces":            strings.Repeat(" ", million),
		"a port":            "203.0.113.7:" + strings.Repeat("8", million),
		"letters":           strings.Repeat("a", million),
		"bytes of no text":  strings.Repeat("\xff\x00", million/2),
		"an empty one":      "",
		"a bracket, a zone": "[2001:db8:2::1%" + strings.Repeat("]", million),
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []*http.Request{from("10.0.0.1:80", text), from(text, "203.0.113.7")} {
				start := time.Now()
				allocated := testing.AllocsPerRun(5, func() {
					if prefix := client(r); !prefix.IsValid() || prefix != prefix.Masked() {
						t.Errorf("%v", prefix)
					}
				})
				require.LessOrEqual(t, allocated, 1.0, "an error that says where it was")
				require.Less(t, time.Since(start), 10*time.Second, "it takes some milliseconds")
			}
		})
	}
}

func TestClientIPTakesNoMemory(t *testing.T) {
	client := httplimit.ClientIP(prefixes("10.0.0.0/8")...)
	for _, r := range []*http.Request{
		from("192.0.2.1:80"), from("[2001:db8::1]:80"), from("10.0.0.1:80", "198.51.100.1", "203.0.113.7, 10.0.0.2"),
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() { client(r) }))
	}
}
