package main

import (
	"context"
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// serveDocumentation serves on 127.0.0.1, until stop, what the Go installation has of
// documentation:
//
//	/doc/        the files of that folder
//	/pkg/NAME/   the comment of a package, with links to others
//	/src/        its sources, from which robots.txt keeps crawlers away
//
// What is broken there is really so: it is at go.dev, and not in the installation.
func serveDocumentation(ctx context.Context) (start *url.URL, stop func(), err error) {
	root, err := examples.GoTree(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; name a URL", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: documentation(os.DirFS(root)), ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() { // until stop, which waits for it
		defer close(ended)
		server.Serve(listener)
	}()
	return &url.URL{Scheme: "http", Host: listener.Addr().String(), Path: "/"}, func() {
		server.Close()
		<-ended
	}, nil
}

func documentation(tree fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "User-agent: *\nDisallow: /src/\n")
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		write(w, "The Go documentation of this machine", "", []string{"/doc/", "/pkg/"})
	})
	mux.Handle("GET /doc/", http.FileServerFS(tree))
	mux.Handle("GET /src/", http.FileServerFS(tree))
	mux.HandleFunc("GET /pkg/{name...}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		entries, err := fs.ReadDir(tree, path.Join("src", name))
		switch {
		case err != nil:
			http.NotFound(w, r)
		case name != "" && !strings.HasSuffix(name, "/"):
			http.Redirect(w, r, "/pkg/"+name+"/", http.StatusMovedPermanently)
		default:
			comments, refers := describe(tree, name, entries)
			write(w, "Package "+name, comments, refers)
		}
	})
	return mux
}

// describe returns, as HTML, what a package has above its package clauses, and where its
// page leads to: its files, what they import, and the packages below.
func describe(tree fs.FS, name string, entries []fs.DirEntry) (comments string, refers []string) {
	printer := comment.Printer{DocLinkURL: func(to *comment.DocLink) string { return to.DefaultURL(baseOf(to.ImportPath)) }}
	for _, entry := range entries {
		file := entry.Name()
		switch {
		case strings.HasPrefix(file, "_") || slices.Contains([]string{"cmd", "internal", "testdata", "vendor"}, file):
		case entry.IsDir():
			refers = append(refers, file+"/")
		case strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go"):
			refers = append(refers, "/src/"+name+file)
			source, _ := fs.ReadFile(tree, path.Join("src", name, file))
			parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly|parser.ParseComments)
			if err != nil {
				continue // it says nothing
			}
			comments += string(printer.HTML(new(comment.Parser).Parse(parsed.Doc.Text())))
			for _, imported := range parsed.Imports {
				if from := strings.Trim(imported.Path.Value, `"`); from != "C" && !strings.Contains(from, "internal") {
					refers = append(refers, baseOf(from)+from+"/")
				}
			}
		}
	}
	return comments, refers
}

// baseOf is where a package is to be found.
func baseOf(path string) string {
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return "https://pkg.go.dev/"
	}
	return "/pkg/"
}

func write(w http.ResponseWriter, title, content string, refers []string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html>\n<title>%[1]s</title>\n<h1>%[1]s</h1>\n%[2]s", html.EscapeString(title), content)
	for _, to := range refers {
		fmt.Fprintf(w, "<a href=\"%[1]s\">%[1]s</a>\n", html.EscapeString(to))
	}
}
