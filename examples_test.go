package braid_test

import (
	"go/ast"
	"go/doc"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryFunctionAndTypeHasACheckedExample(t *testing.T) {
	var faults []string
	for _, p := range load(t, "./...") {
		if p.public() {
			faults = append(faults, exampleFaults(p)...)
		}
	}
	require.Empty(t, strings.Join(faults, "\n"))
}

func TestExampleCheckFindsOffenders(t *testing.T) {
	require.Equal(t, []string{
		"offenders.Absent has no Example",
		"offenders.Silent has no Example whose output is checked",
		"offenders.Empty has no Example whose output is checked",
		"offenders.Map has no Example",
		"offenders.Type has no Example",
	}, exampleFaults(load(t, "./testdata/examples")[0]))
}

// exampleFaults says which exported functions and types of p no example shows.
// An example of a method shows its type, and a type's shows its methods. An
// example without output compiles and never runs.
func exampleFaults(p *sourcePackage) []string {
	checked := make(map[string]bool) // by what the example shows
	for _, example := range doc.Examples(p.tests...) {
		shown, _, _ := strings.Cut(example.Name, "_")
		checked[shown] = checked[shown] || example.Output != ""
	}
	var faults []string
	p.declarations(func(d ast.Node, name *ast.Ident, _ string) {
		if function, ok := d.(*ast.FuncDecl); !name.IsExported() || ok && function.Recv != nil {
			return
		}
		if output, ok := checked[name.Name]; !ok {
			faults = append(faults, p.Name+"."+name.Name+" has no Example")
		} else if !output {
			faults = append(faults, p.Name+"."+name.Name+" has no Example whose output is checked")
		}
	})
	return faults
}
