package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// with is a good book with one member that is another.
func with(member, value string) string {
	members := map[string]string{
		"title": `"T"`, "author": `"A"`, "isbn": `"9780131103627"`, "year": "1988", "pages": "272", "genre": `"g"`,
	}
	members[member] = value
	var text []string
	for name, value := range members {
		text = append(text, fmt.Sprintf("%q: %s", name, value))
	}
	return "{" + strings.Join(text, ", ") + "}"
}

func TestGoodBooks(t *testing.T) {
	for name, text := range map[string]string{
		"space around":   " \r\n\t" + with("year", " 1988 ") + "\n",
		"escapes":        with("title", `"\u0054\"\\\/ \ud83d\ude00"`),
		"longest title":  with("title", `"`+strings.Repeat("é", 200)+`"`),
		"longest author": with("author", `"`+strings.Repeat("世", 100)+`"`),
		"longest genre":  with("genre", `"`+strings.Repeat("😀", 40)+`"`),
		"first year":     with("year", "0"),
		"last year":      with("year", "9999"),
		"one page":       with("pages", "1"),
		"most pages":     with("pages", "100000"),
		"other digits":   with("isbn", `"9791090636071"`),
		"an id":          with("id", "-7"),
		"escaped name":   strings.Replace(with("id", "1"), `"id"`, `"\u0069d"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			var want book
			require.NoError(t, json.Unmarshal([]byte(text), &want))
			b, err := parseBook([]byte(text))
			require.NoError(t, err)
			require.Equal(t, want, b)
		})
	}
}

func TestBadBooks(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		status int
		says   string
	}{
		"nothing":              {"", 400, "unexpected EOF"},
		"half":                 {`{"title": "T"`, 400, "unexpected EOF"},
		"half a member":        {`{"title":`, 400, "unexpected EOF"},
		"half a name":          {`{"ti`, 400, "unexpected EOF"},
		"no name":              {`{1: 2}`, 400, "not JSON"},
		"no value":             {`{"title"}`, 400, "not JSON"},
		"a comma too many":     {with("year", "1,"), 400, "not JSON"},
		"single quotes":        {with("title", "'T'"), 400, "not JSON"},
		"a BOM":                {"\ufeff" + with("year", "1"), 400, "not JSON"},
		"an array":             {"[" + with("year", "1") + "]", 400, "a book is a JSON object"},
		"a string":             {`"book"`, 400, "a book is a JSON object"},
		"null":                 {"null", 400, "a book is a JSON object"},
		"two books":            {with("year", "1") + with("year", "1"), 400, "something follows"},
		"text behind":          {with("year", "1") + "x", 400, "something follows"},
		"a brace behind":       {with("year", "1") + "}", 400, "something follows"},
		"not UTF-8":            {with("title", "\"\xff\""), 400, "not valid UTF-8"},
		"a surrogate's UTF-8":  {with("title", "\"\xed\xa0\x80\""), 400, "not valid UTF-8"},
		"a raw newline":        {with("title", "\"\n\""), 400, "not JSON"},
		"unknown member":       {with("price", "1"), 400, `no member "price"`},
		"empty name":           {with("", "1"), 400, `no member ""`},
		"name in another case": {with("Title", `"T"`), 400, `no member "Title"`},
		"twice the same":       {with("year", `1, "year": 1`), 400, `"year" is there twice`},
		"twice, once escaped":  {with("year", `1, "\u0079ear": 1`), 400, `"year" is there twice`},
		"null for a string":    {with("title", "null"), 400, "title has to be a string"},
		"null for a number":    {with("year", "null"), 400, "year has to be an integer"},
		"number for a string":  {with("isbn", "9780131103627"), 400, "isbn has to be a string"},
		"string for a number":  {with("year", `"1988"`), 400, "year has to be an integer"},
		"boolean":              {with("pages", "true"), 400, "pages has to be an integer"},
		"object for a string":  {with("author", `{"name": "A"}`), 400, "author has to be a string"},
		"array for a number":   {with("year", "[1988]"), 400, "year has to be an integer"},
		"deeply nested":        {with("year", strings.Repeat("[", 60000)), 400, "year has to be an integer"},
		"fraction":             {with("year", "1988.0"), 400, "year has to be an integer"},
		"exponent":             {with("pages", "1e2"), 400, "pages has to be an integer"},
		"huge exponent":        {with("pages", "1E999999999"), 400, "pages has to be an integer"},
		"a plus sign":          {with("year", "+1"), 400, "not JSON"},
		"NaN":                  {with("year", "NaN"), 400, "not JSON"},
		"id that is a string":  {with("id", `"1"`), 400, "id has to be an integer"},
		"id that is null":      {with("id", "null"), 400, "id has to be an integer"},
		"huge number":          {with("year", strings.Repeat("9", 60000)), 422, "year must be 0 to 9999"},
		"below 64 bits":        {with("pages", "-9223372036854775809"), 422, "pages must be 1 to 100000"},
		"year before 0":        {with("year", "-1"), 422, "year must be 0 to 9999"},
		"year 10000":           {with("year", "10000"), 422, "year must be 0 to 9999"},
		"no pages":             {with("pages", "0"), 422, "pages must be 1 to 100000"},
		"too many pages":       {with("pages", "100001"), 422, "pages must be 1 to 100000"},
		"empty title":          {with("title", `""`), 422, "title must have 1 to 200 characters"},
		"empty author":         {with("author", `""`), 422, "author must have 1 to 100 characters"},
		"empty genre":          {with("genre", `""`), 422, "genre must have 1 to 40 characters"},
		"title of 201":         {with("title", `"`+strings.Repeat("é", 201)+`"`), 422, "title must have 1 to 200"},
		"author of 101":        {with("author", `"`+strings.Repeat("a", 101)+`"`), 422, "author must have 1 to 100"},
		"genre of 41":          {with("genre", `"`+strings.Repeat("g", 41)+`"`), 422, "genre must have 1 to 40"},
		"NUL":                  {with("title", `"a\u0000"`), 422, "title must not have control characters"},
		"DEL":                  {with("author", "\"\x7f\""), 422, "author must not have control characters"},
		"a C1 control":         {with("genre", `"\u0085"`), 422, "genre must not have control characters"},
		"no isbn":              {with("isbn", `""`), 422, "isbn must have 13 digits"},
		"isbn of 12":           {with("isbn", `"978013110362"`), 422, "isbn must have 13 digits"},
		"isbn of 14":           {with("isbn", `"97801311036270"`), 422, "isbn must have 13 digits"},
		"isbn with hyphens":    {with("isbn", `"978-0-13-110362-7"`), 422, "isbn must have digits only"},
		"isbn in other digits": {with("isbn", `"٩٧٨٠١٣١١٠٣٦٢٧"`), 422, "isbn must have digits only"},
		"wrong check digit":    {with("isbn", `"9780131103621"`), 422, "isbn has a wrong check digit"},
		"digits exchanged":     {with("isbn", `"9780113103627"`), 422, "isbn has a wrong check digit"},
		"empty object":         {"{}", 422, "title is required; author is required"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseBook([]byte(c.text))
			p := problemOf(err)
			require.NotNil(t, p)
			require.Equal(t, c.status, p.Status, p)
			require.ErrorContains(t, p, c.says)
		})
	}
}

// What is taken for a book is JSON, as encoding/json reads it, and within the bounds; what is not has a reason.
func FuzzParseBook(f *testing.F) {
	for _, text := range []string{
		with("year", "1"), with("id", "7"), "{}", with("title", `"\ud800"`), "\xff", `{"year": 1e3}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := parseBook(text)
		if err != nil {
			p := problemOf(err)
			require.NotNil(t, p)
			require.Contains(t, []int{400, 422}, p.Status)
			require.NotEmpty(t, p.Error())
			return
		}
		var want book
		require.True(t, json.Valid(text))
		if json.Unmarshal(text, &want) == nil { // an id may be larger than it can take
			require.Equal(t, want, b)
		}
		for _, s := range []string{b.Title, b.Author, b.Genre} {
			require.True(t, utf8.ValidString(s) && s != "" && utf8.RuneCountInString(s) <= 200)
		}
		require.Len(t, b.ISBN, 13)
		require.True(t, b.Year >= 0 && b.Year <= 9999 && b.Pages >= 1 && b.Pages <= 100000)
	})
}
