package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOneSpelling(t *testing.T) {
	base, err := url.Parse("http://host/dir/page?query#part")
	require.NoError(t, err)
	for reference, want := range map[string]string{
		"":                                 "http://host/dir/page?query",
		"#other":                           "http://host/dir/page?query",
		" \n x\ty ":                        "http://host/dir/xy",
		"/":                                "http://host/",
		"//HOST:80":                        "http://host/",
		"//host:":                          "http://host/",
		"https://host:443/":                "https://host/",
		"https://host:80/":                 "https://host:80/",
		"http://[::1]:80/":                 "http://[::1]/",
		"http://[::80]":                    "http://[::80]/",
		"http://user:password@host":        "http://host/",
		"HTTP://Host/Path":                 "http://host/Path",
		"../../a/./b/../c":                 "http://host/a/c",
		"?":                                "http://host/dir/page",
		"?b=2&a=1":                         "http://host/dir/page?b=2&a=1",
		"/%7euser/%41%2d%5F":               "http://host/~user/A-_",
		"/a%2fb":                           "http://host/a%2Fb",
		"/a%3fb%23c%25d":                   "http://host/a%3Fb%23c%25d",
		"/%2e%2E/x":                        "http://host/%2E%2E/x",
		"/a b":                             "http://host/a%20b",
		"/grüße":                           "http://host/gr%C3%BC%C3%9Fe",
		"/gr%c3%bc%c3%9fe":                 "http://host/gr%C3%BC%C3%9Fe",
		"/(x)!*'":                          "http://host/(x)!*'",
		"?q=a b&r=%3d%61":                  "http://host/dir/page?q=a%20b&r=%3Da",
		"?q=\xff\xe4":                      "http://host/dir/page?q=%FF%E4",
		"?100%":                            "http://host/dir/page?100%",
		"/x;y=1":                           "http://host/x;y=1",
		strings.Repeat("x", longestURL-16): "http://host/dir/" + strings.Repeat("x", longestURL-16),
	} {
		u, err := canonical(base, reference)
		require.NoError(t, err, reference)
		require.Equal(t, want, u.String(), reference)
		again, err := url.Parse(u.String())
		require.NoError(t, err)
		require.Equal(t, want, again.String(), "it stays so on its way to the host")
		twice, err := canonical(base, u.String())
		require.NoError(t, err)
		require.Equal(t, want, twice.String())
	}
}

func TestNoURL(t *testing.T) {
	base, err := url.Parse("https://host/dir/page")
	require.NoError(t, err)
	for reference, want := range map[string]string{
		"mailto:a@b":                      errNotHTTP.Error(),
		"javascript:void(0)":              errNotHTTP.Error(),
		"data:text/html,<a href=x>":       errNotHTTP.Error(),
		"FTP://host/":                     errNotHTTP.Error(),
		"http:":                           "it has no host",
		"http:///path":                    "it has no host",
		"http://:80/":                     "it has no host",
		"http://[::1":                     "missing ']' in host",
		"http://host:port/":               `invalid port ":port" after host`,
		"/%zz":                            `invalid URL escape "%zz"`,
		"/%":                              `invalid URL escape "%"`,
		"/\x00":                           "net/url: invalid control character in URL",
		"https:opaque":                    "it has no host",
		strings.Repeat("x", longestURL+1): "it is longer than 2000 bytes",
		strings.Repeat("ä", longestURL/6): "it is longer than 2000 bytes",
	} {
		_, err := canonical(base, reference)
		require.EqualError(t, err, want, "%.50q", reference)
	}
}

func FuzzCanonical(f *testing.F) {
	base, err := url.Parse("http://host/dir/page?query#part")
	require.NoError(f, err)
	for _, s := range []string{"/%7e", "//[::1]:80/?%41", "a b\x7f", "http://a@b:c@d/%2f%2e%2e/..", "?ä%ff", ":80", "http://%41/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, reference string) {
		u, err := canonical(base, reference)
		if err != nil {
			return
		}
		require.Regexp(t, `^https?://[^/?#@]+/[!-~]*$`, u.String(), "nothing that could be two lines of a request")
		again, err := canonical(base, u.String())
		require.NoError(t, err)
		require.Equal(t, u.String(), again.String())
		parsed, err := url.Parse(u.String())
		require.NoError(t, err)
		require.Equal(t, u.String(), parsed.String())
	})
}
