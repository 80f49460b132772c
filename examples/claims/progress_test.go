package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		all := []claim{
			{ID: 5, Text: "first", Cost: 10 * time.Second, Quick: time.Second},
			{ID: 6, Text: "second", Cost: 30 * time.Second, Quick: 2 * time.Second},
		}
		p := newProgress(&out, false, all)
		p.next(all[0])
		time.Sleep(20 * time.Second) // of fake time: twice of what it said
		p.next(all[1])
		_, err := p.Write([]byte("the experiment says something\n"))
		require.NoError(t, err)
		p.close()
		require.Equal(t, "1/2, about 40s left: claim 5: first\n"+
			"2/2, about 1m0s left: claim 6: second\n"+
			"the experiment says something\n", out.String())

		require.Equal(t, 3*time.Second, newProgress(&out, true, all).left(), "-quick has its own estimate")
	})
}
