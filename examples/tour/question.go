package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/braidgo/braid/examples/mistakes/pairs"
	"github.com/rogpeppe/go-internal/diff"
)

// question is a twin of a pair, which may be a mended one, and the tool that tells which.
type question struct {
	pair   pairs.Pair
	proof  pairs.Proof
	twin   pairs.Twin
	broken pairs.Twin
	mended pairs.Twin // what the difference leads to: the twin, or the first that is mended
}

// outcome is what can become of a program, and the key by which a learner says so.
type outcome struct{ key, name, means string }

var (
	race     = outcome{"r", "race", "two goroutines use one variable, one writes, neither waits"}
	deadlock = outcome{"d", "deadlock", "it never ends"}
	leak     = outcome{"l", "leak", "it ends, and leaves a goroutine behind that waits for ever"}
	panics   = outcome{"p", "panic", "a panic ends it"}
	wrong    = outcome{"w", "wrong answer", "the result, the time, or how many goroutines there are"}
	fine     = outcome{"f", "fine", "none of these"}
	outcomes = []outcome{race, deadlock, leak, panics, wrong, fine}
)

// outcome is the answer to the question.
func (q question) outcome() outcome {
	if !q.twin.Broken() {
		return fine
	}
	switch q.proof.Verdict {
	case pairs.Race:
		return race
	case pairs.Deadlock, pairs.Timeout:
		return deadlock
	case pairs.Leak:
		return leak
	case pairs.Panic:
		return panics
	default:
		return wrong
	}
}

// One twin of so many is a mended one: "fine" has to be an answer that can be right, and there
// is less to learn from it.
const oneMendedOf = 4

// questions makes one of each pair, in any order. Of some pairs there is none: where only vet says
// something, nothing is run, and nothing can be foretold.
func questions(b *pairs.Builder, from []pairs.Pair, chance *rand.Rand) ([]question, error) {
	var all []question
	for _, p := range from {
		proofs := slices.DeleteFunc(slices.Clone(p.Proofs), func(proof pairs.Proof) bool {
			// The leak profile is asked by a test whose name would be the answer. What it says, another says as well.
			return proof.Tool == pairs.Vet || proof.Tool == pairs.LeakProfile
		})
		if len(proofs) == 0 {
			continue
		}
		twins, err := b.Twins(p)
		if err != nil {
			return nil, err
		}
		q := question{pair: p, proof: proofs[chance.IntN(len(proofs))], twin: twins[0], broken: twins[0], mended: twins[1]}
		if chance.IntN(oneMendedOf) == 0 {
			q.twin = twins[1+chance.IntN(len(twins)-1)]
			q.mended = q.twin
		}
		all = append(all, q)
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all, nil
}

// code is the program, or the functions and their test, without what would give the answer away:
// comments, and the tests that are not asked about.
func (q question) code(b *pairs.Builder) (string, error) {
	files, err := b.Files(q.twin)
	if err != nil {
		return "", err
	}
	var code strings.Builder
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, name, source, parser.SkipObjectResolution) // leaves comments out
		if err != nil {
			return "", err
		}
		if strings.HasSuffix(name, "_test.go") {
			file.Decls = q.asked(file.Decls)
		}
		var printed bytes.Buffer
		if err := format.Node(&printed, positions, file); err != nil {
			return "", err
		}
		if strings.HasSuffix(name, "_test.go") {
			_, body, _ := strings.Cut(printed.String(), "\n")
			code.WriteString("\n" + strings.TrimLeft(body, "\n"))
		} else {
			code.WriteString(language(source) + printed.String())
		}
	}
	return code.String(), nil
}

// language is the line that says in which Go a file is written, if it is not this one. It is no
// comment to the compiler.
func language(source []byte) string {
	first, _, _ := strings.Cut(string(source), "\n")
	if version, found := strings.CutSuffix(first, " && mistakes"); found {
		return version + "\n\n"
	}
	return ""
}

// asked are the functions of a test file that the proof runs, and those that they call.
func (q question) asked(all []ast.Decl) (asked []ast.Decl) {
	called := make(map[string]bool)
	for _, d := range all {
		if f, ok := d.(*ast.FuncDecl); ok && (f.Name.Name == q.proof.Test || q.proof.Test == "" && isTest(f)) {
			called[f.Name.Name] = true
			ast.Inspect(f, func(n ast.Node) bool {
				if name, ok := n.(*ast.Ident); ok {
					called[name.Name] = true
				}
				return true
			})
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return !ok || !called[f.Name.Name]
	})
}

func isTest(f *ast.FuncDecl) bool {
	return strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestLeakProfile"
}

// difference is what mends the broken twin.
func (q question) difference(b *pairs.Builder) (string, error) {
	var names, contents [2]string
	for i, twin := range []pairs.Twin{q.broken, q.mended} {
		files, err := b.Files(twin)
		if err != nil {
			return "", err
		}
		source, err := os.ReadFile(files[0]) // the test, if there is one, is the same
		if err != nil {
			return "", err
		}
		names[i] = fmt.Sprintf("%s/%s", twin, filepath.Base(files[0]))
		contents[i] = string(source)
	}
	return string(diff.Diff(names[0], []byte(contents[0]), names[1], []byte(contents[1]))), nil
}
