package main

import (
	"context"
	"net/http"

	"github.com/braidgo/braid/fanout"
)

// summary is a book and what the catalogue has beside it. The counts include the book.
type summary struct {
	Book         book    `json:"book"`
	ByAuthor     int64   `json:"by_author"`
	InGenre      int64   `json:"in_genre"`
	AveragePages float64 `json:"average_pages_in_genre"`
	SameYear     int64   `json:"same_year"`
}

func (s *server) summarize(w http.ResponseWriter, r *http.Request) error {
	id, err := bookID(r)
	if err != nil {
		return err
	}
	sum, err := s.store.summary(r.Context(), id)
	if err != nil {
		return inWords(err, id)
	}
	return replyJSON(w, http.StatusOK, sum)
}

// summary asks what depends on the book at once, each question on a connection of its own: the answer takes as long
// as the slowest of them. If one fails the others are cancelled, and all have ended when it returns. Each sees the
// catalogue as it is when its question begins; for one state of it all would have to be one transaction, in turn.
func (s *store) summary(ctx context.Context, id int64) (sum summary, err error) {
	if sum.Book, err = s.get(ctx, id); err != nil {
		return sum, err
	}
	err = fanout.All(ctx,
		func(ctx context.Context) error { return s.ask(ctx, s.byAuthor, sum.Book.Author, &sum.ByAuthor) },
		func(ctx context.Context) error {
			return s.ask(ctx, s.byGenre, sum.Book.Genre, &sum.InGenre, &sum.AveragePages)
		},
		func(ctx context.Context) error { return s.ask(ctx, s.byYear, sum.Book.Year, &sum.SameYear) },
	)
	return sum, err
}
