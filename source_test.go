package braid_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sourcePackage is one package of this module, parsed and type-checked.
type sourcePackage struct {
	ImportPath, Name, Dir, Export      string
	GoFiles, TestGoFiles, XTestGoFiles []string
	DepOnly                            bool

	files, tests []*ast.File
	scope        *types.Scope
	info         types.Info
}

// public reports whether other modules import the package.
func (p *sourcePackage) public() bool {
	return p.Name != "main" && !slices.Contains(strings.Split(p.ImportPath, "/"), "internal")
}

// load returns the packages that match pattern. What they import comes from
// the compiler's export data, which go list builds or finds in its cache:
// checking net/http from source would take seconds each time.
func load(t *testing.T, pattern string) []*sourcePackage {
	t.Helper()
	list := exec.Command("go", "list", "-export", "-deps", "-json", pattern)
	list.Stderr = os.Stderr
	output, err := list.Output()
	require.NoError(t, err, "go list %s", pattern)

	exports := make(map[string]string)
	var packages []*sourcePackage
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		p := new(sourcePackage)
		require.NoError(t, decoder.Decode(p))
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			packages = append(packages, p)
		}
	}
	require.NotEmpty(t, packages, "go list %s", pattern)

	positions := token.NewFileSet()
	config := types.Config{Importer: importer.ForCompiler(positions, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	for _, p := range packages {
		// Go forgets a cached test result when a directory that the test has read changes.
		_, err := os.ReadDir(p.Dir)
		require.NoError(t, err)
		p.files = parse(t, positions, p.Dir, p.GoFiles)
		p.tests = parse(t, positions, p.Dir, slices.Concat(p.TestGoFiles, p.XTestGoFiles))
		p.info = types.Info{
			Defs:  make(map[*ast.Ident]types.Object),
			Uses:  make(map[*ast.Ident]types.Object),
			Types: make(map[ast.Expr]types.TypeAndValue),
		}
		checked, err := config.Check(p.ImportPath, positions, p.files, &p.info)
		require.NoError(t, err)
		p.scope = checked.Scope()
	}
	return packages
}

func parse(t *testing.T, positions *token.FileSet, dir string, names []string) []*ast.File {
	t.Helper()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(positions, filepath.Join(dir, name), nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}

// declarations calls visit for each function and each type that the package
// declares, with the source text of its doc comment.
func (p *sourcePackage) declarations(visit func(d ast.Node, name *ast.Ident, doc string)) {
	for _, file := range p.files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				visit(d, d.Name, source(d.Doc))
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						visit(spec, spec.Name, source(d.Doc)+source(spec.Doc))
					}
				}
			}
		}
	}
}

func source(doc *ast.CommentGroup) string {
	var text strings.Builder
	if doc != nil {
		for _, line := range doc.List {
			text.WriteString(line.Text + "\n")
		}
	}
	return text.String()
}
