package braid_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// questions are what the doc comment of everything that starts goroutines or
// can block answers, one a line and in this order.
var questions = []string{"Goroutines:", "Blocks:", "Ends:", "Panics:", "Memory:"}

// typesContract is the line of a method whose answers are those of its type.
var typesContract = regexp.MustCompile(`(?m)^// Contract: that of (\w+)\.$`)

func TestEveryFunctionThatBlocksCarriesTheContract(t *testing.T) {
	packages := load(t, "./...")
	require.Contains(t, blocking(packages), "(*github.com/braidgo/braid/workerpool.Pool).Submit")
	require.Empty(t, strings.Join(contractFaults(packages), "\n"))
}

func TestContractCheckFindsOffenders(t *testing.T) {
	require.Equal(t, []string{
		"offenders.Bare starts a goroutine: no line for Goroutines: where it belongs",
		"offenders.LacksEnds takes a context: no line for Ends: where it belongs",
		"offenders.WrongOrder waits in a select: no line for Blocks: where it belongs",
		"offenders.OtherWords sends to a channel: no line for Memory: where it belongs",
		"offenders.NoAnswer receives from a channel: no line for Panics: where it belongs",
		"offenders.ThroughHelper uses helper, which uses drain, which ranges over a channel: no line for Goroutines: where it belongs",
		"offenders.ThroughInterface uses wait, which calls (*sync.WaitGroup).Wait: no line for Goroutines: where it belongs",
		"offenders.ThroughGeneric uses Method, which starts a goroutine: no line for Goroutines: where it belongs",
		"offenders.ThroughLiteral calls time.Sleep: no line for Goroutines: where it belongs",
		"offenders.AfterPolling receives from a channel: no line for Goroutines: where it belongs",
		"offenders.Volunteer does not block: no line for Blocks: where it belongs",
		"offenders.Borrower takes a context: Kept is not its type",
		"(offenders.Kept).Borrower starts a goroutine: Vague is not its type",
		"(*offenders.Vague[T]).Method starts a goroutine: in the doc comment of Vague: no line for Memory: where it belongs",
		"(offenders.engine).Promoted starts a goroutine: no line for Goroutines: where it belongs",
	}, contractFaults(load(t, "./testdata/contract")))
}

// contractFaults says which exported functions and methods start goroutines or
// can block without saying in their doc comments what that means.
func contractFaults(packages []*sourcePackage) []string {
	reasons := blocking(packages)
	var faults []string
	for _, p := range packages {
		if !p.public() {
			continue
		}
		docs := make(map[string]string) // of types
		p.declarations(func(d ast.Node, name *ast.Ident, doc string) {
			if _, ok := d.(*ast.TypeSpec); ok {
				docs[name.Name] = doc
			}
		})
		p.declarations(func(_ ast.Node, name *ast.Ident, doc string) {
			function, ok := p.info.Defs[name].(*types.Func)
			if !ok {
				return
			}
			if owners, exported := p.owners(function); exported {
				reason := reasons[function.FullName()]
				if fault := contractFault(doc, reason != "", owners, docs); fault != "" {
					faults = append(faults, fmt.Sprintf("%s %s: %s",
						strings.ReplaceAll(function.FullName(), p.ImportPath, p.Name), cmp.Or(reason, "does not block"), fault))
				}
			}
		})
	}
	return faults
}

// contractFault says what is wrong with the doc comment of a function that is a
// method of owners. Who answers without having to answers in full.
func contractFault(doc string, blocks bool, owners []string, docs map[string]string) string {
	if reference := typesContract.FindStringSubmatch(doc); reference != nil {
		owner := reference[1]
		if !slices.Contains(owners, owner) {
			return owner + " is not its type"
		}
		if fault := unanswered(docs[owner]); fault != "" {
			return "in the doc comment of " + owner + ": " + fault
		}
		return ""
	}
	if blocks || strings.Contains(doc, "//\t"+questions[0]) {
		return unanswered(doc)
	}
	return ""
}

// unanswered reports the first question without an answer. The answers stand
// below one another in a block, aligned; a long one goes on in the next line.
func unanswered(doc string) string {
	var pattern strings.Builder
	pattern.WriteString(`(?m)^`)
	for _, question := range questions {
		fmt.Fprintf(&pattern, `//\t%-12s\S.*\n(//\t {12}.*\n)*`, question)
		if !regexp.MustCompile(pattern.String()).MatchString(doc) {
			return "no line for " + question + " where it belongs"
		}
	}
	return ""
}

// owners returns the exported types of p that have the method, as their own or
// through an embedded type, and whether the function or method is exported.
func (p *sourcePackage) owners(function *types.Func) (owners []string, exported bool) {
	if function.Signature().Recv() == nil {
		return nil, function.Exported()
	}
	for _, name := range p.scope.Names() {
		if owner, ok := p.scope.Lookup(name).(*types.TypeName); ok && owner.Exported() {
			member, _, _ := types.LookupFieldOrMethod(owner.Type(), true, function.Pkg(), function.Name())
			if method, ok := member.(*types.Func); ok && method.Origin() == function {
				owners = append(owners, name)
			}
		}
	}
	return owners, function.Exported() && owners != nil
}
