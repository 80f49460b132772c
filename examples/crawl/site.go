package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"html"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// site is the documentation of the Go installation, as a web site:
//
//	/            what there is
//	/doc/        the files of its folder doc
//	/pkg/NAME/   the comments of a package, of which the links lead to other packages
//	/src/        its sources, from which robots.txt keeps the crawler away
//
// What is broken there is really so: those pages are at go.dev, and not in the installation.
type site struct {
	root     string
	packages []string // of the standard library
}

// serveDocumentation serves it on 127.0.0.1 until stop.
func serveDocumentation(ctx context.Context) (start *url.URL, stop func(), err error) {
	s := site{}
	if s.root, err = examples.GoTree(ctx); err != nil {
		return nil, nil, fmt.Errorf("%w; name a URL", err)
	}
	if s.packages, err = list(filepath.Join(s.root, "src")); err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute}
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

// list finds the packages that are for everybody, on this kind of machine.
func list(src string) (packages []string, err error) {
	err = filepath.WalkDir(src, func(dir string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return err
		case strings.ContainsAny(entry.Name()[:1], "_.") || slices.Contains([]string{"cmd", "internal", "testdata", "vendor"}, entry.Name()):
			return fs.SkipDir
		}
		if _, err := build.ImportDir(dir, 0); err == nil {
			path, _ := filepath.Rel(src, dir) // which is below src
			packages = append(packages, filepath.ToSlash(path))
		}
		return nil
	})
	return packages, err
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "User-agent: *\nDisallow: /src/\n")
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		write(w, "The Go documentation of this machine", anchors("/doc/", "/pkg/"))
	})
	mux.Handle("GET /doc/", http.FileServerFS(os.DirFS(s.root)))
	mux.Handle("GET /src/", http.FileServerFS(os.DirFS(s.root)))
	mux.HandleFunc("GET /pkg/{name...}", s.pkg)
	return mux
}

// pkg shows one package, or lists them all.
func (s *site) pkg(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	path, isPage := strings.CutSuffix(name, "/")
	switch {
	case name == "":
		var all []string
		for _, p := range s.packages {
			all = append(all, "/pkg/"+p+"/")
		}
		write(w, "Packages", anchors(all...))
	case !slices.Contains(s.packages, path):
		http.NotFound(w, r)
	case !isPage:
		http.Redirect(w, r, "/pkg/"+name+"/", http.StatusMovedPermanently)
	default:
		content, err := s.render(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		write(w, "Package "+path, content)
	}
}

// render makes HTML of all comments of a package.
func (s *site) render(path string) (string, error) {
	p, err := build.ImportDir(filepath.Join(s.root, "src", filepath.FromSlash(path)), 0)
	if err != nil {
		return "", err
	}
	var files []*ast.File
	var refers []string
	positions := token.NewFileSet()
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(positions, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		files = append(files, file)
		refers = append(refers, "/src/"+path+"/"+name)
	}
	d, err := doc.NewFromFiles(positions, files, path)
	if err != nil {
		return "", err
	}
	for _, name := range d.Imports {
		if slices.Contains(s.packages, name) {
			refers = append(refers, "/pkg/"+name+"/")
		}
	}
	comments := []string{d.Doc}
	for _, f := range d.Funcs {
		comments = append(comments, f.Doc)
	}
	for _, t := range d.Types {
		comments = append(comments, t.Doc)
		for _, f := range slices.Concat(t.Funcs, t.Methods) {
			comments = append(comments, f.Doc)
		}
	}
	printer := d.Printer()
	printer.DocLinkBaseURL = "/pkg/"
	var text strings.Builder
	for _, comment := range comments {
		text.Write(printer.HTML(d.Parser().Parse(comment)))
	}
	return text.String() + anchors(refers...), nil
}

func anchors(targets ...string) string {
	var text strings.Builder
	for _, target := range targets {
		fmt.Fprintf(&text, "<a href=\"%[1]s\">%[1]s</a>\n", html.EscapeString(target))
	}
	return text.String()
}

func write(w http.ResponseWriter, title, content string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html>\n<title>%[1]s</title>\n<h1>%[1]s</h1>\n%[2]s", html.EscapeString(title), content)
}
