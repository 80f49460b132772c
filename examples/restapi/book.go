package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// book is a book of the catalogue.
type book struct {
	ID     int64  `json:"id"`
	Title  string `json:"title"`
	Author string `json:"author"`
	ISBN   string `json:"isbn"`
	Year   int64  `json:"year"`
	Pages  int64  `json:"pages"`
	Genre  string `json:"genre"`
}

// member is a member of a book's JSON: a text of least to most characters, or a number from least to most.
type member struct {
	name        string
	text        func(*book) *string
	number      func(*book) *int64
	least, most int64
}

// members are in the order in which their errors are listed. The id of a book that is written is read and not used:
// so what GET has answered can be changed and PUT.
var members = []member{
	{name: "id", number: func(b *book) *int64 { return &b.ID }, least: math.MinInt64, most: math.MaxInt64},
	{name: "title", text: func(b *book) *string { return &b.Title }, least: 1, most: 200},
	{name: "author", text: func(b *book) *string { return &b.Author }, least: 1, most: 100},
	{name: "isbn", text: func(b *book) *string { return &b.ISBN }, least: isbnDigits, most: isbnDigits},
	{name: "year", number: func(b *book) *int64 { return &b.Year }, least: 0, most: 9999},
	{name: "pages", number: func(b *book) *int64 { return &b.Pages }, least: 1, most: 100000},
	{name: "genre", text: func(b *book) *string { return &b.Genre }, least: 1, most: 40},
}

// parseBook reads a book as a client may write it. It goes from token to token because json.Unmarshal is more
// tolerant than is good here: it takes Title for title, the last of two titles, null for anything, and replaces what
// is not UTF-8. The error is a *problem.
func parseBook(text []byte) (book, error) {
	var b book
	if !utf8.Valid(text) {
		return b, problemf(http.StatusBadRequest, "the text is not valid UTF-8")
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	tokens.UseNumber()
	given := make([]bool, len(members))
	if err := b.read(tokens, given); err != nil {
		return b, err
	}
	return b, b.check(given)
}

func (b *book) read(tokens *json.Decoder, given []bool) error {
	token, err := tokens.Token()
	if err != nil {
		return malformed(err)
	}
	if token != json.Delim('{') {
		return problemf(http.StatusBadRequest, "a book is a JSON object")
	}
	for tokens.More() {
		name, err := tokens.Token()
		if err != nil {
			return malformed(err)
		}
		i := indexOf(name)
		if i < 0 {
			return problemf(http.StatusBadRequest, "a book has no member %q", name)
		}
		if given[i] {
			return problemf(http.StatusBadRequest, "the member %q is there twice", name)
		}
		given[i] = true
		value, err := tokens.Token()
		if err != nil {
			return malformed(err)
		}
		if err := b.set(members[i], value); err != nil {
			return err
		}
	}
	if _, err := tokens.Token(); err != nil { // the closing brace
		return malformed(err)
	}
	if _, err := tokens.Token(); err != io.EOF {
		return problemf(http.StatusBadRequest, "something follows the JSON object")
	}
	return nil
}

func indexOf(name json.Token) int {
	for i, m := range members {
		if name == m.name {
			return i
		}
	}
	return -1
}

func malformed(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return problemf(http.StatusBadRequest, "the text is not JSON: %v", err)
}

func (b *book) set(m member, value json.Token) error {
	switch value := value.(type) {
	case string:
		if m.text != nil {
			*m.text(b) = value
			return nil
		}
	case json.Number:
		if m.number != nil && !strings.ContainsAny(value.String(), ".eE") {
			*m.number(b), _ = strconv.ParseInt(value.String(), 10, 64) // what does not fit is the nearest that does
			return nil
		}
	}
	if m.text != nil {
		return problemf(http.StatusBadRequest, "%s has to be a string", m.name)
	}
	return problemf(http.StatusBadRequest, "%s has to be an integer", m.name)
}

// check finds all that is wrong with the values.
func (b *book) check(given []bool) error {
	var wrong []fieldError
	for i, m := range members[1:] { // of the id nothing is demanded
		if message := b.fault(m, given[1+i]); message != "" {
			wrong = append(wrong, fieldError{m.name, message})
		}
	}
	if wrong == nil {
		return nil
	}
	p := problemf(http.StatusUnprocessableEntity, "the book is not valid")
	p.Errors = wrong
	return p
}

func (b *book) fault(m member, given bool) string {
	switch {
	case !given:
		return "is required"
	case m.number != nil:
		if n := *m.number(b); n < m.least || n > m.most {
			return fmt.Sprintf("must be %d to %d", m.least, m.most)
		}
		return ""
	case m.name == "isbn":
		return isbnFault(b.ISBN)
	}
	return textFault(*m.text(b), m.least, m.most)
}

func textFault(text string, least, most int64) string {
	if n := int64(utf8.RuneCountInString(text)); n < least || n > most {
		return fmt.Sprintf("must have %d to %d characters", least, most)
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "must not have control characters"
	}
	return ""
}

const isbnDigits = 13

// isbnFault weighs the digits with 1 and 3 in turn: the check digit, the last, makes the sum a multiple of 10.
func isbnFault(isbn string) string {
	sum := 0
	for i, c := range []byte(isbn) {
		if c < '0' || c > '9' {
			return "must have digits only"
		}
		sum += int(c-'0') * (1 + i%2*2)
	}
	switch {
	case len(isbn) != isbnDigits:
		return fmt.Sprintf("must have %d digits", isbnDigits)
	case sum%10 != 0:
		return "has a wrong check digit"
	}
	return ""
}
