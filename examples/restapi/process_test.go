//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// process is the program itself, with a catalogue in file.
type process struct {
	*exec.Cmd
	url    string
	stderr *bytes.Buffer
}

func begin(t *testing.T, file string) process {
	myself, err := os.Executable()
	require.NoError(t, err)
	p := process{exec.Command(myself, "-addr", "127.0.0.1:0", "-db", file, "-limit", "0"), "", new(bytes.Buffer)}
	p.Env = append(os.Environ(), asProgram+"=1")
	stdout := newBegun()
	p.Stdout, p.Stderr = stdout, p.stderr
	require.NoError(t, p.Start())
	t.Cleanup(func() { p.Process.Kill() }) // if a check fails before it has ended
	p.url = urlIn(<-stdout.text, "The catalogue is at ")
	return p
}

func reopened(t *testing.T, file string) api {
	store, err := openStore(t.Context(), file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.close()) })
	return api{server: &server{store: store}, t: t}
}

// Clients ask as fast as they can when the signal comes. What the service has done, and no more, is what they were
// told.
func TestTermUnderLoad(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "books.db")
			p := begin(t, file)
			transport := &http.Transport{MaxIdleConnsPerHost: 8}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			var next, created atomic.Int64
			enough := make(chan struct{})
			var clients sync.WaitGroup
			for range 8 {
				clients.Go(func() {
					for { // until the service answers no more
						b := numbered(int(next.Add(1)))
						response, err := client.Post(p.url+"/books", "application/json", strings.NewReader(written(b)))
						if err != nil {
							return
						}
						err = json.NewDecoder(response.Body).Decode(&b)
						response.Body.Close()
						switch {
						case err != nil:
							t.Errorf("half an answer: %v", err)
							return
						case response.StatusCode == http.StatusCreated:
							if created.Add(1) == 200 {
								close(enough)
							}
						case response.StatusCode != http.StatusServiceUnavailable:
							t.Errorf("status %d", response.StatusCode)
						}
					}
				})
			}
			<-enough
			require.NoError(t, p.Process.Signal(signal))
			require.NoError(t, p.Wait(), "status 0: %s", p.stderr)
			clients.Wait()
			require.NoFileExists(t, file+"-wal", "all is in the file")
			require.Equal(t, int(created.Load()), reopened(t, file).count())
		})
	}
}

// An import is running. It ends with what it has read, and tells where to go on.
func TestTermDuringAnImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "books.db")
	p := begin(t, file)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	body, write := io.Pipe()
	sent := make(chan struct{})
	go func() { // until the import ends
		defer close(sent)
		io.Copy(write, &lines{end: 1 << 40})
	}()
	response, err := (&http.Client{Transport: transport}).Post(p.url+"/import", "application/x-ndjson", body)
	require.NoError(t, err)
	answer := bufio.NewReader(response.Body)
	text, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, 1, decoded[report](t, text).Batch)
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	for !strings.Contains(text, "stopped") {
		text, err = answer.ReadString('\n')
		require.NoError(t, err)
	}
	write.Close() // so the client stops
	_, err = answer.ReadByte()
	require.Equal(t, io.EOF, err)
	<-sent
	sum := decoded[totals](t, text)
	require.Equal(t, "the service is ending", sum.Stopped)
	require.Equal(t, sum.Imported+1, sum.NextLine)
	require.NoError(t, p.Wait(), "status 0: %s", p.stderr)
	require.Equal(t, sum.Imported, reopened(t, file).count())
}

// The process is killed at some point of the next batch: what was reported is there, and the batch is there or is
// not.
func TestKillDuringAnImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "books.db")
	for round := range 3 {
		p := begin(t, file)
		before := reopened(t, file).count()
		transport := &http.Transport{}
		body, write := io.Pipe()
		sent := make(chan struct{})
		go func() { // until the connection breaks
			defer close(sent)
			io.Copy(write, &lines{next: before, end: 1 << 40})
		}()
		response, err := (&http.Client{Transport: transport}).Post(p.url+"/import", "application/x-ndjson", body)
		require.NoError(t, err)
		answer := bufio.NewReader(response.Body)
		reported := 0
		for range round + 1 {
			text, err := answer.ReadString('\n')
			require.NoError(t, err)
			reported += decoded[report](t, text).Imported
		}
		require.NoError(t, p.Process.Kill())
		for { // what was on the way
			text, err := answer.ReadString('\n')
			if err != nil {
				break
			}
			reported += decoded[report](t, text).Imported
		}
		require.ErrorContains(t, p.Wait(), "killed")
		body.Close()
		<-sent
		transport.CloseIdleConnections()

		api := reopened(t, file)
		after := api.count()
		require.GreaterOrEqual(t, after-before, reported, "nothing that was reported is lost")
		require.Zero(t, after%batchSize, "no half batch")
		var got, want []string
		rows, err := api.store.reader.Query("SELECT isbn FROM books ORDER BY id")
		require.NoError(t, err)
		for rows.Next() {
			var n string
			require.NoError(t, rows.Scan(&n))
			got, want = append(got, n), append(want, isbn(len(want)))
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		require.Equal(t, want, got, "line by line")
		var sound string
		require.NoError(t, api.store.reader.QueryRow("PRAGMA integrity_check").Scan(&sound))
		require.Equal(t, "ok", sound)
		t.Logf("round %d: %d reported, %d there", round, reported, after-before)
	}
}
