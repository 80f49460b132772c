package blackbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/fanout"
)

// writesAtOnce has many clients write at once while a long import runs: nobody is refused, no id
// is given twice, and of those who want the same ISBN one gets it.
func writesAtOnce(c *client) {
	const clients, rounds, lines = 16, 20, 3000

	var long strings.Builder
	for range lines {
		fmt.Fprintln(&long, book("genre", `"long import"`))
	}
	var sum imported
	var ids [][]int64
	err := fanout.All(c.t.Context(), func(context.Context) error {
		a, err := c.try(http.MethodPost, "/import", asLines, strings.NewReader(long.String()))
		if err == nil {
			err = json.Unmarshal([]byte(a.body[strings.LastIndex(strings.TrimSpace(a.body), "\n")+1:]), &sum)
		}
		return err
	}, func(ctx context.Context) (err error) {
		ids, err = fanout.Map(ctx, clients, make([]struct{}, clients), func(context.Context, struct{}) ([]int64, error) {
			return c.write(rounds)
		})
		return err
	})
	require.NoError(c.t, err)
	require.Equal(c.t, lines, sum.Imported, "%v", sum.Errors)
	all := slices.Sorted(slices.Values(slices.Concat(ids...)))
	require.Len(c.t, slices.Compact(slices.Clone(all)), clients*rounds, "no id twice")
	require.Equal(c.t, all, c.all(url.Values{"genre": {"at once"}, "limit": {"100"}}, 100))

	same := book("genre", `"the same"`)
	statuses, err := fanout.Map(c.t.Context(), clients, make([]struct{}, clients),
		func(context.Context, struct{}) (int, error) {
			a, err := c.try(http.MethodPost, "/books", asJSON, strings.NewReader(same))
			return a.status, err
		})
	require.NoError(c.t, err)
	slices.Sort(statuses)
	want := slices.Repeat([]int{http.StatusConflict}, clients)
	want[0] = http.StatusCreated
	require.Equal(c.t, want, statuses)
}

// write creates books, replaces each, and deletes every second book that it creates in between.
func (c *client) write(rounds int) (ids []int64, err error) {
	expect := func(status int, method, path, body string) (b struct{ ID int64 }, err error) {
		a, err := c.try(method, path, asJSON, strings.NewReader(body))
		switch {
		case err != nil:
			return b, err
		case a.status != status:
			return b, fmt.Errorf("%s %s: status %d: %s", method, path, a.status, a.body)
		case a.body == "":
			return b, nil
		}
		return b, json.Unmarshal([]byte(a.body), &b)
	}
	for range rounds {
		b, err := expect(http.StatusCreated, http.MethodPost, "/books", book("genre", `"to be replaced"`))
		if err != nil {
			return nil, err
		}
		ids = append(ids, b.ID)
		path := fmt.Sprint("/books/", b.ID)
		if _, err = expect(http.StatusOK, http.MethodPut, path, book("genre", `"at once"`)); err != nil {
			return nil, err
		}
		if b, err = expect(http.StatusCreated, http.MethodPost, "/books", book("genre", `"at once"`)); err != nil {
			return nil, err
		}
		if _, err = expect(http.StatusNoContent, http.MethodDelete, fmt.Sprint("/books/", b.ID), ""); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
