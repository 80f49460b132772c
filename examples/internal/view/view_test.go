package view

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStages(t *testing.T) {
	text := Stages([]pipeline.StageStats{
		{Name: "walk", In: 1, Out: 15022, Busy: 2 * time.Second, Blocked: 6 * time.Second},
		{Name: "head", In: 10824, Out: 10823, Waiting: 64, Busy: 9 * time.Second, Starved: time.Second},
		{Name: "hand", In: 10823, Busy: 9*time.Second + 1, Starved: time.Second}, // the same goroutine, a moment later
		{Name: "whole"},
	})
	require.Equal(t, `
  stage         in     out waiting  █ busy  ▒ blocked  · starved
  walk           1   15022       0     25%        75%         0% ███▒▒▒▒▒▒▒▒▒▒▒
▶ head       10824   10823      64     90%         0%        10% █████████████·
▶ hand       10823       0       0     90%         0%        10% █████████████·
  whole          0       0       0      0%         0%         0%
`, "\n"+strings.ReplaceAll(text, " \n", "\n"))
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSpace(line)), Width)
	}
}

func TestViewIsRedrawnAndCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen bytes.Buffer
		stop := redraw(&screen, func() string { return Stages(nil) })
		time.Sleep(10*redrawn + 1) // of fake time: ten times it is drawn
		stop()
		require.Equal(t, 10, strings.Count(screen.String(), "stage"))
		require.True(t, strings.HasSuffix(screen.String(), "\x1b[1A\r\x1b[J"), "up to where it began, and nothing is left")
		require.NotContains(t, screen.String()[:screen.Len()-1], "\n\n")
	})
}
