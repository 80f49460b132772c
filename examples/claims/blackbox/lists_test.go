package blackbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

type listed struct {
	Books []struct {
		ID            int64
		Title, Author string
		Genre         string
	}
	Next *int64
}

// pages reads lists to their ends, in steps of several sizes.
func pages(c *client) {
	const authors, genres, each = 3, 2, 40
	var created []int64
	for range each {
		for author := range authors {
			for genre := range genres {
				b := c.create("author", fmt.Sprintf(`"pages %d"`, author), "genre", fmt.Sprintf(`"pages %d"`, genre))
				created = append(created, b.ID)
			}
		}
	}
	// byAuthor and byGenre select as the service is asked to; -1 is any.
	wanted := func(author, genre int) (ids []int64) {
		for i, id := range created {
			if (author < 0 || i/genres%authors == author) && (genre < 0 || i%genres == genre) {
				ids = append(ids, id)
			}
		}
		return ids
	}
	for _, q := range []struct{ author, genre int }{{0, -1}, {2, -1}, {-1, 0}, {-1, 1}, {1, 1}, {0, 0}} {
		for _, limit := range []int{1, 7, each, 100} { // each divides what there is: the last page is full
			c.t.Run(fmt.Sprintf("author %d, genre %d, limit %d", q.author, q.genre, limit), func(t *testing.T) {
				query := url.Values{"limit": {fmt.Sprint(limit)}}
				if q.author >= 0 {
					query.Set("author", fmt.Sprintf("pages %d", q.author))
				}
				if q.genre >= 0 {
					query.Set("genre", fmt.Sprintf("pages %d", q.genre))
				}
				require.Equal(t, wanted(q.author, q.genre), c.in(t).all(query, limit))
			})
		}
	}

	c.t.Run("everything", func(t *testing.T) {
		all := c.in(t).all(url.Values{"limit": {"100"}}, 100)
		require.True(t, slices.IsSorted(all))
		require.Subset(t, all, created)
		var first listed
		c.in(t).get("/books").decode(t, &first)
		const usual = 20
		require.Len(t, first.Books, usual)
		require.Equal(t, all[usual-1], *first.Next)
	})

	c.t.Run("while books come and go", func(t *testing.T) {
		c := c.in(t)
		query := "/books?genre=coming+and+going&limit=2"
		var ids []int64
		for range 5 {
			ids = append(ids, c.create("genre", `"coming and going"`).ID)
		}
		var page listed
		c.get(query).decode(t, &page)
		require.Equal(t, ids[1], *page.Next)
		c.do(http.MethodDelete, fmt.Sprint("/books/", ids[1]), "", nil) // the very book that next names
		ids = append(ids, c.create("genre", `"coming and going"`).ID)
		rest := c.all(url.Values{"genre": {"coming and going"}, "after": {fmt.Sprint(*page.Next)}}, 20)
		require.Equal(t, ids[2:], rest)
	})

	c.t.Run("nothing", func(t *testing.T) {
		a := c.in(t).get("/books?author=nobody")
		require.JSONEq(t, `{"books": []}`, a.body)
		last := fmt.Sprint("/books?after=", c.in(t).create().ID)
		require.JSONEq(t, `{"books": []}`, c.in(t).get(last).body)
	})
}

// all reads the pages of a list until there is no next one.
func (c *client) all(query url.Values, limit int) (ids []int64) {
	c.t.Helper()
	for {
		a := c.get("/books?" + query.Encode())
		require.Equal(c.t, http.StatusOK, a.status, a.body)
		var page listed
		a.decode(c.t, &page)
		for _, b := range page.Books {
			if len(ids) > 0 { // else a list that begins again would never end
				require.Greater(c.t, b.ID, ids[len(ids)-1])
			}
			ids = append(ids, b.ID)
		}
		if page.Next == nil {
			require.LessOrEqual(c.t, len(page.Books), limit)
			require.NotEmpty(c.t, page.Books, "the page before had a next one")
			return ids
		}
		require.Len(c.t, page.Books, limit, "only the last page may be short")
		require.Equal(c.t, ids[len(ids)-1], *page.Next)
		query.Set("after", fmt.Sprint(*page.Next))
	}
}

// summary counts what is there.
func summary(c *client) {
	const year = "1234" // that no other test uses
	b := c.create("author", `"S"`, "genre", `"summary"`, "year", year, "pages", "100")
	path := fmt.Sprintf("/books/%d/summary", b.ID)
	check := func(byAuthor, inGenre int, average float64, sameYear int) {
		c.t.Helper()
		c.t.Log(path)
		var s struct {
			Book         struct{ ID int64 }
			ByAuthor     int     `json:"by_author"`
			InGenre      int     `json:"in_genre"`
			AveragePages float64 `json:"average_pages_in_genre"`
			SameYear     int     `json:"same_year"`
		}
		c.get(path).decode(c.t, &s)
		require.Equal(c.t, b.ID, s.Book.ID)
		require.Equal(c.t, []int{byAuthor, inGenre, sameYear}, []int{s.ByAuthor, s.InGenre, s.SameYear})
		require.InDelta(c.t, average, s.AveragePages, 1e-9)
	}
	check(1, 1, 100, 1)
	c.create("author", `"S"`, "genre", `"other summary"`, "pages", "1000")
	check(2, 1, 100, 1)
	c.create("genre", `"summary"`, "pages", "101")
	check(2, 2, 100.5, 1)
	c.create("genre", `"summary"`, "pages", "103", "year", year)
	check(2, 3, 304.0/3, 2)
}
