// Package pairs holds the mistakes, each as a broken twin and mended ones, and what proves them.
package pairs

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Pair is one mistake: a broken twin, and one or more that are mended.
type Pair struct {
	Number  int
	Name    string
	Mistake string // in one line
	Prints  string // what a mended twin prints, if it is a program
	Proofs  []Proof
}

// Folder is where the twins are, below examples/mistakes.
func (p Pair) Folder() string { return fmt.Sprintf("%02d-%s", p.Number, p.Name) }

// Tools names each tool that proves something, once.
func (p Pair) Tools() string {
	var names []string
	for _, proof := range p.Proofs {
		if !slices.Contains(names, string(proof.Tool)) {
			names = append(names, string(proof.Tool))
		}
	}
	return strings.Join(names, ", ")
}

// Find takes a number, a name or a folder.
func Find(name string) (Pair, error) {
	i := slices.IndexFunc(All, func(p Pair) bool {
		return slices.Contains([]string{p.Name, p.Folder(), strconv.Itoa(p.Number)}, name)
	})
	if i < 0 {
		return Pair{}, fmt.Errorf("there is no pair %q; go run ./examples/mistakes lists them", name)
	}
	return All[i], nil
}

// A Twin is the path of its folder, below examples/mistakes.
type Twin string

// Broken reports whether the mistake is in it.
func (t Twin) Broken() bool { return path.Base(string(t)) == "broken" }

// Twins finds the folders of the pair, the broken one first.
func (b *Builder) Twins(p Pair) ([]Twin, error) {
	entries, err := os.ReadDir(filepath.Join(b.Dir, p.Folder()))
	if err != nil {
		return nil, err
	}
	var twins []Twin
	for _, entry := range entries { // in the order of their names
		twins = append(twins, Twin(path.Join(p.Folder(), entry.Name())))
	}
	return twins, nil
}

// Files are the Go files of a twin. A test is the last.
func (b *Builder) Files(t Twin) ([]string, error) {
	return filepath.Glob(filepath.Join(b.Dir, string(t), "*.go"))
}
