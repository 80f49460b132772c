// Package blackbox runs the three services that answer to one contract, and knows nothing of
// them but how they are built and started: the catalogue of books in Go (examples/restapi) and
// its twins in Python (Django) and Rust (axum).
//
// Its test sends the same requests to all three. The laboratory starts them to measure them.
//
// Read in this order: this file (the services), prepare.go (how they are built, and where to),
// process.go (how one is started and ended).
package blackbox

import "path/filepath"

// Service is one of the services.
type Service struct {
	Name  string // "go", "python" or "rust"
	Title string // for people to read

	tool    string                // the program that must be on the PATH
	inputs  []string              // what a build is made of, as patterns under claims; none: the tool knows
	fetch   func(place) []command // what needs the network
	build   func(place) []command // what needs only that
	program func(place) string    // what build makes
	start   func(p place, addr, database string) command
}

// place is where the sources are, the directory examples/claims, and where what is made of them
// goes.
type place struct{ claims, dir string }

// command is a program with its arguments, the directory it runs in, and what is added to its
// environment.
type command struct {
	args []string
	dir  string
	env  []string
}

// Services are all of them.
var Services = []Service{Go, Python, Rust}

const goPackage = "github.com/braidgo/braid/examples/restapi"

// Go is the service in Go. It runs without its limits, which the twins do not have.
var Go = Service{
	Name: "go", Title: "Go (net/http)", tool: "go",
	fetch: func(p place) []command {
		return []command{{args: []string{"go", "list", "-deps", `-f={{""}}`, goPackage}, dir: p.claims}}
	},
	build: func(p place) []command {
		return []command{{args: []string{"go", "build", "-o", p.path("go", "restapi"), goPackage}, dir: p.claims}}
	},
	program: func(p place) string { return p.path("go", "restapi") },
	start: func(p place, addr, database string) command {
		return command{
			args: []string{p.path("go", "restapi"), "-addr", addr, "-db", database, "-limit", "0"},
			dir:  p.dir,
		}
	},
}

// Python is the twin in Python. Its sources are run where they are; what is built is the
// environment, the directory that holds Django and gunicorn.
var Python = Service{
	Name: "python", Title: "Python (Django, gunicorn)", tool: "python3",
	inputs: []string{"python/requirements.txt"},
	fetch: func(p place) []command {
		return []command{{
			args: []string{"python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
				"--dest", p.path("wheels"), "--requirement", "requirements.txt"},
			dir: p.python(),
		}}
	},
	build: func(p place) []command {
		return []command{
			{args: []string{"python3", "-m", "venv", "--clear", p.path("python")}, dir: p.python()},
			{
				args: []string{p.path("python", "bin", "python"), "-m", "pip", "install", "--quiet",
					"--disable-pip-version-check", "--no-index", "--find-links", p.path("wheels"),
					"--requirement", "requirements.txt"},
				dir: p.python(),
			},
		}
	},
	program: func(p place) string { return p.path("python", "bin", "gunicorn") },
	start: func(p place, addr, database string) command {
		return command{
			args: []string{p.path("python", "bin", "gunicorn"), "--bind", addr},
			dir:  p.python(), // where gunicorn.conf.py is
			env:  []string{"BOOKS_DB=" + database, "PYTHONPYCACHEPREFIX=" + p.path("pycache")},
		}
	},
}

// Rust is the twin in Rust.
var Rust = Service{
	Name: "rust", Title: "Rust (axum)", tool: "cargo",
	inputs: []string{"rust/Cargo.*", "rust/src", "../restapi/schema.sql"},
	fetch: func(p place) []command {
		return []command{{args: []string{"cargo", "fetch", "--quiet", "--locked"}, dir: p.rust()}}
	},
	build: func(p place) []command {
		return []command{{
			args: []string{"cargo", "build", "--quiet", "--release", "--locked", "--offline",
				"--target-dir", p.path("rust")},
			dir: p.rust(),
		}}
	},
	program: func(p place) string { return p.path("rust", "release", "books") },
	start: func(p place, addr, database string) command {
		return command{
			args: []string{p.path("rust", "release", "books")},
			dir:  p.dir,
			env:  []string{"BOOKS_ADDR=" + addr, "BOOKS_DB=" + database},
		}
	},
}

func (p place) path(names ...string) string {
	return filepath.Join(append([]string{p.dir}, names...)...)
}

func (p place) python() string { return filepath.Join(p.claims, "python") }
func (p place) rust() string   { return filepath.Join(p.claims, "rust") }
